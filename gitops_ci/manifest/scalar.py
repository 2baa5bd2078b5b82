"""Texts as YAML scalars: which must be quoted to stay texts, and where a piece of a value stands in its source.

"Text" means in YAML 1.1 and 1.2 and in the readers that mix the two (Go's yaml.v2 and v3, sigs.k8s.io/yaml,
PyYAML, libyaml's users): a value that any of them takes for something else is quoted.
"""

import re

from gitops_ci.manifest.use import Place

_WORDS = frozenset({"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"})
_NUMBERS = frozenset("0123456789+-.")

# What may start a plain scalar everywhere, and what may follow in a block or in a flow collection. Narrower
# than YAML's own rule: everything an image, a tag or a digest can hold, and nothing that is an indicator.
_FIRST = r"[A-Za-z0-9_./$+\\^(]"
_BLOCK = r"[^\x00-\x20\x7f-\U0010ffff#:]*"
_FLOW = r"[A-Za-z0-9_./$+\\^()@%=~*&!?|<>;'#-]"
_PLAIN_BLOCK = rf"{_FIRST}{_BLOCK}(?:(?::(?=[^\x00-\x20])|#){_BLOCK})*"
_PLAIN_FLOW = rf"{_FIRST}{_FLOW}*(?::{_FLOW}+)*"

# Integers and floats of both versions with their underscores and base prefixes, numbers in base 60, dates.
_NUMBER = (
    r"[-+]?(?:0[xX][0-9a-fA-F_]*|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9_]*)?"
    r"|[0-9][0-9_]*(?::[0-9]+)+(?:\.[0-9_]*)?|\.(?:inf|nan))|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?"
)


def is_text(value: str) -> bool:
    """Whether every YAML reader takes the plain scalar ``value`` for text."""
    if value[:1] in _NUMBERS and value:
        return re.fullmatch(_NUMBER, value, re.IGNORECASE | re.ASCII | re.DOTALL) is None
    return value.lower() not in _WORDS


def is_plain(value: str, *, flow: bool = False) -> bool:
    """Whether ``value`` can stand without quotes (on one line), whatever it is then taken for."""
    if value.startswith(("---", "...")):
        return False
    return re.fullmatch(_PLAIN_FLOW if flow else _PLAIN_BLOCK, value) is not None


def render(value: str, *, flow: bool = False) -> str:
    """``value`` as a scalar that is text everywhere: plain where that is safe, else in double quotes."""
    if is_plain(value, flow=flow) and is_text(value):
        return value
    return quote(value)


def quote(value: str) -> str:
    """``value`` in double quotes. What has an escape in JSON has the same one in YAML."""
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    from json import dumps

    return dumps(value)


def locate(place: Place, start: int, end: int) -> tuple[int, int] | None:
    """Byte offsets in ``place.raw`` of ``place.value[start:end]``; None where that piece is not written as it reads.

    In quotes and on one line every character has its place, and only the piece itself must be free of
    escapes. In scalars over several lines the whole text (white space around it aside) must stand
    somewhere exactly as it reads, once.
    """
    raw = place.raw.decode("utf-8", "surrogateescape")
    if place.style in ("plain", "raw") and raw == place.value:
        return _bytes(raw, start, end)
    if place.style in ("single", "double") and "\n" not in raw and "\r" not in raw:
        offsets = _offsets(raw, place.style)
        if offsets is None or len(offsets) != len(place.value) + 1:
            return None
        first, last = offsets[start], offsets[end]
        return _bytes(raw, first, last) if raw[first:last] == place.value[start:end] else None
    text = place.value.strip()
    body = max(raw.find("\n"), raw.find("\r")) + 1 if place.style in ("literal", "folded") else 0
    begin = place.value.find(text)
    if not text or start < begin or end > begin + len(text) or "\\" in raw or raw.count(text, body) != 1:
        return None
    shift = raw.index(text, body) - begin
    return _bytes(raw, start + shift, end + shift)


def _bytes(raw: str, start: int, end: int) -> tuple[int, int]:
    if raw.isascii():
        return start, end
    first = len(raw[:start].encode("utf-8", "surrogateescape"))
    return first, first + len(raw[start:end].encode("utf-8", "surrogateescape"))


def _offsets(raw: str, style: str) -> list[int] | None:
    """Where in ``raw`` (quotes included) each character of the value starts, and the closing quote."""
    offsets = []
    position, close = 1, len(raw) - 1
    while position < close:
        offsets.append(position)
        if style == "single":
            position += 2 if raw[position] == "'" else 1
        elif raw[position] == "\\":
            position += {"x": 4, "u": 6, "U": 10}.get(raw[position + 1], 2)
        else:
            position += 1
    offsets.append(close)
    return offsets if position == close else None
