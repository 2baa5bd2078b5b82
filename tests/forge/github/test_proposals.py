"""Pull requests: made, updated, respected, withdrawn."""

import pytest

from gitops_ci.forge.change import Dashboard


def test_a_change_becomes_a_pull_request_with_its_people_and_labels(place):
    change = place.change(
        labels=("images",), assignees=("octocat",), reviewers=("octocat", "team:platform", "acme-bot")
    )
    forge = place.forge()
    (proposal,) = forge.propose_all([change])
    assert (proposal.state, proposal.error) == ("created", None)
    pull = place.pull()
    assert proposal.url.endswith(f"/pull/{pull.number}")
    assert pull.title == "Update api to 1.1"
    assert "This changes **api**" in pull.body
    assert pull.labels == ["images"]
    assert pull.assignees == ["octocat"]
    assert pull.reviewers == ["octocat"]
    assert pull.team_reviewers == ["platform"]
    assert place.head("renovate/api").startswith(b"# first\nimage: api:1.1\n# middle")


@pytest.mark.parametrize("kind", ["app", "pat", "actions"])
def test_commits_are_verified_whatever_the_token(place, kind):
    place.login(kind)
    proposal = place.forge().propose(place.change())
    assert proposal.state == "created", proposal.error
    assert proposal.commit in place.repository.verified
    assert set(place.repository.branches()) == {"main", "renovate/api"}


def test_a_second_run_changes_nothing(place):
    change = place.change(labels=("images",))
    place.forge().propose(change)
    writes = len([one for one in place.github.requests if one.method != "GET"])
    assert place.forge().propose(change).state == "unchanged"
    later = [one for one in place.github.requests if one.method != "GET"][writes:]
    assert [one.operation for one in later if one.operation != "graphql/viewer"] == []


@pytest.mark.parametrize("kind", ["app", "pat"])
def test_a_newer_version_updates_the_same_pull_request(place, kind):
    place.login(kind)
    place.forge().propose(place.change())
    proposal = place.forge().propose(place.change(to="1.2"))
    assert (proposal.state, proposal.error) == ("updated", None)
    assert len(place.repository.pulls) == 1
    assert place.pull().title == "Update api to 1.2"
    assert b"api:1.2" in place.head("renovate/api")
    assert place.repository.git.count("renovate/api", "main") == 1
    assert place.forge().propose(place.change(to="1.2")).state == "unchanged"


def test_an_executable_file_stays_executable(place):
    place.repository.push("main", {"run.sh": "image: api:1.0\n"})
    from tests.support import repositories

    repositories.git(place.clone, "pull", "-q")
    repositories.git(place.clone, "update-index", "--chmod=+x", "run.sh")
    repositories.git(place.clone, "commit", "-qm", "Executable")
    repositories.git(place.clone, "push", "-q", "origin", "HEAD:main")
    from dataclasses import replace

    from gitops_ci.manifest.edit import Edit

    place.login("pat")
    change = replace(place.change(), edits=(Edit("run.sh", 11, b"1.0", b"1.1"),))
    assert place.forge().propose(change).state == "created"
    listed = repositories.git(place.repository.path, "ls-tree", "renovate/api", "run.sh")
    assert listed.startswith("100755")


def test_what_somebody_pushed_is_left_alone(place):
    place.forge().propose(place.change())
    theirs = place.repository.push("renovate/api", {"apps/api.yaml": "image: api:1.1-hotfix\n"})
    forge = place.forge()
    assert forge.propose(place.change(to="1.2")).state == "edited-by-hand"
    assert forge.retire("renovate/api").state == "edited-by-hand"
    assert [one.by_hand for one in forge.standing()] == [True]
    assert place.repository.branches()["renovate/api"] == theirs


def test_a_push_in_the_very_moment_is_not_overwritten(place, monkeypatch):
    from gitops_ci.forge.github import pulls

    place.forge().propose(place.change())
    forge = place.forge()
    edit = pulls.edit

    def meanwhile(*args, **values):
        if "theirs" not in seen:
            seen["theirs"] = place.repository.push("renovate/api", {"apps/api.yaml": "image: mine\n"})
        return edit(*args, **values)

    seen: dict[str, str] = {}
    monkeypatch.setattr(pulls, "edit", meanwhile)
    assert forge.propose(place.change(to="1.2")).state == "edited-by-hand"
    assert place.repository.branches()["renovate/api"] == seen["theirs"]


def test_the_rebase_label_takes_a_branch_back(place):
    place.forge().propose(place.change())
    place.repository.push("renovate/api", {"apps/api.yaml": "image: mine\n"})
    place.pull().labels.append("bug")
    assert place.forge().propose(place.change(rebase_label="bug")).state == "updated"
    assert b"api:1.1" in place.head("renovate/api")
    assert place.pull().labels == []


def test_a_closed_pull_request_is_not_proposed_again(place):
    place.forge().propose(place.change())
    place.repository.close(place.pull().number)
    forge = place.forge()
    assert forge.propose(place.change()).state == "closed-earlier"
    assert [(one.state, one.declined) for one in forge.standing()] == [("closed", ("apps/api.yaml=api:1.1",))]
    assert forge.propose(place.change(to="1.2")).state == "created"


def test_a_closed_one_without_its_marker_is_known_by_its_title(place):
    place.forge().propose(place.change())
    place.pull().body = "rewritten by a person"
    place.repository.close(place.pull().number)
    assert place.forge().propose(place.change()).state == "closed-earlier"
    proposal = place.forge().propose(place.change(recreate_when="always"))
    assert (proposal.state, proposal.error) == ("created", None)


def test_what_nobody_asks_for_any_more_is_withdrawn_and_may_come_back(place):
    place.forge().propose(place.change())
    assert place.forge().retire("renovate/api").state == "superseded"
    assert place.pull().state == "closed"
    assert set(place.repository.branches()) == {"main"}
    assert place.forge().propose(place.change()).state == "created"


def test_a_moved_base_alone_rebuilds_nothing(place):
    place.forge().propose(place.change())
    place.repository.push("main", {"other.txt": "x"})
    assert place.forge().propose(place.change()).state == "unchanged"
    assert place.forge().propose(place.change(rebase_when="behind-base-branch")).state == "updated"


def test_a_conflict_with_the_base_is_rebuilt(place):
    place.forge().propose(place.change())
    place.repository.push("main", {"apps/api.yaml": "# new first\nimage: api:1.0\n# other\nsidecar: log:1.0\n"})
    assert place.forge().propose(place.change()).state == "updated"
    assert place.head("renovate/api").startswith(b"# new first\nimage: api:1.1\n# other")


def test_a_persons_title_stays_until_ours_changes(place):
    place.forge().propose(place.change())
    place.pull().title = "Mine"
    assert place.forge().propose(place.change()).state == "unchanged"
    assert place.pull().title == "Mine"


def test_a_label_that_a_person_took_away_stays_away(place):
    place.forge().propose(place.change(labels=("a",)))
    place.pull().labels.clear()
    place.forge().propose(place.change(labels=("a", "b"), to="1.2"))
    assert place.pull().labels == ["b"]


def test_a_pull_request_of_somebody_else_on_our_branch_is_theirs(place):
    from github import Auth, Github

    place.repository.push("renovate/api", {"apps/api.yaml": "image: renovate:2\n"})
    other = Github(base_url=place.github.url, auth=Auth.Token(place.github.token("pat", "hubot")))
    other.get_repo("acme/gitops").create_pull(base="main", head="renovate/api", title="Renovate's", body="x")
    assert place.forge().propose(place.change()).state == "edited-by-hand"


def test_the_minimum_age_is_a_pending_status(place):
    place.forge().propose(place.change(pending="minimumReleaseAge: waits until Monday"))
    sha = place.repository.branches()["renovate/api"]
    assert [(one.context, one.state) for one in place.repository.latest_statuses(sha)] == [
        ("gitops-ci/minimum-age", "pending")
    ]
    place.forge().propose(place.change())
    assert [one.state for one in place.repository.latest_statuses(sha)] == ["success"]


def test_limits_and_answers_are_counted_from_what_github_has(place):
    place.forge().propose(place.change())
    (standing,) = place.forge().standing()
    assert (standing.state, standing.branch, standing.sets) == ("open", "renovate/api", ("apps/api.yaml=api:1.1",))
    assert standing.created == place.pull().created


def test_the_dashboard_is_one_issue_and_its_boxes_are_wishes(place):
    body = " - [ ] <!-- approve-branch=renovate/api -->api\n - [ ] <!-- rebase-branch=renovate/web -->web\n"
    forge = place.forge()
    assert forge.show(Dashboard("Dashboard", body)) is not None
    place.forge().show(Dashboard("Dashboard", body))
    (issue,) = place.github.issues.values()
    issue.body = issue.body.replace("[ ] <!-- approve", "[x] <!-- approve")
    assert place.forge().wishes().approve == {"renovate/api"}
    assert place.forge().wishes().rebase == frozenset()
    place.forge().show(None)
    assert issue.state == "closed"


def test_a_dashboard_of_somebody_else_is_not_believed(place):
    from github import Auth, Github

    other = Github(base_url=place.github.url, auth=Auth.Token(place.github.token("pat", "hubot")))
    text = "<!-- gitops-ci:dashboard -->\n - [x] <!-- approve-branch=renovate/api -->api"
    other.get_repo("acme/gitops").create_issue("Dashboard", text)
    assert place.forge().wishes().approve == frozenset()


def test_a_comment_is_changed_in_place(place):
    from gitops_ci.forge.github import comments

    place.forge().propose(place.change())
    number = place.pull().number
    client = place.forge().client
    first = comments.stick(client, number, "diff", "one")
    assert comments.stick(client, number, "diff", "two") == first
    assert len(place.github.comments) == 1
    assert place.github.comments[0].body.endswith("two")


def test_githubs_own_token_is_warned_about_and_an_apps_is_not(place):
    place.login("actions")
    (finding,) = place.forge().findings
    assert "NO CHECKS" in finding.message
    place.login("app")
    assert place.forge().findings == ()
