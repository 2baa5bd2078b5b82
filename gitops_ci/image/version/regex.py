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
        found = self._pattern.search(tag)
        if found is None:
            return None
        groups = {name: found.group(name) for name in self._groups}
        numbers: list[int] = []
        for name in _NUMBERS:
            text = groups.get(name)
            if text is None:
                numbers.append(0)
            elif text.isdigit():
                numbers.append(int(text))
            elif text == "" and name not in ("major", "minor", "patch"):
                numbers.append(0)
            else:
                return None  # "r4" cannot be compared as a number; guessing would order it wrongly
        release, build = tuple(numbers[:3]), tuple(numbers[3:])
        # "rc1" and "rc.1" alike: numbers in it compare by value.
        marker = groups.get("prerelease") or ""
        pre = identifiers(_spaced(marker)) if marker else ()
        shape = Shape(suffix=groups.get("compatibility") or "")
        text = ".".join(str(number) for number in numbers[: 3 if not any(build) else 5])
        return Version(tag, text, release, shape, (release, build, pre_key(pre)), pre, build, not pre)


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
