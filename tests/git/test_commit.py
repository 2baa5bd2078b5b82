"""Commits are built without touching the working tree, the index or the bytes around."""

from datetime import UTC, datetime

import pytest

from gitops_ci.errors import GitError, RefusedError
from gitops_ci.git.commit import Base, Wanted
from gitops_ci.git.objects import Signature
from gitops_ci.git.repository import Repository
from tests.support import repositories


def build(repository, base, contents, *, message, signature):
    return Base(repository, base).build([Wanted(contents, message)], signature)[0]


WHEN = Signature("Bot <bot@example.com>", datetime(2026, 11, 23, 5, tzinfo=UTC))


def test_only_the_named_file_changes_and_its_mode_stays(tmp_path):
    clone, _ = repositories.make(tmp_path, {"run.sh": "#!/bin/sh\n", "a/b.yaml": "x: 1\n"})
    (clone / "run.sh").chmod(0o755)
    base = repositories.commit(clone, {}, "Executable")
    made = build(Repository(str(clone)), base, {"run.sh": b"#!/bin/bash\n"}, message="Change it", signature=WHEN)
    assert repositories.git(clone, "diff", "--name-status", base, made.oid) == "M\trun.sh"
    assert repositories.git(clone, "ls-tree", made.oid, "run.sh").startswith("100755")
    assert repositories.git(clone, "log", "-1", "--format=%an <%ae> %cI %s", made.oid) == (
        "Bot <bot@example.com> 2026-11-23T05:00:00+00:00 Change it"
    )


def test_half_finished_work_stays_as_it_is(tmp_path):
    clone, _ = repositories.make(tmp_path, {"a.yaml": "x: 1\n", "b.yaml": "y: 1\n"})
    (clone / "a.yaml").write_text("half finished")
    (clone / "b.yaml").write_text("staged")
    repositories.git(clone, "add", "b.yaml")
    before = repositories.git(clone, "status", "--porcelain=v2"), (clone / ".git" / "index").read_bytes()
    repository = Repository(str(clone))
    made = build(repository, repository.head, {"a.yaml": b"x: 2\n"}, message="m", signature=WHEN)
    assert (repositories.git(clone, "status", "--porcelain=v2"), (clone / ".git" / "index").read_bytes()) == before
    assert repositories.git(clone, "show", f"{made.oid}:b.yaml") == "y: 1"


def test_line_ends_go_in_as_they_are(tmp_path):
    clone, _ = repositories.make(tmp_path, {".gitattributes": "* text=auto eol=lf\n", "a.yaml": "x: 1\n"})
    repositories.git(clone, "config", "core.autocrlf", "true")
    repository = Repository(str(clone))
    made = build(repository, repository.head, {"a.yaml": b"x: 2\r\n"}, message="m", signature=WHEN)
    assert repository.blobs([f"{made.oid}:a.yaml"]) == {f"{made.oid}:a.yaml": b"x: 2\r\n"}


def test_names_with_any_byte_work(tmp_path):
    name = 'dir with "quotes"/new\nline ü.yaml'
    clone, _ = repositories.make(tmp_path, {name: "x: 1\n"})
    repository = Repository(str(clone))
    made = build(repository, repository.head, {name: b"x: 2\n"}, message="m", signature=WHEN)
    assert [entry.path for entry in repository.tree(made.oid)] == [name]


def test_many_files_go_into_one_commit(tmp_path):
    clone, _ = repositories.make(tmp_path, {f"f{number}.yaml": "x: 1\n" for number in range(150)})
    repository = Repository(str(clone))
    contents = {f"f{number}.yaml": b"x: %d\n" % number for number in range(150)}
    made = build(repository, repository.head, contents, message="m", signature=WHEN)
    assert repositories.git(clone, "show", f"{made.oid}:f149.yaml") == "x: 149"


def test_links_and_missing_files_are_refused(tmp_path):
    clone, _ = repositories.make(tmp_path, {"a": "1"})
    (clone / "link").symlink_to("a")
    base = repositories.commit(clone, {}, "Link")
    repository = Repository(str(clone))
    with pytest.raises(RefusedError, match="link"):
        build(repository, base, {"link": b"x"}, message="m", signature=WHEN)
    with pytest.raises(RefusedError, match="not in the base commit"):
        build(repository, base, {"nope": b"x"}, message="m", signature=WHEN)


def test_outside_a_repository_is_one_clear_error(tmp_path):
    with pytest.raises(GitError, match="not a git repository"):
        Repository(str(tmp_path))
