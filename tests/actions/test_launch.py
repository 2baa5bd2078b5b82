"""How an action starts: which Python, which packages, from where, and what it does not read."""

import base64
import http.server
import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.actions import act
from tests.actions.act import launch
from tests.support import repositories

POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'r.example/api:1'}]}\n"
BUMP = {"IMAGE": "r.example/api", "TAG": "2"}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    made = tmp_path / "checkout"
    repositories.write(made, {"a.yaml": POD})
    return made


def installed(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "temp" / "gitops-ci").iterdir() if path.name != "bytecode")


def test_a_bump_installs_the_smallest_tier_and_nothing_else(runner: None, tmp_path: Path, checkout: Path) -> None:
    from hashlib import sha256

    done = launch(tmp_path, "bump", BUMP, cwd=checkout)
    assert done.returncode == 0, done.stderr
    (directory,) = installed(tmp_path)
    lock, _, tag = directory.partition("-")
    assert lock == sha256((act.ROOT / "lock" / "core.txt").read_bytes()).hexdigest()
    assert tag.startswith("cpython-3")
    held = {path.name.partition("-")[0] for path in (tmp_path / "temp" / "gitops-ci" / directory).iterdir()}
    assert not held & {"requests", "rich", "urllib3"}
    assert os.listdir(checkout) == ["a.yaml"]


def need_pip(tmp_path: Path) -> None:
    tools = act.environment(tmp_path, uv=False)
    if shutil.which("uv", path=tools["PATH"]):
        pytest.skip("uv is a part of this system: pip cannot be tried")
    if subprocess.run([tmp_path / "tools" / "python3", "-m", "pip"], capture_output=True, check=False).returncode:
        pytest.skip("this Python has no pip")


def test_pip_does_where_there_is_no_uv(runner: None, tmp_path: Path, checkout: Path) -> None:
    need_pip(tmp_path)
    done = launch(tmp_path, "bump", BUMP, cwd=checkout, uv=False, PIP_USER="1", PIP_TARGET="/nowhere")
    assert done.returncode == 0, done.stderr
    assert "r.example/api:2" in (checkout / "a.yaml").read_text()


def test_steps_that_start_at_once_share_one_complete_directory(runner: None, tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    act.environment(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: launch(tmp_path, "schema", {"NAME": "find"}, cwd=tmp_path), range(4)))
    assert [one.returncode for one in done] == [0] * 4, [one.stderr for one in done]
    assert len(installed(tmp_path)) == 1


def test_a_package_with_another_hash_is_not_installed(runner: None, tmp_path: Path, checkout: Path) -> None:
    copy = tmp_path / "action"
    for name in ("scripts", "lock", "gitops_ci"):
        shutil.copytree(act.ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    lock = copy / "lock" / "core.txt"
    lock.write_text("semver==3.0.4 \\\n    --hash=sha256:" + "0" * 64 + "\n")
    done = subprocess.run(
        ["bash", str(copy / "scripts" / "run.sh"), "bump"], cwd=checkout, capture_output=True, text=True, check=False,
        env={**act.environment(tmp_path), "RUNNER_TEMP": str(tmp_path), "GITHUB_ACTIONS": "true"},
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith("::error::lock/core.txt could not be installed with ")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in (tmp_path / "gitops-ci").iterdir()] == []


@pytest.mark.parametrize("uv", [True, False], ids=["uv", "pip"])
def test_nothing_of_the_checkout_is_imported_or_obeyed(runner: None, tmp_path: Path, checkout: Path, uv: bool) -> None:
    if not uv:
        need_pip(tmp_path)
    proof = tmp_path / "proof"
    trap = f"open({str(proof)!r}, 'a').write(__name__)\n"
    names = ["semver", "yaml", "argparse", "sitecustomize", "usercustomize", "encodings", "os", "launch", "pip", "uv"]
    elsewhere = "http://127.0.0.1:9/simple"
    config = f"[global]\nindex-url = {elsewhere}\nno-index = true\n"
    repositories.write(
        checkout,
        {
            **{f"{name}.py": trap for name in names},
            **{f"{name}/__init__.py": trap for name in ("gitops_ci", "ruamel", "scripts")},
            "uv.toml": f'index-url = "{elsewhere}"\noffline = true\n',
            "pyproject.toml": f'[tool.uv]\nindex-url = "{elsewhere}"\n',
            "pip.conf": config, "pip.ini": config, ".pip/pip.conf": config, "setup.cfg": config,
            ".python-version": "2.7\n", "pyvenv.cfg": "home = /nowhere\n",
            "python3": "#!/bin/sh\nexit 77\n",
        },
    )  # fmt: skip
    (checkout / "python3").chmod(0o755)
    more = {"PYTHONPATH": str(checkout), "PYTHONSTARTUP": str(checkout / "os.py"), "PYTHONHOME": ""}
    done = launch(tmp_path, "bump", BUMP, cwd=checkout, uv=uv, **more)
    assert done.returncode == 0, done.stderr
    assert not proof.exists(), proof.read_text()
    assert "r.example/api:2" in (checkout / "a.yaml").read_text()


def fake(directory: Path, name: str, text: str) -> None:
    directory.mkdir(exist_ok=True)
    (directory / name).write_text(f"#!/bin/sh\n{text}\n")
    (directory / name).chmod(0o755)


def bare(tmp_path: Path, *commands: str) -> dict[str, str]:
    """An environment whose PATH holds these commands and ``fake``'s."""
    tools = tmp_path / "bare"
    tools.mkdir(exist_ok=True)
    for command in commands:
        (tools / command).symlink_to(str(shutil.which(command)))
    return {"PATH": str(tools), "RUNNER_TEMP": str(tmp_path), "HOME": str(tmp_path)}


def test_an_old_python_is_told_in_one_line(tmp_path: Path) -> None:
    environment = bare(tmp_path, "bash", "dirname")
    old = 'case "$*" in *exit*) exit 1;; *) echo 3.9;; esac'
    for name in ("python3", "python"):
        fake(tmp_path / "bare", name, old)
    done = subprocess.run(
        ["bash", str(act.ROOT / "scripts" / "run.sh"), "find"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "::error::gitops-ci needs Python 3.11 or newer, this runner's is 3.9; put actions/setup-python before this step\n"
    )


def test_a_newer_python_under_another_name_is_taken(runner: None, tmp_path: Path, checkout: Path) -> None:
    python = act.environment(tmp_path)["PATH"].split(os.pathsep)[0] + "/python3"
    environment = {**act.environment(tmp_path), **bare(tmp_path, "bash", "dirname")}
    fake(tmp_path / "bare", "python3", "exit 1")
    fake(tmp_path / "bare", "python3.13", f'exec {python} "$@"')
    if shutil.which("uv"):
        (tmp_path / "bare" / "uv").symlink_to(str(shutil.which("uv")))
    done = subprocess.run(
        ["bash", str(act.ROOT / "scripts" / "run.sh"), "find"],
        cwd=checkout, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 image" in done.stdout


def test_outside_a_job_it_says_so(tmp_path: Path) -> None:
    environment = act.environment(tmp_path)
    done = subprocess.run(
        ["bash", str(act.ROOT / "scripts" / "run.sh"), "find"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("::error::RUNNER_TEMP is not set")


def test_the_token_is_the_one_header_that_git_sends(runner: None, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.headers.get_all("Authorization") or [])
            self.send_response(404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    clone, _ = repositories.make(tmp_path, {"a.yaml": POD})
    repositories.git(clone, "remote", "set-url", "origin", f"{url}/acme/gitops")
    # What a checkout that keeps its credentials leaves behind.
    repositories.git(clone, "config", f"http.{url}/.extraheader", "AUTHORIZATION: basic b2xkOm9sZA==")
    done = launch(
        tmp_path,
        "update",
        {"TOKEN": "ghs_secret\n", "OFFLINE": "true", "FORGE": "local"},
        cwd=clone,
        GITHUB_SERVER_URL=url,
    )
    server.shutdown()
    server.server_close()
    basic = base64.b64encode(b"x-access-token:ghs_secret").decode()
    assert done.returncode == 3
    assert seen and all(headers == [f"basic {basic}"] for headers in seen)
    assert done.stdout.startswith(f"::add-mask::ghs_secret\n::add-mask::{basic}\n")
    assert "ghs_secret" not in done.stderr
