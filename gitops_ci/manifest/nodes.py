"""The nodes of a parsed YAML document: just enough to find a scalar and say where it stands.

Plain slotted classes: a repository has hundreds of thousands of them.
"""


class Node:
    """A node and where its text starts: ``start`` and ``end`` are character offsets in the document's text."""

    __slots__ = ("anchor", "column", "end", "line", "start", "tag")

    start: int
    end: int
    line: int
    """0-based in the document's text."""
    column: int
    """0-based."""
    tag: str | None
    """Only an explicit tag: ``tag:yaml.org,2002:str``, ``!custom``."""
    anchor: str | None


class Scalar(Node):
    """``style``: ``plain``, ``single``, ``double``, ``literal``, ``folded``.

    ``start`` may still point at an anchor or tag before the text; ``Document.place`` skips them.
    """

    __slots__ = ("flow", "style", "value")

    value: str
    style: str
    flow: bool
    """Stands inside ``[]`` or ``{}``."""


class Mapping(Node):
    """Entries in order, duplicates kept; merge keys (``<<``) are entries like others."""

    __slots__ = ("flow", "items")

    items: list[tuple[Node, Node]]
    flow: bool

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


class Sequence(Node):
    """Elements in order."""

    __slots__ = ("flow", "items")

    items: list[Node]
    flow: bool
