"""What changed in the working tree becomes a commit, and the user's index does not notice."""

from datetime import UTC, datetime

import pytest

from gitops_ci.errors import RefusedError
from gitops_ci.git.objects import Signature
from gitops_ci.git.repository import Repository
from gitops_ci.git.worktree import changed_tree
from tests.support import repositories

WHEN = Signature("Bot <bot@example.com>", datetime(2026, 11, 23, 5, tzinfo=UTC))


@pytest.fixture
def clone(tmp_path):
    made, _ = repositories.make(
        tmp_path,
        {
            "a.yaml": "x: 1\n",
            "run.sh": "#!/bin/sh\n",
            "gone.yaml": "x: 1\n",
            "dir/b.yaml": "y: 1\n",
            ".gitignore": "*.log\n",
        },
    )
    return made


def index(clone):
    return (clone / ".git" / "index").read_bytes(), repositories.git(
        clone, "--no-optional-locks", "status", "--porcelain=v2"
    )


def test_changes_modes_deletions_and_renames(clone):
    (clone / "a.yaml").write_text("x: 2\n")
    (clone / "run.sh").chmod(0o755)
    (clone / "gone.yaml").unlink()
    (clone / "dir" / "b.yaml").rename(clone / "dir" / "c d.yaml")
    (clone / "other.yaml").write_text("not asked for\n")
    (clone / "dir" / "link").symlink_to("../a.yaml")
    before = index(clone)
    repository = Repository(str(clone))
    made = changed_tree(repository, ["dir"])
    assert index(clone) == before
    assert [(file.path, file.old_mode, file.mode, file.data) for file in made.files] == [
        ("a.yaml", "100644", "100644", b"x: 2\n"),
        ("dir/b.yaml", "100644", None, b""),
        ("dir/c d.yaml", None, "100644", b"y: 1\n"),
        ("dir/link", None, "120000", b"../a.yaml"),
        ("gone.yaml", "100644", None, b""),
        ("run.sh", "100644", "100755", b"#!/bin/sh\n"),
    ]
    commit = made.commit(repository, "Propose", WHEN)
    assert repositories.git(clone, "diff", "-M", "--name-status", "HEAD", commit.oid).splitlines() == [
        "M\ta.yaml", "R100\tdir/b.yaml\tdir/c d.yaml", "A\tdir/link", "D\tgone.yaml", "M\trun.sh",
    ]  # fmt: skip
    assert repositories.git(clone, "rev-parse", f"{commit.oid}^") == made.base


def test_staged_work_counts_and_stays_staged(clone):
    (clone / "new.yaml").write_text("staged\n")
    repositories.git(clone, "add", "new.yaml")
    (clone / "new.yaml").write_text("later\n")
    before = index(clone)
    made = changed_tree(Repository(str(clone)))
    assert [(file.path, file.data) for file in made.files] == [("new.yaml", b"later\n")]
    assert index(clone) == before


def test_nothing_changed(clone):
    repository = Repository(str(clone))
    (clone / "untracked").write_text("x")
    made = changed_tree(repository)
    assert made.files == ()
    assert made.tree == repository.tree_of(made.base)


def test_only_the_named_paths(clone):
    (clone / "a.yaml").write_text("x: 2\n")
    (clone / "dir" / "b.yaml").write_text("y: 2\n")
    (clone / "gone.yaml").unlink()
    made = changed_tree(Repository(str(clone / "dir")), ["b.yaml", str(clone / "gone.yaml")], only=True)
    assert [file.path for file in made.files] == ["dir/b.yaml", "gone.yaml"]


def test_from_a_folder_everything_tracked_counts(clone):
    (clone / "a.yaml").write_text("x: 2\n")
    assert [file.path for file in changed_tree(Repository(str(clone / "dir"))).files] == ["a.yaml"]


def test_line_ends_and_filters_are_gits_own(clone):
    repositories.commit(clone, {".gitattributes": "*.yaml text eol=crlf\n"}, "Attributes")
    (clone / "a.yaml").write_bytes(b"x: 2\r\n")
    made = changed_tree(Repository(str(clone)))
    assert [(file.path, file.data) for file in made.files] == [("a.yaml", b"x: 2\n")]


def test_names_with_any_byte(clone):
    name = 'we"ird\n*ü.yaml'
    (clone / name).write_text("x")
    (clone / "weird").write_text("not this one")
    made = changed_tree(Repository(str(clone)), [name])
    assert [file.path for file in made.files] == [name]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("../outside", "outside of the repository"), ("nowhere", "there is no 'nowhere'"), ("x.log", "git ignores x.log"),
        (".git/config", "belongs to git"), ("inner", "repository of its own"), ("/etc/passwd", "outside of the repository"),
    ],
)  # fmt: skip
def test_what_cannot_be_committed_is_refused(clone, path, says):
    (clone / "x.log").write_text("x")
    (clone / "inner").mkdir()
    repositories.git(clone / "inner", "init", "-q")
    repositories.commit(clone / "inner", {"a": "1"})
    before = index(clone)
    with pytest.raises(RefusedError, match=says):
        changed_tree(Repository(str(clone)), [path])
    assert index(clone) == before


def test_conflicts_are_refused(clone):
    repositories.git(clone, "checkout", "-q", "-b", "other")
    repositories.commit(clone, {"a.yaml": "x: 3\n"})
    repositories.git(clone, "checkout", "-q", "main")
    repositories.commit(clone, {"a.yaml": "x: 2\n"})
    with pytest.raises(AssertionError):
        repositories.git(clone, "merge", "other")
    with pytest.raises(RefusedError, match="a merge is under way"):
        changed_tree(Repository(str(clone)))
    (clone / ".git" / "MERGE_HEAD").unlink()
    with pytest.raises(RefusedError, match="unsolved conflicts"):
        changed_tree(Repository(str(clone)))
