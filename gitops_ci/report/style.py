"""What may be sent to a terminal or a log: colour or not, and no character that acts instead of showing.

Colour follows https://no-color.org and https://force-color.org: ``NO_COLOR`` wins, then ``FORCE_COLOR``,
then "is it a terminal that is not dumb".
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}

# C0 without tab and newline, DEL, C1; line and paragraph separators; what reorders text (Trojan Source).
_ACTING = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (
        *(code for code in range(32) if code not in (9, 10)),
        *range(0x7F, 0xA0),
        0x061C,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
    )
}


def colour(stream: TextIO) -> bool:
    """True if text for this stream may carry colours."""
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced:
        return forced != "0"
    return interactive(stream) and os.environ.get("TERM") != "dumb"


def interactive(stream: TextIO) -> bool:
    """True if a person looks at this stream: it is a terminal (and open), and not one that a workflow's runner made."""
    try:
        return stream.isatty() and os.environ.get("GITHUB_ACTIONS") != "true"
    except ValueError:  # closed
        return False


def paint(text: str, style: str, stream: TextIO) -> str:
    """The text in a style (``"bold red"``) if the stream takes colours, else as it is."""
    if not style or not text or not colour(stream):
        return text
    codes = ";".join(_CODES[word] for word in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m"


def visible(text: str) -> str:
    """The text with every control character and every character that reorders text written out (``\\x1b``).

    Newlines and tabs stay. What comes from files, registries and branches goes through here before a
    terminal sees it: it could otherwise move the cursor, hide lines or change the title.
    """
    return text if text.isascii() and text.isprintable() else text.translate(_ACTING)


def one_line(text: str) -> str:
    """The same, on one line: newlines and tabs are written out too."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")
