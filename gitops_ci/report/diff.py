"""Unified diffs of bytes, exact for any line end: what ``git apply`` takes.

Made for edits of a few lines in files of any length: difflib takes 50 ms and more for a manifest of 30,000 lines,
this takes the time to split it.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

_NO_NEWLINE = b"\n\\ No newline at end of file\n"
_FARTHEST = 200
"""Lines looked ahead for the place where both sides go on alike."""


class _Change(NamedTuple):
    """Lines ``old[start:end]`` that became ``new[new_start:new_end]``."""

    start: int
    end: int
    new_start: int
    new_end: int


def unified(file: str, old: bytes, new: bytes, context: int = 3) -> bytes:
    """The difference with ``a/`` and ``b/`` names; empty where there is none.

    Only ``\\n`` ends a line, as in git: a ``\\r`` before it is part of the line. Bytes that are not UTF-8
    come through as they are. Every change is shown, though not always by the fewest lines possible.
    """
    if old == new:
        return b""
    before, after = _lines(old), _lines(new)
    out = [b"--- ", _name("a", file), b"\n+++ ", _name("b", file), b"\n"]
    for hunk in _hunks(_changes(before, after), 2 * context):
        first, last = hunk[0], hunk[-1]
        start, end = max(first.start - context, 0), min(last.end + context, len(before))
        new_start, new_end = max(first.new_start - context, 0), min(last.new_end + context, len(after))
        out.append(f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@\n".encode())
        at = start
        for change in hunk:
            out += (b" " + line for line in before[at : change.start])
            out += (b"-" + line for line in before[change.start : change.end])
            out += (b"+" + line for line in after[change.new_start : change.new_end])
            at = change.end
        out += (b" " + line for line in before[at:end])
    return b"".join(out)


def _changes(before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[_Change]:
    at, new_at = 0, 0
    while at < len(before) or new_at < len(after):
        if at < len(before) and new_at < len(after) and before[at] == after[new_at]:
            at, new_at = at + 1, new_at + 1
            continue
        end, new_end = _meet(before, after, at, new_at)
        yield _Change(at, end, new_at, new_end)
        at, new_at = end, new_end


def _meet(before: Sequence[bytes], after: Sequence[bytes], at: int, new_at: int) -> tuple[int, int]:
    """The nearest lines from which both sides go on alike for two lines, or to their ends."""
    for distance in range(1, _FARTHEST):
        # As many lines on both sides first: most edits replace lines.
        for skipped in sorted(range(distance + 1), key=lambda count: abs(distance - 2 * count)):
            one, other = at + skipped, new_at + distance - skipped
            if one > len(before) or other > len(after):
                continue
            here, there = before[one : one + 2], after[other : other + 2]
            if here == there and (here or (one == len(before) and other == len(after))):
                return one, other
    return len(before), len(after)


def _hunks(changes: Iterator[_Change], apart: int) -> Iterator[list[_Change]]:
    """Changes that share their context go together."""
    hunk: list[_Change] = []
    for change in changes:
        if hunk and change.start - hunk[-1].end > apart:
            yield hunk
            hunk = []
        hunk.append(change)
    if hunk:
        yield hunk


def _range(start: int, end: int) -> str:
    """As diff writes it: the line before where there is none; the length only where it is not 1."""
    length = end - start
    return f"{start + 1}" if length == 1 else f"{start + bool(length)},{length}"


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last + _NO_NEWLINE] if last else [])


def _name(side: str, file: str) -> bytes:
    """A name as git writes it: quoted where it holds what would end the line, with a tab behind it where it holds
    a space."""
    text = f"{side}/{file}"
    if not text.isprintable() or '"' in text or "\\" in text:
        escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
        characters = (
            escapes.get(character) or "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
            if not character.isprintable() or character in escapes
            else character
            for character in text
        )
        text = f'"{"".join(characters)}"'
    elif " " in text:
        text += "\t"
    return text.encode("utf-8", "surrogateescape")
