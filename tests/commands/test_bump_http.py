"""`gitops-ci bump --push` to a remote over HTTP with a token, as a workflow has it, and when that remote fails."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops_ci.cli import main
from tests.doubles.git_http import BACKEND, GitServer, serving
from tests.support import repositories

API = "ghcr.io/acme/api"
POD = f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: {API}:1.0.0\n"
TOKEN = "ghs_secret"

pytestmark = pytest.mark.skipif(not BACKEND.exists(), reason="this git has no http-backend")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops_ci.git.push.time.sleep", lambda seconds: None)
    for name in list(os.environ):
        if name.startswith(("GIT_", "GITHUB_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def clone(tmp_path: Path, server: GitServer) -> Path:
    made, remote = repositories.make(tmp_path, {"pod.yaml": POD})
    repositories.git(remote, "config", "http.receivepack", "true")
    repositories.git(made, "remote", "set-url", "origin", f"http://x-access-token:{TOKEN}@{server.host}/remote.git")
    return made


def bump(clone: Path, capsys: pytest.CaptureFixture[str], tag: str = "1.0.1") -> tuple[int, dict[str, object], str]:
    code = main(["bump", "--root", str(clone), "--image", API, "--tag", tag, "--commit", "--push", "--format", "json"])
    out, err = capsys.readouterr()
    assert TOKEN not in out + err
    return code, json.loads(out) if out else {}, err


def there(clone: Path) -> list[str]:
    return repositories.git(clone.parent / "remote.git", "log", "--format=%s", "main").splitlines()


def test_a_token_in_the_address(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, err = bump(clone, capsys)
    assert (code, told.get("pushed"), err) == (0, True, "")
    assert there(clone) == [f"Bump {API} to 1.0.1", "First"]


def test_a_token_in_a_header_as_actions_checkout_leaves_it(
    clone: Path, server: GitServer, capsys: pytest.CaptureFixture[str]
) -> None:
    repositories.git(clone, "remote", "set-url", "origin", f"{server.address}/remote.git")
    header = "AUTHORIZATION: basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
    repositories.git(clone, "config", f"http.{server.address}/.extraheader", header)
    server.expected = header.removeprefix("AUTHORIZATION: ")
    assert bump(clone, capsys)[0] == 0
    assert there(clone) == [f"Bump {API} to 1.0.1", "First"]


def test_a_wrong_token_is_one_clear_line(clone: Path, server: GitServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.expected = "Basic something-else"
    code, _, err = bump(clone, capsys)
    assert code == 3
    assert "Authentication failed" in err or "could not read" in err
    assert len(err.splitlines()) == 1


def test_a_remote_that_may_only_be_read(clone: Path, server: GitServer, capsys: pytest.CaptureFixture[str]) -> None:
    server.faults = [("git-receive-pack", 403, False)]
    code, _, err = bump(clone, capsys)
    assert code == 3
    assert "403" in err


@pytest.mark.parametrize(
    "path", ["info/refs?service=git-upload-pack", "info/refs?service=git-receive-pack", "/git-receive-pack"]
)
def test_a_remote_that_fails_for_a_moment_is_asked_again(
    clone: Path, server: GitServer, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    server.faults = [(path, 502, False), (path, 503, False)]
    code, told, err = bump(clone, capsys)
    assert (code, told.get("pushed"), err) == (0, True, "")
    assert there(clone) == [f"Bump {API} to 1.0.1", "First"]


def test_a_push_that_arrived_although_it_failed_is_not_made_twice(
    clone: Path, server: GitServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults = [("/git-receive-pack", 502, True)]
    code, told, err = bump(clone, capsys)
    assert (code, told.get("pushed"), err) == (0, True, "")
    assert told["commit"] == repositories.git(clone.parent / "remote.git", "rev-parse", "main")
    assert there(clone) == [f"Bump {API} to 1.0.1", "First"]


def test_a_remote_that_keeps_failing_is_given_up(
    clone: Path, server: GitServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.faults = [("git-receive-pack", 502, False)] * 20
    code, _, err = bump(clone, capsys)
    assert code == 3
    assert "502" in err
    assert len(server.faults) > 10
    assert there(clone) == ["First"]
