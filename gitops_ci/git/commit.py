"""Commits built beside the user's work: neither the working tree nor the index is read or written.

The tree is put together in an index file of its own from the base commit's tree; blobs go in and out
without filters, so line ends and bytes are those of the repository.
"""

import os
import tempfile
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from gitops_ci.errors import GitError, RefusedError
from gitops_ci.git.repository import Repository

FALLBACK_IDENTITY = "gitops-ci <gitops-ci@users.noreply.invalid>"
"""Who commits where neither the configuration nor git says who. ``.invalid`` is reserved (RFC 2606)."""
_REGULAR = ("100644", "100755")


class Commit(NamedTuple):
    """A commit that was built."""

    oid: str
    tree: str


class Signature(NamedTuple):
    """Who and when, for author and committer."""

    identity: str
    """``Name <mail>``."""
    when: datetime

    def environment(self) -> dict[str, str]:
        """The variables that ``git commit-tree`` reads."""
        name, _, mail = self.identity.rpartition("<")
        name, mail = name.strip(), mail.rstrip("> ").strip()
        stamp = f"{int(self.when.timestamp())} {self.when.strftime('%z') or '+0000'}"
        values = {"NAME": name or mail or "gitops-ci", "EMAIL": mail, "DATE": stamp}
        return {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in values.items()}


def modes(repository: Repository, base: str, paths: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    """``path → (mode, blob)`` of these files in a commit. RefusedError for one that is no plain file there."""
    listing = repository.git("ls-tree", "-z", "--full-tree", base, "--", *paths) if len(paths) <= 100 else None
    if listing is None:
        known = {entry.path: (entry.mode, entry.oid) for entry in repository.tree(base)}
    else:
        known = {}
        for record in listing.split(b"\0"):
            if record:
                meta, _, name = record.partition(b"\t")
                mode, _, oid = meta.decode().split()
                known[os.fsdecode(name)] = (mode, oid)
    for path in paths:
        if path not in known:
            raise RefusedError("the file is not in the base commit", file=path, remedy="commit it first, or run again")
        if known[path][0] not in _REGULAR:
            raise RefusedError("only plain files are changed; this is a link or a submodule", file=path)
    return {path: known[path] for path in paths}


def build(
    repository: Repository, base: str, contents: Mapping[str, bytes], *, message: str, signature: Signature
) -> Commit:
    """A commit on top of ``base`` in which these files (paths from the top) have these bytes; modes are kept.

    Objects are written to the repository, no ref points to them yet. Raises GitError, RefusedError.
    """
    entries = modes(repository, base, contents)
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as scratch:
        oids = _write_blobs(repository, scratch, list(contents.values()))
        index = {"GIT_INDEX_FILE": os.path.join(scratch, "index")}
        repository.git("read-tree", base, env=index)
        lines = [
            f"{entries[path][0]} {oid}\t".encode() + os.fsencode(path) for path, oid in zip(contents, oids, strict=True)
        ]
        repository.git("update-index", "-z", "--index-info", input=b"".join(line + b"\0" for line in lines), env=index)
        tree = repository.git("write-tree", env=index).decode().strip()
    return Commit(commit_tree(repository, tree, (base,), message=message, signature=signature), tree)


def build_record(
    repository: Repository, parents: tuple[str, ...], files: Mapping[str, bytes], *, message: str, signature: Signature
) -> str:
    """A commit whose tree holds exactly these files at its top: how state is kept in refs of our own."""
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as scratch:
        oids = _write_blobs(repository, scratch, list(files.values()))
    listing = "".join(f"100644 blob {oid}\t{name}\n" for name, oid in zip(files, oids, strict=True))
    tree = repository.git("mktree", input=listing.encode()).decode().strip()
    return commit_tree(repository, tree, parents, message=message, signature=signature)


def commit_tree(
    repository: Repository, tree: str, parents: tuple[str, ...], *, message: str, signature: Signature
) -> str:
    """A commit object for a tree. The message is taken as it is, with one newline at its end."""
    arguments = ["commit-tree", "--no-gpg-sign", tree]
    for parent in parents:
        arguments += ["-p", parent]
    text = message.replace("\0", "").rstrip() + "\n"
    return (
        repository.git(*arguments, input=text.encode("utf-8", "replace"), env=signature.environment()).decode().strip()
    )


def _write_blobs(repository: Repository, scratch: str, contents: list[bytes]) -> list[str]:
    """Write objects with one process however many there are."""
    if len(contents) == 1:
        return [repository.git("hash-object", "-w", "--no-filters", "--stdin", input=contents[0]).decode().strip()]
    paths = []
    for number, data in enumerate(contents):
        path = os.path.join(scratch, f"blob-{number}")
        with open(path, "wb") as file:
            file.write(data)
        paths.append(path)
    oids = (
        repository.git("hash-object", "-w", "--no-filters", "--stdin-paths", input="\n".join(paths).encode() + b"\n")
        .decode()
        .split()
    )
    if len(oids) != len(contents):
        raise GitError("git hash-object did not write every file")
    return oids
