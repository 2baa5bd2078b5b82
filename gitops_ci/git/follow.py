"""The checkout brought along to a newer commit: only forward, and only where no work of the user is in the way."""

import os
import shutil
import tempfile
from collections.abc import Iterable

from gitops_ci.errors import GitError, RefusedError
from gitops_ci.git.objects import Entry
from gitops_ci.git.repository import Repository

_UNFINISHED = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "BISECT_LOG": "a bisection",
}


def unfinished(repository: Repository) -> str | None:
    """``a merge``, ``a rebase`` … where the checkout is in the middle of one."""
    for name, what in _UNFINISHED.items():
        if os.path.lexists(os.path.join(repository.git_dir, name)):
            return what
    return None


def fast_forward(repository: Repository, new: str, *, log: str) -> str | None:
    """Move what is checked out, index and working tree forward to ``new``, keeping changes to other files.

    Like ``git merge --ff-only``, but a file that already has its new bytes is in nobody's way. Returns None when
    done, else why the checkout was left exactly as it was.
    """
    old = repository.head
    if old is None or old == new:
        return None
    what = unfinished(repository)
    if what is not None:
        return f"{what} is under way"
    if not repository.is_ancestor(old, new):
        return "it has commits that are not in the remote's branch"
    index = index_of(repository)
    if not repository.bare and os.path.exists(index):
        _refresh(repository)
        arguments = ("read-tree", "-m", "-u", old, new)
        try:
            repository.git(*arguments[:1], "-n", *arguments[1:])
        except GitError:
            there = _already_there(repository, old, new)
            if not there or not _fits(repository, index, there, arguments):
                return "local changes are in the way"
            set_entries(repository, there)
        try:
            repository.git(*arguments)
        except GitError as error:
            return error.what
    repository.git("update-ref", "-m", log, "HEAD", new, old)
    return None


def index_of(repository: Repository) -> str:
    """Where the index is."""
    return os.path.join(repository.git_dir, "index")


def check_index(repository: Repository, before: dict[str, Entry], after: dict[str, str]) -> None:
    """Refuse where the user staged something else in one of these files than what is committed.

    ``before`` are the entries of the last commit, ``after`` the objects they are to become. Raises RefusedError.
    """
    staged = _staged(repository)
    for path, entry in before.items():
        stages = staged.get(path, [])
        if [mode for mode, _, _ in stages] != [entry.mode] or stages[0][1] not in (entry.oid, after[path]):
            raise RefusedError(
                "has staged changes, which a commit of this file would mix up",
                file=path,
                remedy="commit or unstage them first",
            )


def set_entries(repository: Repository, entries: dict[str, Entry]) -> None:
    """Set these entries of the index, leaving the rest of it and the working tree alone."""
    records = [f"{entry.mode} {entry.oid}\t".encode() + os.fsencode(path) for path, entry in entries.items()]
    repository.git("update-index", "-z", "--index-info", input=b"".join(record + b"\0" for record in records))
    _refresh(repository)


def _refresh(repository: Repository, env: dict[str, str] | None = None) -> None:
    """Let git look at the files again: times may have changed where bytes did not."""
    try:
        repository.git("update-index", "-q", "--refresh", env=env)
    except GitError:
        return  # it also fails when some file really differs


def _staged(repository: Repository) -> dict[str, list[tuple[str, str, str]]]:
    """Path → (mode, object, stage), several only in a conflict."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    # From the top: below a folder git lists what is there alone.
    for record in repository.git("ls-files", "-s", "-z", "--full-name", ":/", env=_MAGIC).split(b"\0"):
        if record:
            meta, _, name = record.partition(b"\t")
            mode, oid, stage = meta.decode().split()
            found.setdefault(os.fsdecode(name), []).append((mode, oid, stage))
    return found


_MAGIC = {"GIT_LITERAL_PATHSPECS": "0"}
"""``:/`` means the top only where pathspecs are not taken literally."""


def _already_there(repository: Repository, old: str, new: str) -> dict[str, Entry]:
    """The new entries of files that nobody staged, and whose bytes in the working tree are the new ones."""
    staged = _staged(repository)
    found: dict[str, Entry] = {}
    for path, before, after in _changes(repository, old, new):
        if [stage[:2] for stage in staged.get(path, [])] == [(before.mode, before.oid)] and _hash(
            repository, path
        ) == after.oid:
            found[path] = after
    return found


def _changes(repository: Repository, old: str, new: str) -> Iterable[tuple[str, Entry, Entry]]:
    """Plain files that both commits have, with other bytes."""
    parts = repository.git("diff-tree", "-r", "-z", "--no-renames", old, new).split(b"\0")
    for meta, name in zip(parts[::2], parts[1::2], strict=False):
        old_mode, new_mode, old_oid, new_oid, status = meta.decode().lstrip(":").split()
        if status == "M" and new_mode != "160000":
            yield os.fsdecode(name), Entry(old_mode, "blob", old_oid), Entry(new_mode, "blob", new_oid)


def _hash(repository: Repository, path: str) -> str | None:
    """The object that a file of the working tree would become; None where there is no plain file."""
    full = os.path.join(repository.top, path)
    if os.path.islink(full) or not os.path.isfile(full):
        return None
    return repository.git("hash-object", "--", full).decode().strip()


def _fits(repository: Repository, index: str, entries: dict[str, Entry], arguments: tuple[str, ...]) -> bool:
    """Whether git would go forward if the index had these entries: tried on a copy of it."""
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as scratch:
        env = {"GIT_INDEX_FILE": shutil.copy2(index, os.path.join(scratch, "index"))}
        records = [f"{entry.mode} {entry.oid}\t".encode() + os.fsencode(path) for path, entry in entries.items()]
        try:
            repository.git(
                "update-index", "-z", "--index-info", input=b"".join(record + b"\0" for record in records), env=env
            )
            _refresh(repository, env)
            repository.git(arguments[0], "-n", *arguments[1:], env=env)
        except GitError:
            return False
    return True
