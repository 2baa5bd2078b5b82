"""Texts as YAML scalars: which must be quoted to stay texts, and where a piece of a value stands in its source.

"Text" means in YAML 1.1 and 1.2 and in the readers that mix the two (Go's yaml.v2 and v3, sigs.k8s.io/yaml,
PyYAML, libyaml's users): a value that any of them takes for something else is quoted. No regular expressions:
compiling them would take a tenth of the time that a whole ``bump`` has.
"""

from gitops_ci.manifest.use import Place

_WORDS = frozenset({"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<"})
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

# What a plain scalar may start with and consist of. Narrower than YAML's own rule: all that an image, a tag or a
# digest can hold, and no indicator.
_FIRST = _LETTERS | frozenset("_./$+\\^(")
_FLOW = _FIRST | frozenset(")@%=~*&!?|<>;'#:-")
_BLOCK = _FLOW | frozenset(',[]{}"`')


def is_text(value: str) -> bool:
    """Whether every YAML reader takes the plain scalar ``value`` for text."""
    first = value[:1]
    if first.isalpha() or not first:
        return value.lower() not in _WORDS
    return value not in _WORDS and not (_is_number(value.lower()) or _is_date(value))


def is_plain(value: str, *, flow: bool = False) -> bool:
    """Whether ``value`` can stand without quotes (on one line), whatever it is then taken for."""
    if not value or value[0] not in _FIRST or not (_FLOW if flow else _BLOCK).issuperset(value):
        return False
    # No white space is left: a colon can only be an indicator at the end, and before more of them in a flow.
    return not value.endswith(":") and not value.startswith("...") and not (flow and "::" in value)


def _is_number(value: str) -> bool:
    """Integers and floats of both versions, with underscores, base prefixes, base 60 and exponents; lower case."""
    unsigned = value.lstrip("+-")
    if unsigned in (".inf", ".nan"):
        return True
    digits = unsigned.replace("_", "")
    base = {"0x": "0123456789abcdef", "0o": "01234567", "0b": "01"}.get(digits[:2])
    if base is not None:
        return frozenset(base).issuperset(digits[2:])
    if ":" in digits:
        parts = digits.split(":")
        return all(part.isdigit() for part in parts[:-1]) and _is_decimal(parts[-1])
    mantissa, _, exponent = digits.partition("e")
    return _is_decimal(mantissa) and (exponent.lstrip("+-").isdigit() or not exponent.strip("+-"))


def _is_decimal(digits: str) -> bool:
    """At most one point, and nothing else but digits (which may be missing: ``.``, ``5.``)."""
    return digits.count(".") <= 1 and (digits.replace(".", "").isdigit() or digits in ("", "."))


def _is_date(value: str) -> bool:
    """``2024-01-01``, ``2024-1-1``, with or without a time behind it."""
    year, _, rest = value.partition("-")
    month, _, day = rest.partition("-")
    if not (len(year) == 4 and year.isdigit() and month.isdigit() and len(month) <= 2):
        return False
    size = 2 if day[:2].isdigit() else 1
    return day[:size].isdigit() and day[size : size + 1] in ("", "T", "t", " ", "\t")


def render(value: str, *, flow: bool = False) -> str:
    """``value`` as a scalar that is text everywhere: plain where that is safe, else in double quotes."""
    if is_plain(value, flow=flow) and is_text(value):
        return value
    return quote(value)


def quote(value: str) -> str:
    """``value`` in double quotes; what is not printable ASCII as an escape (JSON's, as far as that has one)."""
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if " " <= character <= "~":
        return f"\\{character}" if character in '"\\' else character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


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
