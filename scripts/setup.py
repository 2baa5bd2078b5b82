"""Sets up ``.venv`` for make: ``setup.py TIER`` (the name of a lock file), ``--system`` for what tests run against.

Needs Python alone. Each step is skipped when its result is there already; what could not be had is told in
one line with what follows from it. Nothing on the system is changed: Debian packages are unpacked into the
cache directory (``$XDG_CACHE_HOME/gitops-ci``), not installed, so no service starts.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)

SYSTEM = {"docker-registry": "the tests against a real registry"}
"""Debian package (and the command in it) → what is skipped without it."""


def main(arguments: list[str]) -> int:
    if sys.version_info < OLDEST:
        return say(
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}; set PYTHON="
        )
    tiers = [word for word in arguments if not word.startswith("-")]
    if tiers and not (make_venv() and all(install(tier) for tier in tiers) and install_package()):
        return 2
    if "--system" in arguments:
        for package, skipped in SYSTEM.items():
            if find_command(package) is None and not unpack(package):
                say(f"{package} could not be had: {skipped} will be skipped")
    if "--path" in arguments:
        print(os.pathsep.join(str(path) for path in [VENV / "bin", *command_directories()]))
    return 0


def make_venv() -> bool:
    """An environment of the running Python's version, made in the first way that works here."""
    if PYTHON.exists() and run([PYTHON, "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]):
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    say(f"making .venv with Python {sys.version.split()[0]}")
    if uv() and run([uv(), "--no-config", "venv", "--quiet", "--python", sys.executable, VENV]):
        return True
    if importable("ensurepip") and run([sys.executable, "-m", "venv", VENV]):
        return True
    if importable("venv") and pip() and run([sys.executable, "-m", "venv", "--without-pip", VENV]):
        return True
    shutil.rmtree(VENV, ignore_errors=True)
    say("this Python has no venv or pip, and neither uv nor apt is here: install python3-venv (or uv), then try again")
    return False


def install(tier: str) -> bool:
    """The versions of ``lock/<tier>.txt``, each checked against its hash."""
    lock = ROOT / "lock" / f"{tier}.txt"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{tier}"
    if stamp.exists() and stamp.read_text() == digest:
        return True
    say(f"installing lock/{tier}.txt")
    options = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", lock]
    if not run([*installer(), "install", *target(), *options], show=True):
        say(f"could not install lock/{tier}.txt: is there a network?")
        return False
    stamp.write_text(digest)
    return True


def install_package() -> bool:
    """This checkout itself, editable, so that ``.venv/bin/gitops-ci`` is there."""
    if (VENV / "bin" / "gitops-ci").exists():
        return True
    return install("build") and run(
        [*installer(), "install", *target(), "--no-deps", "--no-build-isolation", "--editable", ROOT], show=True
    )


def uv() -> str | None:
    return shutil.which("uv")


def installer() -> list[str | Path]:
    if uv():
        return [uv() or "", "--no-config", "pip"]
    if (VENV / "bin" / "pip").exists():
        return [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    return [*pip(), "--disable-pip-version-check", "--quiet", "--python", PYTHON]


def target() -> list[str | Path]:
    return ["--quiet", "--python", PYTHON] if uv() else []


def pip() -> list[str | Path]:
    """A pip from outside the environment: this Python's own, or Debian's wheel of it, unpacked."""
    if importable("pip"):
        return [sys.executable, "-m", "pip"]
    if not list(cache().glob("debian/usr/share/python-wheels/pip-*.whl")) and not unpack("python3-pip-whl"):
        return []
    wheel = max(cache().glob("debian/usr/share/python-wheels/pip-*.whl"))
    return [sys.executable, wheel / "pip"]


def unpack(package: str) -> bool:
    """Download a Debian package and unpack it into the cache directory; works without root."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        return False
    private = cache() / "apt"
    # apt's lists of packages: the system's first (none in a fresh container), then a private copy.
    options = [
        f"Dir::State::Lists={private}/lists",
        f"Dir::Cache={private}/cache",
        f"APT::Sandbox::User={os.environ.get('USER') or 'root'}",
        "Acquire::Retries=2",
        "Acquire::http::Timeout=30",
    ]
    with tempfile.TemporaryDirectory() as directory:
        download = ["download", package]
        if not run(["apt-get", "--quiet", *download], cwd=directory):
            for part in ("lists/partial", "cache/archives/partial"):
                (private / part).mkdir(parents=True, exist_ok=True)
            own = [word for option in options for word in ("-o", option)]
            if not (run(["apt-get", *own, "update"]) and run(["apt-get", *own, *download], cwd=directory)):
                return False
        return all(run(["dpkg", "-x", file, cache() / "debian"]) for file in Path(directory).glob("*.deb"))


def find_command(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, command_directories())]))


def command_directories() -> list[Path]:
    return [cache() / "debian" / "usr" / "bin", cache() / "debian" / "usr" / "sbin"]


def cache() -> Path:
    wanted = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gitops-ci"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        wanted = Path(tempfile.gettempdir()) / f"gitops-ci-{os.getuid()}"
        wanted.mkdir(mode=0o700, exist_ok=True)
    return wanted


def importable(module: str) -> bool:
    return run([sys.executable, "-c", f"import {module}"])


def run(command: list[str | Path | None], *, show: bool = False, cwd: str | None = None) -> bool:
    """True if the command could be run and succeeded. Its words are shown only on request."""
    quiet = None if show else subprocess.DEVNULL
    try:
        return (
            subprocess.run([str(word) for word in command], stdout=quiet, stderr=quiet, cwd=cwd, check=False).returncode
            == 0
        )
    except OSError:
        return False


def say(text: str) -> int:
    print(f"setup: {text}", file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
