"""``gitops-ci demo``: a whole update run on a small repository made up for it, without a network."""

import argparse
import os

from gitops_ci.errors import DONE, REFUSED

HELP = "show an update run on a small repository made up for it"

EXPLAINED = "ghcr.io/acme/payment-api"
SHOWN = "apps/web-shop/overlays/prod/kustomization.yaml"
"""Whose diff is shown: CRLF, trailing blanks, a comment after a tab, no newline at the end."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--keep", metavar="DIR", help="put everything into this new directory, and leave it there")


def run(arguments: argparse.Namespace) -> int:
    """Make the demo, run the verbs on it, and show what was decided. 1 if the run did not decide as it should."""
    import tempfile

    if arguments.keep is not None:
        return _show(os.path.abspath(arguments.keep), kept=arguments.keep)
    with tempfile.TemporaryDirectory(prefix="gitops-ci-demo-") as directory:
        return _show(directory, kept=None)


def _show(directory: str, kept: str | None) -> int:
    import contextlib
    import io
    import json

    from gitops_ci.demo.build import build
    from gitops_ci.demo.registry import NOW
    from gitops_ci.demo.story import POINTS
    from gitops_ci.git.process import git
    from gitops_ci.report import terminal
    from gitops_ci.report.tour import Tour

    demo = build(directory)
    report = os.path.join(directory, "report.json")
    common = ["--root", demo.root, "--now", NOW.isoformat(), "--cache-dir", os.path.join(directory, "cache")]
    tour = Tour()

    tour.section(
        "acme's GitOps repository",
        f"{demo.manifests} files and their bare remote, and a registry of {demo.images} images with {demo.tags} tags, "
        f"were made in {directory}. Nothing below needs a network. Today is {NOW:%A, %d %B %Y}.",
    )
    tour.command("git ls-files")
    terminal.line(_tree(git(["ls-files"], cwd=demo.root).decode().split()))

    tour.section(
        "What runs where", "Every image, found without configuration: kustomize, Helm, Argo CD, Flux, compose."
    )
    tour.command("gitops-ci find")
    _verb("find", ["--root", demo.root])

    tour.section(
        "The plan for staging", "What would be proposed, with the exact bytes that change. Nothing is written."
    )
    tour.command("gitops-ci update --dry-run --environment staging")
    _verb("update", [*common, "--dry-run", "--environment", "staging"])

    tour.section("The run", "One branch and one commit for each application and environment.")
    tour.command("gitops-ci update")
    code = _verb("update", [*common, "--report", report])
    tour.command("git branch --list 'renovate/*'   # in the remote")
    branches = git(["for-each-ref", "--format=%(refname:short)  %(subject)", "refs/heads/renovate/"], cwd=demo.remote)
    rows = [line.split("  ", 1) for line in branches.decode().splitlines()]
    terminal.table(["branch", "title"], rows)

    with open(report, "rb") as file:
        decided = json.load(file)
    branch = next((one["branch"] for one in decided["changes"] if any(f["file"] == SHOWN for f in one["files"])), None)
    if branch is not None and any(name == branch for name, *_ in rows):
        tour.section(
            "One of the diffs",
            "A file with CRLF, trailing blanks, a comment after a tab and no newline at its end: one value changes.",
        )
        tour.command(f"git diff main {branch}")
        terminal.diff(git(["diff", "main", branch], cwd=demo.remote))

    tour.section("Why?", "Every decision can be explained: the tags that were seen, and what dropped each of them.")
    tour.command(f"gitops-ci update --explain {EXPLAINED} --environment dev")
    _verb("update", [*common, "--explain", EXPLAINED, "--environment", "dev"])

    tour.section("Once more", "The same command again finds its own work, and changes nothing.")
    tour.command("gitops-ci update | tail -n 1")
    with contextlib.redirect_stdout(io.StringIO()) as output, contextlib.redirect_stderr(io.StringIO()):
        _verb("update", common)
    terminal.line(output.getvalue().rstrip().rpartition("\n")[2])

    tour.section("What was decided")
    outcome = [point.holds(decided) for point in POINTS]
    for point, holds in zip(POINTS, outcome, strict=True):
        tour.point(point.title, point.text, holds=holds)
    terminal.line()
    if kept is None:
        terminal.line("All of it is gone again; gitops-ci demo --keep DIR leaves it there to play with.")
    else:
        terminal.line(
            f"It is all in {kept}: try gitops-ci update --dry-run --now {NOW:%Y-%m-%d} in {kept}/acme-gitops."
        )
    return DONE if all(outcome) and code in (DONE, REFUSED) else REFUSED


def _verb(name: str, words: list[str]) -> int:
    """Call another verb as the command line would."""
    from importlib import import_module

    command = import_module(f"gitops_ci.commands.{name}")
    parser = argparse.ArgumentParser(prog=f"gitops-ci {name}")
    command.configure(parser)
    code: int = command.run(parser.parse_args(words))
    return code


def _tree(paths: list[str]) -> str:
    """The files, directory by directory."""
    import textwrap

    found: dict[str, list[str]] = {}
    for path in paths:
        directory, _, name = path.rpartition("/")
        found.setdefault(f"{directory}/" if directory else ".", []).append(name)
    width = max(len(directory) for directory in found) + 2
    lines = []
    for directory, names in found.items():
        for number, part in enumerate(textwrap.wrap("  ".join(names), 98 - width, break_on_hyphens=False)):
            lines.append(f"  {'' if number else directory:{width}}{part}")
    return "\n".join(lines)
