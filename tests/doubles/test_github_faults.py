"""The GitHub double's faults, and that it notices what GitHub would not understand or never say."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import urllib3
from github import Auth, Github, GithubException, GithubRetry, RateLimitExceededException

from tests.doubles.github import GitHub, Repository


@pytest.fixture
def repository(github: GitHub) -> Repository:
    made = github.repository("acme/gitops", {"a": "1\n"})
    made.push("bump", {"a": "2\n"})
    return made


def client(double: GitHub, retry: Any = None) -> Github:
    auth = Auth.Token(double.token())
    return Github(
        base_url=double.url, auth=auth, retry=retry, seconds_between_requests=None, seconds_between_writes=None
    )


def create(double: GitHub, retry: Any = None) -> int:
    return client(double, retry).get_repo("acme/gitops").create_pull(base="main", head="bump", title="Bump").number


def test_a_lost_answer_to_a_post_is_tried_again_and_finds_what_it_did(github: GitHub, repository: Repository) -> None:
    github.fail("pulls/create", 502, after_effect=True)
    with pytest.raises(GithubException) as error:
        create(github, GithubRetry(total=3, backoff_factor=0))
    assert error.value.status == 422 and "already exists" in json.dumps(error.value.data)
    assert len(github.pulls) == 1
    assert [request.status for request in github.asked("pulls/create")] == [502, 422]


def test_a_failure_before_the_effect_leaves_nothing(github: GitHub, repository: Repository) -> None:
    github.fail("pulls/create", 502, times=2)
    with pytest.raises(GithubException):
        create(github)
    assert not github.pulls
    assert create(github, GithubRetry(total=3, backoff_factor=0)) == 1


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "1"}])
@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_says_so(
    github: GitHub, repository: Repository, status: int, headers: dict[str, str]
) -> None:
    github.fail("pulls/*", status, headers=headers)
    with pytest.raises(GithubException) as error:
        create(github)
    assert isinstance(error.value, RateLimitExceededException) == (status == 403)
    assert error.value.status == status
    assert (error.value.headers or {}).get("retry-after") == headers.get("Retry-After")
    assert create(github) == 1


def test_a_connection_can_end_without_an_answer(github: GitHub, repository: Repository) -> None:
    github.fail("pulls/create", drop=True, after_effect=True)
    with pytest.raises((requests.ConnectionError, urllib3.exceptions.ProtocolError)):
        create(github)
    assert len(github.pulls) == 1
    assert github.asked("pulls/create")[0].status is None


def test_a_fault_can_wait_and_choose(github: GitHub, repository: Repository) -> None:
    github.fail("issues/create-comment", 500, skip=1, when=lambda path, query, body: "second" in body["body"])
    pull = client(github).get_repo("acme/gitops").create_pull(base="main", head="bump", title="Bump")
    for body in ("first", "second", "second"):
        if len(github.comments) < 2:
            pull.create_issue_comment(body)
    with pytest.raises(GithubException):
        pull.create_issue_comment("second")
    assert [comment.body for comment in github.comments] == ["first", "second"]


def test_graphql_fails_by_the_name_of_its_field(github: GitHub, repository: Repository) -> None:
    github.fail("graphql/enablePullRequestAutoMerge", 502)
    pull = client(github).get_repo("acme/gitops").create_pull(base="main", head="bump", title="Bump")
    with pytest.raises(GithubException) as error:
        pull.enable_automerge()
    assert error.value.status == 502


@pytest.mark.parametrize("where", ["pull", "issue", "comment"])
def test_a_body_over_the_limit_is_refused(github: GitHub, repository: Repository, where: str) -> None:
    remote = client(github).get_repo("acme/gitops")
    body = "é" * 65_537
    with pytest.raises(GithubException) as error:
        if where == "pull":
            remote.create_pull(base="main", head="bump", title="Bump", body=body)
        elif where == "issue":
            remote.create_issue("Dashboard", body=body)
        else:
            remote.create_issue("Dashboard", body=body[1:]).create_comment(body)
    assert error.value.status == 422 and "too long" in json.dumps(error.value.data)


def test_a_request_that_github_does_not_describe_fails_the_test(tmp_path: Path) -> None:
    with GitHub.start(tmp_path) as double:
        double.repository("acme/gitops")
        headers = {"Authorization": f"Bearer {double.token()}"}
        url = f"{double.url}/repos/acme/gitops"
        wrong = [
            requests.post(f"{url}/issues", json={"title": "x", "labels": 7}, headers=headers, timeout=10),
            requests.get(f"{url}/pulls", params={"state": "merged"}, headers=headers, timeout=10),
            requests.get(f"{url}/pulls", params={"branch": "x"}, headers=headers, timeout=10),
            requests.get(f"{url}/no-such-thing", headers=headers, timeout=10),
            requests.post(double.graphql_url, json={"query": "{ viewer { nickname } }"}, headers=headers, timeout=10),
        ]
        assert [answer.status_code for answer in wrong] == [422, 422, 422, 404, 200]
        assert len(double.violations) == 5
        with pytest.raises(AssertionError, match="nickname"):
            double.check()


def test_an_answer_that_github_would_never_give_fails_the_test(tmp_path: Path) -> None:
    with GitHub.start(tmp_path) as double:
        repository = double.repository("acme/gitops")
        repository.push("bump", {"a": "b"})
        create(double)
        repository.pulls[1].title = 7  # type: ignore[assignment]  # what GitHub never says
        client(double).get_repo("acme/gitops").get_pull(1)
        assert any("title" in violation for violation in double.violations)


def test_what_did_not_change_is_not_sent_again(github: GitHub, repository: Repository) -> None:
    headers = {"Authorization": f"Bearer {github.token()}"}
    url = f"{github.url}/repos/acme/gitops"
    first = requests.get(url, headers=headers, timeout=10)
    again = requests.get(url, headers={**headers, "If-None-Match": first.headers["ETag"]}, timeout=10)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert int(first.headers["X-RateLimit-Remaining"]) > int(again.headers["X-RateLimit-Remaining"])
