"""``gitops-ci find``: every image that the checkout's files name, without any configuration.

A configuration only adds: names of environments, custom managers, further file patterns.
"""

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gitops_ci.commands.checkout import Checkout
from gitops_ci.errors import DONE, REFUSED
from gitops_ci.manifest import match
from gitops_ci.manifest.scan import ScanConfig, scan

if TYPE_CHECKING:
    from gitops_ci.finding import Finding
    from gitops_ci.update.rules import Rules

HELP = "list every image that the checkout's files name"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, directories or globs below the root (default: all of it)")
    add("--image", metavar="GLOB", help="only this image: a name without tag, or a glob (* within a component, ** across)")
    add("--environment", action="append", default=[], metavar="NAME", help="only uses of this environment (may be repeated)")
    add("--application", action="append", default=[], metavar="NAME", help="only uses of this application (may be repeated)")
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
    config, noticed = _config(checkout, embedded=arguments.embedded)
    found = scan(checkout.root, arguments.paths, image=arguments.image, config=config)
    owned = match.owned(arguments.application, arguments.environment)
    uses = [use for use in found.uses if owned(use)]
    report.show(uses, [*noticed, *found.findings], files=found.files, json=arguments.format == "json")
    return REFUSED if any(finding.status == "error" for finding in found.findings) else DONE


def _config(checkout: Checkout, *, embedded: bool) -> "tuple[ScanConfig, Sequence[Finding]]":
    """What the checkout's configurations, ours and Renovate's, add to a scan. Raises ConfigurationError."""
    if not checkout.configured and not _has_renovate(checkout.root):
        return ScanConfig(embedded=embedded), ()
    settings = checkout.settings
    rules, findings = _rules(checkout)
    return (
        ScanConfig(
            custom_managers=rules.custom_managers if rules else (),
            file_patterns=rules.file_patterns if rules else {},
            environments=tuple(environment.name for environment in settings.environments),
            embedded=embedded,
        ),
        findings,
    )


def _has_renovate(root: str) -> bool:
    from gitops_ci.config.renovate import FILES

    return any(os.path.lexists(os.path.join(root, name)) for name in FILES)


def _rules(checkout: Checkout) -> "tuple[Rules | None, Sequence[Finding]]":
    """The rules, only where some file has any: they cost more to build than most scans."""
    from gitops_ci.config.renovate import load

    if not checkout.settings.updates and load(checkout.root) is None:
        return None, ()
    from datetime import UTC, datetime

    from gitops_ci.update.sources import rules_of

    return rules_of(checkout.root, checkout.settings, datetime.now(UTC))
