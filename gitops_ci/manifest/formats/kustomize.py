"""Kustomization and Component files: ``images``, ``helmCharts``, and inline patches.

An entry's image is what runs: ``newName`` where it is given, else ``name``; the other name is kept as
``original_name``, so both can be asked for. An entry that only renames has no tag.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.embedded import inner
from gitops_ci.manifest.formats import helm_values, kubernetes, plausible
from gitops_ci.manifest.formats.build import Pending, piece, split
from gitops_ci.manifest.formats.chart import chart
from gitops_ci.manifest.formats.files import is_kustomization
from gitops_ci.manifest.formats.trail import Trail
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

NAME = "kustomize"
_GROUP = "kustomize.config.k8s.io/"


def claims(document: Document) -> bool:
    """By apiVersion wherever it stands; by name where a file leaves apiVersion out, as kustomize allows."""
    if document.api_version:
        return document.api_version.startswith(_GROUP)
    return is_kustomization(document.file) and type(document.root) is Mapping


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """The images and charts that a kustomization sets."""
    root = document.root
    if type(root) is not Mapping:
        return
    yield from images(document, root.get("images"), (None, "images"), NAME)
    charts = root.get("helmCharts")
    if type(charts) is Sequence:
        for index, item in enumerate(charts.items):
            if type(item) is Mapping:
                at: Trail = ((None, "helmCharts"), index)
                use = chart(
                    document,
                    NAME,
                    at,
                    name=piece(item, "name", at),
                    repository=item.text("repo"),
                    version=piece(item, "version", at),
                )
                if use is not None:
                    yield use
                yield from helm_values.walk(document, item.get("valuesInline"), (at, "valuesInline"), NAME)
    yield from patches(document, root, None, NAME)


def patches(document: Document, holder: Mapping, trail: Trail, form: str) -> Iterator[ImageUse | Pending]:
    """Inline patches of a kustomization (or of a Flux object, which has the same fields)."""
    for key in ("patches", "patchesJson6902", "patchesStrategicMerge"):
        listed = holder.get(key)
        if type(listed) is not Sequence:
            continue
        for index, item in enumerate(listed.items):
            at: Trail = ((trail, key), index)
            if type(item) is Mapping and item.get("patch") is not None:
                yield from _patch(document, item.get("patch"), (at, "patch"), form)
            elif type(item) is Mapping:
                yield from kubernetes.walk(document, item, at, form)
            else:
                yield from _patch(document, item, at, form)


def _patch(document: Document, node: Node | None, trail: Trail, form: str) -> Iterator[ImageUse | Pending]:
    """Inline patches are YAML in a block scalar: a partial object, or a list of JSON operations."""
    if type(node) is not Scalar or "image" not in node.value:
        return
    for part in inner(document, node):
        if type(part.root) is Sequence:
            yield from kubernetes.json_patch(part, part.root, trail, form)
        else:
            yield from kubernetes.walk(part, part.root, trail, form)


def images(document: Document, node: Node | None, trail: Trail, form: str) -> Iterator[ImageUse]:
    """``[{name, newName, newTag, digest}]``, the same in a kustomization and in a Flux Kustomization."""
    if type(node) is not Sequence:
        return
    for index, item in enumerate(node.items):
        if type(item) is not Mapping:
            continue
        at: Trail = (trail, index)
        name, renamed = piece(item, "name", at), piece(item, "newName", at)
        # A tag in `name` only says which uses are meant (kustomize matches it); it is none that runs.
        meant = plausible.name(name.node.value) if name is not None and renamed is None else None
        selects = meant is not None and (meant.tag or meant.digest) is not None
        use = split(
            document,
            form,
            repository=None if selects else renamed or name,
            tag=piece(item, "newTag", at),
            digest=piece(item, "digest", at),
            original_name=name.node.value.strip()
            if name and renamed and name.node.value != renamed.node.value
            else None,
        )
        if use is not None and meant is not None and selects:
            use = use._replace(name=meant.name)
        if use is not None and (use.name or name):
            yield use
