"""The scheduled run, on real repositories and OCI image layouts."""

import json
import random
import signal
import subprocess
import sys
import time

import pytest

from gitops_ci import cli
from tests.support import repositories
from tests.support.world import DEPLOYMENT, NOW


def test_one_branch_for_each_application_and_environment_without_configuration(two_environments):
    world = two_environments
    report = world.run()
    assert {change["state"] for change in report["changes"]} == {"created"}
    places = {(change["application"], change["environment"]) for change in report["changes"]}
    assert {("api", "dev"), ("api", "prod")} <= places
    assert len(world.heads()) == 4
    prod = next(
        change for change in report["changes"] if (change["application"], change["environment"]) == ("api", "prod")
    )
    assert world.changed(prod["branch"]) == ["apps/api/overlays/prod/kustomization.yaml"]
    raw = subprocess.run(
        ["git", "show", f"{prod['branch']}:apps/api/overlays/prod/kustomization.yaml"],
        cwd=world.remote,
        capture_output=True,
    ).stdout
    assert raw == b"resources: [../../base]\r\nimages:\r\n  - name: r.example/acme/api\r\n    newTag: 1.4.3\r\n"


def test_titles_name_the_tag_that_is_written(two_environments):
    titles = [change["title"] for change in two_environments.run()["changes"]]
    assert any(title.startswith("Update r.example/acme/web to v2.1.0") for title in titles)
    assert any(title.startswith("Update r.example/acme/api to 1.4.3") and "prod" in title for title in titles)


def test_the_second_run_changes_nothing(two_environments):
    world = two_environments
    world.run()
    before = world.refs(), repositories.state(world.clone / ".git" / "refs")
    report = world.run()
    assert {change["state"] for change in report["changes"]} == {"unchanged"}
    assert (world.refs(), repositories.state(world.clone / ".git" / "refs")) == before


def test_a_dry_run_writes_nothing_anywhere(two_environments):
    world = two_environments
    before = repositories.state(world.clone), repositories.state(world.remote)
    report = world.run("--dry-run")
    assert (repositories.state(world.clone), repositories.state(world.remote)) == before
    assert [change["state"] for change in report["changes"]] == ["planned"] * 3
    assert "-          image: r.example/acme/web:v2.0.0   # keep me" in world.out
    assert "+          image: r.example/acme/web:v2.1.0   # keep me" in world.out


def test_a_dry_run_after_a_run_looks_at_the_proposals_and_writes_nothing(two_environments):
    world = two_environments
    world.run()
    other = world.directory / "other"
    repositories.git(world.directory, "clone", "-q", str(world.remote), str(other))
    repositories.git(world.remote, "branch", "-D", next(name for name in world.heads() if "web" in name))
    world.clone = other
    before = repositories.state(other)
    report = world.run("--dry-run")
    assert repositories.state(other) == before
    assert len(report["changes"]) == 2
    assert "closed" in report["held"][0]["reason"]


def test_a_dry_run_works_outside_of_git(two_environments):
    world = two_environments
    subprocess.run(["rm", "-rf", str(world.clone / ".git")], check=True)
    assert len(world.run("--dry-run")["changes"]) == 3
    assert cli.main(world.arguments()) == 2
    assert "--dry-run works without git" in world.capsys.readouterr().err


def test_the_diffs_of_the_dry_run_are_what_the_branches_hold(two_environments):
    world = two_environments
    planned = {change["branch"]: change["files"] for change in world.run("--dry-run")["changes"]}
    world.run()
    for branch, files in planned.items():
        work = world.directory / branch.replace("/", "-")
        repositories.git(world.directory, "clone", "-q", str(world.remote), str(work))
        for file in files:
            subprocess.run(["git", "apply", "-"], cwd=work, input=file["diff"].encode(), check=True)
        assert repositories.git(work, "diff", f"origin/{branch}") == ""


def test_half_finished_work_neither_enters_nor_is_touched(two_environments):
    world = two_environments
    (world.clone / "clusters/prod/web.yaml").write_text("half finished: [")
    (world.clone / "new.yaml").write_text(DEPLOYMENT.format(name="new", image="r.example/acme/api:1.4.2"))
    before = repositories.git(world.clone, "status", "--porcelain=v2"), (world.clone / ".git/index").read_bytes()
    report = world.run()
    assert len(report["changes"]) == 3
    assert (
        repositories.git(world.clone, "status", "--porcelain=v2"),
        (world.clone / ".git/index").read_bytes(),
    ) == before


def test_an_image_that_cannot_be_looked_up_does_not_stop_the_others(two_environments):
    world = two_environments
    repositories.commit(
        world.clone,
        {
            "clusters/prod/gone.yaml": DEPLOYMENT.format(name="gone", image="r.example/acme/gone:1.0.0"),
            "clusters/prod/elsewhere.yaml": DEPLOYMENT.format(name="elsewhere", image="other.example/a/b:1.0.0"),
        },
    )
    repositories.git(world.clone, "push", "-q", "origin", "main")
    report = world.run(code=3)
    assert [change["state"] for change in report["changes"]] == ["created"] * 3
    assert {failure["image"] for failure in report["failures"]} == {"r.example/acme/gone", "other.example/a/b"}
    assert report["counts"]["up-to-date"] == 0


def test_a_failed_look_up_does_not_withdraw_earlier_proposals(two_environments):
    world = two_environments
    world.run()
    before = world.heads()
    (world.registry / "acme/web").rename(world.registry / "acme/web-is-down")
    world.run(code=3)
    assert world.heads() == before


def test_files_that_cannot_be_read_or_edited_are_reported_and_the_rest_is_done(two_environments):
    world = two_environments
    sops = (
        "kind: Deployment\napiVersion: v1\nspec:\n  containers:\n    - image: r.example/acme/web:v2.0.0\n"
        "sops:\n  mac: x\n  version: 3.9.0\n"
    )
    files = {"broken.yaml": "image: [r.example/acme/api:1.4.2\nkind: X\n", "clusters/prod/secret.yaml": sops}
    repositories.commit(world.clone, files)
    repositories.git(world.clone, "push", "-q", "origin", "main")
    report = world.run(code=1)
    assert len(world.heads()) == 4
    assert {finding["file"] for finding in report["findings"]} == {"broken.yaml", "clusters/prod/secret.yaml"}


def test_a_merged_proposal_is_cleaned_up_and_a_revert_is_respected(two_environments):
    world = two_environments
    world.run()
    branch = next(name for name in world.heads() if "web" in name)
    repositories.git(world.clone, "fetch", "-q")
    repositories.git(world.clone, "merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")
    repositories.git(world.clone, "push", "-q", "origin", "main")
    world.run()
    assert branch not in world.heads()
    repositories.git(world.clone, "revert", "--no-edit", "-m", "1", "HEAD")
    repositories.git(world.clone, "push", "-q", "origin", "main")
    report = world.run()
    assert branch not in world.heads()
    assert "taken back by hand" in report["held"][0]["reason"]
    world.push("acme/web", "v2.1.1")
    world.run()
    assert "v2.1.1" in world.show(branch, "clusters/prod/web.yaml")


def test_a_closed_update_does_not_hold_back_the_others_of_its_application(world):
    world.push("acme/api", "1.0.0", "1.0.1")
    world.push("acme/side", "1.0.0")
    files = {"clusters/prod/api/a.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api:1.0.0")
             + "---\n" + DEPLOYMENT.format(name="side", image="r.example/acme/side:1.0.0")}  # fmt: skip
    world.make(files)
    branch = world.run()["changes"][0]["branch"]
    repositories.git(world.remote, "branch", "-D", branch)
    world.push("acme/side", "1.0.1")
    report = world.run()
    assert [update["image"] for update in report["changes"][0]["updates"]] == ["r.example/acme/side"]
    assert "api:1.0.0" in world.show(report["changes"][0]["branch"], "clusters/prod/api/a.yaml")


def test_holds_schedules_limits_and_groups_are_kept(two_environments):
    world = two_environments
    configuration = {
        ".gitops-ci.yaml": "holds:\n  - {application: api, environment: prod, reason: INC-142, until: 2027-01-15}\n",
        "renovate.json": json.dumps(
            {
                "prConcurrentLimit": 1,
                "packageRules": [{"matchPackageNames": ["r.example/acme/web"], "schedule": ["before 5am on sunday"]}],
            }
        ),
    }
    repositories.commit(world.clone, configuration)
    repositories.git(world.clone, "push", "-q", "origin", "main")
    report = world.run()
    assert [change["state"] for change in report["changes"]].count("created") == 1
    assert "INC-142" in report["held"][0]["reason"]
    assert any("opens Sun 2026-11-29" in (change["reason"] or "") for change in report["changes"])


def test_a_concurrent_limit_counts_what_stands_already(two_environments):
    world = two_environments
    repositories.commit(world.clone, {"renovate.json": '{"prConcurrentLimit": 1}'})
    repositories.git(world.clone, "push", "-q", "origin", "main")
    world.run()
    assert len(world.heads()) == 2
    report = world.run()
    assert len(world.heads()) == 2
    assert sum(change["state"] == "waiting" for change in report["changes"]) == 2
    assert any("prConcurrentLimit 1 is reached" in (change["reason"] or "") for change in report["changes"])


def test_a_rule_may_group_across_applications_and_environments(two_environments):
    world = two_environments
    rules = {"packageRules": [{"matchPackageNames": ["r.example/acme/**"], "groupName": "acme", "automerge": True}]}
    rules["packageRules"].append({"matchPackageNames": ["r.example/acme/web"], "automerge": False})
    repositories.commit(world.clone, {"renovate.json": json.dumps(rules)})
    repositories.git(world.clone, "push", "-q", "origin", "main")
    [change] = world.run()["changes"]
    assert (change["branch"], change["title"]) == ("renovate/acme", "Update acme")
    assert change["automerge"] is False
    assert len(world.changed("renovate/acme")) == 3


def test_one_bad_image_does_not_block_its_group(two_environments):
    world = two_environments
    repositories.commit(
        world.clone,
        {
            "renovate.json": '{"packageRules": [{"matchPackageNames": ["*"], "groupName": "all"}]}',
            "clusters/prod/gone.yaml": DEPLOYMENT.format(name="gone", image="r.example/acme/gone:1.0.0"),
        },
    )
    repositories.git(world.clone, "push", "-q", "origin", "main")
    report = world.run(code=3)
    assert len(report["changes"][0]["updates"]) == 3


def test_tag_and_digest_move_together(world):
    old = world.push("acme/api", "1.0.0")
    new = world.push("acme/api", "1.0.1")
    world.make({"a.yaml": DEPLOYMENT.format(name="api", image=f"r.example/acme/api:1.0.0@{old}")})
    [change] = world.run()["changes"]
    assert f"r.example/acme/api:1.0.1@{new}   # keep me" in world.show(change["branch"], "a.yaml")


def test_major_updates_stand_apart(world):
    world.push("acme/api", "1.0.0", "1.1.0", "2.0.0")
    world.make({"clusters/prod/api/a.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api:1.0.0")})
    branches = {change["branch"]: change["updates"][0]["new-tag"] for change in world.run()["changes"]}
    assert sorted(branches.values()) == ["1.1.0", "2.0.0"]
    assert next(name for name, tag in branches.items() if tag == "2.0.0").startswith("renovate/major-")


def test_explain_says_what_dropped_each_candidate_and_who_decided(world):
    world.push("acme/api", "1.0.0", "1.0.1", "latest", "1.0.2-debug")
    world.push("acme/api", "1.1.0", days=0.1)
    rules = {"packageRules": [{"matchPackageNames": ["r.example/acme/api"], "minimumReleaseAge": "3 days"}]}
    world.make(
        {
            "renovate.json": json.dumps(rules, indent=1),
            "a.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api:1.0.0"),
        }
    )
    before = world.refs()
    report = world.run("--explain", "r.example/acme/api")
    assert world.refs() == before
    for words in ("latest", "1.0.2-debug", "minimumReleaseAge", "packageRules[0]", "→ patch: 1.0.0 → 1.0.1"):
        assert words in world.out
    candidates = {candidate["tag"]: candidate for candidate in report["decisions"][0]["candidates"]}
    assert candidates["1.1.0"]["dropped-by"]["source"] == "renovate.json"


def test_explain_names_the_closest_image(two_environments):
    assert cli.main(two_environments.arguments("--explain", "r.example/acme/ap")) == 2
    assert "did you mean r.example/acme/api" in two_environments.capsys.readouterr().err


def test_a_run_for_one_environment_leaves_the_others_alone(two_environments):
    world = two_environments
    world.run()
    world.push("acme/api", "1.4.4")
    report = world.run("--environment", "dev")
    assert [change["environment"] for change in report["changes"]] == ["dev"]
    assert report["retired"] == []
    assert len(world.heads()) == 4


def test_the_report_fits_its_published_schema(two_environments):
    import jsonschema_rs

    from gitops_ci.commands.schema import text

    world = two_environments
    repositories.commit(
        world.clone,
        {"x.yaml": DEPLOYMENT.format(name="x", image="r.example/acme/gone:1"), "b.yaml": "a: [\nimage: x:1"},
    )
    repositories.git(world.clone, "push", "-q", "origin", "main")
    validator = jsonschema_rs.validator_for(json.loads(text("update")))
    for more in (["--dry-run"], ["--explain", "r.example/acme/api"], []):
        report = world.run(*more, code=None)
        assert [error.message for error in validator.iter_errors(report)] == []


def test_the_job_summary_and_outputs_are_written(two_environments, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    two_environments.run()
    assert "`r.example/acme/web` v2.0.0 → v2.1.0" in (tmp_path / "summary").read_text()
    assert "true" in (tmp_path / "output").read_text()


def test_hostile_names_stay_text(world):
    folder = "clusters/prod/@evil <img src=x> `x` [a](b)\n$(touch pwned)"
    world.push("acme/api", "1.0.0", "1.0.1")
    world.make({f"{folder}/a.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api:1.0.0")})
    report = world.run()
    [change] = report["changes"]
    assert "\n" not in change["title"]
    assert "<img" not in change["body"].replace("`", "")[: change["body"].find("### Files")]
    assert "1.0.1" in world.show(change["branch"], f"{folder}/a.yaml")
    assert not (world.clone / "pwned").exists()


def test_a_repository_below_the_top_is_updated_from_its_folder(two_environments):
    world = two_environments
    world.clone = world.clone / "apps"
    report = world.run()
    assert {file["file"] for change in report["changes"] for file in change["files"]} == {
        "api/overlays/dev/kustomization.yaml",
        "api/overlays/prod/kustomization.yaml",
    }
    assert world.changed(report["changes"][0]["branch"])[0].startswith("apps/api/overlays/")


def test_without_a_remote_branches_are_local(two_environments):
    world = two_environments
    repositories.git(world.clone, "remote", "remove", "origin")
    assert {change["state"] for change in world.run()["changes"]} == {"created"}
    assert len(repositories.git(world.clone, "branch", "--list", "renovate/*").splitlines()) == 3
    assert repositories.git(world.clone, "status", "--porcelain") == ""
    assert {change["state"] for change in world.run()["changes"]} == {"unchanged"}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--forge", "nowhere"], "unknown forge"),
        (["--remote", "upstream"], "no remote 'upstream'"),
        (["--base", "gone"], "no branch 'gone'"),
        (["--now", "soon"], "is not a time"),
        (["--environment", "prd"], "did you mean prod"),
        (["--config", "gone.yaml"], "no such file"),
    ],
)
def test_wrong_usage_is_one_clear_line_and_exit_2(two_environments, more, words):
    assert cli.main(two_environments.arguments(*more)) == 2
    error = two_environments.capsys.readouterr().err
    assert words in error
    assert len(error.splitlines()) == 1


def test_a_broken_template_names_its_option(two_environments):
    world = two_environments
    repositories.commit(world.clone, {"renovate.json": '{"commitMessageTopic": "{{nope x}}"}'})
    repositories.git(world.clone, "push", "-q", "origin", "main")
    assert cli.main(world.arguments()) == 2
    assert "commitMessageTopic" in world.capsys.readouterr().err


def test_killed_at_random_points_it_still_ends_where_it_should(two_environments):
    world = two_environments
    command = [sys.executable, "-m", "gitops_ci", *world.arguments()]
    chance = random.Random(7)
    for _ in range(5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.3 + chance.random() * 0.9)
        process.send_signal(signal.SIGKILL)
        process.wait()
    time.sleep(0.3)
    report = world.run()
    assert {change["state"] for change in report["changes"]} <= {"created", "unchanged"}
    assert len(world.heads()) == 4
    assert repositories.git(world.clone, "status", "--porcelain") == ""
    assert world.run()["changes"][0]["state"] == "unchanged"


def test_the_configured_author_commits(two_environments):
    world = two_environments
    repositories.commit(world.clone, {"renovate.json": '{"gitAuthor": "Update Bot <bot@acme.example>"}'})
    repositories.git(world.clone, "push", "-q", "origin", "main")
    branch = world.run()["changes"][0]["branch"]
    assert repositories.git(world.remote, "log", "-1", "--format=%an <%ae>", branch) == "Update Bot <bot@acme.example>"


def test_a_real_registry_is_asked_once_for_each_image_when_nothing_changed(world):
    from tests.support.registry import Registry

    reason = Registry.available()
    if reason:
        pytest.skip(reason)
    with Registry.start() as registry:
        for name in ("acme/api", "acme/web"):
            for tag in ("1.0.0", "1.0.1"):
                registry.push(name, tag)
        names = [f"{registry.host}/acme/{name}:1.0.1" for name in ("api", "web", "api")]
        files = {
            f"clusters/prod/{number}.yaml": DEPLOYMENT.format(name="x", image=name) for number, name in enumerate(names)
        }
        world.make(files)
        before = registry.requests()
        words = ["update", "--root", str(world.clone), "--cache-dir", "", "--now", NOW.isoformat()]
        assert cli.main(words) == 0
        assert registry.requests() - before == 2
        registry.push("acme/web", "1.0.2")
        assert cli.main(words) == 0
        assert len(world.heads()) == 2


def test_rules_may_ask_how_old_the_current_image_is(world):
    world.push("acme/api", "1.0.0", days=400)
    world.push("acme/api", "1.0.1")
    world.push("acme/web", "1.0.0", days=40)
    world.push("acme/web", "1.0.1")
    world.make(
        {
            "renovate.json": json.dumps({"packageRules": [{"matchCurrentAge": "> 1 year", "addLabels": ["stale"]}]}),
            "api/a.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api:1.0.0"),
            "web/a.yaml": DEPLOYMENT.format(name="web", image="r.example/acme/web:1.0.0"),
        }
    )
    labels = {change["updates"][0]["image"]: change["labels"] for change in world.run()["changes"]}
    assert labels == {"r.example/acme/api": ["stale"], "r.example/acme/web": []}


def test_the_version_may_be_a_part_of_the_tag(world):
    world.push("acme/api", "build-9.alpha", "build-10.alpha", "build-11.beta", "nightly")
    rule = {
        "matchPackageNames": ["**/api"],
        "extractVersion": r"^build-(?<version>.+)$",
        "versionCompatibility": r"^(?<version>[^.]+)\.(?<compatibility>.+)$",
    }
    world.make(
        {
            "renovate.json": json.dumps({"packageRules": [rule]}),
            "api/a.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api:build-9.alpha"),
        }
    )
    [change] = world.run()["changes"]
    assert "r.example/acme/api:build-10.alpha   # keep me" in world.show(change["branch"], "api/a.yaml")


def test_a_line_that_a_custom_manager_reads_may_say_where_its_version_is(world):
    world.push("acme/tool", "v1.2.3", "v1.3.0", "latest")
    manager = {
        "customType": "regex",
        "managerFilePatterns": ["/\\.env$/"],
        "matchStrings": [
            "# renovate: depName=(?<depName>\\S+)( extractVersion=(?<extractVersion>\\S+))?\\n\\w+=(?<currentValue>\\S+)"
        ],
        "datasourceTemplate": "docker",
    }
    line = "# renovate: depName=r.example/acme/tool extractVersion=^v(?<version>.+)$\nTOOL={}\n"
    world.make({"renovate.json": json.dumps({"customManagers": [manager]}), "versions.env": line.format("1.2.3")})
    [change] = world.run()["changes"]
    assert world.show(change["branch"], "versions.env") == line.format("1.3.0").rstrip("\n")


def test_a_line_with_a_scheme_that_nobody_knows_does_not_stop_the_others(world):
    world.push("acme/tool", "1.2.3", "1.3.0")
    manager = {
        "customType": "regex",
        "managerFilePatterns": ["/\\.env$/"],
        "matchStrings": ["# (?<depName>\\S+) versioning=(?<versioning>\\S+)\\n\\w+=(?<currentValue>\\S+)"],
        "datasourceTemplate": "docker",
    }
    world.make(
        {
            "renovate.json": json.dumps({"customManagers": [manager]}),
            "versions.env": "# r.example/acme/tool versioning=odd\nTOOL=1.2.3\n",
            "api/a.yaml": DEPLOYMENT.format(name="tool", image="r.example/acme/tool:1.2.3"),
        }
    )
    report = world.run(code=3)
    assert len(report["changes"]) == 1
    assert "versions.env:2: unknown versioning 'odd'" in report["failures"][0]["reason"]
