"""The checkout goes forward without taking anybody's work along."""

import pytest

from gitops_ci.git.follow import fast_forward
from gitops_ci.git.repository import Repository
from tests.support import repositories

FILES = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n", "run.sh": "x\n", "old.yaml": "o: 1\n"}


@pytest.fixture
def place(tmp_path):
    """A clone one commit behind: ``(clone, repository, the newer commit)``."""
    clone, _ = repositories.make(tmp_path, FILES)
    (clone / "run.sh").chmod(0o755)
    repositories.git(clone, "rm", "-q", "old.yaml")
    new = repositories.commit(clone, {"a.yaml": "a: 2\n", "new/c.yaml": "c: 1\n"}, "Newer")
    repositories.git(clone, "reset", "-q", "--hard", "HEAD~")
    return clone, Repository(str(clone)), new


def follow(place):
    return fast_forward(place[1], place[2], log="test")


def test_files_modes_and_deletions_arrive(place):
    clone, _, new = place
    assert follow(place) is None
    assert repositories.git(clone, "rev-parse", "HEAD") == new
    assert repositories.git(clone, "status", "--porcelain") == ""
    assert (clone / "run.sh").stat().st_mode & 0o111
    assert not (clone / "old.yaml").exists()
    assert "test" in repositories.git(clone, "reflog", "-1")


@pytest.mark.parametrize(
    "work",
    [{"a.yaml": "mine\n"}, {"new/c.yaml": "an untracked file of that name\n"}, {"old.yaml": "mine\n"}],
    ids=["changed", "untracked", "deleted there"],
)
def test_work_in_the_way_stops_everything(place, work):
    clone, _, _ = place
    repositories.write(clone, work)
    before = repositories.state(clone)
    assert follow(place) == "local changes are in the way"
    after = repositories.state(clone)
    assert {path: data for path, data in after.items() if path != ".git/index"} == {
        path: data for path, data in before.items() if path != ".git/index"
    }
    assert repositories.git(clone, "diff", "--cached", "--name-only") == ""


def test_files_that_already_say_so_are_in_nobodys_way(place):
    clone, _, new = place
    repositories.write(clone, {"a.yaml": "a: 2\n", "b.yaml": "mine\n"})
    assert follow(place) is None
    assert repositories.git(clone, "rev-parse", "HEAD") == new
    assert repositories.git(clone, "status", "--porcelain") == " M b.yaml"
    assert (clone / "run.sh").stat().st_mode & 0o111


def test_times_alone_are_no_changes(place):
    clone, _, _ = place
    for name in ("a.yaml", "b.yaml"):
        (clone / name).write_text(FILES[name])
    assert follow(place) is None


def test_a_checkout_in_the_middle_of_something_stays(place):
    clone, _, _ = place
    (clone / ".git" / "rebase-merge").mkdir()
    assert follow(place) == "a rebase is under way"


def test_a_checkout_with_commits_of_its_own_stays(place):
    clone, _, _ = place
    mine = repositories.commit(clone, {"mine": "1"})
    assert "commits that are not in" in follow(place)
    assert repositories.git(clone, "rev-parse", "HEAD") == mine


def test_a_checkout_that_is_further_is_done(place):
    clone, repository, new = place
    assert follow(place) is None
    further = repositories.commit(clone, {"mine": "1"})
    assert fast_forward(repository, new, log="test") is None
    assert repositories.git(clone, "rev-parse", "HEAD") == further


def test_a_second_working_tree_follows_by_itself(place, tmp_path):
    clone, _, new = place
    repositories.git(clone, "worktree", "add", "-q", "-b", "other", str(tmp_path / "second"))
    assert fast_forward(Repository(str(tmp_path / "second")), new, log="test") is None
    assert repositories.git(tmp_path / "second", "status", "--porcelain") == ""
    assert repositories.git(clone, "rev-parse", "other") == new
    assert repositories.git(clone, "rev-parse", "main") != new
