"""Kubernetes objects of any kind: core workloads, and custom resources that hold pod templates.

``image:`` with a plausible reference counts wherever it stands in an object (so Rollouts, Workflows,
Knative Services, Tekton Tasks, Prometheuses need no list of kinds), ``imageName:`` and ``…Image:`` where a
tag or digest is given (or an ``…ImageTag`` stands beside it), ``image: {reference: …}`` of image volumes, and
``{repository, tag}`` of operators under any key. Left out: metadata and status, the literal data of ConfigMaps
and Secrets, schemas, and objects whose images are those of virtual machines or only name what a controller
should look at.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import helm_values
from gitops_ci.manifest.formats.build import Pending, Piece, piece, split, whole
from gitops_ci.manifest.formats.trail import Trail
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

NAME = "kubernetes"
_OPAQUE = frozenset(
    {
        "ConfigMap",
        "Secret",
        "SealedSecret",
        "CustomResourceDefinition",
        "CompositeResourceDefinition",
        "ImageRepository",
        "ImagePolicy",
        "ImageUpdateAutomation",
        "ImageUpdater",
        "GrafanaDashboard",
    }
)
_MACHINES = ("infrastructure.cluster.x-k8s.io", "machine.openshift.io", "compute.", "karpenter.", "metal3.io")
_PRUNED = frozenset({"metadata", "status", "openAPIV3Schema"})


def claims(document: Document) -> bool:
    """An object, or a list of JSON patch operations."""
    return is_object(document.root) or type(document.root) is Sequence


def is_object(node: Node | None) -> bool:
    """Whether a mapping says that it is a Kubernetes object."""
    return type(node) is Mapping and node.get("apiVersion") is not None and node.get("kind") is not None


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """The images of an object, of each object in a List, and of a JSON patch (a list of operations)."""
    root = document.root
    if is_object(root):
        yield from walk(document, root, None, NAME)
    elif type(root) is Sequence:
        yield from json_patch(document, root, None, NAME)


def walk(document: Document, node: Node | None, trail: Trail, form: str) -> Iterator[ImageUse | Pending]:
    """Every image below a node, each collection looked at once however many aliases it has."""
    stack: list[tuple[Node, Trail]] = [(node, trail)] if node is not None else []
    seen: set[int] = set()
    aliased = document.aliased
    while stack:
        node, trail = stack.pop()
        if aliased and id(node) in aliased:
            if id(node) in seen:
                continue
            seen.add(id(node))
        if type(node) is Sequence:
            for index, item in enumerate(node.items):
                if type(item) is not Scalar:
                    stack.append((item, (trail, index)))
        elif type(node) is Mapping:
            yield from _mapping(document, node, trail, form, stack)


def _mapping(
    document: Document, node: Mapping, trail: Trail, form: str, stack: list[tuple[Node, Trail]]
) -> Iterator[ImageUse | Pending]:
    found: list[ImageUse | Pending | None] = []
    inner: list[tuple[Node, Trail]] = []
    for key, value in node.items:
        if type(key) is not Scalar:
            continue
        name = key.value
        if type(value) is Scalar:
            if name == "image":
                if value.value and not _is_other(document, trail):
                    found.append(whole(document, value, (trail, name), form))
            elif name.endswith("mage") or name == "imageName":
                tag = piece(node, f"{name}Tag", trail)
                if tag is not None:
                    found.append(split(document, form, repository=Piece(value, (trail, name)), tag=tag))
                else:
                    found.append(whole(document, value, (trail, name), form, tagged_only=True))
            elif name == "repository":
                if node.get("tag") is not None and trail is not None and not str(trail[1]).endswith("mage"):
                    found.append(helm_values.image_map(document, node, trail, form))
            elif name == "kind" and value.value in _OPAQUE and node.get("apiVersion") is not None:
                return
        elif type(value) is Mapping and name.endswith("mage"):
            reference = value.get("reference")
            if type(reference) is Scalar:
                found.append(whole(document, reference, ((trail, name), "reference"), form))
            elif name == "image" or value.get("tag") is not None:
                found.append(helm_values.image_map(document, value, (trail, name), form))
            inner.append((value, (trail, name)))
        elif name not in _PRUNED:
            inner.append((value, (trail, name)))
    inner.reverse()
    stack.extend(inner)
    yield from (use for use in found if use is not None and not isinstance(use, Pending))


def _is_other(document: Document, trail: Trail) -> bool:
    """Images of other kinds: a virtual machine's in objects that have those, a Ceph block device's in a volume."""
    if trail is not None and trail[1] == "rbd":
        return True
    return document.api_version.startswith(_MACHINES) or any(f".{group}" in document.api_version for group in _MACHINES)


def json_patch(document: Document, node: Sequence, trail: Trail, form: str) -> Iterator[ImageUse | Pending]:
    """``[{op: replace, path: …/image, value: …}]`` (RFC 6902), as kustomize takes it; or a list of objects."""
    for index, item in enumerate(node.items):
        if type(item) is not Mapping or item.get("op") is None:
            if is_object(item):
                yield from walk(document, item, (trail, index), form)
            continue
        value = item.get("value")
        if (item.text("path") or "").endswith("/image") and type(value) is Scalar:
            use = whole(document, value, ((trail, index), "value"), form)
            if use is not None:
                yield use
        elif type(value) is not Scalar and value is not None:
            yield from walk(document, value, ((trail, index), "value"), form)
