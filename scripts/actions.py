"""Writes ``action.yml``, ``actions/*/action.yml``, the inputs of the reusable workflows and the tables of
docs/actions.md; with ``--check`` it only compares.

What an action takes are the options that its verb declares for argparse; what it gives is the ``OUTPUTS`` of the
verb's module. A new action is a new entry in ``ACTIONS``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from gitops_ci.commands.inputs import Input, declared, variable  # noqa: E402 - scripts are not started as a package


class Action(NamedTuple):
    """What an action has besides its verb's options and outputs."""

    token: bool = False
    """It talks to a remote with an input ``token``."""


class Workflow(NamedTuple):
    """A reusable workflow that is one checkout and one action."""

    verb: str
    leaves_out: frozenset[str]
    """Inputs of the action that make no sense there."""


ACTIONS = {
    "find": Action(),
    "bump": Action(token=True),
    "update": Action(token=True),
    "pr": Action(token=True),
}
"""Verb → action, in the order of the documentation."""

WORKFLOWS = {
    "update": Workflow(
        "update", frozenset({"root", "remote", "forge", "report", "format", "cache-dir", "token-env", "token"})
    ),
    "bump": Workflow(
        "bump", frozenset({"root", "remote", "branch", "commit", "push", "check", "dry-run", "format", "token"})
    ),
}
"""``.github/workflows/<name>.yml``; what stands there between ``# inputs`` or ``# with`` and ``# end`` is made here."""

TOKEN = Input(
    "token",
    "",
    "text",
    False,
    "",
    "what git and the forge log in with; for git not needed where the checkout kept its credentials",
)
ANY = [
    Input("command", "", "text", True, "", "the verb"),
    Input("arguments", "", "list", False, "", "its arguments, `--option value` or a path; one a line, without quoting"),
    TOKEN,
]
"""The inputs of the action for any verb."""

MADE = "# Made by scripts/actions.py."
PAGE = ROOT / "docs" / "actions.md"


def main(arguments: list[str]) -> int:
    stale = [path for path, text in wanted() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what scripts/actions.py makes of the options", file=sys.stderr)
        return 1 if stale else 0
    for path, text in wanted():
        if path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return 0


def wanted() -> Iterator[tuple[Path, str]]:
    """Every file and what it has to hold."""
    yield ROOT / "action.yml", front_door()
    for verb in ACTIONS:
        yield ROOT / "actions" / verb / "action.yml", action(verb)
    for name, workflow in WORKFLOWS.items():
        path = ROOT / ".github" / "workflows" / f"{name}.yml"
        yield path, filled(path, r" *# (\w+) of the action\n", r" *# end\n", lambda word, w=workflow: part(w, word))
    yield PAGE, filled(PAGE, r"<!-- table: ([\w -]+) -->\n", r"<!-- end -->\n", table)


def inputs(verb: str) -> list[Input]:
    return [*declared(verb), *([TOKEN] if ACTIONS[verb].token else [])]


def outputs(verb: str) -> dict[str, str]:
    found: dict[str, str] = import_module(f"gitops_ci.commands.{verb}").OUTPUTS
    return found


def action(verb: str) -> str:
    """``actions/<verb>/action.yml``."""
    text = import_module(f"gitops_ci.commands.{verb}").HELP
    return written(verb, text, inputs(verb), outputs(verb), f'$GITHUB_ACTION_PATH/../../scripts/run.sh" {verb}')


def front_door() -> str:
    """``action.yml``: any verb."""
    from gitops_ci.cli import verbs

    merged: dict[str, str] = {}
    for verb in ACTIONS:
        for name, text in outputs(verb).items():
            merged[name] = f"{merged[name]}; {verb}: {text}" if name in merged else f"{verb}: {text}"
    command = ANY[0]._replace(help=f"the verb: {', '.join(verbs())}")
    text = "any verb of gitops-ci: find, decide and make image updates in a GitOps repository"
    return written("", text, [command, *ANY[1:]], merged, '$GITHUB_ACTION_PATH/scripts/run.sh"')


def written(verb: str, text: str, takes: list[Input], gives: dict[str, str], call: str) -> str:
    lines = [MADE, f"name: {f'gitops-ci {verb}'.strip()}", f"description: {quoted(text)}"]
    if not verb:
        lines += ["author: gitops-ci", "branding:", "  icon: git-pull-request", "  color: blue"]
    lines.append("inputs:")
    for entry in takes:
        lines += [f"  {entry.name}:", f"    description: {quoted(meaning(entry))}"]
        lines += [f"    required: {str(entry.required).lower()}"]
        lines += [] if entry.required else [f"    default: {quoted(entry.default)}"]
    lines.append("outputs:")
    for name, what in gives.items():
        lines += [f"  {name}:", f"    description: {quoted(what)}", f"    value: ${{{{ steps.run.outputs.{name} }}}}"]
    lines += ["runs:", "  using: composite", "  steps:", f"    - name: {f'gitops-ci {verb}'.strip()}", "      id: run"]
    lines += ["      shell: bash", "      env:"]
    lines += [f"        {variable(entry.name)}: ${{{{ inputs.{entry.name} }}}}" for entry in takes]
    lines += [f"      run: '\"{call}'"]
    return "\n".join(lines) + "\n"


def part(workflow: Workflow, word: str) -> list[str]:
    """The lines of a reusable workflow: what it takes (``inputs``), or hands on (``with``), or gives (``outputs``)."""
    lines: list[str] = []
    if word in ("outputs", "results"):
        for name, text in outputs(workflow.verb).items():
            if word == "results":
                lines.append(f"      {name}: ${{{{ steps.{workflow.verb}.outputs.{name} }}}}")
            else:
                value = f"${{{{ jobs.{workflow.verb}.outputs.{name} }}}}"
                lines += [f"      {name}:", f"        description: {quoted(text)}", f"        value: {value}"]
        return lines
    for entry in inputs(workflow.verb):
        if entry.name in workflow.leaves_out:
            continue
        if word == "with":
            lines.append(f"          {entry.name}: ${{{{ inputs.{entry.name} }}}}")
            continue
        kind, default = ("boolean", "false") if entry.kind == "switch" else ("string", quoted(entry.default))
        lines += [f"      {entry.name}:", f"        description: {quoted(meaning(entry))}", f"        type: {kind}"]
        lines += ["        required: true" if entry.required else f"        default: {default}"]
    return lines


def table(name: str) -> list[str]:
    """``bump inputs``, ``bump outputs`` or ``any inputs``."""
    verb, _, which = name.partition(" ")
    if which == "outputs":
        rows = [f"| `{output}` | {cell(text)} |" for output, text in outputs(verb).items()]
        return ["| output | meaning |", "|---|---|", *rows]
    entries = ANY if verb == "any" else inputs(verb)
    rows = [
        f"| `{one.name}`{' (needed)' if one.required else ''} | {f'`{one.default}`' if one.default else ''} "
        f"| {cell(meaning(one))} |"
        for one in entries
    ]
    return ["| input | default | meaning |", "|---|---|---|", *rows]


def meaning(entry: Input) -> str:
    """The option's help, in an action's words."""
    text = re.sub(r"( \(|; )may be repeated\)?$", "", entry.help)
    if entry.default:
        text = text.replace(f" (default: {entry.default})", "")
    return f"{text}; one a line" if entry.kind == "list" and "one a line" not in text else text


def filled(path: Path, start: str, end: str, lines: Callable[[str], list[str]]) -> str:
    """The file with everything between the marks made anew."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(f"(?P<start>^{start})(?:.*?)(?P<end>^{end})", re.MULTILINE | re.DOTALL)
    return pattern.sub(lambda found: found["start"] + "\n".join(lines(found[2])) + "\n" + found["end"], text)


def quoted(text: str) -> str:
    """Text as a YAML scalar: JSON's are YAML's too."""
    return json.dumps(text, ensure_ascii=False)


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
