"""``gitops-ci update``: the scheduled run."""

import argparse
import os
from datetime import UTC, datetime

from gitops_ci.errors import UsageError

HELP = "look up newer versions, decide by the rules, propose one branch per change"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, folders or globs below the root (default: everything)"
    )
    parser.add_argument("--root", default=".", help="the checkout, or a folder in it (default: the working directory)")
    parser.add_argument(
        "--dry-run", action="store_true", help="show the full plan with exact diffs; nothing is written anywhere"
    )
    parser.add_argument(
        "--explain", metavar="IMAGE", help="say how the version of an image (or glob) is decided; nothing is written"
    )
    parser.add_argument("--report", metavar="FILE", help="write the run as JSON (schema: gitops-ci schema update)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what is printed (default: text)")
    parser.add_argument("--config", metavar="FILE", help="the configuration, in place of .gitops-ci.yaml in the root")
    parser.add_argument(
        "--registry-map",
        metavar="HOST=DIR",
        action="append",
        default=[],
        help="OCI image layouts in place of a registry",
    )
    parser.add_argument(
        "--cache-dir", metavar="DIR", help="where answers of registries are kept; an empty text keeps none"
    )
    parser.add_argument("--base", metavar="BRANCH", help="the branch to update (default: the remote's default branch)")
    parser.add_argument("--remote", default="origin", help="the remote to propose to (default: origin)")
    parser.add_argument(
        "--forge", default="local", help="where changes are proposed: local, a plain git remote (default)"
    )
    parser.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="NAME",
        help="only this environment, or a glob; may be repeated",
    )
    parser.add_argument(
        "--application",
        action="append",
        default=[],
        metavar="NAME",
        help="only this application, or a glob; may be repeated",
    )
    parser.add_argument("--offline", action="store_true", help="ask no registry that is not in --registry-map")
    parser.add_argument(
        "--now", metavar="TIME", help="the time to plan for, as 2026-11-23T05:00:00+00:00 (default: now)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run and report; the exit code is that of :class:`gitops_ci.update.run.Outcome`."""
    from gitops_ci.image.registry.pool import parse_registry_map
    from gitops_ci.report import json, outputs
    from gitops_ci.report.progress import progress
    from gitops_ci.update import run as runs

    dry_run = arguments.dry_run or arguments.explain is not None
    request = runs.Request(
        now=moment(arguments.now),
        root=arguments.root,
        paths=tuple(arguments.paths),
        config=arguments.config,
        base=arguments.base,
        remote=arguments.remote,
        forge=arguments.forge,
        environments=tuple(arguments.environment),
        applications=tuple(arguments.application),
        dry_run=dry_run,
        offline=arguments.offline,
        registry_map=parse_registry_map(arguments.registry_map),
        cache_dir=arguments.cache_dir,
        explain=arguments.explain,
    )
    if arguments.report is not None:
        _writable(arguments.report)
    outcome = runs.run(request, progress)
    values: dict[str, object] | None = None
    if arguments.report is not None or arguments.format == "json":
        from gitops_ci.update.report import as_json

        values = as_json(outcome, dry_run=dry_run)
    if arguments.report is not None:
        _write(arguments.report, json.dumps(values))
    if arguments.format == "json":
        json.write(values)
    elif arguments.explain is not None:
        from gitops_ci.update.explain import explain

        explain(outcome)
    else:
        from gitops_ci.update.show import show

        show(outcome, dry_run=dry_run)
    if os.environ.get("GITHUB_STEP_SUMMARY"):
        from gitops_ci.update.report import summary

        outputs.summary(summary(outcome, dry_run=dry_run))
    branches = [proposal.branch for proposal in outcome.proposals if proposal.state in ("created", "updated")]
    outputs.set_outputs({"changed": bool(branches), "branches": "\n".join(branches)})
    return outcome.exit_code


def moment(text: str | None) -> datetime:
    """The time of ``--now``, aware; one without a zone is UTC. Raises UsageError."""
    if text is None:
        return datetime.now(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--now {text!r} is not a time", remedy="write it as 2026-11-23T05:00:00+00:00") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _writable(path: str) -> None:
    """Tell of a report that cannot be written before anything is done, not after. Raises UsageError."""
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder):
        raise UsageError(f"--report {path}: there is no directory {folder}")
    if os.path.isdir(path) or not os.access(path if os.path.exists(path) else folder, os.W_OK):
        raise UsageError(f"--report {path}: cannot be written")


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"--report {path}: {error.strerror}") from None
