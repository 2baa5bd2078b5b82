import threading
import time

import pytest

from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import Answer

GOOD = Answer(200, b'{"tags": ["1"]}')


def test_many_threads_that_ask_the_same_ask_once(faulty, registries):
    faulty.on("/v2/app/tags/list", Answer(200, GOOD.body, delay=0.1))
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(registries.tags(f"{faulty.host}/app"))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [("1",)] * 10
    assert len(faulty.asked) == 1


def test_an_error_is_kept_as_an_answer_is(faulty, registries):
    for _ in range(3):
        with pytest.raises(RegistryError) as caught:
            registries.tags(f"{faulty.host}/app")
        assert caught.value.status == 404
    assert len(faulty.asked) == 1


def test_a_prefetch_answers_later_questions(faulty, registries):
    digest = "sha256:" + "a" * 64
    faulty.script = lambda asked: (
        GOOD if "tags" in asked.target else Answer(200, headers={"Docker-Content-Digest": digest})
    )
    names = [f"{faulty.host}/app{number}" for number in range(10)]
    assert registries.prefetch(names, digests=[(name, "1") for name in names]) == {}
    sent = len(faulty.asked)
    assert {registries.digest(name, "1") for name in names} == {digest}
    assert {registries.tags(name) for name in names} == {("1",)}
    assert len(faulty.asked) == sent == 20


def test_a_name_that_is_none_fails_alone(faulty, registries):
    faulty.script = lambda asked: GOOD
    failed = registries.prefetch([f"{faulty.host}/app", "UPPER", "a:b", "", f"{faulty.host}/app2"])
    assert set(failed) == {"UPPER", "a:b", ""}


def test_all_spellings_of_an_image_are_one_question(registries, monkeypatch):
    asked = []

    class Hub:
        def tags(self, repository):
            asked.append(repository)
            return ("1",)

    monkeypatch.setattr(registries, "_make", lambda host: Hub())
    for name in ("nginx", "docker.io/nginx", "index.docker.io/library/nginx", "DOCKER.IO/library/nginx"):
        assert registries.tags(name) == ("1",)
    assert asked == ["library/nginx"]


def test_a_slow_host_does_not_hold_up_a_quick_one(faulty, foreign, registries):
    faulty.script = lambda asked: Answer(200, GOOD.body, delay=0.3)
    foreign.script = lambda asked: GOOD
    done = {}

    def watch():
        while len(done) < 30 and not stop.is_set():
            done.update({asked.target: time.monotonic() for asked in foreign.asked})
            time.sleep(0.005)

    stop = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.monotonic()
    try:
        registries.prefetch([f"{faulty.host}/a{n}" for n in range(12)] + [f"{foreign.host}/b{n}" for n in range(30)])
    finally:
        stop.set()
        watcher.join()
    assert len(done) == 30
    assert max(done.values()) - started < time.monotonic() - started - 0.1


def test_an_interruption_is_no_answer(registries, monkeypatch):
    class Interrupted:
        def tags(self, repository):
            raise KeyboardInterrupt

    class Good:
        def tags(self, repository):
            return ("1",)

    monkeypatch.setattr(registries, "_make", lambda host: Interrupted())
    with pytest.raises(KeyboardInterrupt):
        registries.tags("nginx")
    monkeypatch.setattr(registries, "_make", lambda host: Good())
    registries._hosts.clear()
    assert registries.tags("nginx") == ("1",)


def test_what_was_counted_can_be_read_after_the_run(faulty):
    faulty.script = lambda asked: GOOD
    with Registries() as registries:
        registries.tags(f"{faulty.host}/app")
    assert registries.stats == {faulty.host: 1}
