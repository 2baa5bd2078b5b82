r"""``regex:^(?<compatibility>.*)-(?<major>\d+)$``: the authors of the tags are asked by an expression.

Groups, as in Renovate: at least one of ``major``, ``minor``, ``patch`` (what is missing counts as 0); ``build``
and ``revision`` follow them and make patches; ``prerelease``, when it matched, makes a tag unstable;
``compatibility`` must stay the same. The expression runs on RE2 and may match anywhere in the tag.
"""

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version.pattern import compile_pattern
from gitops_ci.image.version.scheme import Scheme
from gitops_ci.image.version.value import Shape, Version, identifiers, pre_key

_NUMBERS = ("major", "minor", "patch", "build", "revision")
_GROUPS = frozenset({*_NUMBERS, "prerelease", "compatibility"})


class RegexScheme(Scheme):
    """``regex:…``. Raises ConfigurationError for an expression that cannot be used."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        source = name.partition(":")[2]
        try:
            self._pattern = compile_pattern(source)
        except ConfigurationError as error:
            raise ConfigurationError(f"versioning {name!r}: {error.what}", remedy=error.remedy) from None
        self._groups = frozenset(self._pattern.groupindex)
        if not self._groups & {"major", "minor", "patch"}:
            raise ConfigurationError(
                f"versioning {name!r} names none of the groups major, minor, patch",
                remedy=r"write it like 'regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(-(?<compatibility>.*))?$'",
            )
        unknown = sorted(self._groups - _GROUPS)
        if unknown:
            raise ConfigurationError(
                f"versioning {name!r} names the unknown group {unknown[0]!r}",
                remedy=f"groups are {', '.join(sorted(_GROUPS))}",
            )

    def _read(self, tag: str) -> Version | None:
        match = self._pattern.search(tag)
        if match is None:
            return None
        groups: dict[str, str | None] = {name: match.group(name) for name in self._groups}
        if not any(groups.get(name) for name in _NUMBERS):
            return None
        numbers = [_numbers(groups.get(name)) for name in _NUMBERS]
        parts = [number for number in numbers if number is not None]
        if len(parts) < len(numbers) or any(len(part) > 1 for part in parts[:3]):
            return None  # "r4" cannot be compared as a number; guessing would order it wrongly
        release = tuple(part[0] if part else 0 for part in parts[:3])
        counters = tuple(parts[3:])
        build = counters[0] + counters[1]
        # "rc1" and "rc.1" alike: numbers in it compare by value.
        marker = groups.get("prerelease") or ""
        pre = identifiers(_spaced(marker)) if marker else ()
        shape = Shape(suffix=groups.get("compatibility") or "")
        text = ".".join(found for name in _NUMBERS if (found := groups.get(name)))
        return Version(tag, text, release, shape, (release, counters, pre_key(pre)), pre, build, not pre)


def _numbers(text: str | None) -> tuple[int, ...] | None:
    """A group's numbers, dotted for some counters (``9.0.1``); none for a group that did not match.

    None for text that is no number.
    """
    parts = (text or "").strip(".").split(".")
    if parts == [""]:
        return ()
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else None


def _spaced(marker: str) -> str:
    """``-beta12`` → ``beta.12``."""
    pieces: list[str] = []
    for character in marker:
        if not character.isalnum():
            pieces.append(".")
            continue
        if pieces and pieces[-1] != "." and pieces[-1][-1].isdigit() != character.isdigit():
            pieces.append(".")
        pieces.append(character)
    return ".".join(part for part in "".join(pieces).split(".") if part)
