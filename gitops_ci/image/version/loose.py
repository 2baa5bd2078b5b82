"""``loose``: for tags that only vaguely look like versions. All are compatible with all.

Leading numbers compare by value. A tag with nothing behind them is above those with something; of these, what
follows compares piece by piece: digits by value, words by their letters, a pre-release word below any other.
"""

import re
from collections.abc import Callable

from gitops_ci.image.version import suffix as suffixes
from gitops_ci.image.version.scheme import Scheme, like
from gitops_ci.image.version.value import Shape, Version, pre_key

_LEADING = re.compile(r"[vV]?(\d+(?:\.\d+)*)(.*)", re.ASCII | re.DOTALL)
_PIECE = re.compile(r"\d+|[A-Za-z]+", re.ASCII)


class LooseScheme(Scheme):
    """``loose``."""

    def _read(self, tag: str) -> Version | None:
        if suffixes.is_commit(tag):
            return None
        found = _LEADING.fullmatch(tag)
        if found is None:
            return None
        release = tuple(map(int, found[1].split(".")))
        rest = found[2]
        behind = suffixes.parse(rest if rest[:1] in ("-", "_") else f"-{rest.lstrip('.')}") if rest else suffixes.NONE
        if rest[:1] == "u" and rest[1:2].isdigit():  # Java: "8u402-b06" is no beta
            behind = suffixes.NONE
        pieces = tuple((0, int(one), "") if one.isdigit() else (1, 0, one.lower()) for one in _PIECE.findall(rest))
        trimmed = release
        while len(trimmed) > 1 and trimmed[-1] == 0:
            trimmed = trimmed[:-1]
        key = (trimmed, not rest, pre_key(behind.pre), pieces)
        return Version(tag, tag.lstrip("vV"), release, Shape(), key, behind.pre, stable=not behind.pre)

    def rank(self, current: Version) -> Callable[[Version], tuple[object, ...]]:
        """Of ``1.2`` and ``1.2.0`` the one that is written like the current tag."""
        return like(current)
