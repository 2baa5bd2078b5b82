"""Where the rules of a run come from: Renovate's file in the checkout, and ``updates:`` of ours on top of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gitops_ci.config.source import Source

if TYPE_CHECKING:
    from gitops_ci.config.settings import Settings
    from gitops_ci.finding import Finding
    from gitops_ci.update.rules import Rules


def rules_of(
    root: str, settings: "Settings", now: datetime, *, repository: str | None = None
) -> "tuple[Rules, tuple[Finding, ...]]":
    """The rules, and what was noticed while reading them. Raises ConfigurationError."""
    from gitops_ci.config.renovate import PresetFiles, load
    from gitops_ci.update.rules import Rules

    sources: list[Source] = []
    findings: list[Finding] = []
    renovate = load(root)
    if renovate is not None:
        sources.append(renovate.source)
        findings += renovate.warnings
    own = own_source(settings)
    if own is not None:
        sources.append(own)
    presets = PresetFiles(root, repository)
    rules = Rules(sources, presets=presets, now=now)
    return rules, (*findings, *rules.warnings, *presets.warnings)


def own_source(settings: "Settings") -> Source | None:
    """``updates:`` of ``.gitops-ci.yaml``, with positions; None where it says nothing."""
    if not settings.updates:
        return None

    def position(path: Sequence[str | int]) -> tuple[int, int] | None:
        return settings.position("updates", *path)

    return Source(settings.file or ".gitops-ci.yaml", settings.updates, settings.file, position)
