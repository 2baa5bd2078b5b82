"""Job summaries of ``find`` and ``bump``: Markdown for ``$GITHUB_STEP_SUMMARY``."""

from collections.abc import Sequence

from gitops_ci.manifest.bump import Outcome
from gitops_ci.manifest.use import ImageUse
from gitops_ci.report import markdown
from gitops_ci.report.bump import version


def find(uses: Sequence[ImageUse], counts: str) -> str:
    """Every use, one row each."""
    rows = [
        (
            markdown.code(use.name),
            markdown.code(version(use.tag, use.digest) if use.tag or use.digest else ""),
            markdown.escape(use.application or ""),
            markdown.escape(use.environment or ""),
            markdown.code(f"{use.file}:{use.line}"),
        )
        for use in uses
    ]
    return _page("Images", counts, ("Image", "Tag", "Application", "Environment", "Where"), rows)


def bump(outcome: Outcome, closing: str) -> str:
    """What changed, and what was left and why."""
    rows = [
        (
            markdown.code(f"{one.use.file}:{one.use.line}"),
            markdown.code(one.name),
            markdown.code(version(one.use.tag, one.use.digest)),
            markdown.code(version(one.tag, one.digest)),
        )
        for one in outcome.changed
    ]
    page = _page("Image bump", closing, ("Where", "Image", "From", "To"), rows)
    if not outcome.failed:
        return page
    left = [(markdown.code(one.file), markdown.escape(one.error.what)) for one in outcome.failed]
    return page + "\n" + markdown.table(("Left as it was", "Why"), left)


def _page(title: str, closing: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = f"## {title}\n\n{markdown.escape(closing)}\n"
    return f"{head}\n{markdown.table(columns, rows)}" if rows else head
