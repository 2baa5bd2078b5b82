"""Version: one tag as its scheme reads it, and the keys by which versions are ordered.

Everything that compares versions (schemes, ranges, policies) uses the keys made here, so there is one
order in the whole toolkit: Semantic Versioning's precedence (https://semver.org, section 11), extended to
any number of numbers and to build counters.
"""

from typing import NamedTuple

Identifiers = tuple[int | str, ...]
"""A pre-release's dot-separated identifiers: ``rc.1`` is ``("rc", 1)``."""

PreKey = tuple[object, ...]

RELEASED: PreKey = (1,)
"""The key of "no pre-release": above every pre-release of the same numbers."""

LOWEST: PreKey = (0,)
"""Below every pre-release: what ``-0`` as an upper bound means in a range."""


class Shape(NamedTuple):
    """What must stay the same for one tag to follow another."""

    prefix: str = ""
    """``v`` or nothing; for ordered tags all that stands before the timestamp."""
    family: str = "version"
    """``version``, ``calendar`` (first number is a year), ``date``, ``order`` (a name with a timestamp)."""
    parts: int = 0
    """How many numbers: ``1.2`` never becomes ``1.2.3``; 0 where the scheme does not care."""
    suffix: str = ""
    """``-alpine3.18``; counters and commit ids in it stand as ``#``: ``-debian-12-r#``."""


class Version(NamedTuple):
    """One tag that could be read. Compare by ``key``, never by the tuple itself."""

    tag: str
    """As the registry has it: what is written into the manifest."""
    text: str
    """The version for people: ``1.2.4`` of ``v1.2.4-alpine``."""
    release: tuple[int, ...]
    shape: Shape
    key: tuple[object, ...]
    pre: Identifiers = ()
    build: tuple[int, ...] = ()
    """Counters after the version: ``(4,)`` of ``1.2.3-4``, ``(10,)`` of ``1.2.3-debian-12-r10``."""
    stable: bool = True

    @property
    def major(self) -> int:
        """The first number."""
        return self.release[0]


def pre_key(identifiers: Identifiers) -> PreKey:
    """The order of pre-releases: numbers below words, numbers by value, a longer one above its beginning."""
    if not identifiers:
        return RELEASED
    return (0, *((0, part, "") if isinstance(part, int) else (1, 0, part) for part in identifiers))


def identifiers(text: str) -> Identifiers:
    """``rc.1`` → ``("rc", 1)``. Splits at dots only, as semver does."""
    return tuple(int(part) if part.isdigit() and part.isascii() else part for part in text.split("."))


_ENDLESS = float("inf")


def release_key(release: tuple[int, ...]) -> tuple[float, ...]:
    """Numbers compare by value and a shorter version is above all that begin with it: ``1.2`` > ``1.2.9``."""
    return (*release, _ENDLESS)


def position(current: tuple[int, ...], new: tuple[int, ...]) -> str:
    """``major``, ``minor`` or ``patch`` by the first number that differs; ``patch`` when none does."""
    if current[:1] != new[:1]:
        return "major"
    return "minor" if current[1:2] != new[1:2] else "patch"
