"""What an action runs: ``python3 -I -S launch.py VERB``, the inputs being in ``GITOPS_CI_INPUT_*`` variables.

The code is that of the action's own checkout, so that the commit a workflow names decides all of it. The packages
are those of ``lock/<tier>.txt``, by hash, in ``$RUNNER_TEMP/gitops-ci/<SHA-256 of the lock>-<Python tag>``: a
directory of their own, that nothing else reads. Neither PATH nor the environment of later steps is changed.

A verb starts with the smallest tier that it mostly needs; where it goes on to import what only a larger tier has
(``bump`` asks a registry for a digest), that tier is installed then.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent

TIERS = {"find": "core", "bump": "core", "update": "update", "pr": "github", "demo": "update", "schema": "core"}
"""Verb → the lock file that it starts with."""

MODULES = {
    **dict.fromkeys(("_yaml", "yaml", "ruamel", "semver"), "core"),
    **dict.fromkeys(
        (
            "bracex", "certifi", "cronsim", "dotpromptz_handlebars", "handlebarrz", "jsonata", "jsonschema_rs",
            "pyjson5", "re2", "requests", "rich", "tzdata", "urllib3", "wcmatch",
        ),
        "update",
    ),
    "github": "github",
    "docker": "docker",
    "kubernetes": "kubernetes",
}  # fmt: skip
"""What the package imports → the smallest tier that holds it."""

INPUT = "GITOPS_CI_INPUT_"
WRONG_USAGE = 2
OUTSIDE = 3
INSTALL_TIMEOUT = 300
"""Seconds."""

# What tells pip where packages come from on this machine. Everything else of PIP_* could change what it does;
# the packages themselves are held by their hashes.
_PIP_SETTINGS = (
    "CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS", "INDEX_URL",
    "KEYRING_PROVIDER", "NO_CACHE_DIR", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT", "TRUSTED_HOST",
)  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Run one verb with the step's inputs; without a word, the one that the input ``command`` names."""
    verb = words[0] if words else os.environ.get(f"{INPUT}COMMAND", "").strip()
    if not verb:
        fail(WRONG_USAGE, f"the input command is empty; it is one of: {', '.join(TIERS)}")
    tiers = Tiers(temporary())
    if verb in TIERS:
        # With a token, an update proposes on GitHub: one installation instead of two.
        on_github = verb == "update" and os.environ.get(f"{INPUT}TOKEN", "").strip()
        tiers.use("github" if on_github else TIERS[verb])
    sys.meta_path.insert(0, tiers)
    sys.path.insert(0, str(ROOT))
    # Byte code is kept with the packages: neither the action's checkout nor the user's is written to.
    sys.pycache_prefix = str(tiers.directory / "bytecode")
    log_in(os.environ)

    from gitops_ci import cli
    from gitops_ci.commands import inputs
    from gitops_ci.errors import GitopsError

    sys.argv = ["gitops-ci", verb]
    try:
        arguments = inputs.free(os.environ) if not words else inputs.arguments(verb, os.environ)
    except GitopsError as error:
        fail(error.exit_code, f"{error.what}; {error.remedy}" if error.remedy else error.what)
    for name in [name for name in os.environ if name.startswith(INPUT)]:
        del os.environ[name]
    return cli.main([verb, *arguments])


class Tiers:
    """The installed tiers, and an import hook that installs a larger one when something of it is imported."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._used: set[str] = set()

    def use(self, tier: str) -> None:
        """Put the packages of a tier first on ``sys.path``; install them if they are not there yet."""
        lock = ROOT / "lock" / f"{tier}.txt"
        if tier in self._used or not lock.exists():
            return
        self._used.add(tier)
        from hashlib import sha256

        name = f"{sha256(lock.read_bytes()).hexdigest()}-{sys.implementation.cache_tag}"
        target = self.directory / name
        if not target.is_dir():
            install(lock, target)
        # Behind what is there: of a package that two tiers hold, the locks name the same version.
        sys.path.insert(1 if str(ROOT) in sys.path else 0, str(target))

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Called for each import that is not done yet. Always None: the path then has what the import looks for."""
        tier = MODULES.get(name)
        if tier is not None and not any(self._holds(used, tier) for used in self._used):
            self.use(tier)

    @staticmethod
    def _holds(larger: str, tier: str) -> bool:
        return larger == tier or tier == "core" or (tier == "update" and larger != "core")


def temporary() -> Path:
    """The directory of this job for everything that is installed."""
    where = os.environ.get("RUNNER_TEMP")
    if not where or not os.path.isabs(where):
        fail(WRONG_USAGE, "RUNNER_TEMP is not set; actions run in a GitHub workflow, the command line anywhere")
    directory = Path(where) / "gitops-ci"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def install(lock: Path, target: Path) -> None:
    """Put the packages of a lock file into ``target``, completely or not at all."""
    import shutil
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory(dir=target.parent, prefix="install-") as scratch:
        fresh = Path(scratch) / "packages"
        options = ["--quiet", "--target", fresh, "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock]
        uv = shutil.which("uv")
        environment = dict(os.environ)
        if uv is not None:
            command = [uv, "--no-config", "pip", "install", "--python", sys.executable, *options]
        else:
            kept = {f"PIP_{name}" for name in _PIP_SETTINGS}
            environment = {n: text for n, text in environment.items() if not n.startswith("PIP_") or n in kept}
            environment["PIP_USER"] = "0"
            pip = [sys.executable, "-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
            command = [*pip, *options]
        # Not in the user's checkout: uv and pip look for their configuration where they are started.
        what = f"lock/{lock.name} could not be installed with {'pip' if uv is None else 'uv'}"
        try:
            done = subprocess.run(
                list(map(str, command)), cwd=scratch, env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=INSTALL_TIMEOUT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            fail(OUTSIDE, f"{what} within {INSTALL_TIMEOUT} s: is there a network?")
        if done.returncode != 0:
            lines = [line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip()]
            if any(line.endswith("No module named pip") for line in lines):
                fail(OUTSIDE, "this runner's Python has no pip, and there is no uv; put actions/setup-python before")
            fail(OUTSIDE, f"{what}: {next((line for line in lines if 'error' in line.lower()), ' '.join(lines[-1:]))}")
        try:
            fresh.rename(target)
        except OSError:
            # Another step was quicker; what it put there is the same.
            if not target.is_dir():
                raise


def log_in(environment: MutableMapping[str, str]) -> None:
    """Make the input ``token`` what git and the forge log in with, in this process and its children only."""
    token = environment.pop(f"{INPUT}TOKEN", "").strip()
    if not token:
        return
    if not token.isascii() or not token.isprintable():
        fail(WRONG_USAGE, "the input token holds characters that no token has")
    from base64 import b64encode

    basic = b64encode(f"x-access-token:{token}".encode()).decode()
    for secret in (token, basic):
        print(f"::add-mask::{secret.replace('%', '%25')}", flush=True)
    environment["GITHUB_TOKEN"] = token
    key = f"http.{environment.get('GITHUB_SERVER_URL') or 'https://github.com'}/.extraheader"
    count = int(environment.get("GIT_CONFIG_COUNT") or 0)
    # The empty one takes away what a checkout may have left: two such headers, and GitHub refuses both.
    for number, header in enumerate(("", f"AUTHORIZATION: basic {basic}"), start=count):
        environment[f"GIT_CONFIG_KEY_{number}"] = key
        environment[f"GIT_CONFIG_VALUE_{number}"] = header
    environment["GIT_CONFIG_COUNT"] = str(count + 2)


def fail(code: int, text: str) -> NoReturn:
    """One line as an annotation, and the exit code."""
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::error::{escaped}", file=sys.stderr, flush=True)
    sys.exit(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
