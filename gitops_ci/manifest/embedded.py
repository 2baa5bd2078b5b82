"""YAML inside a literal block scalar (``|``), read where it stands.

The text keeps its indentation while it is parsed (YAML does not mind a document that is indented as a
whole), so every byte of an inner value has its place in the file without any mapping. Folded and quoted
texts have no such places and are left alone.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Scalar
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.split import breaks


def inner(document: Document, scalar: Scalar) -> Iterator[Document]:
    """The documents inside a literal scalar; none if it is no literal, or no YAML."""
    if scalar.style != "literal":
        return
    start, end = document.span(scalar)
    if any(masked < end and start < behind for masked, behind in document.masked):
        return
    data = document.data
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
