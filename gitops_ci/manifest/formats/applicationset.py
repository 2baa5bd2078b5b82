"""ApplicationSets with list generators: the versions that stand in an element and reach the images by a template.

``elements: [{env: dev, tag: 1.2.0}]`` with ``{name: image.tag, value: "{{.tag}}"}`` in the template is one use for
each element: the template is read with the element's own scalars in place of the expressions, so that an edit goes
to the element. Only a value that is one expression as a whole is filled in; text made of several has no one place.
"""

import re
from collections.abc import Callable, Iterator
from copy import copy

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import helm_values
from gitops_ci.manifest.formats.build import Pending
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

_MOST = 500
"""Elements that are looked at: each means reading the template once more."""
_ENVIRONMENT = ("environment", "env", "stage")
_EXPRESSION = re.compile(r"\{\{-?\s*\.?([\w.-]+?)\s*-?\}\}")

Source = Callable[[Document, Mapping, Trail], Iterator[ImageUse | Pending]]


def find(document: Document, sources: list[tuple[Mapping, Trail]], read: Source, form: str) -> Iterator[ImageUse]:
    """The uses of every element: images written in it, and those of the template that it completes.

    ``read`` gives the uses of one source.
    """
    for element, trail in list(_elements(document.root))[:_MOST]:
        application, environment = _owner(document, element)
        for use in _of_element(document, element, trail, sources, read, form):
            yield use._replace(application=application, environment=environment)


def _of_element(
    document: Document,
    element: Mapping,
    trail: Trail,
    sources: list[tuple[Mapping, Trail]],
    read: Source,
    form: str,
) -> Iterator[ImageUse]:
    for written in helm_values.walk(document, element, trail, form):
        if isinstance(written, ImageUse) and (written.tag or written.digest):
            yield written
    for source, at in sources:
        filler = _Filler(element, trail)
        filled = filler.fill(source)
        if not filler.used or type(filled) is not Mapping:
            continue
        for use in read(document, filled, at):
            if isinstance(use, ImageUse) and any(filler.path(document, place.start) for place in use.places):
                yield use._replace(path=filler.path(document, use.version_place.start) or use.path)


class _Filler:
    """Copies a source with one element's values in the places of its expressions."""

    def __init__(self, element: Mapping, trail: Trail) -> None:
        self.used: list[tuple[Scalar, Trail]] = []
        self._element = element
        self._trail = trail
        self._copies: dict[int, Node] = {}

    def fill(self, node: Node) -> Node:
        """The node itself where nothing below it is an expression."""
        if type(node) is Scalar:
            expression = _EXPRESSION.fullmatch(node.value.strip()) if "{{" in node.value else None
            return self._value(expression[1]) or node if expression is not None else node
        if id(node) not in self._copies:
            self._copies[id(node)] = self._copy(node)
        return self._copies[id(node)]

    def path(self, document: Document, start: int) -> str | None:
        """The YAML path of the element's scalar that starts at this byte of the file."""
        for scalar, trail in self.used:
            if document.offset + document.span(scalar)[0] == start:
                return path(trail)
        return None

    def _copy(self, node: Node) -> Node:
        if type(node) is Mapping:
            pairs = [(key, self.fill(value)) for key, value in node.items]
            if all(new is value for (_, value), (_, new) in zip(node.items, pairs, strict=True)):
                return node
            mapping = copy(node)
            mapping.items = pairs
            return mapping
        if type(node) is Sequence:
            items = [self.fill(item) for item in node.items]
            if all(new is item for item, new in zip(node.items, items, strict=True)):
                return node
            sequence = copy(node)
            sequence.items = items
            return sequence
        return node

    def _value(self, expression: str) -> Scalar | None:
        found = _lookup(self._element, self._trail, expression)
        if found is not None:
            self.used.append(found)
        return found[0] if found is not None else None


def _lookup(element: Mapping, trail: Trail, expression: str) -> tuple[Scalar, Trail] | None:
    """``tag``, ``values.tag``: a scalar of the element and where it stands."""
    node: Node | None = element
    for key in expression.split("."):
        if type(node) is not Mapping:
            return None
        node, trail = node.get(key), (trail, key)
    return (node, trail) if type(node) is Scalar else None


def _elements(root: Node | None) -> Iterator[tuple[Mapping, Trail]]:
    """The elements of every list generator, also below ``matrix`` and ``merge``."""
    spec = root.get("spec") if type(root) is Mapping else None
    stack: list[tuple[Node | None, Trail]] = (
        [(spec.get("generators"), ((None, "spec"), "generators"))] if type(spec) is Mapping else []
    )
    seen: set[int] = set()
    while stack:
        node, trail = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if type(node) is Sequence:
            stack += [(item, (trail, index)) for index, item in reversed(list(enumerate(node.items)))]
        elif type(node) is Mapping:
            listed = node.get("list")
            elements = listed.get("elements") if type(listed) is Mapping else None
            if type(elements) is Sequence:
                for index, item in enumerate(elements.items):
                    if type(item) is Mapping:
                        yield item, (((trail, "list"), "elements"), index)
            for key in ("matrix", "merge", "generators"):
                stack.append((node.get(key), (trail, key)))


def _owner(document: Document, element: Mapping) -> tuple[str | None, str | None]:
    """The name of the Application that the template makes of an element, and the environment the element names."""
    environment = next((text for text in (element.text(key) for key in _ENVIRONMENT) if text), None)
    node: Node | None = document.root
    for key in ("spec", "template", "metadata"):
        node = node.get(key) if type(node) is Mapping else None
    name = (node.text("name") if type(node) is Mapping else None) or ""
    for expression in _EXPRESSION.finditer(name):
        found = _lookup(element, None, expression[1])
        if found is not None:
            name = name.replace(expression[0], found[0].value)
    return (name if name and "{{" not in name else None), environment
