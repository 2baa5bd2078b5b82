"""Inputs that somebody else wrote: nothing of them is run, and nothing is forged with them."""

import json
import re
from pathlib import Path

import pytest

from tests.actions.act import CHECKOUT, Consumer

POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'r.example/api:1'}]}\n"
FORGERIES = {
    "lines": "1.0\nforged=yes\nchanged<<x\nyes\nx",
    "substitution": "1.0$(touch $PROOF)",
    "backticks": "1.0`touch $PROOF`",
    "quotes": "1.0\"; touch $PROOF; echo '",
    "commands": "1.0\n::set-output name=forged::yes\n::add-mask::success\n::error::forged\n::add-path::/nowhere",
    "escapes": "1.0%0A::set-output name=forged::yes%0D::warning::forged",
    "old commands": "1.0\n##[error]forged\n##[set-output name=forged;]yes",
    "option": "--root=/",
    "end of options": "-- /etc",
    "carriage return": "1.0\r::error::forged",
    "expression": "${{ '{{' }} secrets.GITOPS_TOKEN }}",
}
OUTPUTS = {"changed", "files", "image", "tag", "digest", "commit", "pushed", "branch"}


def workflow(steps: str) -> str:
    return f"on: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: {CHECKOUT}\n{steps}"


def step(name: str, action: str, **inputs: str) -> str:
    values = "".join(
        f"          {one.replace('_', '-')}: ${{{{ github.event.{text} }}}}\n"
        if text.startswith("values[")
        else f"          {one.replace('_', '-')}: {json.dumps(text)}\n"
        for one, text in inputs.items()
    )
    return (
        f"      - id: {name}\n        continue-on-error: true\n"
        f"        uses: OWNER/gitops-ci/actions/{action}@v1\n" + (f"        with:\n{values}" if values else "")
    )


def test_values_of_bump(runner: None, tmp_path: Path) -> None:
    """Every forgery as tag, image, environment, path and root, in one job."""
    names = list(FORGERIES)
    steps = ""
    for number in range(len(names)):
        value = f"values[{number}]"
        steps += step(f"tag{number}", "bump", image="r.example/api", tag=value, dry_run="true")
    joined = {
        "image": "image", "path": "path", "environment": "environment", "root": "root", "config": "config",
        "digest": "digest", "to": "to", "message": "message", "author": "author", "branch": "branch",
    }  # fmt: skip
    for number, name in enumerate(joined):
        inputs = {"image": "r.example/api", "tag": "2", "dry_run": "true"}
        if name in ("digest", "to"):
            del inputs["tag"]
        if name in ("message", "author", "branch"):
            inputs |= {"push": "true", "dry_run": "false", "remote": "nowhere"}
        inputs[name] = f"values[{number % len(names)}]"
        steps += step(name, "bump", **inputs)
    proof = tmp_path / "proof"
    consumer = Consumer(tmp_path, {"a.yaml": POD})
    payload = {"values": [value.replace("$PROOF", str(proof)) for value in FORGERIES.values()]}
    run = consumer.run(workflow(steps), payload=payload, secrets={"GITOPS_TOKEN": "ghs_1234567890abcdef"})
    assert not proof.exists()
    check(run, [*(f"tag{number}" for number in range(len(names))), *joined])


def check(run, steps: list[str]) -> None:
    """The runner obeyed what the action says, and nothing else."""
    assert run.commands <= {"set-output", "summary", "error"}, run.commands
    assert run.masks == []
    for name in steps:
        outputs = run.outputs(name)
        assert set(outputs) == OUTPUTS, (name, outputs)
        assert outputs["changed"] in ("", "true", "false"), (name, outputs)
        if run.result(name) == "failure":
            assert set(outputs.values()) <= {"", "true", "false"} or outputs["changed"] != "", (name, outputs)
    for one in run.annotations:
        assert one.message != "forged" and not one.message.startswith("::"), one
        assert one.level == "error"
    assert "ghs_1234567890abcdef" not in run.log


@pytest.mark.parametrize("name", ["lines", "commands", "old commands"])
def test_a_file_in_the_checkout_cannot_forge_anything(runner: None, tmp_path: Path, name: str) -> None:
    """Names of files, images and tags are what a pull request brings along."""
    tag = json.dumps(FORGERIES[name])
    file = "apps/::error::forged\n::set-output name=forged::yes.yaml"
    consumer = Consumer(
        tmp_path,
        {
            file: POD,
            "b.yaml": POD.replace("'r.example/api:1'", tag),
            "kustomization.yaml": f"images:\n- name: r.example/api\n  newTag: {tag}\n",
        },
    )
    steps = step("find", "find") + step("bump", "bump", image="r.example/api", tag="2")
    run = consumer.run(workflow(steps))
    obeyed = {re.sub(r"^stop-[0-9a-f]{32}$", "stop-commands", one) for one in run.commands}
    # "ignored" is what act says of a command between the two lines that stop commands.
    assert obeyed <= {"set-output", "summary", "error", "stop-commands", "ignored"}, obeyed
    assert set(run.outputs("find")) == {"images", "files", "count"}
    assert set(run.outputs("bump")) == OUTPUTS
    assert [one for one in run.annotations if one.message.startswith("forged")] == []
    assert json.loads(run.outputs("find")["files"]).count(file) == 1
    assert "\n::" not in run.summary("find") and "\n##[" not in run.summary("find")
