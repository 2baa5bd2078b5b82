"""Scheme: one way to read tags as versions. The schemes are its subclasses, one module each."""

from collections.abc import Callable

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version.value import Version, position

_CACHE_SIZE = 50_000
"""Tags remembered by one scheme, then it starts afresh: all tags of a few hundred images."""


class Scheme:
    """One way to read tags. Instances are shared and remember what they parsed; all methods are pure.

    A scheme is a subclass with ``_read``; the rest follows from the :class:`Version` it returns.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._parsed: dict[str, Version | None] = {}
        self._expressions: dict[str, Callable[[str], bool]] = {}

    def _read(self, tag: str) -> Version | None:
        raise NotImplementedError

    def parse(self, tag: str) -> Version | None:
        """The version that a tag stands for; None for ``latest``, commit ids, names: tags without an order."""
        known = self._parsed.get(tag)
        if known is not None or tag in self._parsed:
            return known
        if len(self._parsed) >= _CACHE_SIZE:
            self._parsed.clear()
        # The grammar of tags allows 128 ASCII characters; anything else is no tag and not worth reading.
        version = self._read(tag) if tag and len(tag) <= 256 and tag.isascii() else None
        self._parsed[tag] = version
        return version

    def compatible(self, current: str, candidate: str) -> bool:
        """Whether candidate may ever replace current: same prefix, number of parts and suffix."""
        left, right = self.parse(current), self.parse(candidate)
        return left is not None and right is not None and left.shape == right.shape

    def difference(self, current: Version, candidate: Version) -> str:
        """In words, why the two are not compatible."""
        mine, other = current.shape, candidate.shape
        if mine.family != other.family:
            return f"it is a {_FAMILIES[other.family]}, the current tag is a {_FAMILIES[mine.family]}"
        if mine.prefix != other.prefix:
            return f"its prefix {other.prefix or '(none)'} is not the current {mine.prefix or '(none)'}"
        if mine.suffix != other.suffix:
            return f"its suffix {other.suffix or '(none)'} is not the current {mine.suffix or '(none)'}"
        return f"it has {other.parts} version parts, the current tag has {mine.parts}"

    def compare(self, left: str, right: str) -> int:
        """-1, 0 or 1. Tags that cannot be read are all alike and below every version."""
        return _sign(self.parse(left), self.parse(right))

    def kind(self, current: str, new: str) -> str:
        """``major``, ``minor`` or ``patch``. ValueError for a tag that is no version."""
        left, right = self.parse(current), self.parse(new)
        if left is None or right is None:
            raise ValueError(f"{current!r} to {new!r}: not both are versions of scheme {self.name}")
        return self.kind_of(left, right)

    def kind_of(self, current: Version, new: Version) -> str:
        """``kind`` of two versions that are parsed already."""
        return position(current.release, new.release)

    def rank(self, current: Version) -> Callable[[Version], tuple[object, ...]]:
        """The key by which candidates are sorted: their order, and between equals whatever the scheme prefers."""
        return _key

    def stable(self, tag: str) -> bool:
        """Whether the tag is a version and no pre-release."""
        version = self.parse(tag)
        return version is not None and version.stable

    def matches(self, tag: str, expression: str) -> bool:
        """Whether a tag fits ``/regex/``, ``!/regex/`` or a version range. ConfigurationError for anything else.

        A range looks at the numbers alone, so ``<2`` holds for ``1.4.2-alpine``; it never holds for a tag
        that is no version. A tag fits itself. Regular expressions see the whole tag and need not match from its start.
        """
        if tag == expression:
            return True
        test = self._expressions.get(expression)
        if test is None:
            if len(self._expressions) >= 1000:
                self._expressions.clear()
            test = self._expressions[expression] = self._compile(expression)
        return test(tag)

    def check(self, expression: str) -> None:
        """Raise ConfigurationError unless ``matches`` could use the expression."""
        self.matches("0", expression)

    def _compile(self, expression: str) -> Callable[[str], bool]:
        from gitops_ci.image.version import pattern

        if pattern.looks_like(expression):
            return pattern.predicate(expression)
        from gitops_ci.image.version.range import valid

        if not valid(expression) and self.parse(expression) is not None:
            return lambda tag: False  # one tag, written out, in a form that no range has: "17.0.5_8-jdk"
        return self._range(expression)

    def _range(self, expression: str) -> Callable[[str], bool]:
        from gitops_ci.image.version.range import parse

        bounds = parse(expression.strip())

        def test(tag: str) -> bool:
            version = self.parse(tag)
            return version is not None and bounds.matches(version.release, version.pre)

        return test


def like(current: Version) -> Callable[[Version], tuple[object, ...]]:
    """``rank`` for schemes in which tags of several shapes are equal: the same shape first, then a plain version.

    From ``18-alpine``, of ``22.1``, ``22.1-slim`` and ``22.1-alpine`` it is the last.
    """
    shape = _skeleton(current.tag)

    def key(version: Version) -> tuple[object, ...]:
        other = _skeleton(version.tag)
        return version.key, 2 if other == shape else int(other.lower() in ("#", "v#"))

    return key


def _skeleton(tag: str) -> str:
    import re

    return re.sub(r"[0-9]+(?:\.[0-9]+)*", "#", tag)


def _key(version: Version) -> tuple[object, ...]:
    return version.key


_FAMILIES = {
    "version": "version",
    "calendar": "calendar version",
    "date": "date",
    "order": "name with a timestamp",
}


def _sign(left: Version | None, right: Version | None) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    return (left.key > right.key) - (left.key < right.key)


def unknown(name: str, known: str) -> ConfigurationError:
    """The error for a scheme's name that nobody knows."""
    return ConfigurationError(f"unknown versioning {name!r}", remedy=f"known are {known}")
