"""Pushes move all refs or none, and never over somebody else's work."""

import pytest

from gitops_ci.errors import GitError
from gitops_ci.git import push as pushing
from gitops_ci.git.push import LostRace, RefUpdate, push, retrying
from gitops_ci.git.repository import Repository, owner_name
from tests.support import repositories


@pytest.fixture
def place(tmp_path):
    clone, remote = repositories.make(tmp_path, {"a": "1"})
    return clone, remote, Repository(str(clone))


def heads(remote):
    return repositories.git(remote, "for-each-ref", "--format=%(refname) %(objectname)")


@pytest.mark.parametrize("where", ["origin", None])
def test_a_branch_that_moved_meanwhile_is_not_overwritten(place, where):
    clone, remote, repository = place
    first = repository.head
    second = repositories.commit(clone, {"a": "2"})
    push(repository, where, [RefUpdate("refs/heads/x", None, first)])
    push(repository, where, [RefUpdate("refs/heads/x", first, second)])
    with pytest.raises(LostRace):
        push(repository, where, [RefUpdate("refs/heads/x", first, first)])
    with pytest.raises(LostRace):
        push(repository, where, [RefUpdate("refs/heads/x", None, first)])
    push(repository, where, [RefUpdate("refs/heads/x", second, None)])
    assert "refs/heads/x" not in heads(remote if where else clone)


@pytest.mark.parametrize("where", ["origin", None])
def test_two_refs_move_together_or_not_at_all(place, where):
    clone, remote, repository = place
    push(repository, where, [RefUpdate("refs/heads/taken", None, repository.head)])
    new = repositories.commit(clone, {"a": "2"})
    before = heads(remote if where else clone)
    with pytest.raises(LostRace):
        push(repository, where, [RefUpdate("refs/heads/free", None, new), RefUpdate("refs/heads/taken", None, new)])
    assert heads(remote if where else clone) == before


def test_a_branch_that_is_checked_out_is_left_alone(place):
    _, _, repository = place
    with pytest.raises(GitError, match="checked out"):
        push(repository, None, [RefUpdate("refs/heads/main", repository.head, None)])


def test_a_refusing_remote_is_an_error_and_no_race(place):
    _, remote, repository = place
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'no pushes on Friday' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError, match=r"pre-receive hook declined.*no pushes on Friday") as caught:
        push(repository, "origin", [RefUpdate("refs/heads/x", None, repository.head)])
    assert not isinstance(caught.value, LostRace)


def test_a_lost_race_is_run_again_until_it_is_won(monkeypatch):
    monkeypatch.setattr(pushing.time, "sleep", lambda seconds: None)
    looked: list[int] = []

    def attempt():
        if len(looked) < 2:
            raise LostRace("moved")
        return "won"

    assert retrying(attempt, again=lambda: looked.append(1)) == "won"


def test_a_race_that_is_never_won_ends(monkeypatch):
    monkeypatch.setattr(pushing.time, "sleep", lambda seconds: None)

    def attempt():
        raise LostRace("moved")

    with pytest.raises(GitError, match="5 times in a row"):
        retrying(attempt, again=lambda: None)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/acme/gitops.git", "acme/gitops"),
        ("git@github.com:acme/gitops.git", "acme/gitops"),
        ("ssh://git@host:22/group/sub/name", "group/sub/name"),
        ("https://user:secret@host/acme/gitops/", "acme/gitops"),
        ("/srv/git/gitops.git", None),
        ("file:///srv/git/gitops.git", None),
        ("", None),
    ],
)
def test_owner_and_name_come_from_the_url(url, name):
    assert owner_name(url) == name


def test_a_hook_may_say_what_it_likes_without_being_taken_for_a_race(place):
    _, remote, repository = place
    hook = remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'please fetch first; cannot lock ref' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(GitError, match="please fetch first") as caught:
        push(repository, "origin", [RefUpdate("refs/heads/x", None, repository.head)])
    assert not isinstance(caught.value, LostRace)


def test_the_remote_is_asked_for_exactly_one_branch(place):
    clone, remote, repository = place
    for name in ("x", "refs/heads/x", "a/x"):
        repositories.git(clone, "push", "-q", "origin", f"main:refs/heads/{name}")
    repositories.git(remote, "update-ref", "-d", "refs/heads/x")
    assert repository.remote_head("origin", "x") is None
    assert repository.remote_head("origin", "a/x") == repository.head


def test_a_tag_beside_a_branch_does_not_change_its_name(place):
    clone, _, repository = place
    repositories.git(clone, "tag", "main")
    assert repository.branch == "main"
