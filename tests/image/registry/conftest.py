import pytest

from gitops_ci.image.registry import transport
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import FaultyRegistry
from tests.support.registry import Registry


@pytest.fixture(autouse=True)
def machine(monkeypatch, tmp_path):
    """A machine without logins, proxies and cache, where repetitions do not wait long."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setattr(transport, "BACKOFF", 0.01)
    return home


def _started(auth):
    reason = Registry.available()
    if reason:
        pytest.skip(reason)
    with Registry.start(auth) as registry:
        yield registry


@pytest.fixture(scope="session")
def registry():
    yield from _started(None)


@pytest.fixture(scope="session")
def basic_registry():
    yield from _started("basic")


@pytest.fixture(scope="session")
def token_registry():
    yield from _started("token")


@pytest.fixture
def faulty():
    with FaultyRegistry.start() as double:
        yield double


@pytest.fixture
def foreign():
    """Another host, which must never see a secret."""
    with FaultyRegistry.start() as double:
        yield double


@pytest.fixture
def registries():
    with Registries() as registries:
        yield registries
