"""A commit of whatever changed in the working tree, without touching the user's index, files or branches.

Git itself does the looking, in an index of its own: modes, deleted files, line ends and clean filters (large
files) come out as ``git commit --all`` would make them.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from typing import NamedTuple

from gitops_ci.errors import GitError, RefusedError
from gitops_ci.git.commit import Commit
from gitops_ci.git.follow import index_of, unfinished
from gitops_ci.git.objects import CommitText, Signature, write_commits
from gitops_ci.git.process import failed_with
from gitops_ci.git.repository import Repository


class ChangedFile(NamedTuple):
    """One path that differs from the base commit. A renamed file is two: one deleted, one new."""

    path: str
    """From the top of the repository, with ``/``."""
    mode: str | None
    """``100644``, ``100755`` or ``120000`` (symbolic link); None where it is deleted."""
    old_mode: str | None
    """The mode in the base commit; None where the file is new."""
    data: bytes
    """What the blob holds: for a link where it leads to, empty where the file is deleted."""
    oid: str | None = None
    """The blob, which is in the repository already; None where the file is deleted."""


class ChangedTree(NamedTuple):
    """What the working tree would be as a commit."""

    base: str
    """The commit checked out."""
    tree: str
    """The whole new tree, stored in the repository; the base's own where nothing changed."""
    files: tuple[ChangedFile, ...]
    """By path; empty where nothing changed."""

    def commit(
        self, repository: Repository, message: str, signature: Signature, author: Signature | None = None
    ) -> Commit:
        """Build the commit on top of the base. No ref points to it yet."""
        text = CommitText(self.tree, (self.base,), message)
        oid = write_commits(repository, [text], signature, author)[0]
        return Commit(oid, self.tree, {file.path: file.oid for file in self.files if file.oid is not None})


def changed_tree(repository: Repository, paths: Sequence[str] = (), *, only: bool = False) -> ChangedTree:
    """The tree of the working tree's tracked files as they are now, staged or not, and of ``paths``.

    ``paths`` are files or folders relative to ``repository.root`` (or absolute): what git does not track yet in
    them is added, except what it ignores. With ``only``, nothing but these paths is taken, of tracked files too.
    Raises RefusedError where a merge is under way or unsolved, where a path is not there, ignored, outside of the
    repository, or is a repository itself; GitError where there is no commit to build on.
    """
    if repository.bare:
        raise RefusedError("a bare repository has no working tree", remedy="run in a clone of it")
    base = repository.head
    if base is None:
        raise GitError("there is no commit yet to build on", remedy="commit the files first")
    what = unfinished(repository)
    if what is not None:
        raise RefusedError(f"{what} is under way in this checkout", remedy="finish or abort it first")
    added = [_inside(repository, path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as scratch:
        env = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
        index = index_of(repository)
        if only or not os.path.exists(index):
            repository.git("read-tree", base, env=env)
        else:
            shutil.copy2(index, env["GIT_INDEX_FILE"])  # with the times of files: git reads only what changed
        if repository.git("ls-files", "-u", "-z", env=env):
            raise RefusedError("there are unsolved conflicts in this checkout", remedy="solve them first")
        if not only:
            _add(repository, ["-u", "--", repository.top], env)
        if added:
            _add(repository, ["-A", "--", *added], env)
        tree = repository.git("write-tree", env=env).decode().strip()
    return ChangedTree(base, tree, _files(repository, base, tree))


def _add(repository: Repository, arguments: Sequence[str], env: dict[str, str]) -> None:
    try:
        # "advice" and warnings about embedded repositories are not for our users; _files refuses those.
        repository.git("-c", "advice.addIgnoredFile=false", "add", *arguments, env=env)
    except GitError as error:
        stderr = failed_with(error)[1]
        if "ignored by one of your .gitignore" in stderr:
            lines = [line for line in stderr.splitlines() if not line.startswith(("hint:", "The following"))]
            raise RefusedError(
                f"git ignores {', '.join(lines)}", remedy="name what is to be committed, or change .gitignore"
            ) from None
        raise


def _inside(repository: Repository, path: str) -> str:
    """The path, absolute, which must be there (or have been there) below the top of the repository."""
    full = os.path.normpath(os.path.join(repository.root, path))
    top = os.path.realpath(repository.top)
    # The folder's links are followed, the last part may itself be a link that is to be committed.
    real = os.path.join(os.path.realpath(os.path.dirname(full)), os.path.basename(full))
    if os.path.realpath(full) == top:
        return top
    if not real.startswith(top.rstrip(os.sep) + os.sep):
        raise RefusedError(f"{path!r} is outside of the repository", remedy="name files inside it")
    if ".git" in os.path.relpath(real, top).split(os.sep):
        raise RefusedError(f"{path!r} belongs to git itself")
    if not os.path.lexists(real):
        name = os.path.relpath(real, top)
        if not repository.git("ls-files", "-z", "--", real):
            raise RefusedError(f"there is no {path!r}", file=name, remedy="paths are relative to the root")
    return real


def _files(repository: Repository, base: str, tree: str) -> tuple[ChangedFile, ...]:
    parts = repository.git("diff-tree", "-r", "-z", "--no-renames", "--full-index", base, tree).split(b"\0")
    changes = []
    for meta, name in zip(parts[::2], parts[1::2], strict=False):
        old_mode, mode, _, oid, _ = meta.decode().lstrip(":").split()
        changes.append((os.fsdecode(name), old_mode, mode, oid))
    for path, old_mode, mode, _ in changes:
        if "160000" in (old_mode, mode):
            raise RefusedError(
                "is a repository of its own (a submodule), which cannot be proposed this way",
                file=path,
                remedy="commit it by hand, or leave it as it was",
            )
    blobs = repository.blobs([oid for _, _, mode, oid in changes if mode != "000000"])
    return tuple(
        ChangedFile(
            path,
            None if mode == "000000" else mode,
            None if old_mode == "000000" else old_mode,
            b"" if mode == "000000" else blobs[oid],
            None if mode == "000000" else oid,
        )
        for path, old_mode, mode, oid in changes
    )
