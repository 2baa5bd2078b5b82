"""Who gets which secret."""

import base64
import json
import logging

import pytest

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.auth import Challenge, challenges
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import Answer
from tests.doubles.token_server import IDENTITY_TOKEN
from tests.support.registry import PASSWORD, USERNAME, basic

TAGS = "/v2/app/tags/list"
GOOD = Answer(200, b'{"tags": ["1"]}')


def _docker_login(machine, host, **entry):
    (machine / ".docker").mkdir(exist_ok=True)
    (machine / ".docker" / "config.json").write_text(json.dumps({"auths": {host: entry}}))


def _rule(host, **settings):
    return HostRule(match_host=host, **settings)


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ('Basic realm="x"', [("basic", {"realm": "x"})]),
        ("Negotiate", [("negotiate", {})]),
        (
            'Bearer realm="https://a/t",service="s, with comma",scope="repository:a:pull,push"',
            [("bearer", {"realm": "https://a/t", "service": "s, with comma", "scope": "repository:a:pull,push"})],
        ),
        (
            'BASIC realm=x, Bearer realm="https://a/t" , Service=s',
            [("basic", {"realm": "x"}), ("bearer", {"realm": "https://a/t", "service": "s"})],
        ),
        ('Negotiate, Basic realm="a \\"b\\""', [("negotiate", {}), ("basic", {"realm": 'a "b"'})]),
        ("", []),
        (",,,", []),
    ],
)
def test_challenges_are_read(header, wanted):
    assert list(challenges(header)) == [Challenge(*each) for each in wanted]


def test_basic_login_costs_one_request_more_for_a_whole_run(basic_registry):
    names = [f"{basic_registry.host}/basic/app{number}" for number in range(8)]
    for number in range(8):
        basic_registry.push(f"basic/app{number}", "1")
    before = basic_registry.requests()
    with Registries(host_rules=[_rule("127.0.0.1", username=USERNAME, password=PASSWORD)]) as registries:
        assert registries.prefetch(names) == {}
        assert {registries.tags(name) for name in names} == {("1",)}
    assert basic_registry.requests() - before == 9


def test_a_docker_login_is_used(basic_registry, registries, machine):
    basic_registry.push("docker/login", "1")
    _docker_login(machine, basic_registry.host, auth=basic())
    assert registries.tags(f"{basic_registry.host}/docker/login") == ("1",)


@pytest.mark.parametrize("rules", [[], [_rule("127.0.0.1", username=USERNAME, password="wr0ng")]])
def test_without_the_right_login_the_error_says_what_to_do(basic_registry, rules):
    with Registries(host_rules=rules) as registries, pytest.raises(RegistryError, match="log in to") as caught:
        registries.tags(f"{basic_registry.host}/basic/app1")
    assert caught.value.status == 401
    assert "wr0ng" not in str(caught.value)


def test_a_token_is_fetched_once_for_each_repository(token_registry):
    token_registry.push("token/app", "1")
    asked = token_registry.token_server.asked
    del asked[:]
    with Registries(host_rules=[_rule("127.0.0.1", username=USERNAME, password=PASSWORD)]) as registries:
        name = f"{token_registry.host}/token/app"
        assert registries.tags(name) == ("1",)
        assert registries.info(name, "1").platforms == {"linux/amd64"}
    assert len(asked) == 1
    assert asked[0].parameters == {"service": ["tests"], "scope": ["repository:token/app:pull"]}
    assert asked[0].authorization == f"Basic {basic()}"


def test_an_anonymous_token_opens_public_images_only(token_registry, registries):
    token_registry.push("public/app", "1")
    token_registry.push("private/app", "1")
    assert registries.tags(f"{token_registry.host}/public/app") == ("1",)
    with pytest.raises(RegistryError, match="denied"):
        registries.tags(f"{token_registry.host}/private/app")


def test_an_identity_token_is_exchanged(token_registry, registries, machine):
    token_registry.push("identity/app", "1")
    del token_registry.token_server.asked[:]
    _docker_login(machine, token_registry.host, identitytoken=IDENTITY_TOKEN)
    assert registries.tags(f"{token_registry.host}/identity/app") == ("1",)
    (asked,) = token_registry.token_server.asked
    assert asked.method == "POST"
    assert asked.parameters["grant_type"] == ["refresh_token"]
    assert asked.authorization is None


def test_wrong_credentials_at_the_token_server(token_registry):
    with (
        Registries(host_rules=[_rule("127.0.0.1", username=USERNAME, password="wr0ng")]) as registries,
        pytest.raises(RegistryError, match="check the credentials") as caught,
    ):
        registries.tags(f"{token_registry.host}/token/app")
    assert "wr0ng" not in repr(caught.value)


def _bearer(realm):
    return Answer(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="s"'})


def _token(text="t0ken"):
    return Answer(200, json.dumps({"token": text}).encode())


def test_a_token_goes_to_the_registry_alone_and_the_password_to_the_token_server_alone(faulty, foreign):
    faulty.script = lambda asked: GOOD if asked.authorization == "Bearer t0ken" else _bearer(f"{foreign.url}/token")
    foreign.on("/token", _token())
    with Registries(host_rules=[_rule(faulty.host, username="u", password="p4ss")]) as registries:
        assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert [asked.authorization for asked in faulty.asked] == [None, "Bearer t0ken"]
    assert [asked.authorization for asked in foreign.asked] == ["Basic " + base64.b64encode(b"u:p4ss").decode()]


def test_a_token_of_a_rule_never_goes_to_a_token_server(faulty, foreign):
    faulty.script = lambda asked: _bearer(f"{foreign.url}/token")
    foreign.on("/token", _token())
    with Registries(host_rules=[_rule(faulty.host, token="s3cret-token")]) as registries, pytest.raises(RegistryError):
        registries.tags(f"{faulty.host}/app")
    assert all(asked.authorization is None for asked in foreign.asked)
    assert all("s3cret" not in asked.target for asked in foreign.asked)


@pytest.mark.parametrize("realm", ["http://auth.example/token", "ftp://auth.example/", "", "//x", "http://[::1"])
def test_a_token_server_without_tls_elsewhere_is_refused(faulty, realm):
    faulty.script = lambda asked: _bearer(realm)
    with (
        Registries(host_rules=[_rule(faulty.host, username="u", password="p4ss")]) as registries,
        pytest.raises(RegistryError, match="token server"),
    ):
        registries.tags(f"{faulty.host}/app")


def test_a_challenge_from_another_host_is_not_answered(faulty, foreign):
    faulty.on(TAGS, Answer(307, headers={"Location": f"{foreign.url}{TAGS}"}))
    foreign.on(TAGS, _bearer(f"{foreign.url}/token"))
    foreign.on("/token", _token())
    with Registries(host_rules=[_rule(faulty.host, username="u", password="p4ss")]) as registries:
        failed = registries.prefetch([f"{faulty.host}/app"])
    assert len(failed) == 1
    assert [asked.target.partition("?")[0] for asked in foreign.asked] == [TAGS]
    assert foreign.asked[0].authorization is None


def test_a_token_that_expired_early_is_fetched_again(faulty, registries):
    tokens = iter(("first", "second"))

    def script(asked):
        if asked.target.startswith("/token"):
            return _token(next(tokens))
        if asked.target.startswith("/v2/app/manifests"):
            good = asked.authorization == "Bearer second"
            digest = {"Docker-Content-Digest": "sha256:" + "a" * 64}
            return Answer(200, headers=digest) if good else _bearer(f"{faulty.url}/token")
        return GOOD if asked.authorization == "Bearer first" else _bearer(f"{faulty.url}/token")

    faulty.script = script
    assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert registries.digest(f"{faulty.host}/app", "1") == "sha256:" + "a" * 64


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"token": 7}', b'{"token": "a\\r\\nX-Evil: 1"}', b'{"token": "\\u00e9"}']
)
def test_a_token_server_that_gives_no_token(faulty, registries, body):
    faulty.on(TAGS, _bearer(f"{faulty.url}/token"))
    faulty.on("/token", Answer(200, body))
    with pytest.raises(RegistryError, match="without a token"):
        registries.tags(f"{faulty.host}/app")


def test_a_challenge_that_nobody_can_answer(faulty, registries):
    faulty.on(TAGS, Answer(401, headers={"WWW-Authenticate": "Negotiate"}))
    with pytest.raises(RegistryError, match="denied"):
        registries.tags(f"{faulty.host}/app")
    assert len(faulty.asked) == 1


def test_no_secret_in_errors_logs_and_reprs(faulty, caplog, machine):
    def script(asked):
        echoed = f"bad credentials {asked.authorization}"
        body = json.dumps({"errors": [{"code": "DENIED", "message": echoed}]}).encode()
        if asked.target.startswith("/token"):
            return Answer(200, b'{"token": "t0ken-value"}')
        if asked.authorization is None:
            return _bearer(f"{faulty.url}/token")
        return Answer(403, body)

    faulty.script = script
    caplog.set_level(logging.DEBUG)
    _docker_login(machine, "other.example", auth=basic())
    rule = _rule(faulty.host, username="u", password="p4ssw0rd")
    with Registries(host_rules=[rule]) as registries:
        try:
            registries.tags(f"{faulty.host}/app")
        except RegistryError as error:
            shown = f"{error!r} {error}"
        shown += f" {rule!r} {caplog.text} {vars(registries)!r}"
    assert "DENIED" in shown
    for secret in ("p4ssw0rd", "t0ken-value", PASSWORD):
        assert secret not in shown


def test_a_registry_that_repeats_the_password_does_not_bring_it_into_the_error(faulty):
    def script(asked):
        if asked.authorization is None:
            return Answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        body = {"errors": [{"code": "DENIED", "message": f"{asked.authorization} p4ssw0rd"}]}
        return Answer(403, json.dumps(body).encode())

    faulty.script = script
    with (
        Registries(host_rules=[_rule(faulty.host, username="u", password="p4ssw0rd")]) as registries,
        pytest.raises(RegistryError, match="DENIED: Basic … …"),
    ):
        registries.tags(f"{faulty.host}/app")


def test_what_one_login_saw_is_not_shown_to_another(basic_registry):
    basic_registry.push("secret/app", "1", labels={"note": "confidential"})
    name = f"{basic_registry.host}/secret/app"
    rule = _rule(basic_registry.host, username=USERNAME, password=PASSWORD)
    with Registries(host_rules=[rule]) as registries:
        info = registries.info(name, "1")
    with Registries(host_rules=[rule]) as registries:
        assert registries.info(name, info.digest) == info
        assert registries.stats[basic_registry.host] == 2
    with Registries() as stranger, pytest.raises(RegistryError, match="denied"):
        stranger.info(name, info.digest)
