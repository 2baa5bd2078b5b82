"""Where a node stands in its document, kept as a chain while walking and written out only for a hit."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias


Trail: TypeAlias = tuple["Trail | None", "str | int"] | None
"""``(parent, key or index)``; None is the root."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def keys(trail: Trail) -> list[str | int]:
    """The keys and indexes from the root down."""
    found: list[str | int] = []
    while trail is not None:
        trail, key = trail
        found.append(key)
    found.reverse()
    return found


def path(trail: Trail) -> str:
    """``spec.containers[0].image``; keys that hold anything but letters, digits, ``_``, ``-`` as ``["a.b/c"]``."""
    text = ""
    for key in keys(trail):
        if type(key) is int:
            text += f"[{key}]"
        elif isinstance(key, str) and key and _PLAIN.issuperset(key):
            text += f".{key}" if text else key
        else:
            escaped = str(key).replace("\\", "\\\\").replace('"', '\\"')
            text += f'["{escaped}"]'
    return text
