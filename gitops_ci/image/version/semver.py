"""Semantic versions (https://semver.org), strict, and the lenient readings of charts.

``semver``: exactly three numbers, an optional ``v`` that must stay. ``helm``: the same, but a ``v`` more or
less is no difference (Helm's own client ignores it), with Helm's ranges. ``semver-coerced``: the first one to
three numbers found in the tag, the rest does not count.
"""

from collections.abc import Callable

from gitops_ci.image.version.range import Dialect
from gitops_ci.image.version.scheme import Scheme
from gitops_ci.image.version.value import Identifiers, Shape, Version, identifiers, pre_key


class SemverScheme(Scheme):
    """``semver`` and ``helm``."""

    def __init__(self, name: str, *, dialect: Dialect = "npm", keep_prefix: bool = True) -> None:
        super().__init__(name)
        self._dialect: Dialect = dialect
        self._keep_prefix = keep_prefix

    def _read(self, tag: str) -> Version | None:
        found = parts(tag)
        if found is None:
            return None
        release, pre = found
        prefix = "v" if tag[0] == "v" else ""
        shape = Shape(prefix if self._keep_prefix else "", parts=3)
        return Version(tag, tag[len(prefix) :], release, shape, (release, pre_key(pre)), pre, stable=not pre)

    def _range(self, expression: str) -> Callable[[str], bool]:
        from gitops_ci.image.version.range import parse

        bounds = parse(expression.strip(), self._dialect)

        def test(tag: str) -> bool:
            version = self.parse(tag)
            return version is not None and bounds.matches(version.release, version.pre)

        return test


class CoercedScheme(Scheme):
    """``semver-coerced``: whatever looks like a version in the tag, filled up with zeros."""

    def _read(self, tag: str) -> Version | None:
        strict = parts(tag)
        if strict is not None:
            release, pre = strict
            return Version(tag, tag.removeprefix("v"), release, Shape(), (release, pre_key(pre)), pre, stable=not pre)
        numbers = _first_numbers(tag)
        if numbers is None:
            return None
        filled = (*numbers, 0, 0)[:3]
        return Version(tag, ".".join(map(str, filled)), filled, Shape(), (filled, pre_key(())))


def parts(tag: str) -> tuple[tuple[int, int, int], Identifiers] | None:
    """Numbers and pre-release of ``X.Y.Z[-pre][+build]`` with an optional ``v``; None for anything else."""
    text = tag[1:] if tag.startswith("v") else tag
    # Most tags of a registry are no semantic versions: a cheap look first.
    if not text[:1].isdigit() or text.count(".") < 2:
        return None
    core, plus, build = text.partition("+")
    core, dash, pre = core.partition("-")
    numbers = core.split(".")
    if len(numbers) != 3 or not all(_is_number(number) for number in numbers):
        return None
    if (plus and not _are_identifiers(build)) or (dash and not _are_identifiers(pre, strict=True)):
        return None
    major, minor, patch = map(int, numbers)
    return (major, minor, patch), identifiers(pre) if dash else ()


def _is_number(text: str) -> bool:
    """Digits without a leading zero."""
    return text.isdigit() and (text[0] != "0" or text == "0")


def _are_identifiers(text: str, *, strict: bool = False) -> bool:
    """Dot-separated ``[0-9A-Za-z-]+``; strict: numbers among them without leading zeros."""
    return all(
        part.replace("-", "0").isalnum() and not (strict and part.isdigit() and not _is_number(part))
        for part in text.split(".")
    )


def _first_numbers(tag: str) -> tuple[int, ...] | None:
    """The first run of one to three dotted numbers of at most 16 digits each (the limit npm's coercion has)."""
    import re

    found = re.search(r"(?<!\d)(\d{1,16})(?:\.(\d{1,16}))?(?:\.(\d{1,16}))?(?!\d)", tag)
    return tuple(int(number) for number in found.groups() if number) if found else None
