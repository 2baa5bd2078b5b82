"""What goes wrong at GitHub: nothing twice, nothing lost, one clear line, and the next run carries on."""

import time

import pytest

from gitops_ci.errors import ForgeError, GitopsError
from gitops_ci.forge.change import Dashboard
from gitops_ci.forge.github import client, comments


@pytest.mark.parametrize("after_effect", [True, False])
@pytest.mark.parametrize("drop", [True, False])
def test_a_lost_answer_to_opening_makes_one_pull_request(place, after_effect, drop):
    place.github.fail("pulls/create", 502, after_effect=after_effect, drop=drop)
    proposal = place.forge().propose(place.change(labels=("a",)))
    assert (proposal.state, proposal.error) == ("created", None)
    assert len(place.repository.pulls) == 1
    assert place.pull().labels == ["a"]


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_to_commenting_makes_one_comment(place, after_effect):
    forge = place.forge()
    forge.propose(place.change())
    place.github.fail("issues/create-comment", 502, after_effect=after_effect)
    comments.stick(forge.client, place.pull().number, "diff", "text")
    assert len(place.github.comments) == 1


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_to_the_dashboard_makes_one_issue(place, after_effect):
    place.github.fail("issues/create", 502, after_effect=after_effect)
    place.forge().show(Dashboard("Dashboard", "text"))
    assert len(place.github.issues) == 1


@pytest.mark.parametrize(
    ("kind", "operation"),
    [
        ("app", "graphql/updateRefs"),
        ("app", "git/create-commit"),
        ("pat", "graphql/createCommitOnBranch"),
        ("pat", "graphql/updateRefs"),
    ],
)
@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_to_committing_is_no_foreign_commit(place, kind, operation, after_effect):
    place.login(kind)
    place.github.fail(operation, 502, after_effect=after_effect)
    proposal = place.forge().propose(place.change())
    assert (proposal.state, proposal.error) == ("created", None)
    assert place.repository.git.count("renovate/api", "main") == 1
    assert set(place.repository.branches()) == {"main", "renovate/api"}


@pytest.mark.parametrize("after_effect", [True, False])
def test_a_lost_answer_to_merging_merges_once(place, after_effect):
    forge = place.forge()
    change = place.automerging(ignore_tests=True)
    forge.propose(change)
    place.github.fail("pulls/merge", 502, after_effect=after_effect)
    (result,) = forge.merge([change], lambda _: None)
    assert (result.state, result.error) == ("merged", None)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("headers", [{"Retry-After": "0"}, {}])
@pytest.mark.parametrize("operation", ["pulls/create", "pulls/list"])
def test_a_secondary_limit_is_waited_for(place, status, headers, operation):
    place.github.fail(operation, status, headers=headers)
    assert place.forge().propose(place.change()).state == "created"
    assert len(place.repository.pulls) == 1


def test_a_limit_that_lasts_too_long_fails_at_once_and_says_so(place, monkeypatch):
    monkeypatch.setattr(client, "MAX_WAIT", 1.0)
    place.github.fail("pulls/create", 403, headers={"Retry-After": "3600"}, times=9)
    forge = place.forge()
    start = time.monotonic()
    proposal = forge.propose(place.change())
    assert proposal.state == "failed"
    assert "secondary rate limit" in proposal.error
    assert time.monotonic() - start < 10
    place.github.faults.clear()
    assert place.forge().propose(place.change()).state == "created"
    assert len(place.repository.pulls) == 1


@pytest.mark.parametrize("operation", ["pulls/create", "pulls/update", "graphql/updateRefs", "git/create-commit"])
def test_a_run_that_dies_anywhere_is_carried_on_by_the_next(place, operation):
    place.github.fail(operation, 500, times=99)
    place.forge().propose(place.change(labels=("a",), assignees=("octocat",)))
    place.github.faults.clear()
    place.forge().propose(place.change(labels=("a",), assignees=("octocat",)))
    assert len(place.repository.pulls) == 1
    assert (place.pull().labels, place.pull().assignees) == (["a"], ["octocat"])
    place.github.fail(operation, 500, times=99)
    place.forge().propose(place.change(to="1.2"))
    place.github.faults.clear()
    assert place.forge().propose(place.change(to="1.2")).state in ("updated", "unchanged")
    assert b"api:1.2" in place.head("renovate/api")
    assert place.forge().standing()[0].by_hand is False


def test_one_that_fails_leaves_the_others(place):
    place.github.fail("pulls/create", 422, message="Validation Failed", when=lambda _, __, body: "api" in body["head"])
    results = place.forge().propose_all([place.change("api"), place.change("web")])
    assert [one.state for one in results] == ["failed", "created"]
    assert "GitHub answered 422: Validation Failed" in results[0].error


def test_an_expired_token_is_one_clear_line(place):
    token = place.login("expired")
    with pytest.raises(ForgeError) as caught:
        place.forge()
    assert "the token is wrong, expired or revoked" in str(caught.value)
    assert caught.value.exit_code == 3
    assert token not in str(caught.value)


def test_a_reading_token_is_named_at_the_start(place):
    place.login("read")
    (finding,) = place.forge().findings
    assert finding.status == "fail"
    assert "may only read" in finding.message


def test_actions_that_may_not_open_pull_requests_names_the_setting(place):
    place.login("actions")
    place.repository.settings.actions_may_create_pull_requests = False
    proposal = place.forge().propose(place.change())
    assert proposal.state == "failed"
    assert "Allow GitHub Actions to create and approve pull requests" in proposal.error


def test_clean_status_is_merged_directly(place):
    place.repository.settings.allow_auto_merge = True
    place.repository.protect("main", checks=["ci"])
    change = place.automerging()
    place.forge().propose(change)
    # The check ends between our look and our request.
    place.github.fail(
        "graphql/enablePullRequestAutoMerge", 200, message="x",
        when=lambda *_: bool(place.repository.report("renovate/api", "ci")) and False,
    )  # fmt: skip
    (result,) = _merge(place, change)
    assert (result.state, result.error) == ("merged", None)


def _merge(place, change):
    forge = place.forge()
    forge.propose(change)
    return forge.merge([change], lambda _: None)


def test_a_deleted_branch_is_made_anew(place):
    place.forge().propose(place.change())
    from tests.support import repositories

    forge = place.forge()
    repositories.git(place.repository.path, "update-ref", "-d", "refs/heads/renovate/api")
    place.repository.settle()
    assert forge.propose(place.change(to="1.2")).state == "created"
    assert b"api:1.2" in place.head("renovate/api")


def test_a_body_over_the_limit_is_cut_and_its_marker_stays(place):
    body = "<details>\n\n```\n" + "ä line of text\n" * 20_000 + "```\n</details>\n"
    proposal = place.forge().propose(place.change(body=body, sets=tuple(f"file-{n}.yaml=api:1.1" for n in range(1000))))
    assert (proposal.state, proposal.error) == ("created", None)
    assert len(place.pull().body) <= 65_536
    assert "The rest is left out here." in place.pull().body
    assert place.forge().standing()[0].by_hand is False
    forge = place.forge()
    comments.stick(forge.client, place.pull().number, "diff", body)
    forge.show(Dashboard("Dashboard", body))


def test_a_reviewer_that_github_does_not_know_is_a_warning(place):
    forge = place.forge()
    proposal = forge.propose(place.change(reviewers=("nobody-here", "octocat")))
    assert proposal.state == "created"
    assert place.pull().reviewers == ["octocat"]
    assert any("nobody-here" in one.message for one in forge.findings)


def test_a_protected_branch_of_ours_says_what_github_says(place):
    forge = place.forge()
    said = {"data": None, "errors": [{"message": "Repository rule violations found"}]}
    place.github.fail("graphql/updateRefs", 200, body=said, times=9)
    proposal = forge.propose(place.change())
    assert proposal.state == "failed"
    assert "Settings → Rules" in proposal.error


def test_without_issues_there_is_no_dashboard_and_no_failure(place):
    place.repository.settings.has_issues = False
    assert place.forge().show(Dashboard("Dashboard", "text")) is None


def test_a_token_is_never_sent_without_https_or_to_nowhere(place, monkeypatch):
    monkeypatch.setenv("GITHUB_API_URL", "http://github.example.com/api/v3")
    with pytest.raises(GitopsError, match="https"):
        place.forge()
    monkeypatch.delenv("GITHUB_API_URL")
    monkeypatch.delenv("GITHUB_TOKEN")
    with pytest.raises(GitopsError, match="needs a token"):
        place.forge()
