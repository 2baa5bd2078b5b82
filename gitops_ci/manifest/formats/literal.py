"""YAML inside literal block scalars of Kubernetes objects: ConfigMap data, values kept as text. Only on request.

Every inner document that is a Kubernetes object, a Compose file or values is read like a file of its own; its places
are bytes of the outer file.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.embedded import inner
from gitops_ci.manifest.formats import helm_values, kubernetes
from gitops_ci.manifest.formats.build import Pending
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitops_ci.manifest.formats.trail import Trail


def find(document: Document, depth: int = 3) -> Iterator[ImageUse | Pending]:
    """The uses inside every literal scalar that mentions an image; texts within texts up to ``depth`` levels."""
    stack: list[tuple[Node | None, Trail]] = [(document.root, None)]
    seen: set[int] = set()
    while stack:
        node, trail = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if type(node) is Mapping:
            stack.extend((value, (trail, key.value)) for key, value in reversed(node.items) if type(key) is Scalar)
        elif type(node) is Sequence:
            stack.extend((item, (trail, index)) for index, item in reversed(list(enumerate(node.items))))
        elif type(node) is Scalar and "mage" in node.value and node.style == "literal":
            for part in inner(document, node):
                if kubernetes.is_object(part.root) or type(part.root) is Sequence:
                    yield from kubernetes.walk(part, part.root, trail, kubernetes.NAME)
                else:
                    yield from helm_values.walk(part, part.root, trail, helm_values.NAME)
                if depth > 1:
                    yield from find(part, depth - 1)
