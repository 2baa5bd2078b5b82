"""Every image use of a checkout: walk, read each file once, look at its bytes, parse what remains, name its owner."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from gitops_ci.errors import UsageError
from gitops_ci.finding import Finding
from gitops_ci.manifest import match
from gitops_ci.manifest.checkout import select
from gitops_ci.manifest.formats.files import KUSTOMIZATIONS, is_dockerfile
from gitops_ci.manifest.inspect import Inspector, Seen
from gitops_ci.manifest.objects import Fact, Owner
from gitops_ci.manifest.ownership import Ownership
from gitops_ci.manifest.use import ImageUse
from gitops_ci.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitops_ci.manifest.formats.custom_regex import Manager

PARALLEL_FROM = 1_000
"""Files from which a second process pays for itself."""
WHOLE_UP_TO = 500
"""Checkouts of at most this many files are checked for unreadable YAML whole, larger ones where images may be."""


class ScanConfig(NamedTuple):
    """What a configuration adds to a scan. Everything is optional."""

    include: tuple[str, ...] = ()
    """Globs of files; with any, only these are read."""
    ignore: tuple[str, ...] = ()
    """Globs of files that are left out."""
    custom_managers: tuple[Mapping[str, Any], ...] = ()
    """Renovate's ``customManagers``, as they are written."""
    file_patterns: Mapping[str, Sequence[str]] = {}
    """Format name → further globs of its files."""
    environments: tuple[str, ...] = ()
    """Names of environments that are to be recognised like ``dev`` or ``prod``."""
    embedded: bool = False
    """Read YAML inside literal block scalars of ConfigMaps and other objects too."""
    max_bytes: int = 20 * 1024 * 1024
    """Larger files are not read."""


class Scan(NamedTuple):
    """What a scan found."""

    uses: tuple[ImageUse, ...]
    """By file, then by position."""
    findings: tuple[Finding, ...]
    files: int
    """Files read."""


def scan(
    root: str,
    paths: Sequence[str] = (),
    *,
    image: str | None = None,
    config: ScanConfig | None = None,
    processes: int | None = None,
    owners: bool = True,
) -> Scan:
    """Find the uses below ``root``, or in ``paths`` (files, directories, globs) only.

    With ``image`` (a name as written, or a glob) only its uses, and hardly more than the files that hold it are
    parsed. ``owners=False`` spares looking for the objects that say which application a directory is; what layouts
    say is still known. ``processes`` is chosen by itself: one below 1,000 files. Nothing that a file holds raises; a
    path that does not exist raises UsageError.
    """
    config = config or ScanConfig()
    root = os.path.abspath(root)
    if not os.path.isdir(root):
        raise UsageError(f"the root {root} is no directory")
    managers: Sequence[Manager] = ()
    findings: Sequence[Finding] = ()
    if config.custom_managers:
        from gitops_ci.manifest.formats import custom_regex

        managers, findings = custom_regex.managers(config.custom_managers)
    patterns = _patterns(config)
    files, named, more = select(root, paths, _wanted(config, managers, patterns))
    whole = image is None and len(files) <= WHOLE_UP_TO
    inspector = Inspector(
        root, config=config, managers=managers, patterns=patterns, image=image, owners=owners, whole=whole, named=named
    )
    seen = _inspect(inspector, files, processes, image)
    if image is not None:
        for again, rest in list(inspector.second_look(seen, files)):
            seen = seen.plus(again.run(rest))._replace(files=seen.files)
    uses: list[ImageUse] = []
    unnamed: list[Finding] = []
    if seen.pending:
        from gitops_ci.manifest.resolve import resolve

        uses, unnamed = resolve(seen.uses, seen.pending, seen.facts)
    ownership = Ownership(seen.owners, config.environments)
    found = _finish([*seen.uses, *uses], ownership)
    if image is not None:
        matches = match.image(image)
        found = [use for use in found if matches(use)]
        unnamed = []
    return Scan(
        tuple(found), tuple(sorted({*findings, *more, *seen.findings, *unnamed}, key=_finding_order)), seen.files
    )


def _finding_order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.file or "", finding.line or 0, finding.column or 0, finding.rule, finding.message


def _patterns(config: ScanConfig) -> dict[str, Callable[[str], bool]]:
    from gitops_ci.manifest.globs import matcher

    return {name: matcher(tuple(globs)) for name, globs in config.file_patterns.items() if globs}


def _wanted(
    config: ScanConfig, managers: Sequence[Manager], patterns: Mapping[str, Callable[[str], bool]]
) -> Callable[[str, str], bool]:
    extra = [manager.wants for manager in managers] + list(patterns.values())

    def usual(name: str, path: str) -> bool:
        if name.endswith((".yaml", ".yml", ".json")) or name in KUSTOMIZATIONS or is_dockerfile(name):
            return True
        return any(matches(path) for matches in extra)

    if not config.include and not config.ignore:
        return usual
    from gitops_ci.manifest.globs import matcher

    include = matcher(config.include) if config.include else None
    ignore = matcher(config.ignore) if config.ignore else None

    def chosen(name: str, path: str) -> bool:
        return usual(name, path) and (include is None or include(path)) and not (ignore is not None and ignore(path))

    return chosen


def _inspect(inspector: Inspector, files: Sequence[str], processes: int | None, image: str | None) -> Seen:
    if processes is None:
        processes = 1 if image is not None or len(files) < PARALLEL_FROM else min(2, os.cpu_count() or 1)
    if processes > 1 and len(files) > 1:
        from gitops_ci.manifest.parallel import spread

        return spread(inspector.run, files, processes)
    return inspector.run(files)


def _finish(uses: list[ImageUse], ownership: Ownership) -> list[ImageUse]:
    """Owners filled in, one use for each place, the names that share a place noted, in order."""
    by_place: dict[tuple[str, int], list[str]] = {}
    kept: dict[tuple[object, ...], ImageUse] = {}
    for use in sorted(uses, key=_order):
        key = (use.file, use.name, *(place.start for place in use.places))
        if key in kept:
            continue
        # A build or a workflow runs in no environment, be it in a folder called "test".
        nowhere = use.format in ("dockerfile", "github-actions")
        application, environment = (None, None) if nowhere else ownership.of(use.file, use.document)
        if application or environment:  # an element of an ApplicationSet knows its own better than its file
            use = use._replace(application=use.application or application, environment=use.environment or environment)
        kept[key] = use
        by_place.setdefault((use.file, use.version_place.start), []).append(use.name)
    shared = {place: names for place, names in by_place.items() if len(set(names)) > 1}
    if not shared:
        return list(kept.values())
    return [_with_shared(use, shared) for use in kept.values()]


def _with_shared(use: ImageUse, shared: Mapping[tuple[str, int], list[str]]) -> ImageUse:
    names = shared.get((use.file, use.version_place.start), ())
    others = tuple(sorted({name for name in names if name != use.name}))
    return use._replace(shared=others) if others else use


def _order(use: ImageUse) -> tuple[str, int, str, str]:
    return use.file, use.version_place.start, use.path, use.name


__all__ = ["Fact", "Owner", "Scan", "ScanConfig", "scan"]
