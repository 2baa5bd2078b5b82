"""A commit's files in a directory of their own, byte for byte as the repository has them.

No filters, no line-end conversion, no attributes: what is edited there is what is committed. The working
tree is neither needed nor touched, so that a run in a bare repository, or beside half-finished work, plans
from the base branch all the same.
"""

import os

from gitops_ci.git.repository import Repository, TreeEntry

MAX_FILE = 16 * 1024 * 1024
"""Bytes; a larger file is left out, manifests are not that large."""
_BATCH = 32 * 1024 * 1024


def snapshot(repository: Repository, commit: str, directory: str) -> tuple[str, ...]:
    """Write the files of a commit (those below ``repository.prefix``) into an empty directory.

    Symbolic links stay links; submodules are left out. Returns the paths that were too large.
    """
    return Snapshot(repository, directory).move(commit)


class Snapshot:
    """A directory that holds the files of one commit at a time; nobody else may write to it."""

    def __init__(self, repository: Repository, directory: str) -> None:
        self.repository = repository
        self.directory = directory
        self._files: dict[str, TreeEntry] = {}

    def move(self, commit: str) -> tuple[str, ...]:
        """Make the directory hold this commit's files, writing only those that differ. Returns what is too large."""
        large: list[str] = []
        files: dict[str, TreeEntry] = {}
        for entry in self.repository.tree(commit):
            if entry.mode == "160000" or not _harmless(entry.path):
                continue
            if entry.size > MAX_FILE:
                large.append(entry.path)
                continue
            files[entry.path] = entry
        before, self._files = self._files, files
        for path, entry in before.items():
            if files.get(path) != entry:
                self._remove(path)
        batch: list[TreeEntry] = []
        size = 0
        for path, entry in files.items():
            if before.get(path) == entry:
                continue
            batch.append(entry)
            size += entry.size
            if size >= _BATCH:
                _write(self.repository, batch, self.directory)
                batch, size = [], 0
        _write(self.repository, batch, self.directory)
        return tuple(large)

    def _remove(self, path: str) -> None:
        """Take a file away, and the folders it leaves empty: the next commit may have files of their names."""
        relative = path.removeprefix(self.repository.prefix)
        try:
            os.unlink(os.path.join(self.directory, relative))
            while relative := os.path.dirname(relative):
                os.rmdir(os.path.join(self.directory, relative))
        except OSError:
            return  # not empty; or a link that could not be made


def _harmless(path: str) -> bool:
    """Git refuses such paths when it checks out; a tree object can hold them all the same."""
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in path.split("/"))


def _write(repository: Repository, entries: list[TreeEntry], directory: str) -> None:
    contents = repository.blobs([entry.oid for entry in entries])
    made: set[str] = set()
    links: list[tuple[bytes, str]] = []
    for entry in entries:
        target = os.path.join(directory, entry.path.removeprefix(repository.prefix))
        folder = os.path.dirname(target)
        if folder not in made:
            os.makedirs(folder, exist_ok=True)
            made.add(folder)
        if entry.mode == "120000":
            links.append((contents[entry.oid], target))
            continue
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755 if entry.mode == "100755" else 0o644)
        with open(descriptor, "wb") as file:
            file.write(contents[entry.oid])
    # After all files: nothing is ever written through a link.
    for to, target in links:
        try:
            os.symlink(to, os.fsencode(target))
        except (OSError, ValueError):
            continue  # an empty or impossible link: nothing that could hold a manifest
