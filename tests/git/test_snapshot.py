"""A directory holds exactly the files of one commit, and moves to the next."""

import os

from gitops_ci.git.repository import Repository
from gitops_ci.git.snapshot import Snapshot, snapshot
from tests.support import repositories


def held(directory):
    return {
        str(path.relative_to(directory)): os.readlink(path) if path.is_symlink() else path.read_text()
        for path in directory.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_a_snapshot_moves_through_every_kind_of_change(tmp_path):
    clone, _ = repositories.make(tmp_path, {"a/b/c.yaml": "1", "d": "file", "e.yaml": "same", "x/only.yaml": "1"})
    (clone / "link").symlink_to("e.yaml")
    first = repositories.commit(clone, {}, "Link")
    repositories.git(clone, "rm", "-q", "-r", "a", "d", "x", "link")
    second = repositories.commit(clone, {"a": "now a file", "d/e/f.yaml": "now a folder", "link": "now a file"})
    repository = Repository(str(clone))
    directory = tmp_path / "snapshot"
    directory.mkdir()
    moving = Snapshot(repository, str(directory))
    expected = {}
    for commit in (first, second, first, second):
        moving.move(commit)
        fresh = tmp_path / f"fresh-{len(expected)}"
        fresh.mkdir()
        snapshot(repository, commit, str(fresh))
        expected[str(fresh)] = held(fresh)
        assert held(directory) == expected[str(fresh)]
    assert held(directory) == {"a": "now a file", "d/e/f.yaml": "now a folder", "e.yaml": "same", "link": "now a file"}


def test_what_stays_the_same_is_not_written_again(tmp_path):
    clone, _ = repositories.make(tmp_path, {"a.yaml": "1", "b.yaml": "1"})
    repository = Repository(str(clone))
    directory = tmp_path / "snapshot"
    directory.mkdir()
    moving = Snapshot(repository, str(directory))
    moving.move(repository.head)
    before = (directory / "a.yaml").stat().st_mtime_ns
    moving.move(repositories.commit(clone, {"b.yaml": "2"}))
    assert (directory / "a.yaml").stat().st_mtime_ns == before
    assert (directory / "b.yaml").read_text() == "2"


def test_below_a_folder_only_that_folder_is_held(tmp_path):
    clone, _ = repositories.make(tmp_path, {"apps/a.yaml": "1", "other.yaml": "1"})
    directory = tmp_path / "snapshot"
    directory.mkdir()
    repository = Repository(str(clone / "apps"))
    Snapshot(repository, str(directory)).move(repository.head)
    assert held(directory) == {"a.yaml": "1"}
