"""The commands in README.md and docs/ do what the pages say: each is run, each sample of output is compared.

A block marked ``sh`` holds commands; one marked ``console`` holds commands after ``$`` and the output they
print, where a line ``…`` stands for any lines. They run in the demo's repository, every page in one of its
own, block after block. A comment before a block changes that:

    <!-- exits: 1 -->        the last command's exit code
    <!-- not run: REASON --> for what sets up a machine or needs a cluster
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from gitops_ci.demo.build import build

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


class Block(NamedTuple):
    """One fenced block of commands."""

    line: int
    commands: list[tuple[str, list[str]]]
    """Command and the output that the page shows for it (none in ``sh``)."""
    exits: int
    skipped: bool
    compared: bool


def blocks(page: Path) -> list[Block]:
    found = []
    pattern = r"(?:<!-- (?P<mark>exits: \d+|not run: [^>]+?) -->\n)?^```(?P<kind>sh|console)\n(?P<body>.*?)^```$"
    text = page.read_text()
    for match in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        mark = match["mark"] or ""
        lines = match["body"].replace("\\\n", "").splitlines()
        commands: list[tuple[str, list[str]]] = []
        for line in lines:
            if match["kind"] == "sh":
                if line.strip() and not line.startswith("#"):
                    commands.append((line, []))
            elif line.startswith("$ "):
                commands.append((line[2:], []))
            else:
                commands[-1][1].append(line)
        exits = int(mark.removeprefix("exits: ")) if mark.startswith("exits") else 0
        line_number = text.count("\n", 0, match.start()) + 1
        found.append(Block(line_number, commands, exits, mark.startswith("not run"), match["kind"] == "console"))
    return found


def fits(shown: list[str], printed: list[str]) -> bool:
    """True if the output is the one shown, ``…`` standing for any lines."""
    parts = ["(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()) + "\n" for line in shown]
    return re.fullmatch("".join(parts), "".join(f"{line.rstrip()}\n" for line in printed)) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_the_page(page: Path, tmp_path: Path) -> None:
    found = [block for block in blocks(page) if not block.skipped]
    if not found:
        return
    demo = build(str(tmp_path / "demo"))
    binary = tmp_path / "bin" / "gitops-ci"
    binary.parent.mkdir()
    binary.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m gitops_ci \"$@\"\n")
    binary.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{binary.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }
    for block in found:
        for number, (command, shown) in enumerate(block.commands):
            where = f"{page.name}:{block.line}: {command}"
            done = subprocess.run(
                ["bash", "-c", command], cwd=demo.root, env=environment, capture_output=True, text=True, check=False
            )
            expected = block.exits if number == len(block.commands) - 1 else 0
            assert done.returncode == expected, f"{where}\n{done.stdout}{done.stderr}"
            if block.compared:
                printed = (done.stdout + done.stderr).splitlines()
                assert fits(shown, printed), f"{where}\n--- printed\n" + "\n".join(printed)


def test_every_page_of_the_readme_is_there() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_verb_has_a_page_or_needs_none() -> None:
    from gitops_ci.cli import VERBS

    pages = {page.stem for page in PAGES}
    assert set(VERBS) - pages <= {"demo", "schema"}
