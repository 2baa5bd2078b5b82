"""The nodes of a parsed YAML document: just enough to find a scalar and say where it stands.

Plain slotted classes: a repository has hundreds of thousands of them. They keep a parser's marks, not its
events: what stays alive is what costs time.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Mark(Protocol):
        """A position in a parser's text: ``index`` in characters, ``line`` and ``column`` 0-based."""

        index: int
        line: int
        column: int

    class Event(Protocol):
        """What the parsers' events have in common, as far as it is read here."""

        start_mark: Mark
        end_mark: Mark
        anchor: str | None
        tag: str | None
        style: str | None


class Node:
    """A node and where its text starts: ``start`` and ``end`` are character offsets in the document's text."""

    __slots__ = ("_end", "_start", "anchor", "flow", "tag")

    _start: Mark
    _end: Mark
    tag: str | None
    """Only an explicit tag: ``tag:yaml.org,2002:str``, ``!custom``."""
    anchor: str | None
    """The name that aliases use, without ``&``."""
    flow: bool
    """Stands inside ``[]`` or ``{}``; of a collection: is written so, too."""

    @property
    def start(self) -> int:
        """May point at an anchor or tag before the text."""
        return self._start.index

    @property
    def end(self) -> int:
        """Behind the last character; of a block collection: where the next token starts."""
        return self._end.index

    @property
    def line(self) -> int:
        """0-based in the document's text."""
        return self._start.line

    @property
    def column(self) -> int:
        """0-based, in characters."""
        return self._start.column


class Scalar(Node):
    """A text, whatever type YAML would give it."""

    __slots__ = ("_style", "value")

    value: str

    def __init__(self, event: Event, value: str, flow: bool) -> None:
        self._start = event.start_mark
        self._end = event.end_mark
        self._style = event.style
        self.tag = event.tag
        self.anchor = event.anchor
        self.value = value
        self.flow = flow

    @property
    def style(self) -> str:
        """``plain``, ``single``, ``double``, ``literal``, ``folded``."""
        return _STYLES[self._style or ""]


_STYLES = {"": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


class Collection(Node):
    """What mappings and sequences share."""

    __slots__ = ()

    def __init__(self, event: Event, flow: bool) -> None:
        self._start = event.start_mark
        self._end = event.end_mark  # until the event at its end has come
        self.tag = event.tag
        self.anchor = event.anchor
        self.flow = flow


class Mapping(Collection):
    """Entries in order, duplicates kept; merge keys (``<<``) are entries like others."""

    __slots__ = ("items",)

    items: list[tuple[Node, Node]]

    def get(self, key: str) -> Node | None:
        """The value of the last entry with this scalar key (as YAML 1.1 loaders do), else None."""
        found = None
        for name, value in self.items:
            if type(name) is Scalar and name.value == key:
                found = value
        return found

    def text(self, key: str) -> str | None:
        """The value of ``key`` where it is a scalar that reads as text, else None."""
        node = self.get(key)
        return node.value if type(node) is Scalar else None


class Sequence(Collection):
    """Elements in order."""

    __slots__ = ("items",)

    items: list[Node]
