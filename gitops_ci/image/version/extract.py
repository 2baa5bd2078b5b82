"""Versions that are only a part of the tag: Renovate's ``extractVersion`` and ``versionCompatibility``.

Both are regular expressions on RE2. ``extractVersion`` has the group ``version``: it is what is read, and tags
without a match are no versions. ``versionCompatibility`` has ``version`` and ``compatibility``: the one is read,
the other must stay the same. What is written is always the whole tag.
"""

from functools import lru_cache
from typing import Any

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version import scheme
from gitops_ci.image.version.pattern import compile_pattern
from gitops_ci.image.version.scheme import Scheme
from gitops_ci.image.version.value import Version


class PartScheme(Scheme):
    """A scheme applied to a part of each tag. Raises ConfigurationError for expressions that cannot be used."""

    def __init__(self, inner: Scheme, *, extract: str | None = None, compatibility: str | None = None) -> None:
        super().__init__(inner.name)
        self._inner = inner
        self._extract = _pattern("extractVersion", extract, "version")
        self._compatibility = _pattern("versionCompatibility", compatibility, "version", "compatibility")

    def extracted(self, tag: str) -> str | None:
        """What ``extractVersion`` finds in a tag; the tag itself where none was given."""
        if self._extract is None:
            return tag
        found = self._extract.search(tag)
        return (found.group("version") or None) if found is not None else None

    def _split(self, tag: str) -> tuple[str, str] | None:
        text = self.extracted(tag)
        if text is None or self._compatibility is None:
            return (text, "") if text is not None else None
        found = self._compatibility.search(text)
        if found is None or not found.group("version"):
            return None
        return found.group("version"), found.group("compatibility") or ""

    def _read(self, tag: str) -> Version | None:
        parts = self._split(tag)
        version = self._inner.parse(parts[0]) if parts is not None else None
        if parts is None or version is None:
            return None
        shape = version.shape
        return version._replace(tag=tag, shape=shape._replace(suffix=f"{shape.suffix}{parts[1]}"))

    def kind_of(self, current: Version, new: Version) -> str:
        """As the inner scheme says of the parts."""
        return self._inner.kind_of(self._part(current), self._part(new))

    def matches(self, tag: str, expression: str) -> bool:
        """Ranges and regular expressions see the part; a tag fits itself."""
        parts = self._split(tag)
        return tag == expression or (parts is not None and self._inner.matches(parts[0], expression))

    def check(self, expression: str) -> None:
        """As the inner scheme does."""
        self._inner.check(expression)

    def _part(self, version: Version) -> Version:
        parts = self._split(version.tag)
        return (self._inner.parse(parts[0]) if parts is not None else None) or version


@lru_cache(maxsize=256)
def part_scheme(name: str, extract: str | None, compatibility: str | None) -> PartScheme:
    """The scheme of that name for a part of each tag; the same object each time."""
    return PartScheme(scheme(name), extract=extract, compatibility=compatibility)


def _pattern(option: str, source: str | None, *groups: str) -> Any:  # noqa: ANN401 - google-re2 has no types
    if not source:
        return None
    try:
        pattern = compile_pattern(source)
    except ConfigurationError as problem:
        raise ConfigurationError(f"{option} {problem.what}", remedy=problem.remedy) from None
    missing = [name for name in groups if name not in pattern.groupindex]
    if missing:
        raise ConfigurationError(
            f"{option} {source!r} has no group {missing[0]!r}", remedy=f"write it like (?<{missing[0]}>…)"
        )
    return pattern
