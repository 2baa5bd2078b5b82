"""What ``find`` found, for people and for machines."""

from collections.abc import Sequence

from gitops_ci.finding import Finding
from gitops_ci.manifest.use import ImageUse
from gitops_ci.report import terminal

_COLUMNS = ("image", "tag", "application", "environment", "format", "where")
_DIGEST = len("sha256:") + 12


def show(uses: Sequence[ImageUse], findings: Sequence[Finding], *, files: int, json: bool) -> None:
    """The uses on stdout, what was noticed on stderr, one line each; outputs and summary in a workflow."""
    _hand_over(uses, files)
    if json:
        from gitops_ci.report.json import write

        write([as_object(use) for use in uses])
    else:
        if uses:
            terminal.table(_COLUMNS, [_row(use) for use in uses])
            terminal.line()
        terminal.line(_counts(uses, files))
    terminal.findings(findings)


def _hand_over(uses: Sequence[ImageUse], files: int) -> None:
    from os import environ

    if "GITHUB_OUTPUT" not in environ:
        return
    from gitops_ci.report import outputs, summary

    outputs.set_outputs(
        {
            "images": sorted({use.name for use in uses}),
            "files": list(dict.fromkeys(use.file for use in uses)),
            "count": str(len(uses)),
        }
    )
    outputs.summary(summary.find(uses, _counts(uses, files)))


def as_object(use: ImageUse) -> dict[str, object]:
    """One use as JSON has it; ``report/schemas/find.schema.json`` describes it."""
    return {
        "file": use.file,
        "line": use.line,
        "column": use.column,
        "path": use.path or None,
        "image": use.name,
        "registry": use.registry,
        "repository": use.repository,
        "tag": use.tag,
        "digest": use.digest,
        "format": use.format,
        "application": use.application,
        "environment": use.environment,
    }


def _row(use: ImageUse) -> tuple[str | None, ...]:
    version = use.tag or ""
    if use.digest is not None:
        version += f"@{use.digest[:_DIGEST]}"
    return use.name, version, use.application, use.environment, use.format, f"{use.file}:{use.line}"


def _counts(uses: Sequence[ImageUse], files: int) -> str:
    images = len({use.name for use in uses})
    holders = len({use.file for use in uses})
    found = f"{_number(images, 'image')}, {_number(len(uses), 'use')} in {_number(holders, 'file')}"
    return f"{found} ({_number(files, 'file')} read)"


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
