"""The scheduled run under rules: what the configuration says, seen from the outside."""

import json
from datetime import timedelta

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
    world.run("--explain", "*")
    assert "automerge  true " in world.out
    assert '["* 4 * * *"]' in world.out
