"""Pushing without losing a race, and without overwriting what somebody else pushed."""

import random
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from gitops_ci.errors import GitError
from gitops_ci.git.process import failed_with
from gitops_ci.git.repository import FETCH_TIMEOUT, Repository

ATTEMPTS = 5
_FIRST_WAIT = 0.2
"""Seconds; doubled each time, with jitter, so that two runs that met once do not meet again."""
_LONGEST_WAIT = 4.0
"""Seconds. Among many that push, a longer wait only lets others pass."""

T = TypeVar("T")


class RefUpdate(NamedTuple):
    """One ref that should move."""

    ref: str
    """The full name: ``refs/heads/x``."""
    old: str | None
    """What it must be now; None where it must not exist."""
    new: str | None
    """None deletes it."""


class LostRace(GitError):
    """A ref was no longer what the update expected: look again, decide again."""


def push(repository: Repository, remote: str | None, updates: Sequence[RefUpdate]) -> None:
    """Move refs, all or none, each only if it still is what was expected.

    With ``remote`` None the repository's own refs are moved. Raises LostRace when a ref was moved by
    somebody else meanwhile, GitError for anything else.
    """
    if not updates:
        return
    if remote is None:
        _update_local(repository, updates)
    else:
        _push_remote(repository, remote, updates)


def retrying(attempt: Callable[[], T], *, again: Callable[[], None] | None = None, attempts: int = ATTEMPTS) -> T:
    """Call ``attempt`` until it no longer raises LostRace; ``again``, if given, looks at the remote anew in between."""
    wait = _FIRST_WAIT
    for left in range(attempts - 1, -1, -1):
        try:
            return attempt()
        except LostRace as error:
            if not left:
                raise GitError(
                    f"{error.what}, {attempts} times in a row", remedy="run again when less is pushed"
                ) from error
        time.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        wait = min(wait * 2, _LONGEST_WAIT)
        if again is not None:
            again()
    raise AssertionError("attempts must be positive")


def _push_remote(repository: Repository, remote: str, updates: Sequence[RefUpdate]) -> None:
    leases = [f"--force-with-lease={update.ref}:{update.old or ''}" for update in updates]
    refspecs = [f"{update.new or ''}:{update.ref}" for update in updates]
    arguments = ["push", "--no-verify", "--no-signed", *leases]
    if len(updates) > 1:
        arguments.append("--atomic")
    try:
        repository.git(*arguments, "--", remote, *refspecs, timeout=FETCH_TIMEOUT)
    except GitError as error:
        _, stderr = failed_with(error)
        cause = error.__cause__
        if cause is not None and _is_race(stderr):
            raise LostRace(f"{updates[0].ref} was changed by somebody else during the push") from cause
        raise


def _is_race(stderr: str) -> bool:
    """Git's own words for a ref that is not what was expected (client side, server side, and their locks)."""
    signs = (
        "stale info",
        "fetch first",
        "non-fast-forward",
        "cannot lock ref",
        "failed to update ref",
        "reference already exists",
        "incorrect old value",
    )
    # A hook of the remote may say anything, these words too; git's own errors there start with "error:".
    told = [line for line in stderr.splitlines() if not line.startswith("remote:") or line.startswith("remote: error:")]
    return "hook declined" not in stderr and any(sign in line for line in told for sign in signs)


def _update_local(repository: Repository, updates: Sequence[RefUpdate]) -> None:
    checked_out = _checked_out(repository)
    commands = []
    for update in updates:
        if update.ref in checked_out:
            raise GitError(
                f"{update.ref} is checked out in a working tree", remedy="check out another branch and run again"
            )
        if update.new is None:
            commands.append(f"delete {update.ref} {update.old or ''}".rstrip())
        elif update.old is None:
            commands.append(f"create {update.ref} {update.new}")
        else:
            commands.append(f"update {update.ref} {update.new} {update.old}")
    text = "\n".join(["start", *commands, "prepare", "commit"]) + "\n"
    try:
        repository.git("update-ref", "--no-deref", "--stdin", input=text.encode())
    except GitError as error:
        cause = error.__cause__
        if (
            cause is not None
            and _is_race(failed_with(error)[1] + " " + error.what)
            and not _conflicts_by_name(failed_with(error)[1])
        ):
            raise LostRace(f"{updates[0].ref} was changed by somebody else meanwhile") from cause
        raise


def _conflicts_by_name(stderr: str) -> bool:
    """``renovate/a`` beside ``renovate/a/b``: waiting does not help."""
    return "exists; cannot create" in stderr


def _checked_out(repository: Repository) -> frozenset[str]:
    listing = repository.git("worktree", "list", "--porcelain").decode("utf-8", "surrogateescape")
    return frozenset(line.removeprefix("branch ") for line in listing.splitlines() if line.startswith("branch "))
