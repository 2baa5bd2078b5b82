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


def configured(world, rules: dict, files: dict | None = None) -> None:
    world.make(
        {"renovate.json": json.dumps(rules), **(files or {"clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0")})}
    )


def test_an_update_waits_for_its_age_and_is_due_when_it_is_reached(world):
    world.push("acme/api", "1.0.0", days=90)
    world.push("acme/api", "1.1.0", days=1)
    configured(world, {"minimumReleaseAge": "3 days"})
    report = world.run()
    assert report["changes"] == []
    assert "minimumReleaseAge is 3 days" in report["held"][0]["reason"]
    assert world.run(*later(days=2))["changes"][0]["state"] == "created"


def test_a_schedule_is_in_its_time_zone(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    configured(world, {"timezone": "Asia/Tokyo", "schedule": ["before 5am on tuesday"]})
    assert world.run("--now", "2026-11-24T01:00:00+00:00")["changes"][0]["state"] == "waiting"
    assert world.run("--now", "2026-11-23T16:00:00+00:00")["changes"][0]["state"] == "created"


def test_a_replacement_changes_the_name_and_the_tag(world):
    world.push("acme/api", "1.0.0")
    world.push("acme/new", "2.0.0")
    rule = {
        "matchPackageNames": ["r.example/acme/api"],
        "replacementName": "r.example/acme/new",
        "replacementVersion": "2.0.0",
    }
    files = {
        "clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0"),
        "clusters/prod/kustomization.yaml": "images:\n- name: x\n  newName: r.example/acme/api\n  newTag: 1.0.0\n",
        "charts/api/values.yaml": "image:\n  registry: r.example\n  repository: acme/api\n  tag: 1.0.0\n",
    }
    configured(world, {"packageRules": [rule]}, files)
    report = world.run()
    texts = "".join(file["diff"] for change in report["changes"] for file in change["files"])
    assert "+          image: r.example/acme/new:2.0.0" in texts
    assert "+  newName: r.example/acme/new\n+  newTag: 2.0.0" in texts
    assert "+  repository: acme/new\n+  tag: 2.0.0" in texts


def test_pinning_writes_a_digest_in_every_shape(world):
    digest = world.push("acme/api", "1.0.0")
    files = {
        "clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0"),
        "clusters/prod/kustomization.yaml": "images:\n- name: r.example/acme/api\n  newTag: 1.0.0\n- name: other\n",
        "charts/api/values.yaml": "image:\n  repository: r.example/acme/api\n  tag: 1.0.0 # keep\n",
        "charts/api/values-prod.yaml": "image:\n  repository: r.example/acme/api\n  tag: 1.0.0\n  digest: ''\n",
    }
    configured(world, {"packageRules": [{"matchDatasources": ["docker"], "pinDigests": True}]}, files)
    report = world.run()
    assert {update["kind"] for change in report["changes"] for update in change["updates"]} == {"pinDigest"}
    texts = "".join(file["diff"] for change in report["changes"] for file in change["files"])
    assert f"+          image: r.example/acme/api:1.0.0@{digest}   # keep me" in texts
    assert f"   newTag: 1.0.0\n+  digest: {digest}" in texts
    assert f"+  tag: 1.0.0@{digest} # keep" in texts
    assert texts.count(digest) == 4


def test_a_custom_manager_is_looked_at_and_edited(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    manager = {
        "customType": "regex",
        "managerFilePatterns": ["/\\.env$/"],
        "matchStrings": ["# image: (?<depName>\\S+)\\n[A-Z]+=(?<currentValue>\\S+)"],
        "datasourceTemplate": "docker",
    }
    configured(world, {"customManagers": [manager]}, {"deploy/x.env": "# image: r.example/acme/api\nTAG=1.0.0\n"})
    [change] = world.run()["changes"]
    assert world.show(change["branch"], "deploy/x.env").endswith("TAG=1.1.0")


FLUX = """\
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: {name: api, namespace: flux-system}
spec: {image: r.example/acme/api}
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata: {name: api, namespace: flux-system}
spec:
  imageRepositoryRef: {name: api}
  policy: {semver: {range: 1.x}}
"""


def test_flux_markers_of_all_kinds_are_written(world):
    world.push("acme/api", "1.0.0", "1.1.0", "2.0.0")
    marked = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: api}
spec:
  values:
    image:
      repository: r.example/acme/api # {"$imagepolicy": "flux-system:api:name"}
      tag: 1.0.0 # {"$imagepolicy": "flux-system:api:tag"}
    other: r.example/acme/api:1.0.0 # {"$imagepolicy": "flux-system:api"}
"""
    configured(world, {}, {"clusters/policies.yaml": FLUX, "clusters/prod/release.yaml": marked})
    changes = world.run()["changes"]
    text = world.show(changes[0]["branch"], "clusters/prod/release.yaml")
    assert len(changes) == 1
    assert 'tag: 1.1.0 # {"$imagepolicy": "flux-system:api:tag"}' in text
    assert 'other: r.example/acme/api:1.1.0 # {"$imagepolicy"' in text


def test_parameters_that_image_updater_wrote_back_are_kept_up_to_date(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    source = """\
helm:
  parameters:
  - name: image.name
    value: r.example/acme/api
    forcestring: true
  - name: image.tag
    value: 1.0.0
    forcestring: true
"""
    kustomize = "kustomize:\n  images:\n  - r.example/acme/api:1.0.0\n"
    configured(world, {}, {"apps/api/.argocd-source-api.yaml": source, "apps/web/.argocd-source-web.yaml": kustomize})
    texts = "".join(file["diff"] for change in world.run()["changes"] for file in change["files"])
    assert "+    value: 1.1.0" in texts
    assert "+  - r.example/acme/api:1.1.0" in texts


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        ({"enabled": False}, []),
        ({"ignorePaths": ["clusters/prod/**"]}, ["clusters/dev/api.yaml"]),
        ({"includePaths": ["clusters/dev/**"]}, ["clusters/dev/api.yaml"]),
        ({"ignoreDeps": ["r.example/acme/api"]}, []),
        (
            {"packageRules": [{"matchFileNames": ["clusters/prod/**"], "enabled": False}]},
            ["clusters/dev/api.yaml"],
        ),
    ],
)
def test_what_is_left_out_is_said_and_by_whom(world, rules, left):
    world.push("acme/api", "1.0.0", "1.1.0")
    files = {f"clusters/{name}/api.yaml": pod("r.example/acme/api:1.0.0") for name in ("dev", "prod")}
    configured(world, rules, files)
    report = world.run("--dry-run")
    assert [file["file"] for change in report["changes"] for file in change["files"]] == left
    assert len(report["skipped"]) == 2 - len(left)
    assert all("renovate.json" in skipped["reason"] for skipped in report["skipped"])


def test_a_group_name_may_be_a_template_with_slashes(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    rule = {"matchPackageNames": ["*"], "groupName": "Team / {{environment}} & <friends>"}
    configured(world, {"packageRules": [rule]})
    [change] = world.run()["changes"]
    assert change["branch"] == "renovate/team-prod-friends"
    assert change["title"] == "Update Team / prod & <friends> to 1.1.0"


def test_a_hold_that_ended_holds_nothing_and_is_told(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    world.make(
        {
            "clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0"),
            ".gitops-ci.yaml": "holds:\n- {environment: prod, reason: INC-1, until: 2026-11-01}\n",
        }
    )
    assert world.run()["changes"][0]["state"] == "created"
    assert "INC-1" in world.err
