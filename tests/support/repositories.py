"""Real git repositories for tests: a bare remote, a clone of it, and other people who push."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    "GIT_AUTHOR_NAME": "Somebody", "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody", "GIT_COMMITTER_EMAIL": "somebody@example.com",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "LC_ALL": "C",
}  # fmt: skip


def git(where: Path, *args: str) -> str:
    """Run git as somebody; stdout without its last newline."""
    done = subprocess.run(["git", *args], cwd=where, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def write(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files, text as UTF-8."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(root: Path, files: Mapping[str, str | bytes], message: str = "Change") -> str:
    """Write files, commit everything, return the commit."""
    write(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)
    return git(root, "rev-parse", "HEAD")


def make(directory: Path, files: Mapping[str, str | bytes]) -> tuple[Path, Path]:
    """``(clone, remote)``: a bare remote with one commit of these files on ``main``, and a clone of it."""
    remote, clone = directory / "remote.git", directory / "clone"
    git(directory, "init", "-q", "--bare", "-b", "main", str(remote))
    git(directory, "clone", "-q", str(remote), str(clone))
    git(clone, "symbolic-ref", "HEAD", "refs/heads/main")
    commit(clone, files, "First")
    git(clone, "push", "-q", "origin", "main")
    return clone, remote


def state(root: Path) -> dict[str, bytes]:
    """Every file of a directory, ``.git`` included: to see that nothing was written."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
