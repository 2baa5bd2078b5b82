"""A second client: GitHub's own ``gh`` (Debian's, where apt may install it) talks to the double."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.doubles.github import GitHub


@pytest.fixture(scope="module")
def gh() -> str:
    """Where it is. It is unpacked into the user's cache, not installed."""
    found = shutil.which("gh")
    if found is not None:
        return found
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gitops-ci" / "gh"
    program = cache / "usr" / "bin" / "gh"
    if not program.exists() and shutil.which("apt-get") and shutil.which("dpkg"):
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", "gh"], cwd=cache, capture_output=True, timeout=60, check=False)
        for package in cache.glob("gh_*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(cache)], capture_output=True, timeout=60, check=False)
            package.unlink()
    if not program.exists():
        pytest.skip("there is no gh, and apt-get cannot download it")
    return str(program)


def test_gh_proposes_comments_looks_and_merges(github: GitHub, gh: str, tmp_path: Path) -> None:
    repository = github.repository("acme/gitops")
    repository.push("bump", {"apps/api.yaml": "image: api:2\n"})
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GH_CONFIG_DIR": str(home),
        "GH_TOKEN": github.token(),
        "GH_REPO": "acme/gitops",
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [gh, *arguments], cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout.strip()

    run("config", "set", "http_unix_socket", str(github.unix_socket()))
    fields = ("title=Bump", "head=bump", "base=main")
    run("api", "repos/acme/gitops/pulls", *(part for field in fields for part in ("-f", field)))
    for number in range(3):
        run("api", "repos/acme/gitops/issues/1/comments", "-f", f"body=comment {number}")
    listed = run("api", "--paginate", "repos/acme/gitops/issues/1/comments?per_page=2", "--jq", ".[].body")
    assert listed.split("\n") == ["comment 0", "comment 1", "comment 2"]
    seen = json.loads(run("pr", "view", "1", "--json", "number,title,state,mergeStateStatus,headRefOid"))
    assert seen == {
        "number": 1,
        "title": "Bump",
        "state": "OPEN",
        "mergeStateStatus": "CLEAN",
        "headRefOid": repository.branches()["bump"],
    }
    run("pr", "merge", "1", "--squash")
    assert github.pulls[1].merged and repository.files()["apps/api.yaml"] == b"image: api:2\n"
