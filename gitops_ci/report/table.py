"""Tables of text: as wide as they like in a pipe, no wider than the screen on a terminal.

Names, paths and digests have few spaces, so cells break after ``/``, ``@``, ``:`` or ``-`` rather than
anywhere; which columns give way is decided by how many lines it costs.
"""

import functools
import re
import unicodedata
from collections.abc import Sequence

GAP = "  "
_LEAST = 8
"""No column gets narrower than this, or than what it holds."""
_SAMPLE = 200
"""Rows that are looked at to share the width."""
_BEST = re.compile(r"[ /@]")
_GOOD = re.compile(r"[ /@:,_=+)]|-(?!\d)")
"""Where a name may end a line; not inside of a date or a version."""


def plain(columns: Sequence[str], cells: Sequence[Sequence[str]], right: frozenset[str]) -> list[str]:
    """One line for the head and one for each row, nothing cut off."""
    widths = [max(map(_size, column)) for column in zip(columns, *cells, strict=True)]
    aligned = [name in right for name in columns]
    return [_line(row, widths, aligned) for row in ([name.upper() for name in columns], *cells)]


def fitted(
    columns: Sequence[str], cells: Sequence[Sequence[str]], right: frozenset[str], width: int
) -> tuple[str, list[list[str]]]:
    """The head, and for each row its lines, none longer than ``width`` (unless there are too many columns for it)."""
    widths = share(columns, cells[:_SAMPLE], width)
    aligned = [name in right for name in columns]
    rows = []
    for row in cells:
        parts = [wrap(text, size) for text, size in zip(row, widths, strict=True)]
        height = max(map(len, parts), default=1)
        padded = [[*part, *[""] * (height - len(part))] for part in parts]
        rows.append([_line(line, widths, aligned) for line in zip(*padded, strict=True)])
    return _line(columns, widths, aligned), rows


def share(columns: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> list[int]:
    """A width for each column that together fit, found by taking from where it costs the fewest lines."""
    by_column = list(zip(columns, *cells, strict=True))
    widths = [max(map(_size, column)) for column in by_column]
    # First without breaking inside of words; only if that is not enough, anywhere.
    words = [max(_longest_piece(text) for text in column) for column in by_column]
    for least in (words, [min(size, max(_LEAST, _size(name))) for size, name in zip(widths, columns, strict=True)]):
        room = width - len(GAP) * (len(columns) - 1)
        widths = _shrink(cells, widths, [min(pair) for pair in zip(least, widths, strict=True)], room)
        if sum(widths) <= room:
            break
    return widths


def _shrink(cells: Sequence[Sequence[str]], widths: list[int], least: Sequence[int], room: int) -> list[int]:
    widths = list(widths)
    heights = [[len(wrap(text, size)) for text, size in zip(row, widths, strict=True)] for row in cells]
    while sum(widths) > room:
        step = max(1, (sum(widths) - room) // 16)
        choices = []
        for number, size in enumerate(widths):
            narrower = max(size - step, least[number])
            if narrower < size:
                pairs = zip(cells, heights, strict=True)
                cost = sum(max(0, len(wrap(row[number], narrower)) - max(high)) for row, high in pairs)
                choices.append((cost, -size, number, narrower))
        if not choices:
            break
        _, _, number, widths[number] = min(choices)
        for row, high in zip(cells, heights, strict=True):
            high[number] = len(wrap(row[number], widths[number]))
    return widths


def _longest_piece(text: str) -> int:
    return max(_size(piece) for piece in re.split(r"(?<=[ /@:,_=+)])|(?<=-)(?!\d)", text))


@functools.lru_cache(maxsize=65536)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """The text in lines of at most ``width`` cells, broken after a character where names have their joints."""
    lines = []
    while _size(text) > width:
        end = _fitting(text, width)
        if text[end] == " ":
            at = end
        else:
            # Rather a lesser joint than a line that is mostly empty.
            at = (
                _last(_BEST, text, end // 2, end)
                or _last(_GOOD, text, end // 3, end)
                or _last(_GOOD, text, 1, end)
                or end
            )
        lines.append(text[:at].rstrip(" "))
        text = text[at:].lstrip(" ")
    return (*lines, text)


def _last(joint: re.Pattern[str], text: str, start: int, end: int) -> int:
    """The end of the last joint in a part of the text; 0 for none."""
    # Not finditer(text, start, end): a look-ahead would take the end for the text's own.
    return max((found.end() for found in joint.finditer(text, start) if found.end() <= end), default=0)


def _fitting(text: str, width: int) -> int:
    if text.isascii():
        return width
    used = 0
    for number, character in enumerate(text):
        used += _size(character)
        if used > width:
            return max(number, 1)
    return len(text)


def _size(text: str) -> int:
    """Columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def _line(texts: Sequence[str], widths: Sequence[int], aligned: Sequence[bool]) -> str:
    parts = []
    for text, size, to_the_right in zip(texts, widths, aligned, strict=True):
        blanks = " " * (size - _size(text))
        parts.append(blanks + text if to_the_right else text + blanks)
    return GAP.join(parts).rstrip()
