"""JSON, JSON with comments and JSON5, with the line and column of every value.

The values are read by ``json`` where the text is plain JSON, else by ``pyjson5``. Neither says where a value
stands, so one pass over its pieces, which also bounds the nesting before any parser recurses, notes the
offsets.
"""

import re
from bisect import bisect_right
from typing import NamedTuple

from gitops_ci.config.source import Path, Position
from gitops_ci.errors import ConfigurationError

MAX_BYTES = 1 << 20
"""1 MiB: the longest configurations people write have some 100 kB."""
MAX_DEPTH = 60

_PIECE = re.compile(
    r"""
    (?P<space>[\s\ufeff]+|//[^\n\r\u2028\u2029]*|/\*(?s:.*?)\*/)
  | (?P<punctuation>[\[\]{},:])
  | (?P<string>"(?:[^"\\\n\r]|\\(?s:.))*"|'(?:[^'\\\n\r]|\\(?s:.))*')
  | (?P<word>[^\s\ufeff\[\]{},:"'/]+)
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)


class Json(NamedTuple):
    """A parsed file."""

    file: str
    value: object
    offsets: dict[Path, int]
    """Of each value, in characters."""
    lines: tuple[int, ...]
    """Offsets at which the lines start."""
    duplicates: tuple[tuple[Path, int], ...]
    """Keys that stand twice in one object, with the offset of the second."""

    def position(self, path: Path) -> Position | None:
        """Where the value of a path stands; of its nearest parent if it is not there itself."""
        while path and path not in self.offsets:
            path = path[:-1]
        offset = self.offsets.get(path)
        return None if offset is None else self.at(offset)

    def at(self, offset: int) -> Position:
        """Line and column of an offset."""
        return _position(self.lines, offset)


def _position(lines: tuple[int, ...], offset: int) -> Position:
    line = bisect_right(lines, offset)
    return line, offset - lines[line - 1] + 1


def parse(file: str, data: bytes) -> Json:
    """Read a file. Raises :class:`gitops_ci.errors.ConfigurationError` with line and column."""
    if len(data) > MAX_BYTES:
        raise ConfigurationError(
            f"the file has more than {MAX_BYTES} bytes",
            file=file,
            remedy="is it the right file?",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError("the file is not UTF-8", file=file, line=line, remedy="save it as UTF-8") from None
    lines = (0, *(found.end() for found in re.finditer(r"\r\n|[\n\r]", text)))
    walk = _Walk(file, text, lines)
    walk.run()
    return Json(file, _load(file, text, lines), walk.offsets, lines, tuple(walk.duplicates))


def _load(file: str, text: str, lines: tuple[int, ...]) -> object:
    import json

    try:
        return json.loads(text)
    except RecursionError:
        raise ConfigurationError(f"nested deeper than {MAX_DEPTH} levels", file=file) from None
    except ValueError:
        pass
    import pyjson5

    try:
        return pyjson5.decode(text, maxdepth=MAX_DEPTH + 4)
    except pyjson5.Json5DecoderException as error:
        what, offset = _explain(str(error.args[0] if error.args else error))
        line, column = _position(lines, min(offset, len(text)))
        raise ConfigurationError(f"not JSON: {what}", file=file, line=line, column=column) from None


def _explain(message: str) -> tuple[str, int]:
    """The parser's message in plain words, and the offset it names (it counts from 1)."""
    found = re.search(r" near (\d+)", message)
    offset = max(int(found[1]) - 1, 0) if found else 0
    what = message.replace(found[0], "") if found else message
    what = re.sub(r"b'(\w+)'", r"\1", what)
    what = re.sub(r"U\+([0-9a-fA-F]{4,6})", lambda code: repr(chr(int(code[1], 16))), what)
    return what[:1].lower() + what[1:], offset


class _Walk:
    """One pass over its pieces. It takes more than JSON5 does: what is wrong is the parser's to say."""

    def __init__(self, file: str, text: str, lines: tuple[int, ...]) -> None:
        self.file = file
        self.text = text
        self.lines = lines
        self.offsets: dict[Path, int] = {}
        self.duplicates: list[tuple[Path, int]] = []

    def run(self) -> None:
        path: list[str | int] = []
        open_: list[str] = []
        expect_key = False
        position, end = 0, len(self.text)
        while position < end:
            found = _PIECE.match(self.text, position)
            if found is None:
                return  # Text that cannot be JSON5: looking on from here could take quadratic time.
            start, position = position, found.end()
            kind, piece = found.lastgroup, found[0]
            if kind == "space":
                continue
            if piece in ("{", "["):
                self._note(path, start)
                if len(open_) == MAX_DEPTH:
                    line, column = _position(self.lines, start)
                    raise ConfigurationError(
                        f"nested deeper than {MAX_DEPTH} levels", file=self.file, line=line, column=column
                    )
                open_.append(piece)
                path.append("" if piece == "{" else 0)
                expect_key = piece == "{"
            elif piece in ("}", "]"):
                if not open_:
                    return
                open_.pop()
                path.pop()
                expect_key = False
            elif piece == ",":
                if not open_:
                    return
                if open_[-1] == "[":
                    last = path[-1]
                    path[-1] = last + 1 if isinstance(last, int) else 0
                else:
                    expect_key = True
            elif piece == ":":
                expect_key = False
            elif expect_key:
                path[-1] = _text(piece)
                # The key's own place: the value's takes over unless there is none.
                if tuple(path) in self.offsets:
                    self.duplicates.append((tuple(path), start))
                self.offsets[tuple(path)] = start
            else:
                self._note(path, start)

    def _note(self, path: list[str | int], offset: int) -> None:
        self.offsets[tuple(path)] = offset


def _text(piece: str) -> str:
    if piece[0] in "\"'":
        piece = piece[1:-1]
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], piece)
