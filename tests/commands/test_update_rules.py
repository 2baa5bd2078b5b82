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
