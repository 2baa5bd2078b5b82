"""The bare git repository behind a repository of the double: every answer about commits comes from real git."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class GitRefused(Exception):
    """git ended with an error; the text is what it said."""


class Entry(NamedTuple):
    mode: str
    kind: str
    oid: str
    size: int | None
    path: str


class CommitInfo(NamedTuple):
    oid: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    """Name, address, time (ISO 8601)."""
    committer: tuple[str, str, str]
    message: str


class Person(NamedTuple):
    name: str
    email: str


class BareRepository:
    """Thin, typed access to one bare repository."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._merges: dict[tuple[str, str], str | None] = {}
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C",
        }

    def create(self, branch: str, files: Mapping[str, str | bytes]) -> str:
        """Make it, with one commit on ``branch``; returns the commit."""
        self.path.mkdir(parents=True)
        self.run("init", "--quiet", "--bare", f"--initial-branch={branch}", ".")
        self.run("config", "uploadpack.allowAnySHA1InWant", "true")
        self.run("config", "gc.auto", "0")
        stream = [
            b"commit refs/heads/%s\n" % branch.encode(),
            b"committer Octocat <octocat@github.com> 1767225600 +0000\n",
        ]
        stream.append(b"data 14\nInitial commit\n")
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            stream.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
        self.run("fast-import", "--quiet", input=b"".join(stream) + b"\n")
        return self.refs()[f"refs/heads/{branch}"]

    def run(
        self,
        *arguments: str,
        input: bytes | None = None,  # noqa: A002 - as in subprocess
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """Standard output of ``git ARGUMENTS``. Raises GitRefused."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            input=input,
            capture_output=True,
            env={**self._environment, **(environment or {})},
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise GitRefused(done.stderr.decode(errors="replace").strip())
        return done.stdout

    def text(self, *arguments: str, input: bytes | None = None) -> str:  # noqa: A002 - as in subprocess
        return self.run(*arguments, input=input).decode("utf-8", "surrogateescape").rstrip("\n")

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Ref → commit."""
        rows = self.text("for-each-ref", "--format=%(refname) %(objectname)", prefix).splitlines()
        return dict(row.split(" ", 1) for row in rows)

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, tag or hash means; None when there is none."""
        if revision.startswith("-") or not revision:
            return None
        for candidate in (f"refs/heads/{revision}", f"refs/tags/{revision}", revision):
            try:
                return self.text("rev-parse", "--quiet", "--verify", "--end-of-options", candidate + "^{commit}")
            except GitRefused:
                continue
        return None

    def kind(self, oid: str) -> str | None:
        """``commit``, ``tree``, ``blob`` or ``tag``; None when there is no such object."""
        try:
            return self.text("cat-file", "-t", oid)
        except GitRefused:
            return None

    def is_ancestor(self, old: str, new: str) -> bool:
        try:
            self.run("merge-base", "--is-ancestor", old, new)
        except GitRefused:
            return False
        return True

    def count(self, of: str, without: str) -> int:
        """How many commits ``of`` has that ``without`` has not."""
        return int(self.text("rev-list", "--count", f"{without}..{of}"))

    def log(self, *revisions: str, limit: int = 250) -> list[str]:
        """Commits, newest first."""
        return self.text("rev-list", f"--max-count={limit}", *revisions).splitlines()

    def merge_tree(self, base: str, head: str) -> str | None:
        """The tree of both merged; None when they conflict."""
        if (base, head) not in self._merges:
            try:
                result = self.text("merge-tree", "--write-tree", base, head).splitlines()[0]
                self._merges[base, head] = result
            except GitRefused:
                self._merges[base, head] = None
        return self._merges[base, head]

    def set_ref(self, ref: str, new: str | None, old: str | None = None) -> None:
        """Move, make or (``new`` None) delete a ref; with ``old`` only when it is still there. Raises GitRefused."""
        if new is None:
            self.run("update-ref", "-d", ref, *([old] if old else []))
        else:
            self.run("update-ref", ref, new, *([old] if old else []))

    def blob(self, data: bytes) -> str:
        return self.run("hash-object", "-w", "--stdin", input=data).decode().strip()

    def content(self, oid: str) -> bytes:
        return self.run("cat-file", "blob", oid)

    def entries(self, tree: str, *, recursive: bool = False, path: str | None = None) -> list[Entry]:
        flags = ["-r", "-t"] if recursive else []
        rows = self.run("ls-tree", "-l", "-z", *flags, tree, *(["--", path] if path else [])).split(b"\0")
        found = []
        for row in filter(None, rows):
            head, _, name = row.decode("utf-8", "surrogateescape").partition("\t")
            mode, kind, oid, size = head.split()
            found.append(Entry(mode, kind, oid, None if size == "-" else int(size), name))
        return found

    def tree(self, base: str | None, changes: Sequence[tuple[str, str, str | None]]) -> str:
        """A tree made of ``base`` and (mode, path, oid or None for gone). Raises GitRefused."""
        index = self.path / f"index-{os.urandom(8).hex()}"
        environment = {"GIT_INDEX_FILE": str(index)}
        try:
            if base:
                self.run("read-tree", base, environment=environment)
            rows = b"".join(
                f"{mode if oid else '0'} {oid or '0' * 40}\t{path}\0".encode("utf-8", "surrogateescape")
                for mode, path, oid in changes
            )
            self.run("update-index", "-z", "--add", "--index-info", input=rows, environment=environment)
            return self.run("write-tree", environment=environment).decode().strip()
        finally:
            index.unlink(missing_ok=True)

    def commit(
        self, tree: str, parents: Sequence[str], message: str, author: Person, committer: Person | None = None
    ) -> str:
        committer = committer or author
        environment = {
            "GIT_AUTHOR_NAME": author.name,
            "GIT_AUTHOR_EMAIL": author.email,
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
        }
        flags = [flag for parent in parents for flag in ("-p", parent)]
        text = message.encode("utf-8", "surrogateescape")
        return self.run("commit-tree", tree, *flags, input=text, environment=environment).decode().strip()

    def info(self, oid: str) -> CommitInfo:
        form = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B"
        parts = self.text("show", "--no-patch", f"--format={form}", oid, "--").split("\0")
        return CommitInfo(
            parts[0],
            parts[1],
            tuple(parts[2].split()),
            (parts[3], parts[4], parts[5]),
            (parts[6], parts[7], parts[8]),
            parts[9].rstrip("\n"),
        )
