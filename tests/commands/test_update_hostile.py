"""The scheduled run among odd names, broken remotes and repositories, and a second run at the same time."""

import json
import os
import threading
from pathlib import Path

import pytest

from gitops_ci import cli
from gitops_ci.git import push as pushing
from gitops_ci.image import layout
from tests.support import repositories
from tests.support.world import DEPLOYMENT


def pod(image: str, name: str = "api") -> str:
    return DEPLOYMENT.format(name=name, image=image)


@pytest.fixture
def simple(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    world.make({"clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0")})
    return world


ODD = [
    "a b.yaml", "-dash.yaml", "qu\"ote'.yaml", "new\nline.yaml", "tab\t.yaml", "ünï/cödé.yaml", "%41{{x}}$(id).yaml",
    b"caf\xe9.yaml".decode("utf-8", "surrogateescape"),
]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_files_of_any_name_are_changed_and_shown(world, name):
    world.push("acme/api", "1.0.0", "1.1.0")
    world.make({f"clusters/prod/{name}": pod("r.example/acme/api:1.0.0")})
    world.run("--dry-run")
    [change] = world.run()["changes"]
    assert change["state"] == "created"
    listed = repositories.git(world.remote, "show", "-z", "--format=", "--name-only", change["branch"]).rstrip("\0")
    assert listed == f"clusters/prod/{name}"
    assert "1.1.0" in world.show(change["branch"], f"clusters/prod/{name}")
    before = world.refs()
    world.run()
    assert world.refs() == before


def test_hostile_tags_are_no_versions_and_do_no_harm(world):
    world.push("acme/api", "1.0.0")
    index = world.registry / "acme/api" / "index.json"
    content = json.loads(index.read_text())
    for tag in ("1.1.0\n2", "../../x", "1.2.0$(id)", "9.9.9 ", "١.٢.٣", "1." + "9" * 120, "x" * 4000, "", "v", "1..2"):
        entry = json.loads(json.dumps(content["manifests"][0]))
        entry["annotations"][layout.REF_NAME] = tag
        content["manifests"].append(entry)
    index.write_text(json.dumps(content))
    world.make({"clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0")})
    report = world.run("--dry-run")
    assert all(
        set(update["new-tag"]) <= set("0123456789.") for change in report["changes"] for update in change["updates"]
    )


def test_fifty_thousand_tags_take_seconds(world):
    world.push("acme/api", "1.0.0", "1.1.0")
    index = world.registry / "acme/api" / "index.json"
    content = json.loads(index.read_text())
    for number in range(50_000):
        tag = f"0.{number // 100}.{number % 100}" if number % 2 else f"{number:040x}"
        content["manifests"].append({**content["manifests"][0], "annotations": {layout.REF_NAME: tag}})
    index.write_text(json.dumps(content))
    world.make({"clusters/prod/api.yaml": pod("r.example/acme/api:1.0.0")})
    started = os.times().user
    assert world.run("--dry-run")["changes"][0]["updates"][0]["new-tag"] == "1.1.0"
    assert os.times().user - started < 6
    world.run("--explain", "r.example/acme/api")
    assert world.out.count("\n") < 300


def test_a_branch_that_has_no_room_fails_alone(simple):
    world = simple
    world.push("acme/web", "1.0.0", "1.1.0")
    world.add({"clusters/prod/web.yaml": pod("r.example/acme/web:1.0.0", "web")})
    repositories.git(world.clone, "push", "-q", "origin", "main:refs/heads/renovate/r.example-acme-api-prod/x")
    report = world.run(code=3)
    states = {change["branch"]: change["state"] for change in report["changes"]}
    assert sorted(states.values()) == ["created", "failed"]
    assert "has no room beside the branch" in world.err


def test_a_detached_head_and_a_shallow_clone_do_not_matter(simple):
    world = simple
    repositories.git(world.clone, "checkout", "-q", "--detach")
    assert world.run("--dry-run")["changes"][0]["base"] == "main"
    shallow = world.directory / "shallow"
    world.add({"note": "two commits"})
    repositories.git(world.directory, "clone", "-q", "--depth=1", f"file://{world.remote}", str(shallow))
    world.clone = shallow
    assert world.run()["changes"][0]["state"] == "created"
    assert world.run()["changes"][0]["state"] == "unchanged"


def test_a_remote_that_is_not_there_is_one_line_and_exit_3(simple):
    world = simple
    repositories.git(world.clone, "remote", "set-url", "origin", "file:///nowhere/at/all.git")
    assert cli.main(world.arguments()) == 3
    err = world.capsys.readouterr().err
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 2
    report = world.run("--dry-run")
    assert "planned without what was proposed earlier" in report["notes"][0]


def test_a_missing_base_is_named(simple):
    assert cli.main(simple.arguments("--base", "nowhere")) == 2
    assert "no branch 'nowhere'" in simple.capsys.readouterr().err


def test_an_empty_remote_is_told(world):
    world.make({"a": "x"})
    empty = world.directory / "empty.git"
    repositories.git(world.directory, "init", "-q", "--bare", "-b", "main", str(empty))
    repositories.git(world.clone, "remote", "set-url", "origin", str(empty))
    assert cli.main(world.arguments()) == 2
    assert "no branch 'main'" in world.capsys.readouterr().err


def test_a_base_that_moves_between_plan_and_push_is_not_lost(simple, monkeypatch):
    world = simple
    other = world.directory / "other"
    repositories.git(world.directory, "clone", "-q", str(world.remote), str(other))
    real = pushing._push_remote
    moved = []

    def race(repository, remote, updates):
        if not moved:
            moved.append(repositories.commit(other, {"clusters/prod/api.yaml": pod("r.example/acme/api:1.0.5")}))
            repositories.git(other, "push", "-q", "origin", "main")
        real(repository, remote, updates)

    monkeypatch.setattr(pushing, "_push_remote", race)
    world.run()
    [change] = world.run()["changes"]
    assert (change["state"], change["updates"][0]["current-tag"]) == ("updated", "1.0.5")


def test_no_identity_anywhere(simple, monkeypatch):
    world = simple
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("HOME", str(world.directory))
    [change] = world.run()["changes"]
    author = repositories.git(world.remote, "log", "-1", "--format=%an <%ae>", change["branch"])
    assert author == "gitops-ci <gitops-ci@users.noreply.invalid>"


def test_a_report_that_cannot_be_written_is_told_before_anything_is_pushed(simple):
    world = simple
    before = world.refs()
    assert cli.main([*world.arguments(), "--report", str(world.directory / "no/such/folder/r.json")]) == 2
    assert "--report" in world.capsys.readouterr().err
    assert world.refs() == before


def test_two_runs_at_once_end_in_one_state(simple):
    world = simple
    for number in range(5):
        world.push(f"acme/i{number}", "1.0.0", "1.1.0")
    files = {
        f"clusters/prod/i{number}.yaml": pod(f"r.example/acme/i{number}:1.0.0", f"i{number}") for number in range(5)
    }
    world.add(files)
    codes: list[int] = []
    runs = [threading.Thread(target=lambda: codes.append(cli.main(world.arguments()))) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    world.capsys.readouterr()
    assert codes == [0, 0]
    assert len(world.heads()) == 7
    before = world.refs()
    assert {change["state"] for change in world.run()["changes"]} == {"unchanged"}
    assert world.refs() == before


def test_a_configuration_with_a_byte_order_mark_is_read(simple):
    simple.add({"renovate.json": b"\xef\xbb\xbf" + json.dumps({"branchPrefix": "bot/"}).encode()})
    assert simple.run()["changes"][0]["branch"].startswith("bot/")


def test_our_file_wins_over_renovates_and_explain_says_so(simple):
    simple.add(
        {
            "renovate.json": json.dumps({"labels": ["theirs"]}),
            ".gitops-ci.yaml": "updates:\n  labels: [ours]\n",
        }
    )
    assert simple.run("--dry-run")["changes"][0]["labels"] == ["ours"]
    simple.run("--explain", "r.example/acme/api")
    [line] = [line for line in simple.out.splitlines() if line.strip().startswith("labels")]
    assert '["ours"]' in line
    assert ".gitops-ci.yaml" in line


def test_a_symbolic_link_out_of_the_repository_is_not_followed(simple):
    secret = simple.directory / "secret.yaml"
    secret.write_text(pod("r.example/acme/api:1.0.0"))
    (simple.clone / "clusters/prod/link.yaml").symlink_to(secret)
    (simple.clone / "loop").symlink_to(".")
    simple.add({"note": "x"})
    report = simple.run(code=None)
    assert [file["file"] for file in report["changes"][0]["files"]] == ["clusters/prod/api.yaml"]
    assert secret.read_text() == pod("r.example/acme/api:1.0.0")


def test_a_checkout_that_cannot_be_written_does_not_matter_to_a_dry_run(simple):
    for path in [simple.clone, *Path(simple.clone).rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert simple.run("--dry-run")["changes"][0]["state"] == "planned"
    finally:
        for path in [simple.clone, *Path(simple.clone).rglob("*")]:
            path.chmod(0o755)
