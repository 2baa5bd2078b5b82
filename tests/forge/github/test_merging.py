"""Automerge, carried out: whatever the repository requires and allows."""

import pytest

from gitops_ci.forge.github import forge as forges

ALWAYS = staticmethod(lambda change: None)


def merge(place, *changes, closed=None):
    forge = place.forge()
    for change in changes:
        forge.propose(change)
    return forge.merge(changes, lambda change: closed)


def test_green_checks_are_merged_with_the_expected_head(place):
    change = place.automerging()
    place.forge().propose(change)
    place.repository.report("renovate/api", "ci")
    head = place.repository.branches()["renovate/api"]
    (result,) = merge(place, change)
    assert (result.state, result.error) == ("merged", None)
    (request,) = place.github.asked("pulls/merge")
    assert request.body["sha"] == head
    assert request.body["merge_method"] == "squash"
    assert b"api:1.1" in place.head("main")
    assert set(place.repository.branches()) == {"main"}


def test_nothing_merges_before_a_check_has_reported_unless_tests_are_ignored(place):
    (result,) = merge(place, place.automerging())
    assert result.state == "waiting"
    assert "ignoreTests" in result.error
    (result,) = merge(place, place.automerging(ignore_tests=True))
    assert result.state == "merged"


def test_red_checks_never_merge(place):
    change = place.automerging()
    place.forge().propose(change)
    place.repository.report("renovate/api", "ci", "failure")
    (result,) = merge(place, change)
    assert (result.state, result.error) == ("waiting", "checks failed: ci")


def test_what_is_blocked_gets_githubs_own_automerge(place):
    place.repository.settings.allow_auto_merge = True
    place.repository.protect("main", checks=["ci"])
    (result,) = merge(place, place.automerging())
    assert result.state == "automerge"
    assert place.pull().auto_merge.method == "squash"
    (request,) = place.github.asked("graphql/enablePullRequestAutoMerge")
    assert request.body["variables"]["input"]["expectedHeadOid"] == place.pull().head_sha
    place.repository.report("renovate/api", "ci")
    assert place.pull().merged


def test_automerge_that_the_repository_does_not_allow_names_the_setting(place):
    place.repository.protect("main", checks=["ci"])
    (result,) = merge(place, place.automerging())
    assert result.state == "waiting"
    assert "Allow auto-merge" in result.error


def test_without_platform_automerge_github_is_not_asked(place):
    place.repository.settings.allow_auto_merge = True
    place.repository.protect("main", checks=["ci"])
    change = place.automerging(platform=False)
    (result,) = merge(place, change)
    assert result.state == "waiting"
    assert place.pull().auto_merge is None
    place.repository.report("renovate/api", "ci")
    (result,) = merge(place, change)
    assert result.state == "merged"


def test_outside_its_schedule_githubs_automerge_is_turned_off_again(place):
    place.repository.settings.allow_auto_merge = True
    place.repository.protect("main", checks=["ci"])
    change = place.automerging()
    merge(place, change)
    assert place.pull().auto_merge is not None
    (result,) = merge(place, change, closed="outside automergeSchedule")
    assert (result.state, result.error) == ("waiting", "outside automergeSchedule")
    assert place.pull().auto_merge is None


def test_a_red_check_that_is_not_required_turns_it_off_too(place):
    place.repository.settings.allow_auto_merge = True
    place.repository.protect("main", checks=["ci"])
    change = place.automerging()
    merge(place, change)
    place.repository.report("renovate/api", "lint", "failure")
    (result,) = merge(place, change)
    assert result.error == "checks failed: lint"
    place.repository.report("renovate/api", "ci")
    assert not place.pull().merged


def test_automerge_switched_off_by_configuration_is_switched_off_at_github(place):
    place.repository.settings.allow_auto_merge = True
    place.repository.protect("main", checks=["ci"])
    merge(place, place.automerging())
    merge(place, place.change())
    assert place.pull().auto_merge is None


def test_a_merge_queue_is_used(place):
    place.repository.protect("main", checks=["ci"], queue=True)
    change = place.automerging()
    place.forge().propose(change)
    place.repository.report("renovate/api", "ci")
    (result,) = merge(place, change)
    assert (result.state, result.error) == ("automerge", "it is in the merge queue")
    assert place.pull().queued
    place.repository.run_merge_queue()
    assert place.pull().merged


def test_a_missing_review_waits_and_says_so(place):
    place.repository.protect("main", checks=["ci"], reviews=1)
    change = place.automerging(platform=False)
    place.forge().propose(change)
    place.repository.report("renovate/api", "ci")
    (result,) = merge(place, change)
    assert result.state == "waiting"
    assert "review" in result.error


def test_three_ready_ones_merge_in_one_run(place):
    changes = [place.automerging("api"), place.automerging("log"), place.automerging("web")]
    place.forge().propose_all(changes)
    for branch in ("renovate/api", "renovate/log", "renovate/web"):
        place.repository.report(branch, "ci")
    results = merge(place, *changes)
    assert [(one.state, one.error) for one in results] == [("merged", None)] * 3
    assert place.repository.files()["apps/api.yaml"] == (
        b"# first\nimage: api:1.1\n# middle 1\n# middle 2\n# middle 3\nsidecar: log:1.1\n"
    )


def test_strict_protection_is_met_by_rebasing_and_rechecking_in_the_same_run(place, monkeypatch):
    place.repository.protect("main", checks=["ci"], strict=True)
    changes = [place.automerging("api", platform=False), place.automerging("log", platform=False)]
    place.forge().propose_all(changes)
    for branch in ("renovate/api", "renovate/log"):
        place.repository.report(branch, "ci")
    moved = forges.GitHubForge._rebase

    def ci_runs(self, change):
        made = moved(self, change)
        place.repository.report(change.branch, "ci")
        return made

    monkeypatch.setattr(forges.GitHubForge, "_rebase", ci_runs)
    results = merge(place, *changes)
    assert [(one.state, one.error) for one in results] == [("merged", None)] * 2


def test_neighbouring_lines_conflict_and_are_rebuilt(place):
    place.repository.push("main", {"apps/api.yaml": "image: api:1.0\nsidecar: log:1.0\n"})
    changes = [place.automerging("api", ignore_tests=True), place.automerging("log", ignore_tests=True)]
    results = merge(place, *changes)
    assert [(one.state, one.error) for one in results] == [("merged", None)] * 2
    assert place.repository.files()["apps/api.yaml"] == b"image: api:1.1\nsidecar: log:1.1\n"


def test_late_mergeability_is_waited_for(place):
    place.repository.settings.late_mergeability = True
    (result,) = merge(place, place.automerging(ignore_tests=True))
    assert result.state == "merged"


@pytest.mark.parametrize(
    ("strategy", "method"), [("merge-commit", "merge"), ("rebase", "rebase"), ("squash", "squash")]
)
def test_the_strategy_is_the_merge_method(place, strategy, method):
    (result,) = merge(place, place.automerging(ignore_tests=True, strategy=strategy))
    assert result.state == "merged"
    assert place.github.asked("pulls/merge")[0].body["merge_method"] == method


def test_auto_takes_what_the_repository_allows_and_a_forbidden_strategy_names_the_setting(place):
    place.repository.settings.allow_squash_merge = False
    (result,) = merge(place, place.automerging(ignore_tests=True, strategy="squash"))
    assert result.state == "failed"
    assert "Settings → General → Pull Requests" in result.error
    (result,) = merge(place, place.automerging(ignore_tests=True))
    assert result.state == "merged"
    assert place.github.asked("pulls/merge")[0].body["merge_method"] == "merge"


def test_a_foreign_commit_in_the_moment_of_merging_is_not_merged(place):
    change = place.automerging(ignore_tests=True)
    forge = place.forge()
    forge.propose(change)

    def pushed(path, query, body):
        if "pushed" not in seen:
            seen["pushed"] = place.repository.push("renovate/api", {"apps/api.yaml": "image: theirs\n"})
        return False

    seen: dict[str, str] = {}
    place.github.fail("pulls/merge", when=pushed)
    (result,) = forge.merge([change], lambda _: None)
    assert (result.state, result.error) == ("waiting", "somebody else pushed to it")
    assert not place.pull().merged


def test_pr_comment_asks_another_bot_to_merge(place):
    change = place.automerging(automerge_type="pr-comment", comment="bors r+", ignore_tests=True)
    merge(place, change)
    merge(place, change)
    (comment,) = place.github.comments
    assert comment.body.endswith("bors r+")
    assert place.github.asked("pulls/merge") == []


def test_a_branch_merges_without_a_pull_request(place):
    changes = [place.automerging("api", automerge_type="branch"), place.automerging("log", automerge_type="branch")]
    results = merge(place, *changes)
    assert [one.state for one in results] == ["waiting", "waiting"]
    heads = place.repository.branches()
    assert [one.state for one in merge(place, *changes)] == ["waiting", "waiting"]
    assert place.repository.branches() == heads
    place.repository.report("renovate/api", "ci")
    (result, _) = merge(place, *changes)
    assert result.state == "merged"
    assert place.repository.pulls == {}
    assert place.repository.branches()["main"] == heads["renovate/api"]


def test_branches_that_ignore_tests_all_merge_in_one_run(place):
    changes = [place.automerging(one, automerge_type="branch", ignore_tests=True) for one in ("api", "log", "web")]
    assert [(one.state, one.error) for one in merge(place, *changes)] == [("merged", None)] * 3
    assert set(place.repository.branches()) == {"main"}
    assert b"log:1.1" in place.head("main")


def test_a_branch_with_red_checks_gets_a_pull_request(place):
    change = place.automerging("api", automerge_type="branch")
    merge(place, change)
    place.repository.report("renovate/api", "ci", "failure")
    (result,) = merge(place, change)
    assert result.state == "waiting"
    assert "checks failed: ci" in result.error
    assert place.pull().state == "open"
    assert place.forge().propose(change).state == "unchanged"


def test_a_foreign_commit_on_a_branch_without_a_pull_request_is_left_alone(place):
    change = place.automerging("api", automerge_type="branch", ignore_tests=True)
    forge = place.forge()
    forge.propose(change)
    theirs = place.repository.push("renovate/api", {"apps/api.yaml": "image: theirs\n"})
    assert place.forge().propose(change).state == "edited-by-hand"
    (result,) = forge.merge([change], lambda _: None)
    assert (result.state, result.error) == ("waiting", "somebody else pushed to it")
    assert b"1.1" not in place.head("main")
    assert place.repository.branches()["renovate/api"] == theirs
