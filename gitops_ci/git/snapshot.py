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
    batch: list[TreeEntry] = []
    size = 0
    large: list[str] = []
    for entry in repository.tree(commit):
        if entry.mode == "160000" or not _harmless(entry.path):
            continue
        if entry.size > MAX_FILE:
            large.append(entry.path)
            continue
        batch.append(entry)
        size += entry.size
        if size >= _BATCH:
            _write(repository, batch, directory)
            batch, size = [], 0
    _write(repository, batch, directory)
    return tuple(large)


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
