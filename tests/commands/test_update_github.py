"""``gitops-ci update`` with pull requests: a real repository, a registry of layouts, and a GitHub double."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from gitops_ci import cli
from gitops_ci.image import layout
from tests.doubles.github import GitHub
from tests.support import repositories

NOW = datetime.now(UTC)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: {name}
          image: r.example/{name}:1.0.0
"""


class World:
    def __init__(self, github, directory, capsys, config):
        self.github, self.directory, self.capsys = github, directory, capsys
        files = {f"apps/{name}/deployment.yaml": DEPLOYMENT.format(name=name) for name in ("api", "web", "db")}
        self.repository = github.repository("acme/gitops", {**files, "renovate.json": json.dumps(config)})
        self.registry = directory / "registry"
        for name in ("api", "web", "db"):
            self.push(name, "1.0.0", "1.0.1")
        self.clone = directory / "clone"
        repositories.git(directory, "clone", "-q", self.repository.remote, str(self.clone))

    def push(self, name, *tags, days=30.0):
        (self.registry).mkdir(exist_ok=True)
        for tag in tags:
            layout.write(str(self.registry / name), tag, created=NOW - timedelta(days=days))

    def run(self, *more, code=0):
        report = self.directory / "report.json"
        arguments = ["update", "--root", str(self.clone), "--registry-map", f"r.example={self.registry}", "--offline"]
        found = cli.main([*arguments, "--cache-dir", "", "--report", str(report), *more])
        self.out, self.err = self.capsys.readouterr()
        assert found == code, self.out + self.err
        return json.loads(report.read_text())

    def issue(self):
        (issue,) = self.github.issues.values()
        return issue

    def tick(self, kind, name):
        issue = self.issue()
        line = next(line for line in issue.body.splitlines() if f"<!-- {kind}-branch=" in line and name in line)
        issue.body = issue.body.replace(line, line.replace("[ ]", "[x]"))


@pytest.fixture
def world(tmp_path, monkeypatch, capsys):
    from gitops_ci.forge.github import client, forge, merging

    monkeypatch.setattr(client, "WRITE_PACE", 0)
    monkeypatch.setattr(forge, "MERGE_BUDGET", 0.0)
    monkeypatch.setattr(merging, "POLL", 0.01)
    with GitHub.start(tmp_path) as github:
        for name, value in {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github.url,
            "GITHUB_SERVER_URL": github.html_url,
            "GITHUB_REPOSITORY": "acme/gitops",
            "GITHUB_TOKEN": github.token("app"),
        }.items():
            monkeypatch.setenv(name, value)
        yield lambda **config: World(github, tmp_path, capsys, config)
        github.check()


def test_in_a_workflow_with_a_token_updates_become_pull_requests(world):
    here = world()
    report = here.run()
    assert [one["state"] for one in report["changes"]] == ["created"] * 3
    assert all(one["url"].startswith(here.github.html_url) for one in report["changes"])
    assert len(here.repository.pulls) == 3
    assert [one["state"] for one in here.run()["changes"]] == ["unchanged"] * 3


def test_all_ready_ones_merge_in_one_run_and_the_next_has_nothing_to_do(world):
    here = world(packageRules=[{"matchPackageNames": ["**"], "automerge": True}])
    report = here.run()
    for one in report["changes"]:
        here.repository.report(one["branch"], "ci")
    here.run()
    assert "3 merged by itself" in here.out
    assert all(pull.merged for pull in here.repository.pulls.values())
    assert here.run()["changes"] == []
    assert len(here.repository.pulls) == 3


def test_automerge_schedule_holds_back_what_is_ready(world):
    here = world(packageRules=[{"matchPackageNames": ["**"], "automerge": True, "automergeSchedule": ["* 5 29 2 *"]}])
    for one in here.run()["changes"]:
        here.repository.report(one["branch"], "ci")
    here.run()
    assert "outside automergeSchedule" in here.out
    assert not any(pull.merged for pull in here.repository.pulls.values())


def test_a_tick_in_the_dashboard_approves(world):
    here = world(dependencyDashboardApproval=True)
    assert here.run()["counts"]["waiting"] == 3
    assert here.repository.pulls == {}
    here.tick("approve", "api")
    report = here.run()
    assert sorted(one["state"] for one in report["changes"]) == ["created", "waiting", "waiting"]
    assert len(here.repository.pulls) == 1
    assert "approve-branch" in here.issue().body
    assert "[x]" not in here.issue().body


def test_limits_count_what_github_has_and_a_tick_lifts_them(world):
    here = world(prConcurrentLimit=1, dependencyDashboard=True)
    here.run()
    assert len(here.repository.pulls) == 1
    assert here.run()["counts"]["waiting"] == 2
    line = next(line for line in here.issue().body.splitlines() if "unlimit-branch" in line)
    here.issue().body = here.issue().body.replace(line, line.replace("[ ]", "[x]"))
    here.run()
    assert len(here.repository.pulls) == 2


def test_a_closed_one_is_listed_and_a_tick_proposes_it_again(world):
    here = world(dependencyDashboard=True)
    here.run()
    pull = next(iter(here.repository.pulls.values()))
    here.repository.close(pull.number)
    here.run()
    assert len(here.repository.pulls) == 3
    here.tick("retry", pull.head.rpartition("/")[2].split("-")[0])
    here.run()
    assert len(here.repository.pulls) == 4


def test_a_tick_takes_a_branch_back_from_a_person(world):
    here = world(dependencyDashboard=True)
    here.run()
    pull = next(one for one in here.repository.pulls.values() if "api" in one.title)
    here.repository.push(pull.head, {"apps/api/deployment.yaml": "mine: true\n"})
    assert "edited-by-hand" in [one["state"] for one in here.run()["changes"]]
    here.tick("rebase", pull.head)
    here.run()
    assert b"api:1.0.1" in here.repository.files(pull.head)["apps/api/deployment.yaml"]


def test_young_updates_are_proposed_with_a_pending_check_and_do_not_merge(world):
    here = world(
        packageRules=[{"matchPackageNames": ["**"], "automerge": True, "minimumReleaseAge": "3 days"}],
        internalChecksFilter="none",
    )
    here.push("api", "1.0.2", days=1)
    here.run()
    pull = next(one for one in here.repository.pulls.values() if "api" in one.title)
    (status,) = here.repository.latest_statuses(pull.head_sha)
    assert (status.context, status.state) == ("gitops-ci/minimum-age", "pending")
    here.repository.report(pull.head, "ci")
    here.run()
    assert not pull.merged


def test_a_dry_run_writes_nothing_on_github(world):
    here = world(dependencyDashboard=True)
    here.run("--dry-run")
    assert here.repository.pulls == {}
    assert here.github.issues == {}
    assert all(one.method == "GET" or one.operation == "graphql/viewer" for one in here.github.requests)


def test_the_workflows_own_token_is_warned_about_before_anything_else(world, monkeypatch):
    here = world()
    monkeypatch.setenv("GITHUB_TOKEN", here.github.token("actions"))
    here.run()
    assert "GET NO CHECKS BY THEMSELVES" in here.err
    assert "::warning" in here.err


def test_hostile_names_reach_no_workflow_command(world):
    here = world(prTitle="x ::set-output name=a::b @octocat\n::error::c", labels=["::warning::x"])
    here.run()
    for line in (here.out + here.err).splitlines():
        assert not line.startswith(("::set-output", "::error"))
    assert all("\n" not in pull.title for pull in here.repository.pulls.values())
