"""``automergeType: branch`` on a plain remote: changes land on the base by themselves, never by force."""

import json

import pytest

from gitops_ci.git import push as pushing
from tests.support import repositories
from tests.support.world import DEPLOYMENT


def rules(**values) -> str:
    rule = {"matchPackageNames": ["*"], "automerge": True, "automergeType": "branch", **values}
    return json.dumps({"packageRules": [rule]})


@pytest.fixture
def shop(world):
    for name in ("api", "web"):
        world.push(f"acme/{name}", "1.0.0", "1.0.1")
    world.make(
        {
            f"clusters/prod/{name}.yaml": DEPLOYMENT.format(name=name, image=f"r.example/acme/{name}:1.0.0")
            for name in ("api", "web")
        }
    )
    return world


def test_everything_that_may_is_merged_in_one_run(shop):
    shop.add({"renovate.json": rules()})
    before = shop.heads()["main"]
    report = shop.run()
    assert [merge["state"] for merge in report["merges"]] == ["merged", "merged"]
    assert list(shop.heads()) == ["main"]
    assert "api:1.0.1" in shop.show("main", "clusters/prod/api.yaml")
    assert "web:1.0.1" in shop.show("main", "clusters/prod/web.yaml")
    log = repositories.git(shop.remote, "log", "--format=%s %p", f"{before}..main").splitlines()
    assert len(log) == 2
    assert all(line.startswith("Update r.example/acme/") for line in log)
    report = shop.run()
    assert (report["changes"], report["merges"]) == ([], [])


def test_a_merge_commit_where_one_is_wanted(shop):
    shop.add({"renovate.json": rules(automergeStrategy="merge-commit")})
    shop.run()
    parents = repositories.git(shop.remote, "log", "--first-parent", "--format=%p", "main").splitlines()
    assert [len(line.split()) for line in parents] == [2, 2, 1]


def test_it_waits_for_its_schedule(shop):
    shop.add({"renovate.json": rules(automergeSchedule=["before 5am on sunday"])})
    report = shop.run()
    assert {merge["state"] for merge in report["merges"]} == {"waiting"}
    assert "opens Sun 2026-11-29" in report["merges"][0]["reason"]
    assert len(shop.heads()) == 3
    report = shop.run("--now", "2026-11-29T03:00:00+00:00")
    assert {merge["state"] for merge in report["merges"]} == {"merged"}


def test_other_types_and_branches_that_others_pushed_to_are_left_to_people(shop):
    shop.add({"renovate.json": rules(automergeType="pr")})
    assert shop.run()["merges"] == []
    shop.add({"renovate.json": rules()})
    branch = next(name for name in shop.heads() if "api" in name)
    repositories.git(shop.clone, "fetch", "-q", "origin")
    repositories.git(shop.clone, "checkout", "-q", "-b", "mine", f"origin/{branch}")
    repositories.commit(shop.clone, {"more": "work"})
    repositories.git(shop.clone, "push", "-q", "origin", f"mine:{branch}")
    repositories.git(shop.clone, "checkout", "-q", "main")
    report = shop.run()
    assert [merge["state"] for merge in report["merges"]] == ["merged"]
    assert set(shop.heads()) == {"main", branch}


def test_a_base_that_moved_meanwhile_keeps_what_came(shop, monkeypatch):
    shop.add({"renovate.json": rules()})
    other = shop.directory / "other"
    repositories.git(shop.directory, "clone", "-q", str(shop.remote), str(other))
    real = pushing._push_remote
    pushed = []

    def race(repository, remote, updates):
        if not pushed and any(update.ref == "refs/heads/main" for update in updates):
            pushed.append(repositories.commit(other, {"README.md": "in between"}))
            repositories.git(other, "push", "-q", "origin", "main")
        real(repository, remote, updates)

    monkeypatch.setattr(pushing, "_push_remote", race)
    report = shop.run()
    assert {merge["state"] for merge in report["merges"]} == {"merged"}
    assert pushed[0] in repositories.git(shop.remote, "log", "--format=%H", "main")
    assert "api:1.0.1" in shop.show("main", "clusters/prod/api.yaml")


def test_what_conflicts_with_its_base_waits_and_is_rebuilt(shop):
    shop.push("acme/side", "1.0.0", "2.0.0")
    shop.add(
        {
            "renovate.json": rules(),
            "clusters/prod/web.yaml": "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"
            "  - image: r.example/acme/web:1.0.0\n  - image: r.example/acme/side:1.0.0\n",
        }
    )
    states = [merge["state"] for merge in shop.run()["merges"]]
    assert sorted(states) == ["merged", "merged", "waiting"]
    assert [merge["state"] for merge in shop.run()["merges"]] == ["merged"]
    assert list(shop.heads()) == ["main"]
