"""Document: one YAML document that knows its file and can say where each node stands in it."""

from gitops_ci.manifest.nodes import Mapping, Node, Scalar
from gitops_ci.manifest.split import breaks
from gitops_ci.manifest.use import Place


class Document:
    """One parsed document of a file. The interface that every format finder works on.

    An alias in the text is the very node it points to (the object is the same); ``aliased`` holds the
    ids of nodes that more than one place uses. No node contains itself, but a finder that walks a document
    must not follow an aliased node again and again: a few lines of YAML can stand for billions of nodes.
    """

    __slots__ = (
        "_ascii",
        "_byte",
        "_char",
        "_data",
        "_line",
        "_string",
        "_text",
        "aliased",
        "file",
        "first_line",
        "index",
        "masked",
        "offset",
        "root",
    )

    def __init__(
        self,
        *,
        file: str,
        index: int,
        root: Node | None,
        data: bytes,
        text: bytes,
        offset: int,
        first_line: int,
        aliased: frozenset[int] = frozenset(),
        masked: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self.file = file
        self.index = index
        """0-based in the file."""
        self.root = root
        """None for an empty document."""
        self._data = data
        """The document's own bytes, without a byte order mark."""
        self._text = text
        """What was parsed, byte by byte in the same places: the data, or the data with filler for ``{{ }}``."""
        self._ascii = text.isascii()
        self._string: str | None = None
        self.offset = offset
        """Byte offset of the document's text in the file."""
        self.first_line = first_line
        """0-based line of the file at which this document's text starts."""
        self.aliased = aliased
        self.masked = masked
        """Byte spans of the document's text that were ``{{ }}`` and are filler for the parser."""
        self._char = self._byte = self._line = 0  # how far characters and lines have been counted

    @property
    def kind(self) -> str:
        """The Kubernetes kind, or an empty text."""
        return (self.root.text("kind") or "") if type(self.root) is Mapping else ""

    @property
    def api_version(self) -> str:
        """The Kubernetes apiVersion, or an empty text."""
        return (self.root.text("apiVersion") or "") if type(self.root) is Mapping else ""

    @property
    def data(self) -> bytes:
        """The document's bytes as they stand in the file, from ``offset`` on."""
        return self._data

    def span(self, node: Node) -> tuple[int, int]:
        """Byte offsets in ``data`` of a node's text: after anchor and tag, and to its end."""
        data = self._data
        start, end = self._byte_of(node.start), self._byte_of(node.end)
        if node.anchor is not None or node.tag is not None:
            start = min(_skip_properties(data, start), end)
        return start, end

    def place(self, node: Scalar, holds: str, *, prefix: str = "") -> Place | None:
        """Where this scalar stands, ready for editing; None where a masked ``{{ }}`` touches it."""
        start, end = self.span(node)
        for masked_start, masked_end in self.masked:
            if masked_start < end and start < masked_end:
                return None
        line, column = self.position(start)
        return Place(
            holds=holds,
            start=self.offset + start,
            end=self.offset + end,
            raw=self._data[start:end],
            value=node.value,
            style=node.style,
            line=line,
            column=column,
            flow=node.flow,
            tagged=node.tag is not None,
            prefix=prefix,
        )

    def position(self, byte: int) -> tuple[int, int]:
        """1-based line and column (in characters) in the file of a byte offset in ``data``."""
        data = self._data
        feed = data.rfind(b"\n", 0, byte)
        start = max(feed, data.rfind(b"\r", feed + 1, byte)) + 1
        # From the last place counted, on or back, and only to the line's start, so that a \r\n is never cut in two.
        if start > self._byte:
            self._line += breaks(data, self._byte, start)
            self._char += len(self._text[self._byte : start].decode())
        elif start < self._byte:
            self._line -= breaks(data, start, self._byte)
            self._char -= len(self._text[start : self._byte].decode())
        self._byte = start
        return self.first_line + self._line + 1, len(data[start:byte].decode()) + 1

    @property
    def _decoded(self) -> str:
        if self._string is None:
            self._string = self._text.decode()
        return self._string

    def _byte_of(self, char: int) -> int:
        if self._ascii:
            return char
        if char < self._char:
            self._char = self._byte = self._line = 0
        return self._byte + len(self._decoded[self._char : char].encode())


def _skip_properties(data: bytes, position: int) -> int:
    """Behind anchor, tag, and the white space and comments after them."""
    end = len(data)
    while position < end:
        first = data[position]
        if first in b"&!":
            stop = b">" if data.startswith(b"!<", position) else b" \t\r\n,[]{}"
            position += 1
            while position < end and data[position] not in stop:
                position += 1
            position += stop == b">"
        elif first in b" \t\r\n":
            position += 1
        elif first in b"#":
            while position < end and data[position] not in b"\r\n":
                position += 1
        else:
            break
    return position
