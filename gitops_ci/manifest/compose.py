"""From a parser's events to nodes: repeated anchors accepted, duplicate keys kept, nothing recursive.

PyYAML's own composer refuses repeated anchors (which Go's accepts and real repositories have), resolves
types nobody asked for, and recurses.
"""

from __future__ import annotations

from collections.abc import Callable

from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitops_ci.manifest.nodes import Mark

MAX_DEPTH = 200
"""Levels of nesting. The deepest of 16,000 files of public repositories (a CRD) has 48; a walker that
recurses is safe below it."""


class Kinds(NamedTuple):
    """The event classes of one parser."""

    scalar: type
    alias: type
    mapping_start: type
    mapping_end: type
    sequence_start: type
    sequence_end: type
    stream_end: type


class ComposeError(Exception):
    """Well-formed events that make no sound document. ``mark`` is the event's."""

    def __init__(self, problem: str, mark: Mark) -> None:
        super().__init__(problem)
        self.problem = problem
        self.mark = mark


class Composed(NamedTuple):
    """One document's tree."""

    root: Node | None
    aliased: frozenset[int]
    """``id()`` of the nodes that an alias points to."""


def compose(get: Callable[[], Any], kinds: Kinds) -> Composed:
    """Read one stream of at most one document.

    ``get`` returns the next event. Raises ComposeError, and whatever ``get`` raises.
    """
    scalar, alias, mapping_start, mapping_end, sequence_start, sequence_end, stream_end = kinds
    anchors: dict[str, Node] = {}
    aliased: set[int] = set()
    top: list[Any] = []
    items = top  # the children of the innermost open collection; keys and values in turn for a mapping
    open_nodes: list[Any] = []  # the open collections, outermost first
    outer: list[list[Any]] = []  # what `items` was outside of each of them
    flow = False
    while True:
        event = get()
        kind = type(event)
        if kind is scalar:
            node = Scalar(event, event.value, flow)
            items.append(node)
            if event.anchor is not None:
                anchors[event.anchor] = node
        elif kind is mapping_start or kind is sequence_start:
            flow = flow or bool(event.flow_style)
            opened = Mapping(event, flow) if kind is mapping_start else Sequence(event, flow)
            items.append(opened)
            if event.anchor is not None:
                anchors[event.anchor] = opened
            open_nodes.append(opened)
            if len(open_nodes) > MAX_DEPTH:
                raise ComposeError(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
            outer.append(items)
            items = []
        elif kind is mapping_end or kind is sequence_end:
            closed = open_nodes.pop()
            closed._end = event.end_mark
            if kind is mapping_end:
                closed.items = list(zip(items[::2], items[1::2], strict=True))
            else:
                closed.items = items
            items = outer.pop()
            flow = open_nodes[-1].flow if open_nodes else False
        elif kind is alias:
            target = anchors.get(event.anchor)
            if target is None:
                raise ComposeError(f"undefined alias *{event.anchor}", event.start_mark)
            if any(target is node for node in open_nodes):
                raise ComposeError(f"anchor &{event.anchor} contains itself", event.start_mark)
            aliased.add(id(target))
            items.append(target)
        elif kind is stream_end:
            return Composed(top[0] if top else None, frozenset(aliased))
