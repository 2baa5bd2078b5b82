"""A YAML stream cut into its documents without parsing it.

``---`` and ``...`` at the start of a line, followed by white space, are document borders wherever they
stand (YAML 1.2.2, 9.1.2: content must not contain them), also inside quotes and block scalars.
"""

from __future__ import annotations

from gitops_ci.record import NamedTuple

BOM = b"\xef\xbb\xbf"


class Chunk(NamedTuple):
    """The bytes of one document, with the comments and directives before it."""

    start: int
    end: int


def split(data: bytes) -> list[Chunk]:
    """One chunk for each document, in order; text without any content is none."""
    returns = b"\r" in data
    borders = _borders(data, returns)
    if not borders:
        return [Chunk(0, len(data))] if _has_content(data, 0, len(data)) else []
    chunks: list[Chunk] = []
    start = 0
    for border, explicit in [*borders, (len(data), False)]:
        # Without content it is the head (comments, %YAML) of the next one.
        if border > start and _has_content(data, start, border):
            chunks.append(Chunk(start, border))
            start = border
        elif not explicit or data.startswith(BOM, border):
            start = border
    return chunks


def _borders(data: bytes, returns: bool) -> list[tuple[int, bool]]:
    """Where documents start: offset, and whether a ``---`` stands there (else: what follows a ``...`` line)."""
    found = []
    marks = not data.isascii() and BOM in data
    for marker in (b"---", b"..."):
        if data.startswith(marker, 3 if data.startswith(BOM) else 0):
            found.append((0, marker))
        for before in (b"\n", b"\r", b"\n" + BOM, b"\r" + BOM) if returns or marks else (b"\n",):
            position = data.find(before + marker)
            while position >= 0:
                found.append((position + 1, marker))
                position = data.find(before + marker, position + 1)
    borders = []
    for position, marker in found:
        after = position + 3 + (3 if data.startswith(BOM, position) else 0)
        if data[after : after + 1] not in (b"", b" ", b"\t", b"\n", b"\r"):
            continue
        if marker == b"---":
            borders.append((position, True))
        else:
            ends = [end for end in (data.find(b"\n", after), data.find(b"\r", after)) if end >= 0]
            end = min(ends, default=len(data) - 1)
            borders.append((end + (2 if data[end : end + 2] == b"\r\n" else 1), False))
    return sorted(borders)


def _has_content(data: bytes, start: int, end: int) -> bool:
    """Whether anything but comments and directives stands there; a ``---`` is content: an empty document."""
    if start < end and data[start] not in b"\xef#%. \t\r\n":
        return True
    for line in data[start:end].removeprefix(BOM).splitlines():
        text = line.strip()
        if text and not text.startswith(b"#") and not line.startswith((b"%", b"...")):
            return True
    return False


def breaks(data: bytes, start: int, end: int | None) -> int:
    """Line breaks (``\\n``, ``\\r\\n``, ``\\r``) between two offsets."""
    count = data.count(b"\n", start, end)
    returns = data.count(b"\r", start, end)
    return count + returns - data.count(b"\r\n", start, end) if returns else count
