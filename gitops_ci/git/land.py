"""A commit that lands: made again from the remote's newest files until the remote has it.

What is to change is a function of a commit's files, not a difference to be merged. When somebody else was
quicker, it is asked again with what they pushed, so two runs that change the same file, or the same line,
both get what they meant, and nobody's commit is ever replaced.
"""

import tempfile
from collections.abc import Callable
from typing import NamedTuple

from gitops_ci.errors import GitError, RefusedError
from gitops_ci.git.commit import Base, Commit, Wanted
from gitops_ci.git.follow import check_index, fast_forward, set_entries, unfinished
from gitops_ci.git.objects import Entry, Signature
from gitops_ci.git.process import failed_with
from gitops_ci.git.push import LostRace, RefUpdate, push, retrying
from gitops_ci.git.repository import Repository
from gitops_ci.git.snapshot import Snapshot

ATTEMPTS = 60
"""One for each of many that push at the same time, with room to spare; each wait is at most a few seconds."""
OUTAGES = 4
"""How many times a connection may break before the remote counts as gone."""

Make = Callable[[str], Wanted | None]
"""A directory with a commit's files → what to commit on top of it; None if nothing has to change."""


class People(NamedTuple):
    """Whom a commit is by."""

    committer: Signature
    author: Signature | None = None
    """The committer if None."""


class Landed(NamedTuple):
    """What became of a change."""

    commit: str | None
    """The commit made; None where nothing had to change."""
    tip: str
    """The newest commit known that holds the change."""
    pushed: bool = False
    """True when the remote had to be changed, and has confirmed that it was."""
    followed: bool = False
    """True if the checkout has the change too."""
    left_behind: str | None = None
    """Why it has not, where it should."""
    attempts: int = 1


def commit_here(repository: Repository, make: Make, people: People, edit: Callable[[], None]) -> Landed:
    """Commit on top of what is checked out.

    The commit is made from the last commit's files, so nothing else that is in the working tree gets into it.
    ``edit`` then makes the same change to the working tree. The index changes only in the files of the commit.
    Each step can be run again where a run was killed between two of them.
    Raises GitError; RefusedError where one of these files has other changes staged.
    """
    head = repository.head
    if head is None:
        raise GitError("there is no commit yet to build on", remedy="commit the files first")
    what = unfinished(repository)
    if what is not None:
        raise RefusedError(f"{what} is under way in this checkout", remedy="finish or abort it first")
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as directory:
        Snapshot(repository, directory).move(head)
        wanted = make(directory)
    if wanted is None:
        return Landed(None, head)
    base = Base(repository, head)
    made = _build(base, wanted, people)
    entries = base.files(wanted.contents)
    if not repository.bare:
        check_index(repository, entries, made.blobs)
        edit()
        set_entries(repository, {path: Entry(entries[path].mode, "blob", oid) for path, oid in made.blobs.items()})
    repository.git("update-ref", "-m", _log(wanted), "HEAD", made.oid, head)
    return Landed(made.oid, made.oid, followed=not repository.bare)


def land(repository: Repository, remote: str, branch: str, make: Make, people: People) -> Landed:
    """Commit on top of the remote's branch, push, and ask the remote whether it has the commit.

    Where ``branch`` is checked out with commits that the remote lacks, the commit goes on top of those and all are
    pushed, as ``git push`` would. Afterwards the checkout follows if it can (:mod:`gitops_ci.git.follow`).
    Raises GitError when the remote refused, is gone, or has no such branch.
    """
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as directory:
        return retrying(_Landing(repository, remote, branch, make, people, directory), attempts=ATTEMPTS)


class _Landing:
    """One change on its way, attempt after attempt."""

    def __init__(
        self, repository: Repository, remote: str, branch: str, make: Make, people: People, directory: str
    ) -> None:
        self.repository = repository
        self.remote = remote
        self.branch = branch
        self.make = make
        self.people = people
        self.snapshot = Snapshot(repository, directory)
        self.head = repository.head
        here = repository.branch
        self.checked_out = here == branch
        self.detached = here is None and not repository.bare
        tracked = repository.resolve(f"refs/remotes/{remote}/{branch}")
        self.seen = [tracked] if tracked is not None else []
        """Commits that the remote's branch has, or once had: nothing in them waits to be pushed."""
        self.made: str | None = None
        self.attempts = 0
        self.outages = 0

    def __call__(self) -> Landed:
        """One attempt. Raises LostRace where another one is worth it, GitError where not."""
        self.attempts += 1
        try:
            return self._attempt()
        except LostRace:
            raise
        except GitError as error:
            if not _is_outage(failed_with(error)[1]) or self.outages >= OUTAGES:
                raise
            # Whether the push arrived before the line broke is seen at the next look.
            self.outages += 1
            raise LostRace(error.what) from error

    def _attempt(self) -> Landed:
        tip = self._tip()
        if self.made is not None and self.repository.is_ancestor(self.made, tip):
            return self._landed(tip)
        base = self._base(tip)
        self.seen.append(tip)
        self.snapshot.move(base)
        wanted = self.make(self.snapshot.directory)
        if wanted is not None:
            self.made = new = _build(Base(self.repository, base), wanted, self.people).oid
        elif base != tip:
            self.made = new = base
        else:
            self.made = None
            return self._landed(tip)
        push(self.repository, self.remote, [RefUpdate(f"refs/heads/{self.branch}", tip, new)])
        tip = self._tip()
        if not self.repository.is_ancestor(new, tip):
            raise LostRace(f"{self.branch} was reset by somebody else right after the push")
        return self._landed(tip)

    def _tip(self) -> str:
        """The remote's newest commit of the branch, its objects here."""
        tip = self.repository.remote_head(self.remote, self.branch)
        if tip is None:
            raise GitError(
                f"{self.remote} has no branch {self.branch}",
                remedy="it may have been deleted; name another with --branch, or push it first",
            )
        if self.repository.missing([tip]):
            self.repository.fetch(self.remote, [f"refs/heads/{self.branch}"])
            if self.repository.missing([tip]):
                raise LostRace(f"{self.branch} was moved by somebody else during the fetch")
        return tip

    def _base(self, tip: str) -> str:
        """The remote's commit, or the one checked out if it is the same branch with more on top."""
        head = self.head
        if not self.checked_out or head is None or head == tip:
            return tip
        contains = self.repository.is_ancestor
        if any(contains(head, known) for known in (tip, *self.seen)):
            return tip
        if contains(tip, head):
            return head
        raise RefusedError(
            f"{self.branch} has commits that {self.remote} has not, and the other way round",
            remedy="bring them together first (git pull --rebase), then run again",
        )

    def _landed(self, tip: str) -> Landed:
        stood_there = self.detached and self.head is not None and self.head in self.seen
        follows = self.checked_out or stood_there
        reason = self._follow(tip) if follows else None
        return Landed(self.made, tip, self.made is not None, follows and reason is None, reason, self.attempts)

    def _follow(self, tip: str) -> str | None:
        """Bring the checkout along: the branch itself, or a detached commit that was the branch's newest."""
        try:
            return fast_forward(self.repository, tip, log=f"gitops-ci: fast-forward to {self.remote}/{self.branch}")
        except GitError as error:
            return error.what  # the remote has the commit; that the checkout stays behind is not worth failing for


def _build(base: Base, wanted: Wanted, people: People) -> Commit:
    return base.build([wanted], people.committer, people.author)[0]


def _log(wanted: Wanted) -> str:
    """One line for the reflog."""
    subject = (wanted.message.strip().splitlines() or [""])[0]
    return f"gitops-ci: {subject}"


def _is_outage(stderr: str) -> bool:
    """Git's words, and those of curl and ssh below it, for a connection that broke: it may work the next time."""
    signs = (
        "Could not resolve host", "Connection reset", "Connection timed out", "Connection refused",
        "Operation timed out", "Failed to connect", "unexpected disconnect", "hung up unexpectedly", "early EOF",
        "RPC failed", "Empty reply from server", "requested URL returned error: 5", "Temporary failure in name",
        "kex_exchange_identification", "SSL_ERROR_SYSCALL", "GnuTLS recv error", "HTTP/2 stream",
        "requested URL returned error: 429",
    )  # fmt: skip
    return any(sign in stderr for sign in signs)
