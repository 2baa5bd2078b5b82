"""What a misbehaving host may cost: bounded time, bounded memory, never a secret."""

import threading
import time

import pytest

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry import transport
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import Answer, FaultyRegistry

TAGS = "/v2/app/tags/list"
GOOD = Answer(200, b'{"tags": ["1"]}')


def _rule(host, **settings):
    return HostRule(match_host=host, **settings)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_failure_is_tried_again(faulty, registries, status):
    faulty.on(TAGS, Answer(status), Answer(status), GOOD)
    assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert registries.stats == {faulty.host: 3}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
def test_a_lasting_failure_is_not(faulty, registries, status):
    faulty.on(TAGS, Answer(status))
    with pytest.raises(RegistryError) as caught:
        registries.tags(f"{faulty.host}/app")
    assert caught.value.status == status
    assert len(faulty.asked) <= 2


def test_retry_after_is_waited_for(faulty, registries):
    faulty.on(TAGS, Answer(429, headers={"Retry-After": "1"}), GOOD)
    started = time.monotonic()
    assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize("header", ["soon", "-1", "99999999999999999999"])
def test_a_strange_retry_after_does_not_stop_the_run(faulty, registries, header):
    faulty.on(TAGS, Answer(503, headers={"Retry-After": header}), GOOD)
    started = time.monotonic()
    try:
        registries.tags(f"{faulty.host}/app")
    except RegistryError as error:
        assert error.status == 503
    assert time.monotonic() - started < 1


def test_a_wait_longer_than_our_patience_is_an_error_at_once(faulty, registries):
    faulty.on(TAGS, Answer(429, headers={"Retry-After": "3600"}))
    started = time.monotonic()
    with pytest.raises(RegistryError, match=r"429 \(too many requests\) and asks to wait 3600 s"):
        registries.tags(f"{faulty.host}/app")
    assert time.monotonic() - started < 1


def test_repetitions_end(faulty, registries):
    faulty.on(TAGS, Answer(503))
    with pytest.raises(RegistryError, match="answers 503") as caught:
        registries.tags(f"{faulty.host}/app")
    assert caught.value.status == 503
    assert len(faulty.asked) == transport.RETRIES + 1


def test_a_broken_off_answer_is_tried_again_and_never_taken_for_whole(faulty, registries):
    faulty.on(TAGS, Answer(200, b'{"tags": ["1"]', length=500), GOOD)
    assert registries.tags(f"{faulty.host}/app") == ("1",)
    faulty.on("/v2/other/tags/list", Answer(200, b'{"tags": ["1"]}', length=500))
    with pytest.raises(RegistryError, match="breaks off"):
        registries.tags(f"{faulty.host}/other")


def test_a_slow_answer_runs_into_the_time_out(faulty):
    faulty.on(TAGS, Answer(200, GOOD.body, delay=3))
    started = time.monotonic()
    with (
        Registries(host_rules=[_rule(faulty.host, timeout=0.1)]) as registries,
        pytest.raises(RegistryError, match="does not answer in time"),
    ):
        registries.tags(f"{faulty.host}/app")
    assert time.monotonic() - started < 1.5


def test_an_answer_that_drips_runs_into_the_time_out_as_well(faulty):
    faulty.on(TAGS, Answer(200, GOOD.body * 100, pause=0.05))
    started = time.monotonic()
    with (
        Registries(host_rules=[_rule(faulty.host, timeout=0.2)]) as registries,
        pytest.raises(RegistryError, match="too slowly"),
    ):
        registries.tags(f"{faulty.host}/app")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("answer", [Answer(200, endless=True), Answer(200, b"x", length=10**12)])
def test_an_endless_body_is_cut_off(faulty, registries, answer, monkeypatch):
    monkeypatch.setattr("gitops_ci.image.registry.client._LARGEST_LIST", 1_000_000)
    faulty.on(TAGS, answer)
    with pytest.raises(RegistryError, match="bytes"):
        registries.tags(f"{faulty.host}/app")


def test_an_endless_error_body_does_not_matter(faulty, registries):
    faulty.on(TAGS, Answer(500, endless=True), GOOD)
    assert registries.tags(f"{faulty.host}/app") == ("1",)


def test_a_host_that_is_not_there_is_asked_once_for_all_images(registries):
    with FaultyRegistry.start() as double:
        gone = double.host
    names = [f"{gone}/app{number}" for number in range(50)]
    started = time.monotonic()
    failed = registries.prefetch(names)
    assert set(failed) == set(names)
    assert {str(error) for error in failed.values()} == {f"{gone} refuses connections"}
    assert registries.stats[gone] <= 3
    assert time.monotonic() - started < 3


def test_one_overloaded_host_does_not_stop_another(faulty, foreign, registries):
    faulty.script = lambda asked: Answer(503)
    foreign.script = lambda asked: GOOD
    names = [f"{host}/app{number}" for number in range(20) for host in (faulty.host, foreign.host)]
    failed = registries.prefetch(names)
    assert {name.partition("/")[0] for name in failed} == {faulty.host}
    assert len(failed) == 20
    assert len(faulty.asked) < 60
    assert registries.tags(f"{foreign.host}/app19") == ("1",)


def test_no_more_requests_at_once_than_the_rule_allows(faulty):
    most, now, lock = [0], [0], threading.Lock()

    def script(asked):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.02)
        with lock:
            now[0] -= 1
        return GOOD

    faulty.script = script
    with Registries(host_rules=[_rule(faulty.host, concurrent_request_limit=2)]) as registries:
        assert registries.prefetch([f"{faulty.host}/app{number}" for number in range(12)]) == {}
    assert most[0] == 2


def _secret_rule(host):
    return _rule(host, token="s3cret-token")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_takes_no_secret_along(faulty, foreign, status):
    faulty.on(TAGS, Answer(status, headers={"Location": f"{foreign.url}/elsewhere?signature=x"}))
    foreign.on("/elsewhere", GOOD)
    with Registries(host_rules=[_secret_rule(faulty.host)]) as registries:
        assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert faulty.asked[0].authorization == "Bearer s3cret-token"
    assert [asked.authorization for asked in foreign.asked] == [None]


def test_a_redirect_back_takes_no_secret_along_either(faulty, foreign):
    faulty.on(TAGS, Answer(307, headers={"Location": f"{foreign.url}/elsewhere"}))
    foreign.on("/elsewhere", Answer(307, headers={"Location": f"{faulty.url}/chosen-by-the-other"}))
    faulty.on("/chosen-by-the-other", GOOD)
    with Registries(host_rules=[_secret_rule(faulty.host)]) as registries:
        registries.tags(f"{faulty.host}/app")
    assert [asked.authorization for asked in faulty.asked] == ["Bearer s3cret-token", None]
    assert [asked.authorization for asked in foreign.asked] == [None]


def test_a_redirect_on_the_host_itself_keeps_the_login(faulty):
    faulty.on(TAGS, Answer(307, headers={"Location": "/v2/app2/tags/list"}))
    faulty.on("/v2/app2/tags/list", GOOD)
    with Registries(host_rules=[_secret_rule(faulty.host)]) as registries:
        assert registries.tags(f"{faulty.host}/app") == ("1",)
    assert faulty.asked[1].authorization == "Bearer s3cret-token"


def test_a_challenge_from_where_a_redirect_leads_gets_nothing(faulty, foreign):
    faulty.on(TAGS, Answer(307, headers={"Location": f"{foreign.url}/elsewhere"}))
    foreign.on("/elsewhere", Answer(401, headers={"WWW-Authenticate": 'Basic realm="give"'}))
    with (
        Registries(host_rules=[_rule(faulty.host, username="u", password="p4ss")]) as registries,
        pytest.raises(RegistryError, match="denied"),
    ):
        registries.tags(f"{faulty.host}/app")
    assert all(asked.authorization is None for asked in foreign.asked)


def test_a_link_to_another_host_is_not_followed_there(faulty, foreign):
    first = Answer(200, b'{"tags": ["1"]}', {"Link": f'<{foreign.url}/v2/app/tags/list?last=1>; rel="next"'})
    faulty.on(TAGS, first, Answer(200, b'{"tags": ["2"]}'))
    with Registries(host_rules=[_secret_rule(faulty.host)]) as registries:
        assert registries.tags(f"{faulty.host}/app") == ("1", "2")
    assert foreign.asked == []


def test_redirects_in_a_circle_end(faulty, registries):
    faulty.on(TAGS, Answer(302, headers={"Location": TAGS}))
    with pytest.raises(RegistryError, match="redirects more than"):
        registries.tags(f"{faulty.host}/app")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/y", "http://", "//", "http://[::1"])
def test_a_redirect_to_something_else_is_refused(faulty, registries, location):
    faulty.on(TAGS, Answer(302, headers={"Location": location}))
    with pytest.raises(RegistryError):
        registries.tags(f"{faulty.host}/app")


def test_netrc_is_not_read(faulty, machine, registries):
    (machine / ".netrc").write_text("machine 127.0.0.1 login u password n3trc\n")
    faulty.on(TAGS, GOOD)
    registries.tags(f"{faulty.host}/app")
    assert faulty.asked[0].authorization is None


def test_cookies_are_not_kept(faulty, registries):
    faulty.script = lambda asked: Answer(200, GOOD.body, {"Set-Cookie": "track=1"})
    registries.tags(f"{faulty.host}/app1")
    registries.tags(f"{faulty.host}/app2")
    assert "cookie" not in faulty.asked[1].headers


def test_a_proxy_in_the_environment_is_used_and_no_proxy_is_kept(faulty, foreign, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://user:pr0xy@{faulty.host}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    foreign.script = faulty.script = lambda asked: GOOD
    rules = [_rule("registry.example", insecure_registry=True)]
    with Registries(host_rules=rules) as registries:
        assert registries.tags("registry.example/app") == ("1",)
        assert registries.tags(f"{foreign.host}/app") == ("1",)
    assert faulty.asked[0].target.startswith("http://registry.example/v2/app/tags/list")
    assert faulty.asked[0].headers["proxy-authorization"].startswith("Basic ")
    assert len(foreign.asked) == 1
    assert "proxy-authorization" not in foreign.asked[0].headers


def test_closing_ends_the_waiting(faulty):
    faulty.on(TAGS, Answer(429, headers={"Retry-After": "30"}))
    registries = Registries()
    failed = []

    def ask():
        try:
            registries.tags(f"{faulty.host}/app")
        except RegistryError as error:
            failed.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    while not faulty.asked:
        time.sleep(0.005)
    registries.close()
    thread.join(5)
    assert len(failed) == 1
