"""``gitops-ci find``: every image that the checkout's files name, without any configuration.

A configuration only adds: names of environments, custom managers, further file patterns.
"""

import argparse

from gitops_ci.commands.checkout import Checkout
from gitops_ci.errors import DONE, REFUSED
from gitops_ci.manifest import match

HELP = "list every image that the checkout's files name"

OUTPUTS = {
    "images": "the images, each once and without tag, as a JSON list: made for `matrix`",
    "files": "the files that name them, as a JSON list",
    "count": "how many places name an image",
}
"""What a workflow gets: output → what it is."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, directories or globs below the root (default: all of it)")
    add(
        "--image",
        metavar="GLOB",
        help="only this image: a name without tag, or a glob (* within a component, ** across)",
    )
    add(
        "--environment",
        action="append",
        default=[],
        metavar="NAME",
        help="only uses of this environment (may be repeated)",
    )
    add(
        "--application",
        action="append",
        default=[],
        metavar="NAME",
        help="only uses of this application (may be repeated)",
    )
    add("--embedded", action="store_true", help="also read YAML inside literal texts (ConfigMap data)")
    add("--root", default=".", metavar="DIR", help="the checkout (default: this directory)")
    add("--config", metavar="FILE", help="configuration file (default: .gitops-ci.yaml of the root, if there)")
    add("--format", choices=("text", "json"), default="text", help="how to print the result")


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command and return the exit code.

    0 done (also where no image is named); 1 a file could not be read; 2 wrong usage or configuration.
    """
    from gitops_ci.report import find as report

    checkout = Checkout(arguments.root, arguments.config)
    found = checkout.scan(arguments.paths, image=arguments.image, embedded=arguments.embedded)
    owned = match.owned(arguments.application, arguments.environment)
    uses = [use for use in found.uses if owned(use)]
    report.show(uses, [*checkout.noticed, *found.findings], files=found.files, json=arguments.format == "json")
    return REFUSED if any(finding.status == "error" for finding in found.findings) else DONE
