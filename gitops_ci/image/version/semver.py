"""Semantic versions (https://semver.org), strict, and the lenient readings of charts.

``semver``: exactly three numbers, an optional ``v`` that must stay. ``helm``: the same, but a ``v`` more or
less is no difference (Helm's own client ignores it), with Helm's ranges. ``semver-coerced``: the first one to
three numbers found in the tag, the rest does not count. But a tag with anything else in it is no stable version,
so that nobody is led from ``1.2.3`` to ``1.3.0-arm64``.
"""

from collections.abc import Callable

from gitops_ci.image.version import suffix as suffixes
from gitops_ci.image.version.range import Dialect
from gitops_ci.image.version.scheme import Scheme, like
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

    def rank(self, current: Version) -> Callable[[Version], tuple[object, ...]]:
        """Of ``v1.2.3`` and ``1.2.3``, which are equal for charts, the one that is written like the current tag."""
        return like(current)

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
        pre = strict[1] if strict is not None else ()
        # "1.2.3-alpine" is strict as well, and no pre-release in the eyes of whoever coerces.
        if strict is not None and (not pre or suffixes.parse(f"-{'.'.join(map(str, pre))}").pre):
            release = strict[0]
            return Version(tag, tag.removeprefix("v"), release, Shape(), (release, pre_key(pre)), pre, stable=not pre)
        numbers = _first_numbers(tag)
        if numbers is None:
            return None
        filled = (*numbers, 0, 0)[:3]
        plain = tag.removeprefix("v") == ".".join(map(str, numbers))
        return Version(tag, ".".join(map(str, filled)), filled, Shape(), (filled, pre_key(())), stable=plain)

    def rank(self, current: Version) -> Callable[[Version], tuple[object, ...]]:
        """Of all tags with the same numbers the one that is written like the current tag."""
        return like(current)


def parts(tag: str) -> tuple[tuple[int, int, int], Identifiers] | None:
    """Numbers and pre-release of ``X.Y.Z[-pre][+build]`` with an optional ``v``; None for anything else.

    The grammar is the ``semver`` library's. Its Version objects are not kept: their comparison is slower
    than that of :func:`pre_key`'s tuples, which a test holds to the same order.
    """
    text = tag[1:] if tag.startswith("v") else tag
    # Most tags of a registry are no semantic versions: a cheap look first.
    if not text[:1].isdigit() or text.count(".") < 2 or len(text) > 256:
        return None
    from semver import Version as Semver

    try:
        found = Semver.parse(text)
    except ValueError:
        return None
    return (found.major, found.minor, found.patch), identifiers(found.prerelease) if found.prerelease else ()


def _first_numbers(tag: str) -> tuple[int, ...] | None:
    """The first run of one to three dotted numbers of at most 16 digits each (the limit npm's coercion has)."""
    import re

    found = re.search(r"(?<!\d)(\d{1,16})(?:\.(\d{1,16}))?(?:\.(\d{1,16}))?(?!\d)", tag)
    return tuple(int(number) for number in found.groups() if number) if found else None
