"""What keeps the GitHub double honest: real exchanges, GitHub's own examples, another double, another client."""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.doubles.github import routes
from tests.doubles.github.call import HANDLERS
from tests.doubles.github.description import Description, load

VERSION = "2.10.0"
SHA256 = "90ff24ef1cd1bd57124c2a3869cafee9d7b066909129ecdaba2c2d1903bc118d"
SINCE = 2025
"""Older recordings lack what GitHub has added since then."""
NOT_AS_DESCRIBED = {
    # Of a pull request whose fork is gone GitHub says null, and describes that it never does.
    ("pulls/get", '200: /head/repo: null is not of type "object"'),
    ("pulls/get", '200: /head/label: null is not of type "string"'),
    ("pulls/get", '200: /head/user: null is not of type "object"'),
}


class Exchange(NamedTuple):
    """One request and its answer, as PyGithub's tests recorded them."""

    source: str
    year: int
    method: str
    path: str
    query: dict[str, str]
    request: Any
    status: int
    answer: Any


@pytest.fixture(scope="module")
def recordings() -> list[Exchange]:
    """Everything that PyGithub's source distribution holds; the download is kept in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gitops-ci" / "recordings"
    archive = cache / f"pygithub-{VERSION}.tar.gz"
    if not archive.exists():
        arguments = [
            "download",
            "--quiet",
            "--no-deps",
            "--no-binary",
            "PyGithub",
            "--dest",
            str(cache),
            f"PyGithub=={VERSION}",
        ]
        for python in (sys.executable, "python3"):
            done = subprocess.run([python, "-m", "pip", *arguments], capture_output=True, timeout=100, check=False)
            if done.returncode == 0:
                break
    if not archive.exists():
        pytest.skip(f"PyGithub {VERSION}'s recordings could not be downloaded with pip")
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == SHA256
    return list(_read(archive))


def _read(archive: Path) -> Iterator[Exchange]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if "/tests/ReplayData/" not in member.name or not member.name.endswith(".txt"):
                continue
            file = tar.extractfile(member)
            assert file is not None
            lines = file.read().decode("utf-8", "replace").split("\n")
            for start in range(0, len(lines) - 9, 11):
                _, method, host, _, url, _, body, status, headers, answer = lines[start : start + 10]
                year = re.search(r" (20\d\d) ", headers)
                if host == "api.github.com" and year and status.isdigit():
                    split = urlsplit(url)
                    yield Exchange(
                        member.name.rpartition("/")[2], int(year[1]), method, split.path,
                        dict(parse_qsl(split.query)), _json(body), int(status), _json(answer),
                    )  # fmt: skip


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def test_what_github_really_answered_passes_our_checks(recordings: list[Exchange]) -> None:
    description = load()
    seen, problems = 0, []
    for exchange in recordings:
        route = description.route(exchange.method, exchange.path)
        if route is None or exchange.answer is None or exchange.year < SINCE:
            continue
        seen += 1
        for problem in description.response_problems(route.operation, exchange.status, exchange.answer):
            if (route.operation.name, problem) not in NOT_AS_DESCRIBED:
                problems.append(f"{exchange.source}: {route.operation.name}: {problem}")
    assert not problems
    assert seen >= 140


def test_what_pygithub_really_sent_passes_our_checks(recordings: list[Exchange]) -> None:
    description = load()
    seen, problems = 0, []
    for exchange in recordings:
        route = description.route(exchange.method, exchange.path)
        if route is None or exchange.status >= 400 or exchange.year < SINCE:
            continue
        found = description.query_problems(route.operation, exchange.query)
        if exchange.request is not None:
            found += description.request_problems(route.operation, exchange.request)
        seen += bool(exchange.request is not None or exchange.query)
        problems += [f"{exchange.source}: {route.operation.name}: {problem}" for problem in found]
    assert not problems
    assert seen >= 50


def test_the_double_refuses_in_the_words_of_recordings(recordings: list[Exchange]) -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(routes.__file__).parent.parent.rglob("*.py"))
    for operation, status, words in (
        ("repos/get-branch", 404, "Branch not found"),
        ("repos/get-branch-protection", 404, "Branch not protected"),
        ("users/get-authenticated", 401, "Bad credentials"),
        ("repos/get", 404, "Not Found"),
    ):
        said = {
            exchange.answer["message"]
            for exchange in recordings
            if exchange.status == status and isinstance(exchange.answer, dict) and "message" in exchange.answer
            if (route := load().route(exchange.method, exchange.path)) and route.operation.name == operation
        }
        assert words in said and f'"{words}"' in source


def test_the_vendored_examples_are_as_github_describes_them() -> None:
    description = load()
    for operation, example in (
        ("issues/get", "issue"),
        ("checks/get", "check-run"),
        ("git/get-commit", "git-commit"),
        ("repos/get-branch", "branch-get"),
        ("issues/get-milestone", "milestone"),
    ):
        value = description.example(example)
        assert description.response_problems(description.operations[operation], 200, value) == [], example


def test_every_operation_is_answered_and_every_answer_has_an_operation() -> None:
    routes.register()
    listed = (Path(routes.__file__).parent.parent / "description" / "operations.txt").read_text(encoding="utf-8")
    names = {line for line in listed.splitlines() if line and not line.startswith("#")}
    assert names == set(HANDLERS) == set(load().operations)


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/repos/a/b/branches/x/y", "repos/get-branch"),
        ("GET", "/repos/a/b/branches/x/y/protection", "repos/get-branch-protection"),
        ("GET", "/repos/a/b/git/ref/heads/x/y", "git/get-ref"),
        ("GET", "/repos/a/b/git/refs/heads/x", "git/get-ref"),
        ("GET", "/repos/a/b/commits/x%2Fy/check-runs", "checks/list-for-ref"),
        ("GET", "/repos/a/b/commits/x/comments", None),
        ("GET", "/repos/a/b/issues/comments", None),
        ("GET", "/repos/a/b/contents/", "repos/get-content"),
        ("PUT", "/repos/a/b/pulls/1/merge", "pulls/merge"),
    ],
)
def test_a_path_means_the_operation_that_github_means(method: str, path: str, operation: str | None) -> None:
    description: Description = load()
    route = description.route(method, path)
    assert (route.operation.name if route else None) == operation
