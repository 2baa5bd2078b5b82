"""What the actions declare is what the verbs take and give; every table is made from it."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops_ci import cli
from gitops_ci.commands import inputs
from tests.actions.act import ROOT
from tests.support import repositories

# Not a part of any package: a runner starts it as a file.
SPEC = importlib.util.spec_from_file_location("launch", ROOT / "scripts" / "launch.py")
assert SPEC is not None and SPEC.loader is not None
launch = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(launch)

ACTIONS = sorted(ROOT.glob("actions/*/action.yml"))
EVERY = [ROOT / "action.yml", *ACTIONS]
WORKFLOWS = [path for path in (ROOT / ".github" / "workflows").glob("*.yml") if "workflow_call" in path.read_text()]
KEBAB = re.compile(r"[a-z]+(?:-[a-z]+)*")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def load(path: Path) -> dict[str, Any]:
    found = yaml.load(path.read_text(), yaml.BaseLoader)
    assert isinstance(found, dict)
    return found


def test_actions_and_tables_are_what_the_options_say() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "actions.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", ACTIONS, ids=name)
def test_inputs_are_the_options_of_the_verb(path: Path) -> None:
    declared = set(load(path)["inputs"])
    assert declared - {"token"} == {one.name for one in inputs.declared(path.parent.name)}


@pytest.mark.parametrize("path", EVERY, ids=name)
def test_inputs_used_are_inputs_declared(path: Path) -> None:
    action = load(path)
    (step,) = action["runs"]["steps"]
    expected = {inputs.variable(one): f"${{{{ inputs.{one} }}}}" for one in action["inputs"]}
    assert step["env"] == expected
    assert set(re.findall(r"inputs\.([\w-]+)", path.read_text())) == set(action["inputs"])
    assert "${{" not in step["run"] and step["run"].startswith('"$GITHUB_ACTION_PATH/')
    script = path.parent / step["run"].split('"')[1].removeprefix("$GITHUB_ACTION_PATH/")
    assert script.resolve() == ROOT / "scripts" / "run.sh"
    assert all(KEBAB.fullmatch(one) for one in [*action["inputs"], *action["outputs"]])


@pytest.mark.parametrize("path", WORKFLOWS, ids=name)
def test_a_reusable_workflow_hands_on_inputs_that_its_action_has(path: Path) -> None:
    workflow = load(path)
    (job,) = workflow["jobs"].values()
    step = job["steps"][-1]
    action = load(ROOT / step["uses"].removeprefix("$/") / "action.yml")
    call = workflow["on"]["workflow_call"]
    assert set(step["with"]) <= set(action["inputs"])
    assert set(re.findall(r"inputs\.([\w-]+)", path.read_text())) == set(call["inputs"])
    assert set(call["outputs"]) == set(job["outputs"]) == set(action["outputs"])


@pytest.mark.parametrize("path", ACTIONS, ids=name)
def test_outputs_declared_are_outputs_written(path: Path, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    verb = path.parent.name
    clone, _ = repositories.make(
        tmp_path, {"a.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'r.example/api:1'}]}\n"}
    )
    words = {
        "find": [],
        "bump": ["--image", "r.example/api", "--tag", "2"],
        "update": ["--offline", "--dry-run", "--registry-map", f"r.example={tmp_path}"],
        "pr": ["--title", "Nothing", "--dry-run"],
    }[verb]
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "outputs"))
    cli.main([verb, "--root", str(clone), *words])
    capsys.readouterr()
    written = re.findall(r"^([\w-]+)<<", (tmp_path / "outputs").read_text(), re.MULTILINE)
    assert written == list(load(path)["outputs"]) == list(importlib.import_module(f"gitops_ci.commands.{verb}").OUTPUTS)


def test_every_verb_starts_with_a_lock_file() -> None:
    assert list(launch.TIERS) == list(cli.VERBS)
    assert {path.stem for path in (ROOT / "lock").glob("*.txt")} >= {*launch.TIERS.values(), *launch.MODULES.values()}


def test_every_foreign_module_that_is_imported_has_its_tier() -> None:
    found = set()
    for path in (ROOT / "gitops_ci").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    assert found - set(sys.stdlib_module_names) - {"gitops_ci"} - set(launch.MODULES) == set()
