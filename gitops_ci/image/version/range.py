"""Version ranges: ``^1.2``, ``~1.4``, ``>=1.0.0 <2``, ``1.x``, ``1.2 - 2.3``, ``!=1.5.0``, ``a || b``.

One reading for every language of ranges met in a GitOps repository. They agree on everything but
pre-releases, so that is what a :class:`Dialect` says:

* ``npm`` (node-semver, https://github.com/npm/node-semver#ranges): a pre-release matches only where the
  range names a pre-release of the same three numbers.
* ``masterminds`` (Helm, Flux, Argo CD: https://github.com/Masterminds/semver#checking-version-constraints):
  pre-releases match within an AND group that names any, as in ``>=1.0.0-0 <2``.
* ``tags`` (ours, for ``allowedVersions`` and ``matchCurrentVersion`` over image tags): a range never asks
  for stability, that is ``ignoreUnstable``'s question; and ``<2`` keeps out ``2.0.0-rc.1`` as well.
"""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version.value import LOWEST, PreKey, identifiers, pre_key

Dialect = Literal["npm", "masterminds", "tags"]

_Key = tuple[tuple[int, ...], PreKey]

_LENGTH = 8
"""Versions are compared with this many numbers, missing ones are 0: tags have rarely more than four."""

_MAX_TEXT = 2000
_NUMBER = r"(?:\d{1,18}|[xX*])"
_VERSION = rf"[vV]?{_NUMBER}(?:\.{_NUMBER})*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z.-]+)?"
_OPERATOR = r"!=|>=|=>|<=|=<|~>|==|[=<>~^]"


class _Bound(NamedTuple):
    """One end of an interval."""

    key: _Key
    inclusive: bool


class _Comparator(NamedTuple):
    """``low <= version < high``, or everything but that."""

    low: _Bound | None
    high: _Bound | None
    negated: bool = False


class _Group(NamedTuple):
    """Comparators of which all must hold."""

    comparators: tuple[_Comparator, ...]
    pre_of: frozenset[tuple[int, ...]]
    """The numbers of which the range names a pre-release."""


class Range(NamedTuple):
    """A parsed range. Build it with :func:`parse`."""

    text: str
    dialect: Dialect
    groups: tuple[_Group, ...]

    def matches(self, release: tuple[int, ...], pre: tuple[int | str, ...] = ()) -> bool:
        """Whether a version is in the range."""
        numbers = _pad(release)
        key = (numbers, pre_key(pre))
        return any(
            (not pre or self._admits_pre(group, numbers)) and all(_holds(one, key) for one in group.comparators)
            for group in self.groups
        )

    def _admits_pre(self, group: _Group, numbers: tuple[int, ...]) -> bool:
        if self.dialect == "npm":
            return numbers in group.pre_of
        return self.dialect == "tags" or bool(group.pre_of)


def _pad(release: tuple[int, ...]) -> tuple[int, ...]:
    return (release + (0,) * _LENGTH)[:_LENGTH]


def _holds(comparator: _Comparator, key: _Key) -> bool:
    low, high, negated = comparator
    inside = not (
        (low is not None and (key < low.key or (key == low.key and not low.inclusive)))
        or (high is not None and (key > high.key or (key == high.key and not high.inclusive)))
    )
    return inside is not negated


@lru_cache(maxsize=512)
def parse(text: str, dialect: Dialect = "tags") -> Range:
    """Parse a range. Raises ConfigurationError, with an example, for anything that is none."""
    if len(text) > _MAX_TEXT:
        raise ConfigurationError(f"a version range of {len(text)} characters is too long")
    return Range(text, dialect, tuple(_group(part, text, dialect) for part in text.split("||")))


def valid(text: str) -> bool:
    """Whether text is a range at all."""
    try:
        parse(text)
    except ConfigurationError:
        return False
    return True


def _group(part: str, whole: str, dialect: Dialect) -> _Group:
    comparators: list[_Comparator] = []
    named: set[tuple[int, ...]] = set()
    for operator, version in _tokens(part, whole):
        numbers, pre = _version(version)
        comparators.append(_comparator(operator, numbers, pre, dialect))
        if pre:
            named.add(_pad(numbers))
    return _Group(tuple(comparators), frozenset(named))


@lru_cache(maxsize=1)
def _scanner() -> re.Pattern[str]:
    """One comparator, or one ``a - b``, with the comma that may follow."""
    return re.compile(
        rf"\s*(?:({_VERSION})\s+-\s+({_VERSION})|({_OPERATOR})?\s*({_VERSION}))(?=[\s,]|$)(?:\s*,(?=\s*\S))?"
    )


def _tokens(part: str, whole: str) -> list[tuple[str, str]]:
    """(operator, version) pairs of one AND group."""
    found: list[tuple[str, str]] = []
    at = 0
    text = part.rstrip()
    while at < len(text):
        token = _scanner().match(text, at)
        if token is None:
            raise ConfigurationError(
                f"{whole!r} is not a version range ({text[at:].strip()!r} cannot be read)",
                remedy="write it like '<2', '^1.4', '>=1.0.0 <2.0.0', '1.2 - 2.3' or '/^1\\./'",
            )
        first, last, operator, version = token.groups()
        found += [(operator or "", version)] if first is None else [(">=", first), ("<=", last)]
        at = token.end()
    return found or [("", "*")]


def _version(text: str) -> tuple[tuple[int, ...], tuple[int | str, ...]]:
    """The numbers up to the first ``x``, and the pre-release."""
    core, _, _ = text.lstrip("vV").partition("+")
    core, _, pre = core.partition("-")
    numbers: list[int] = []
    for part in core.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers), identifiers(pre) if pre else ()


def _comparator(operator: str, numbers: tuple[int, ...], pre: tuple[int | str, ...], dialect: Dialect) -> _Comparator:
    if not numbers:  # "*", "x", "": anything; "<*" and "!=*": nothing
        return _Comparator(None, None, negated=operator in ("<", ">", "!="))
    partial = len(numbers) < 3
    low = _Bound((_pad(numbers), pre_key(pre)), True)
    # Ends of desugared intervals leave out the next version's pre-releases, in every dialect.
    below_next = _Bound((_pad(_next(numbers)), LOWEST), False)
    if operator == ">":
        return _Comparator((below_next._replace(inclusive=True) if partial else low._replace(inclusive=False)), None)
    if operator in ("<=", "=<"):
        return _Comparator(None, below_next if partial else low)
    if operator in (">=", "=>"):
        return _Comparator(low, None)
    if operator == "<":
        keeps_out_pre = not pre and (dialect == "tags" or (dialect == "npm" and partial))
        return _Comparator(None, _Bound((low.key[0], LOWEST if keeps_out_pre else low.key[1]), False))
    if operator == "^":
        return _Comparator(low, _Bound((_pad(_caret(numbers)), LOWEST), False))
    if operator in ("~", "~>"):
        if dialect == "masterminds" and numbers == (0, 0, 0):
            return _Comparator(low, None)  # that library's documented special case: "~0.0.0" is any version
        return _Comparator(low, _Bound((_pad(_next(numbers[:2])), LOWEST), False))
    exactly = _Comparator(low, below_next) if partial else _Comparator(low, low)
    if operator == "!=":
        if pre:
            return _Comparator(low, low, negated=True)
        # "!=1.5" leaves out 1.5's pre-releases too.
        start = _Bound((low.key[0], LOWEST), True) if partial else low
        return _Comparator(start, exactly.high, negated=True)
    return exactly


def _next(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return (*numbers[:-1], numbers[-1] + 1)


def _caret(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The first version that ``^`` leaves out: the leftmost number that is not 0 goes up."""
    for index, number in enumerate(numbers):
        if number:
            return (*numbers[:index], number + 1)
    return _next(numbers)
