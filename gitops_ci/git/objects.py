"""Writing objects: many blobs, trees or commits with one process each, however many changes a run makes.

Nothing here moves a ref. Blobs go in without filters or line-end conversion.
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from gitops_ci.errors import GitError
from gitops_ci.git.repository import Repository


class Signature(NamedTuple):
    """Who and when, for author and committer."""

    identity: str
    """``Name <mail>``."""
    when: datetime

    def __str__(self) -> str:
        """As a commit object holds it."""
        name, _, mail = self.identity.rpartition("<")
        name, mail = _word(name), _word(mail)
        return (
            f"{name or mail or 'gitops-ci'} <{mail}> {int(self.when.timestamp())} {self.when.strftime('%z') or '+0000'}"
        )


class Entry(NamedTuple):
    """One entry of a tree."""

    mode: str
    kind: str
    """``blob``, ``tree`` or ``commit`` (a submodule)."""
    oid: str


class CommitText(NamedTuple):
    """What a commit object says."""

    tree: str
    parents: tuple[str, ...]
    message: str


def write_blobs(repository: Repository, contents: Sequence[bytes]) -> list[str]:
    """Store these bytes; their object ids, in order."""
    return _write(repository, "blob", contents)


def write_trees(repository: Repository, trees: Sequence[Mapping[str, Entry]]) -> list[str]:
    """Store trees, each given by the entries of one folder. Their objects need not be here (a partial clone)."""
    if not trees:
        return []
    text = b"".join(
        b"".join(
            f"{entry.mode} {entry.kind} {entry.oid}\t".encode() + os.fsencode(name) + b"\0"
            for name, entry in tree.items()
        )
        + b"\0"
        for tree in trees
    )
    return _checked(repository.git("mktree", "-z", "--missing", "--batch", input=text), len(trees))


def write_commits(
    repository: Repository, commits: Sequence[CommitText], signature: Signature, author: Signature | None = None
) -> list[str]:
    """Store commits, all by the same people at the same time; the committer is the author unless one is named.

    Messages end in one newline.
    """
    texts = []
    for commit in commits:
        lines = [f"tree {commit.tree}", *(f"parent {parent}" for parent in commit.parents)]
        lines += [
            f"author {author or signature}",
            f"committer {signature}",
            "",
            commit.message.replace("\0", "").strip() + "\n",
        ]
        texts.append("\n".join(lines).encode("utf-8", "replace"))
    return _write(repository, "commit", texts)


def _write(repository: Repository, kind: str, contents: Sequence[bytes]) -> list[str]:
    if not contents:
        return []
    arguments = ("hash-object", "-w", "-t", kind, "--no-filters")
    if len(contents) == 1:
        return _checked(repository.git(*arguments, "--stdin", input=contents[0]), 1)
    with tempfile.TemporaryDirectory(prefix="gitops-ci-") as scratch:
        paths = []
        for number, data in enumerate(contents):
            path = os.path.join(scratch, str(number))
            with open(path, "wb") as file:
                file.write(data)
            paths.append(path)
        return _checked(
            repository.git(*arguments, "--stdin-paths", input="\n".join(paths).encode() + b"\n"), len(paths)
        )


def _checked(answer: bytes, count: int) -> list[str]:
    oids = answer.decode().split()
    if len(oids) != count:
        raise GitError(f"git wrote {len(oids)} of {count} objects")
    return oids


def _word(text: str) -> str:
    """A name or an address without what would end it in a commit object."""
    return " ".join("".join(character for character in text if character not in "<>\0").split())
