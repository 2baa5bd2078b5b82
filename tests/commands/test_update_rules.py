"""The scheduled run under rules: what the configuration says, seen from the outside."""

import json
from datetime import timedelta

import pytest

from gitops_ci import cli
from tests.support import repositories
from tests.support.world import DEPLOYMENT, NOW


def pod(image: str, name: str = "api") -> str:
    return DEPLOYMENT.format(name=name, image=image)


def later(**delta) -> tuple[str, str]:
    return "--now", (NOW + timedelta(**delta)).isoformat()


def test_a_new_version_and_a_new_digest_of_the_old_one_are_one_update(world):
    old = world.push("acme/api", "1.0.0", days=90)
    world.push("acme/api", "1.0.0", days=60, labels={"built": "again"})
    new = world.push("acme/api", "1.1.0")
    world.make({"clusters/prod/api/a.yaml": pod(f"r.example/acme/api:1.0.0@{old}")})
    [change] = world.run()["changes"]
    assert [update["kind"] for update in change["updates"]] == ["minor"]
    assert f"r.example/acme/api:1.1.0@{new}" in world.show(change["branch"], "clusters/prod/api/a.yaml")


def test_a_digest_that_may_go_now_does_not_take_a_version_along_that_may_not(world):
    old = world.push("acme/api", "1.0.0", days=90)
    world.push("acme/api", "1.0.0", days=60, labels={"built": "again"})
    world.push("acme/api", "1.1.0")
    rules = {"packageRules": [{"matchUpdateTypes": ["minor"], "schedule": ["before 5am on sunday"]}]}
    world.make({"clusters/prod/a.yaml": pod(f"r.example/acme/api:1.0.0@{old}"), "renovate.json": json.dumps(rules)})
    [change] = world.run()["changes"]
    assert [update["kind"] for update in change["updates"]] == ["digest"]
    before = world.refs()
    world.run()
    assert world.refs() == before
    [change] = world.run("--now", "2026-11-29T03:00:00+00:00")["changes"]
    assert [update["kind"] for update in change["updates"]] == ["minor"]


def test_a_rule_may_look_at_the_age_of_what_runs_now(world):
    world.push("acme/old", "1.0.0", days=800)
    world.push("acme/young", "1.0.0", days=20)
    for name in ("old", "young"):
        world.push(f"acme/{name}", "1.0.1", days=10)
    rules = {
        "packageRules": [{"matchPackageNames": ["r.example/**"], "matchCurrentAge": "> 1 year", "labels": ["old"]}]
    }
    world.make(
        {
            "clusters/prod/old.yaml": pod("r.example/acme/old:1.0.0", "old"),
            "clusters/prod/young.yaml": pod("r.example/acme/young:1.0.0", "young"),
            "renovate.json": json.dumps(rules),
        }
    )
    labels = {change["updates"][0]["image"]: change["labels"] for change in world.run("--dry-run")["changes"]}
    assert labels == {"r.example/acme/old": ["old"], "r.example/acme/young": []}


def test_explain_shows_options_as_a_configuration_has_them(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    rules = {"packageRules": [{"matchPackageNames": ["*"], "automerge": True, "schedule": ["* 4 * * *"]}]}
    world.make({"a.yaml": pod("r.example/acme/api:1.0.0"), "renovate.json": json.dumps(rules)})
    world.capsys.readouterr()
    world.run("--explain", "r.example/**")
    assert "automerge  true " in world.out
    assert '["* 4 * * *"]' in world.out


@pytest.fixture
def released(world):
    """main and two branches of releases, one of them without the image."""
    world.push("acme/api", "1.0.0", "1.1.0")
    world.push("acme/old", "0.1.0", "0.2.0")
    world.make({"clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0")})
    for branch, files in (("release/1", {"old.yaml": pod("r.example/acme/old:0.1.0")}), ("release/2", {})):
        repositories.git(world.clone, "checkout", "-q", "-b", branch, "main")
        repositories.commit(world.clone, {**files, "note": branch})
        repositories.git(world.clone, "push", "-q", "origin", branch)
    repositories.git(world.clone, "checkout", "-q", "main")
    return world


def test_every_base_branch_that_is_named_is_updated(released):
    world = released
    world.add({"renovate.json": json.dumps({"baseBranchPatterns": ["$default", "/^release\\/\\d+$/"]})})
    report = world.run()
    found = {(change["base"], change["branch"]) for change in report["changes"]}
    assert {base for base, _ in found} == {"main", "release/1", "release/2"}
    assert len({branch for _, branch in found}) == len(found) == 4
    assert ("release/2", "renovate/release-2-r.example-acme-api-prod") in found
    assert any(change["title"].endswith("(release/1)") for change in report["changes"])
    assert "0.2.0" in world.show(next(branch for base, branch in found if "old" in branch), "old.yaml")
    before = world.refs()
    assert {change["state"] for change in world.run()["changes"]} == {"unchanged"}
    assert world.refs() == before
    only = world.run("--base", "release/2", "--dry-run")
    assert {change["base"] for change in only["changes"]} == {"release/2"}


def test_one_base_branch_needs_no_name_and_a_missing_one_is_told(released):
    world = released
    world.add({"renovate.json": json.dumps({"baseBranchPatterns": ["release/2", "release/3"]})})
    report = world.run()
    assert [(change["base"], change["branch"]) for change in report["changes"]] == [
        ("release/2", "renovate/r.example-acme-api-prod")
    ]
    assert "no branch 'release/3'" in world.err
    world.add({"renovate.json": json.dumps({"baseBranchPatterns": ["nowhere"]})})
    assert cli.main(world.arguments()) == 2
    assert "baseBranchPatterns names: nowhere" in world.capsys.readouterr().err
