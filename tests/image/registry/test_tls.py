import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import Answer, FaultyRegistry

GOOD = Answer(200, b'{"tags": ["1"]}')


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(directory / "cert.pem"), str(directory / "key.pem")


@pytest.fixture
def secure(certificate):
    with FaultyRegistry.start(certificate) as double:
        double.script = lambda asked: GOOD
        yield double


@pytest.fixture
def remote(monkeypatch):
    """The test's hosts are on this machine; for these tests they count as hosts elsewhere."""
    monkeypatch.setattr("gitops_ci.image.registry.hosts.is_local", lambda host: False)


@pytest.mark.usefixtures("remote")
def test_a_certificate_that_nobody_vouches_for_is_refused(secure, registries):
    with pytest.raises(RegistryError, match="certificate is not trusted"):
        registries.tags(f"{secure.host}/app")
    assert secure.asked == []
    assert registries.stats[secure.host] == 1


@pytest.mark.usefixtures("remote")
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_may_name_the_authority(secure, certificate, monkeypatch, variable):
    monkeypatch.setenv(variable, certificate[0])
    with Registries() as registries:
        assert registries.tags(f"{secure.host}/app") == ("1",)


@pytest.mark.usefixtures("remote")
def test_an_insecure_registry_need_not_prove_itself(secure):
    rule = HostRule(match_host=f"https://{secure.host}", insecure_registry=True)
    with Registries(host_rules=[rule]) as registries:
        assert registries.tags(f"{secure.host}/app") == ("1",)


@pytest.mark.usefixtures("remote")
def test_plain_http_where_tls_is_expected(faulty, registries):
    with pytest.raises(RegistryError, match="does not speak TLS"):
        registries.tags(f"{faulty.host}/app")
    assert faulty.asked == []


def test_tls_on_this_machine_is_found_out_once(secure, registries):
    names = [f"{secure.host}/app{number}" for number in range(5)]
    assert registries.prefetch(names) == {}
    assert len(secure.asked) == 5


@pytest.mark.usefixtures("remote")
def test_a_redirect_never_leaves_tls(secure, foreign, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    secure.script = lambda asked: Answer(302, headers={"Location": f"{foreign.url}/x"})
    with Registries() as registries, pytest.raises(RegistryError, match="from https to http"):
        registries.tags(f"{secure.host}/app")
    assert foreign.asked == []


@pytest.mark.usefixtures("remote")
def test_a_password_never_leaves_tls_for_a_token_server(secure, foreign, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", certificate[0])
    challenge = f'Bearer realm="{foreign.url}/token"'
    secure.script = lambda asked: Answer(401, headers={"WWW-Authenticate": challenge})
    rule = HostRule(match_host=secure.host, username="u", password="p4ss")
    with Registries(host_rules=[rule]) as registries, pytest.raises(RegistryError, match="without TLS"):
        registries.tags(f"{secure.host}/app")
    assert foreign.asked == []
