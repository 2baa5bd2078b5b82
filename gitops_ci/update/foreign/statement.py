"""What a foreign policy says about one use of an image, and how near to it that was said."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from gitops_ci.finding import Finding
from gitops_ci.image.reference import split_name
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.model import SelectionPolicy

NOTHING = "$."
"""A pattern that no tag matches."""

Nearness = tuple[int, ...]
"""Smaller is nearer. First: 0 a marker on the line, 1 the object that holds the image, 2 a file that the
policy names, 3 its application's directory (the deeper the nearer), 4 what that directory takes in."""

Reader = Callable[[str], tuple[Document, ...]]
"""The documents of a file of the checkout; none where there is no such file, or it cannot be read."""


class Statement(NamedTuple):
    """One policy about one use."""

    use: ImageUse
    policy: SelectionPolicy
    nearness: Nearness
    notes: tuple[str, ...] = ()
    """What the policy says besides, that this tool does in its own way or not at all."""


class Spoken(NamedTuple):
    """All that one adapter found."""

    statements: tuple[Statement, ...] = ()
    findings: tuple[Finding, ...] = ()


def stopped(policy: SelectionPolicy) -> SelectionPolicy:
    """The policy as one that offers nothing, no newer digest of the current tag either."""
    strategy = "semver" if policy.strategy == "digest" else policy.strategy
    return replace(policy, strategy=strategy, allow=NOTHING, digest="never")


def same_image(one: str, other: str) -> bool:
    """Whether two names without tag are the same image: ``nginx`` is ``docker.io/library/nginx``."""
    return one == other or split_name(one) == split_name(other)


def valid_pattern(pattern: str) -> bool:
    """Whether RE2, the dialect of Go and so of these tools, can read a regular expression."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error:
        return False
    return True


def mapping(node: Node | None) -> Mapping | None:
    """The node if it is a mapping."""
    return node if type(node) is Mapping else None


def at(node: Node | None, *keys: str) -> Node | None:
    """The node under these keys, None where the way ends."""
    for key in keys:
        if type(node) is not Mapping:
            return None
        node = node.get(key)
    return node


def text(document: Document, node: Node | None) -> str | None:
    """A scalar's value; templates stand in it as they were written. None for anything else, and for null."""
    if type(node) is not Scalar:
        return None
    if document.masked:
        start, end = document.span(node)
        if any(begin < end and start < stop for begin, stop in document.masked):
            return document.data[start:end].decode().strip("'\" \r\n")
    if node.style == "plain" and node.tag is None and node.value in ("", "~", "null", "Null", "NULL"):
        return None
    return node.value


def elements(node: Node | None) -> list[Node]:
    """The elements of a list, none for anything else."""
    return node.items if type(node) is Sequence else []


def truth(value: str | None) -> bool:
    """``true`` in a text or a boolean."""
    return value is not None and value.strip().lower() == "true"


def position(document: Document, node: Node) -> tuple[int, int]:
    """1-based line and column of a node in its file."""
    return document.position(document.span(node)[0])


def finding(
    document: Document, node: Node, rule: str, message: str, *, remedy: str | None = None, status: str = "warn",
    severity: str = "medium",
) -> Finding:  # fmt: skip
    """A finding that points at a node."""
    line, column = position(document, node)
    return Finding(rule, message, document.file, line, column, status=status, severity=severity, remedy=remedy)
