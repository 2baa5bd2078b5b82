"""YAML inside a literal block scalar (``|``), or in quotes on one line, read where it stands.

The text keeps its indentation while it is parsed (YAML does not mind a document that is indented as a
whole), so every byte of an inner value has its place in the file without any mapping. Folded texts, and
quoted ones with escapes or over several lines, have no such places and are left alone.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Scalar
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.split import breaks


def inner(document: Document, scalar: Scalar) -> Iterator[Document]:
    """The documents inside a literal scalar or one in quotes; none if it is another, or no YAML."""
    if scalar.style not in ("literal", "single", "double"):
        return
    start, end = document.span(scalar)
    if any(masked < end and start < behind for masked, behind in document.masked):
        return
    data = document.data
    if scalar.style != "literal":
        yield from _quoted(document, start + 1, end - 1)
        return
    start = data.find(b"\n", start, end) + 1
    if start <= 0:
        return
    template = b"{{" in data[start:end]
    for piece, stop in _pieces(data, start, end):
        text = data[piece:stop]
        if not text.strip():
            continue
        line = document.first_line + breaks(data, 0, piece)
        for found in parse(document.file, text, template=template).documents:
            found.offset += document.offset + piece
            found.first_line += line
            found.index = document.index
            yield found


def _quoted(document: Document, start: int, end: int) -> Iterator[Document]:
    """The document in quotes, if every byte of it stands for itself."""
    data = document.data
    text = data[start:end]
    if b"\n" in text or b"\r" in text or (b"''" if data[start - 1 : start] == b"'" else b"\\") in text:
        return
    line = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    for found in parse(document.file, b" " * (start - line) + text).documents:  # the line's own columns
        found.offset += document.offset + line
        found.first_line += document.first_line + breaks(data, 0, line)
        found.index = document.index
        yield found


def _pieces(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans between ``---`` lines that stand at the block's own indentation."""
    indent: int | None = None
    piece = position = start
    while position < end:
        stop = data.find(b"\n", position, end)
        stop = end if stop < 0 else stop + 1
        line = data[position:stop]
        text = line.strip()
        if text:
            depth = len(line) - len(line.lstrip(b" "))
            if indent is None:
                indent = depth
            if depth == indent and (text == b"---" or text.startswith(b"--- #")):
                yield piece, position
                piece = stop
        position = stop
    yield piece, end
