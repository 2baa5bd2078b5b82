"""Helm templates as YAML: every ``{{ }}`` becomes filler of the same length.

What stands outside of the actions keeps its place and is read as usual; a scalar that filler touches is
nobody's business (``Document.place`` gives None for it). Both branches of an ``if`` are read; the double
keys that come of it are kept.
"""

_BLANK = b" \t\r\n"


def mask(data: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """``data`` with its template actions filled in, and their byte spans. An unclosed one ends the search."""
    spans = _actions(data)
    if not spans:
        return data, ()
    masked = bytearray(data)
    for start, end in spans:
        masked[start:end] = b"\n".join(map(_cover, data[start:end].split(b"\n")))
    return b"\n".join(map(_fill, bytes(masked).split(b"\n"))), spans


def _cover(line: bytes) -> bytes:
    return b"\1" * (len(line) - 1) + b"\r" if line.endswith(b"\r") else b"\1" * len(line)


def _fill(line: bytes) -> bytes:
    if b"\1" not in line:
        return line
    if not line.strip(b" \t\r\1"):  # only actions (if, end, include … nindent): a blank line does no harm anywhere
        return line.replace(b"\1", b" ").replace(b"\t", b" ")
    return line.replace(b"\1", b"x")


def _actions(data: bytes) -> tuple[tuple[int, int], ...]:
    spans = []
    start = data.find(b"{{")
    while start >= 0:
        end = _action_end(data, start + 2)
        if end < 0:
            break
        spans.append((start, end))
        start = data.find(b"{{", end)
    return tuple(spans)


def _action_end(data: bytes, position: int) -> int:
    """Behind the ``}}``, which may also stand in a comment or a string of the action; -1 if there is none."""
    inner = position + 1 if data[position : position + 1] == b"-" else position
    while data[inner : inner + 1] and data[inner : inner + 1] in _BLANK:
        inner += 1
    if data[inner : inner + 2] == b"/*":
        position = data.find(b"*/", inner + 2)
        if position < 0:
            return -1
    while True:
        end = data.find(b"}}", position)
        if end < 0:
            return -1
        quote = min((found for found in (data.find(q, position, end) for q in (b'"', b"`")) if found >= 0), default=-1)
        if quote < 0:
            return end + 2
        position = _string_end(data, quote)


def _string_end(data: bytes, quote: int) -> int:
    """Behind the string that starts at ``quote``; behind the quote itself where it is never closed."""
    if data[quote : quote + 1] == b"`":
        return data.find(b"`", quote + 1) + 1 or quote + 1
    position = quote + 1
    while True:
        end = data.find(b'"', position)
        line_end = data.find(b"\n", quote, None if end < 0 else end)
        if end < 0 or line_end >= 0:
            return quote + 1
        backslashes = end - len(data[position:end].rstrip(b"\\")) - position
        if backslashes % 2 == 0:
            return end + 1
        position = end + 1
