"""Repository: a git checkout (or bare repository) and what can be read from it. Never changes it."""

import os
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gitops_ci.errors import GitError
from gitops_ci.git.process import TIMEOUT, failed_with, git

FETCH_TIMEOUT = 600.0
"""Seconds; a first fetch of a large repository takes its time."""


class TreeEntry(NamedTuple):
    """One file of a commit."""

    mode: str
    """``100644``, ``100755``, ``120000`` (symbolic link), ``160000`` (submodule)."""
    oid: str
    path: str
    """From the top of the repository, with ``/``."""
    size: int
    """Bytes; 0 for a submodule."""


class Refs(NamedTuple):
    """What a remote, or the repository itself, offers."""

    heads: dict[str, str]
    """Branch name to commit."""
    others: dict[str, str]
    """Full ref name to object, for refs outside ``refs/heads/`` that were asked for."""
    default_branch: str | None


class Repository:
    """A git repository. ``root`` may be a folder inside it; ``prefix`` is then that folder.

    With ``scratch``, a directory, new objects (what a fetch brings, what is built) go there and the repository
    stays untouched. Raises GitError where ``root`` is not in a repository.
    """

    def __init__(self, root: str, *, scratch: str | None = None) -> None:
        self.root = os.path.abspath(root)
        self._environment: dict[str, str] = {}
        # One process answers everything that never changes.
        answer = self._text(
            "rev-parse", "--show-prefix", "--absolute-git-dir", "--is-bare-repository", "--is-shallow-repository"
        )
        prefix, git_dir, bare, shallow = answer.split("\n")[:4]
        self.prefix = prefix
        """``""`` or ``folder/``: where ``root`` stands in the repository."""
        self.git_dir = git_dir
        self.bare = bare == "true"
        self.shallow = shallow == "true"
        if scratch is not None:
            objects = self._text("rev-parse", "--path-format=absolute", "--git-path", "objects")
            self._environment = {"GIT_OBJECT_DIRECTORY": scratch, "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects}
        self.top = os.path.normpath(os.path.join(self.root, *[".."] * prefix.count("/"))) if prefix else self.root

    def git(
        self,
        *args: str,
        input: bytes | None = None,  # noqa: A002 - subprocess's own word
        env: dict[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> bytes:
        """Run git in this repository."""
        return git(args, cwd=self.root, input=input, env={**self._environment, **(env or {})}, timeout=timeout)

    def _text(self, *args: str) -> str:
        return self.git(*args).decode("utf-8", "surrogateescape").rstrip("\n")

    def resolve(self, revision: str) -> str | None:
        """The commit that a revision names, or None."""
        try:
            return self._text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") or None
        except GitError as error:
            if failed_with(error)[0] in (1, 128):
                return None
            raise

    @property
    def head(self) -> str | None:
        """The commit checked out; None before the first one."""
        return self.resolve("HEAD")

    @property
    def branch(self) -> str | None:
        """The branch checked out; None when detached."""
        try:
            return self._text("symbolic-ref", "--short", "--quiet", "HEAD")
        except GitError as error:
            if failed_with(error)[0] == 1:
                return None
            raise

    def remotes(self) -> tuple[str, ...]:
        """The names of the configured remotes."""
        return tuple(self._text("remote").split())

    def remote_url(self, remote: str) -> str | None:
        """Where a remote is, after ``url.*.insteadOf``; None if there is no such remote."""
        try:
            return self._text("remote", "get-url", "--", remote)
        except GitError as error:
            if failed_with(error)[0] is not None:
                return None
            raise

    def owner_name(self, remote: str) -> str | None:
        """``owner/name`` from a remote's URL, as matchRepositories compares it; None if the URL has no such part."""
        return owner_name(self.remote_url(remote) or "")

    def local_refs(self, *prefixes: str) -> Refs:
        """The repository's own branches, and its refs below the given prefixes."""
        listing = self._text("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads/", *prefixes)
        return _refs((line.split(" ", 1) for line in listing.splitlines()), self.branch)

    def remote_refs(self, remote: str, *patterns: str) -> Refs:
        """The remote's branches, and its refs that match the patterns, in one request that fetches nothing."""
        listing = self.git(
            "ls-remote", "--symref", "--", remote, "HEAD", "refs/heads/*", *patterns, timeout=FETCH_TIMEOUT
        )
        default: str | None = None
        pairs: list[list[str]] = []
        for line in listing.decode("utf-8", "surrogateescape").splitlines():
            value, _, name = line.partition("\t")
            if value.startswith("ref: refs/heads/") and name == "HEAD":
                default = value.removeprefix("ref: refs/heads/")
            elif name != "HEAD":
                pairs.append([value, name])
        return _refs(pairs, default)

    def remote_head(self, remote: str, branch: str) -> str | None:
        """The commit a branch of the remote is at, asked of the remote itself; None where it has no such branch."""
        ref = f"refs/heads/{branch}"
        listing = self.git("ls-remote", "--", remote, ref, timeout=FETCH_TIMEOUT)
        for line in listing.decode("utf-8", "surrogateescape").splitlines():
            oid, _, name = line.partition("\t")
            if name == ref:  # git also lists refs that merely end like it
                return oid
        return None

    def missing(self, oids: Iterable[str]) -> list[str]:
        """Which of these objects this repository does not have."""
        wanted = list(dict.fromkeys(oids))
        if not wanted:
            return []
        answer = self.git("cat-file", "--batch-check=%(objectname)", input="\n".join(wanted).encode() + b"\n")
        return [line.split()[0].decode() for line in answer.splitlines() if line.endswith(b" missing")]

    def fetch(self, remote: str, refs: Sequence[str]) -> None:
        """Bring these refs' objects here. No local ref of any kind changes, nor FETCH_HEAD."""
        if refs:
            self.git(
                "fetch",
                "--quiet",
                "--no-tags",
                "--no-write-fetch-head",
                "--refmap=",
                "--",
                remote,
                *refs,
                timeout=FETCH_TIMEOUT,
            )

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None where there is none (or a shallow clone does not reach it)."""
        try:
            return self._text("merge-base", one, other)
        except GitError as error:
            if failed_with(error)[0] == 1:
                return None
            raise

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether ``new`` contains ``old``."""
        try:
            self.git("merge-base", "--is-ancestor", old, new)
        except GitError as error:
            if failed_with(error)[0] == 1:
                return False
            raise
        return True

    def merges_cleanly(self, base: str, tip: str) -> tuple[bool, str | None]:
        """``(clean, tree)``: whether ``tip`` merges into ``base`` without a conflict, and the tree it would give.

        Needs git 2.38; with an older one the answer is "no": the caller then rebuilds, which is always right.
        """
        try:
            answer = self._text("merge-tree", "--write-tree", base, tip)
        except GitError as error:
            if failed_with(error)[0] is not None:
                return False, None
            raise
        return True, answer.split("\n", 1)[0]

    def tree(self, commit: str) -> list[TreeEntry]:
        """Every file of a commit (below ``prefix``), paths from the top of the repository."""
        scope = ("--", self.prefix) if self.prefix else ()
        listing = self.git("ls-tree", "-r", "-l", "-z", "--full-tree", commit, *scope)
        entries = []
        for record in listing.split(b"\0"):
            if record:
                meta, _, path = record.partition(b"\t")
                mode, _, oid, size = meta.decode().split()
                entries.append(TreeEntry(mode, oid, os.fsdecode(path), 0 if size == "-" else int(size)))
        return entries

    def entries(self, commit: str, paths: Iterable[str]) -> dict[str, tuple[str, str]]:
        """``path → (mode, object)`` of those of these files that a commit has; {} where the commit is not here."""
        found = {}
        names = list(paths)
        try:
            for start in range(0, len(names), 500):
                listing = self.git("ls-tree", "-z", "--full-tree", commit, "--", *names[start : start + 500])
                for record in listing.split(b"\0"):
                    if record:
                        meta, _, name = record.partition(b"\t")
                        mode, _, oid = meta.decode().split()
                        found[os.fsdecode(name)] = (mode, oid)
        except GitError as error:
            if failed_with(error)[0] is None:
                raise
            return {}
        return found

    def tree_of(self, commit: str) -> str:
        """The object id of a commit's tree."""
        return self._text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    def blobs(self, oids: Sequence[str], *, skip: bool = False) -> dict[str, bytes]:
        """The contents of many objects (ids, or ``commit:path``), by one process, without filters or line-end
        conversion. One that is missing is left out with ``skip``, else a GitError."""
        wanted = list(dict.fromkeys(oids))
        if not wanted:
            return {}
        data = self.git("cat-file", "--batch", input="\n".join(wanted).encode() + b"\n")
        found: dict[str, bytes] = {}
        at = 0
        for oid in wanted:
            end = data.index(b"\n", at)
            header = data[at:end].rsplit(b" ", 2)
            if header[-1] == b"missing" or header[1] not in (b"blob", b"commit", b"tree", b"tag"):
                at = end + 1
                if skip:
                    continue
                raise GitError(
                    f"object {oid} is not in the repository", remedy="fetch with enough depth, or without a filter"
                )
            size = int(header[2])
            found[oid] = data[end + 1 : end + 1 + size]
            at = end + 1 + size + 1
        return found

    def subjects(self, commit: str, count: int) -> list[str]:
        """The first lines of the latest commits, newest first."""
        return self._text("log", f"--max-count={count}", "--no-merges", "--format=%s", commit).splitlines()

    def identity(self) -> str | None:
        """``Name <mail>`` that git would commit with here, or None where nobody configured one."""
        try:
            found = self._text("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
        except GitError:
            return None
        return found.rsplit("> ", 1)[0] + ">"


def owner_name(url: str) -> str | None:
    """``owner/name`` of ``https://host/owner/name.git``, ``git@host:owner/name``; groups of groups are kept."""
    found = re.fullmatch(r"(?:[a-z+]+://(?:[^/@]*@)?[^/]+/|(?:[^/@:]+@)?[^/:]+:(?!/))(.+?)(?:\.git)?/?", url)
    if found is None or "/" not in found[1] or url.startswith("file:"):
        return None
    return found[1].strip("/")


def _refs(pairs: Iterable[Sequence[str]], default: str | None) -> Refs:
    heads: dict[str, str] = {}
    others: dict[str, str] = {}
    for oid, name in pairs:
        if name.startswith("refs/heads/"):
            heads[name.removeprefix("refs/heads/")] = oid
        else:
            others[name] = oid
    return Refs(heads, others, default)
