import pytest

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.hosts import Hosts, is_local


def _token(rules, registry, repository="acme/api"):
    credentials = Hosts(rules).access(registry, repository).credentials
    return credentials and (credentials.bearer or credentials.password)


@pytest.mark.parametrize(
    ("match", "registry", "matches"),
    [
        ("r.example", "r.example", True),
        ("R.Example", "r.example", True),
        ("r.example", "sub.r.example", True),
        (".r.example", "sub.r.example", True),
        ("r.example", "other-r.example", False),
        ("r.example", "r.example.evil.com", False),
        ("r.example", "r.example:5000", True),
        ("r.example:5000", "r.example:5000", True),
        ("r.example:5000", "r.example:5001", False),
        ("r.example:5000", "r.example", False),
        ("r.example:443", "r.example", True),
        ("https://r.example", "r.example", True),
        ("https://r.example/", "r.example", True),
        ("https://r.example/v2/", "r.example", True),
        ("https://r.example", "sub.r.example", False),
        ("https://r.example", "r.example.evil.com", False),
        ("https://r.example", "r.example:5000", False),
        ("https://r.example/acme", "r.example", True),
        ("https://r.example/acme/", "r.example", True),
        ("https://r.example/ac", "r.example", False),
        ("https://r.example/v2/acme/api", "r.example", True),
        ("r.example/other", "r.example", False),
        ("docker.io", "docker.io", True),
        ("index.docker.io", "docker.io", True),
        ("https://index.docker.io/v1/", "docker.io", True),
        ("registry-1.docker.io", "docker.io", True),
        ("0.0.1", "127.0.0.1", False),
        ("127.0.0.1", "127.0.0.1:5000", True),
        ("[::1]:5000", "[::1]:5000", True),
        ("https://user@r.example", "r.example", True),
    ],
)
def test_which_hosts_a_rule_is_for(match, registry, matches):
    assert (_token([HostRule(match_host=match, token="t")], registry) == "t") is matches


def test_the_most_specific_rule_wins_wherever_it_stands():
    rules = [
        HostRule(match_host="https://r.example/acme/api", token="path"),
        HostRule(match_host="r.example", token="host"),
        HostRule(match_host="example", token="domain"),
    ]
    assert _token(rules, "r.example") == "path"
    assert _token(list(reversed(rules)), "r.example") == "path"
    assert _token(rules, "r.example", "acme/web") == "host"
    assert _token(rules, "s.example") == "domain"


def test_gaps_are_filled_but_credentials_are_not_mixed():
    rules = [
        HostRule(
            match_host="example", username="wide", password="wide-password", timeout=7, concurrent_request_limit=2
        ),
        HostRule(match_host="r.example", token="narrow"),
    ]
    access = Hosts(rules).access("r.example", "app")
    assert (access.origin.timeout, access.origin.connections) == (7, 2)
    assert access.credentials is not None
    assert (access.credentials.bearer, access.credentials.username) == ("narrow", "")


def test_a_secret_without_a_host_goes_nowhere():
    assert _token([HostRule(token="t"), HostRule(host_type="docker", token="t")], "r.example") is None


def test_rules_of_other_kinds_of_hosts_do_not_count():
    assert _token([HostRule(match_host="r.example", host_type="github", token="t")], "r.example") is None


@pytest.mark.parametrize(
    ("registry", "username"),
    [
        ("ghcr.io", "token"),
        ("eu.gcr.io", "oauth2accesstoken"),
        ("europe-docker.pkg.dev", "oauth2accesstoken"),
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com", "AWS"),
        ("acme.azurecr.io", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_registries_that_want_a_user_name_with_a_token_get_theirs(registry, username):
    credentials = Hosts([HostRule(match_host=registry, token="t")]).access(registry, "app").credentials
    assert credentials is not None
    assert (credentials.username, credentials.password, credentials.bearer) == (username, "t", "")


def test_a_disabled_host_is_not_asked():
    rules = [HostRule(match_host="r.example", enabled=False), HostRule(match_host="https://r.example/acme")]
    with pytest.raises(RegistryError, match="disables"):
        Hosts(rules).access("r.example", "other/app")
    Hosts(rules).access("r.example", "acme/app")


@pytest.mark.parametrize(
    ("rules", "registry", "url", "verify"),
    [
        ([], "ghcr.io", "https://ghcr.io", True),
        ([], "docker.io", "https://registry-1.docker.io", True),
        ([], "localhost:5000", "http://localhost:5000", False),
        ([], "127.0.0.1:5000", "http://127.0.0.1:5000", False),
        ([], "[::1]:5000", "http://[::1]:5000", False),
        ([], "localhost.example:5000", "https://localhost.example:5000", True),
        ([], "127.evil.example", "https://127.evil.example", True),
        ([HostRule(match_host="r.example", insecure_registry=True)], "r.example", "http://r.example", False),
        ([HostRule(match_host="https://r.example", insecure_registry=True)], "r.example", "https://r.example", False),
        ([HostRule(match_host="http://r.example")], "r.example", "https://r.example", True),
        (
            [HostRule(match_host="http://r.example:1", insecure_registry=True)],
            "r.example:1",
            "http://r.example:1",
            False,
        ),
        ([HostRule(match_host="https://localhost:5000")], "localhost:5000", "https://localhost:5000", False),
    ],
)
def test_where_a_registry_is_and_whether_it_must_prove_itself(rules, registry, url, verify):
    origin = Hosts(rules).access(registry, "app").origin
    assert (origin.url, origin.verify) == (url, verify)


def test_this_machine_by_all_its_names():
    assert all(map(is_local, ("localhost", "localhost:1", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:1")))
    assert not any(map(is_local, ("localhost.x", "127.0.0.1.x", "128.0.0.1", "ghcr.io", "[::2]", "127.0.0")))
