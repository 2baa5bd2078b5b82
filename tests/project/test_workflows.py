"""This project's own workflows keep the rules that it will hold others to."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONS = [ROOT / "action.yml", *sorted((ROOT / "actions").glob("*/action.yml"))]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_timeouts_and_concurrency(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(path: Path) -> None:
    uses = re.findall(r"^\s*-?\s*uses:\s*(.+)$", path.read_text(), re.MULTILINE)
    assert uses
    for text in uses:
        # $/ is this repository at the commit that the workflow is of: ./ would be the caller's checkout.
        own = text.startswith("$/") and (ROOT / text[2:] / "action.yml").is_file()
        assert own or re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*", text), text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_expression_inside_a_script(path: Path) -> None:
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        assert not [step for step in job.get("steps", []) if "${{" in step.get("run", "")]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_grant_has_its_reason_and_every_checkout_drops_its_credentials(path: Path) -> None:
    for job in yaml.safe_load(path.read_text())["jobs"].values():
        assert isinstance(job["permissions"], dict)
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
    for line in re.findall(r"^\s+[\w-]+: (?:read|write)\b.*$", path.read_text(), re.MULTILINE):
        assert " # " in line, line


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_action_uses_no_other_and_changes_nothing_for_later_steps(path: Path) -> None:
    text = path.read_text() + "".join(file.read_text() for file in sorted((ROOT / "scripts").glob("[lr]*.[ps][yh]")))
    assert not re.search(r"uses:|GITHUB_ENV|GITHUB_PATH|\beval\b|actions/cache", text)


def test_the_matrix_covers_the_supported_versions_of_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    classifiers = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == classifiers


def lint(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_has_nothing_to_say() -> None:
    lint(["actionlint", *map(str, WORKFLOWS)])


def test_zizmor_has_nothing_to_say() -> None:
    lint(["zizmor", "--persona", "auditor", "--offline", "--no-progress", *map(str, [*WORKFLOWS, *ACTIONS])])
