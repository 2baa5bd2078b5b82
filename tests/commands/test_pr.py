"""``gitops-ci pr`` on a GitHub double."""

import json

import pytest

from gitops_ci import cli
from tests.doubles.github import GitHub
from tests.support import repositories


@pytest.fixture
def world(tmp_path, monkeypatch, capsys):
    from gitops_ci.forge.github import client, forge

    monkeypatch.setattr(client, "WRITE_PACE", 0)
    monkeypatch.setattr(forge, "MERGE_BUDGET", 0.0)
    with GitHub.start(tmp_path) as github:
        repository = github.repository("acme/gitops", {"app.yaml": "image: a:1\n"})
        clone = tmp_path / "clone"
        repositories.git(tmp_path, "clone", "-q", repository.remote, str(clone))
        for name, value in {
            "GITHUB_API_URL": github.url,
            "GITHUB_SERVER_URL": github.html_url,
            "GITHUB_REPOSITORY": "acme/gitops",
            "GITHUB_TOKEN": github.token("app"),
            "GITHUB_OUTPUT": str(tmp_path / "output"),
        }.items():
            monkeypatch.setenv(name, value)

        def run(*more: str, code: int = 0) -> dict:
            found = cli.main(["pr", "--root", str(clone), "--title", "Bump a", "--format", "json", *more])
            out, err = capsys.readouterr()
            assert found == code, err
            return json.loads(out)

        yield clone, repository, run
        github.check()


def test_what_changed_becomes_a_pull_request_and_is_updated(world, tmp_path):
    clone, repository, run = world
    (clone / "app.yaml").write_text("image: a:2\n")
    (clone / "new.yaml").write_text("x: 1\n")
    first = run("new.yaml", "--label", "bot", "--body", "Because.")
    assert (first["state"], first["files"]) == ("created", ["app.yaml", "new.yaml"])
    assert repository.files("gitops-ci/bump-a") == {"app.yaml": b"image: a:2\n", "new.yaml": b"x: 1\n"}
    assert repository.pulls[first["pull-request-number"]].labels == ["bot"]
    assert "pull-request-url" in (tmp_path / "output").read_text()
    assert run("new.yaml", "--label", "bot", "--body", "Because.")["state"] == "unchanged"
    (clone / "app.yaml").write_text("image: a:3\n")
    second = run()
    assert (second["state"], second["pull-request-number"]) == ("updated", first["pull-request-number"])
    assert repository.files("gitops-ci/bump-a") == {"app.yaml": b"image: a:3\n"}


def test_nothing_changed_proposes_nothing_and_closes_what_stood(world):
    clone, repository, run = world
    assert run()["state"] == "unchanged"
    assert repository.pulls == {}
    (clone / "app.yaml").write_text("image: a:2\n")
    run()
    (clone / "app.yaml").write_text("image: a:1\n")
    assert run()["state"] == "superseded"
    assert set(repository.branches()) == {"main"}


def test_a_deleted_and_an_executable_file(world):
    clone, repository, run = world
    (clone / "app.yaml").unlink()
    (clone / "run.sh").write_text("#!/bin/sh\n")
    (clone / "run.sh").chmod(0o755)
    run("run.sh")
    assert set(repository.files("gitops-ci/bump-a")) == {"run.sh"}
    assert repositories.git(repository.path, "ls-tree", "gitops-ci/bump-a", "run.sh").startswith("100755")


def test_closed_with_the_same_content_is_not_opened_again(world):
    clone, repository, run = world
    (clone / "app.yaml").write_text("image: a:2\n")
    number = run()["pull-request-number"]
    repository.close(number)
    assert run()["state"] == "closed-earlier"
    assert run("--again")["state"] == "created"


def test_a_checkout_behind_the_base_does_not_take_back_what_came_since(world):
    clone, repository, run = world
    repository.push("main", {"other.yaml": "y: 1\n"})
    (clone / "app.yaml").write_text("image: a:2\n")
    run("--automerge")
    number = max(repository.pulls)
    repository.report("gitops-ci/bump-a", "ci")
    assert run("--automerge")["merge"] == "merged"
    assert repository.pulls[number].merged
    assert repository.files() == {"app.yaml": b"image: a:2\n", "other.yaml": b"y: 1\n"}


def test_somebody_elses_push_is_left_alone_with_exit_1(world):
    clone, repository, run = world
    (clone / "app.yaml").write_text("image: a:2\n")
    run()
    repository.push("gitops-ci/bump-a", {"app.yaml": "image: mine\n"})
    (clone / "app.yaml").write_text("image: a:3\n")
    assert run(code=1)["state"] == "edited-by-hand"


def test_a_dry_run_asks_nobody(world, monkeypatch):
    clone, repository, run = world
    monkeypatch.delenv("GITHUB_TOKEN")
    (clone / "app.yaml").write_text("image: a:2\n")
    assert run("--dry-run")["state"] == "planned"
    assert repository.pulls == {}
