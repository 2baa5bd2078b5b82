"""``gitops-ci schema NAME``: the published JSON Schemas."""

import argparse
import sys

from gitops_ci.errors import DONE

HELP = "print the JSON Schema of the configuration or of a verb's output"

SCHEMAS = {
    "config": ("gitops_ci.config", "schema.json"),
    "find": ("gitops_ci.report", "schemas/find.schema.json"),
    "bump": ("gitops_ci.report", "schemas/bump.schema.json"),
    "update": ("gitops_ci.report", "schemas/update.schema.json"),
}
"""Name → package and file: ``config`` is ``.gitops-ci.yaml``, the others are what ``--format json`` writes."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("name", choices=list(SCHEMAS), help="config for .gitops-ci.yaml, or a verb for its JSON output")


def run(arguments: argparse.Namespace) -> int:
    """Print one schema."""
    from gitops_ci.report import terminal

    terminal.emit(text(arguments.name), sys.stdout)
    return DONE


def text(name: str) -> str:
    """A schema's text. KeyError for a name that is not in SCHEMAS."""
    from importlib.resources import files

    package, path = SCHEMAS[name]
    return files(package).joinpath(path).read_text(encoding="utf-8")
