"""Document: one YAML document that knows its file and can say where each node stands in it."""

from gitops_ci.manifest.nodes import Mapping, Node, Scalar
from gitops_ci.manifest.use import Place


class Document:
    """One parsed document of a file. The interface that every format finder works on.

    An alias in the text is the very node it points to (the object is the same); ``aliased`` holds the
    ids of nodes that more than one place uses. A finder that walks a document must not follow a node
    twice without a bound: see ``walk``.
    """

    __slots__ = ("_offset", "_text", "aliased", "file", "first_line", "index", "masked", "root")

    def __init__(
        self,
        *,
        file: str,
        index: int,
        root: Node | None,
        text: str,
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
        self._text = text
        self._offset = offset
        self.first_line = first_line
        """0-based line of the file at which this document's text starts."""
        self.aliased = aliased
        self.masked = masked
        """Character spans of the text that were ``{{ }}`` and are filler for the parser."""

    @property
    def kind(self) -> str:
        """The Kubernetes kind, or an empty text."""
        return (self.root.text("kind") or "") if type(self.root) is Mapping else ""

    @property
    def api_version(self) -> str:
        """The Kubernetes apiVersion, or an empty text."""
        return (self.root.text("apiVersion") or "") if type(self.root) is Mapping else ""

    def place(self, node: Scalar, holds: str, *, prefix: str = "") -> Place | None:
        """Where this scalar stands, ready for editing; None where a masked ``{{ }}`` touches it."""
        raise NotImplementedError
