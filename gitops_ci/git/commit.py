"""Commits built beside the user's work: neither the working tree nor the index is read or written.

New trees are put together from the base commit's; modes stay, and so does every byte that no change names.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gitops_ci.errors import RefusedError
from gitops_ci.git.objects import CommitText, Entry, Signature, write_blobs, write_commits, write_trees
from gitops_ci.git.repository import Repository

FALLBACK_IDENTITY = "gitops-ci <gitops-ci@users.noreply.invalid>"
"""Who commits where neither the configuration nor git says who. ``.invalid`` is reserved (RFC 2606)."""
_REGULAR = ("100644", "100755")


class Wanted(NamedTuple):
    """One commit that should be built."""

    contents: Mapping[str, bytes]
    """Paths from the top of the repository, and the bytes they should have."""
    message: str


class Commit(NamedTuple):
    """A commit that was built."""

    oid: str
    tree: str
    blobs: dict[str, str]
    """Path to object, of the files that it changes."""


class Base:
    """The commit that others are built on, its whole tree in memory (names and object ids only)."""

    def __init__(self, repository: Repository, commit: str) -> None:
        self.repository = repository
        self.commit = commit
        self.tree = repository.tree_of(commit)
        self._entries: dict[str, Entry] = {}
        self._folders: dict[str, dict[str, Entry]] = {"": {}}
        listing = repository.git("ls-tree", "-r", "-t", "-z", "--full-tree", commit)
        for record in listing.split(b"\0"):
            if record:
                meta, _, name = record.partition(b"\t")
                entry = Entry(*meta.decode().split())
                path = os.fsdecode(name)
                self._entries[path] = entry
                folder, _, leaf = path.rpartition("/")
                self._folders.setdefault(folder, {})[leaf] = entry

    def files(self, paths: Iterable[str]) -> dict[str, Entry]:
        """The entries of these files. RefusedError for one that is no plain file here."""
        found = {}
        for path in paths:
            entry = self._entries.get(path)
            if entry is None:
                raise RefusedError(
                    "the file is not in the base commit", file=path, remedy="commit it first, or run again"
                )
            if entry.mode not in _REGULAR:
                raise RefusedError("only plain files are changed; this is a link, a folder or a submodule", file=path)
            found[path] = entry
        return found

    def contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The bytes of these files."""
        entries = self.files(paths)
        blobs = self.repository.blobs([entry.oid for entry in entries.values()])
        return {path: blobs[entry.oid] for path, entry in entries.items()}

    def build(self, wanted: Sequence[Wanted], signature: Signature, author: Signature | None = None) -> list[Commit]:
        """Commits on top of this one, all with a handful of processes. Raises GitError, RefusedError.

        Objects are written to the repository, no ref points to them yet.
        """
        oids = iter(write_blobs(self.repository, [data for one in wanted for data in one.contents.values()]))
        blobs = [{path: next(oids) for path in one.contents} for one in wanted]
        trees = self._trees(blobs)
        texts = [CommitText(tree, (self.commit,), one.message) for one, tree in zip(wanted, trees, strict=True)]
        commits = write_commits(self.repository, texts, signature, author)
        return [Commit(*values) for values in zip(commits, trees, blobs, strict=True)]

    def _trees(self, changed: Sequence[Mapping[str, str]]) -> list[str]:
        """The root trees with these files replaced: folder by folder, the deepest first, all changes together."""
        folders: list[dict[str, dict[str, Entry]]] = []
        for blobs in changed:
            entries = self.files(blobs)
            new: dict[str, dict[str, Entry]] = {"": {}}
            for path, oid in blobs.items():
                folder, _, leaf = path.rpartition("/")
                new.setdefault(folder, {})[leaf] = entries[path]._replace(oid=oid)
            folders.append(new)
        roots = [self.tree] * len(changed)
        for depth in range(max((_depth(folder) for new in folders for folder in new), default=0), -1, -1):
            jobs = [(number, folder) for number, new in enumerate(folders) for folder in new if _depth(folder) == depth]
            made = write_trees(
                self.repository, [{**self._folders[folder], **folders[number][folder]} for number, folder in jobs]
            )
            for (number, folder), oid in zip(jobs, made, strict=True):
                if not folder:
                    roots[number] = oid
                    continue
                parent, _, leaf = folder.rpartition("/")
                folders[number].setdefault(parent, {})[leaf] = self._entries[folder]._replace(oid=oid)
        return roots


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0
