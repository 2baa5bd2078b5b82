"""Flux: HelmRelease (chart and values), OCIRepository, HelmChart, and the images of a Kustomization.

A HelmRelease's chart lives in a HelmRepository, mostly in another file: such a use is Pending until all files
are read. GitRepositories, Buckets and the objects of image automation name no running image.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import helm_values, kustomize
from gitops_ci.manifest.formats.argocd import located
from gitops_ci.manifest.formats.build import Pending, Piece, piece
from gitops_ci.manifest.formats.chart import locate
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.nodes import Mapping, Scalar
from gitops_ci.manifest.use import ImageUse, Place

NAME = "flux"
_GROUPS = (
    "helm.toolkit.fluxcd.io/",
    "source.toolkit.fluxcd.io/",
    "kustomize.toolkit.fluxcd.io/",
    "image.toolkit.fluxcd.io/",
    "notification.toolkit.fluxcd.io/",
)


def claims(document: Document) -> bool:
    """Any of Flux's API groups."""
    return document.api_version.startswith(_GROUPS)


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """The images and charts of one Flux object."""
    root = document.root
    spec = root.get("spec") if type(root) is Mapping else None
    if type(root) is not Mapping or type(spec) is not Mapping:
        return
    at: Trail = (None, "spec")
    if document.kind == "HelmRelease":
        yield from _release(document, root, spec, at)
    elif document.kind == "HelmChart":
        found = _chart(document, root, spec, at)
        if found is not None:
            yield found
    elif document.kind == "OCIRepository":
        use = _oci(document, spec, at)
        if use is not None:
            yield use
    elif document.kind == "Kustomization":
        yield from kustomize.images(document, spec.get("images"), (at, "images"), NAME)
        yield from kustomize.patches(document, spec, at, NAME)


def _release(document: Document, root: Mapping, spec: Mapping, at: Trail) -> Iterator[ImageUse | Pending]:
    chart = spec.get("chart")
    inside = chart.get("spec") if type(chart) is Mapping else None
    folder = ""
    if type(inside) is Mapping:
        found = _chart(document, root, inside, ((at, "chart"), "spec"))
        if found is not None:
            yield found
        name = inside.text("chart") or ""
        folder = name.strip("/").removeprefix("./") if "/" in name else ""
    for use in helm_values.walk(document, spec.get("values"), (at, "values"), NAME):
        yield located(use, folder, at)
    patches = spec.get("postRenderers")
    if patches is not None:
        yield from _post_renderers(document, patches, (at, "postRenderers"))


def _post_renderers(document: Document, node: object, trail: Trail) -> Iterator[ImageUse | Pending]:
    from gitops_ci.manifest.nodes import Sequence

    if type(node) is not Sequence:
        return
    for index, item in enumerate(node.items):
        block = item.get("kustomize") if type(item) is Mapping else None
        if type(block) is Mapping:
            at: Trail = ((trail, index), "kustomize")
            yield from kustomize.images(document, block.get("images"), (at, "images"), NAME)
            yield from kustomize.patches(document, block, at, NAME)


def _chart(document: Document, root: Mapping, spec: Mapping, at: Trail) -> Pending | None:
    """``{chart, version, sourceRef}``: the name is complete once the source is known."""
    name, version, source = piece(spec, "chart", at), piece(spec, "version", at), spec.get("sourceRef")
    if name is None or version is None or type(source) is not Mapping:
        return None
    kind = source.text("kind") or "HelmRepository"
    written = version.node.value.strip()
    if kind != "HelmRepository" or "$" in written or "$" in name.node.value:
        return None
    place = document.place(version.node, "version")
    if place is None:
        return None
    metadata = root.get("metadata")
    own = metadata.text("namespace") if type(metadata) is Mapping else None
    use = ImageUse(
        document.file,
        path(version.trail),
        document.index,
        name.node.value.strip(),
        written,
        None,
        NAME,
        (place,),
        datasource="helm",
        versioning="semver",
    )
    return Pending(use, "chart", (kind, source.text("namespace") or own or "", source.text("name") or ""))


def _oci(document: Document, spec: Mapping, at: Trail) -> ImageUse | None:
    """``url: oci://…`` with ``ref: {tag | semver, digest}``."""
    url, ref = piece(spec, "url", at), spec.get("ref")
    located_at = locate(url.node.value, "") if url is not None and url.node.value.startswith("oci://") else None
    if url is None or located_at is None:
        return None
    places: list[Place] = []
    here: Piece | None = None
    found: dict[str, str] = {}
    if type(ref) is Mapping:
        for key, holds in (("tag", "tag"), ("semver", "version"), ("digest", "digest")):
            part = piece(ref, key, (at, "ref"))
            place = document.place(part.node, holds) if part is not None and "$" not in part.node.value else None
            if part is not None and place is not None:
                found[holds] = part.node.value.strip()
                places.append(place)
                here = here or part
    held = document.place(url.node, "repository", prefix="oci://")
    if held is None:
        return None
    return ImageUse(
        document.file,
        path((here or url).trail),
        document.index,
        located_at[0],
        found.get("tag") or found.get("version"),
        found.get("digest"),
        NAME,
        (held, *places),
        versioning="semver" if "version" in found else None,
    )


def source_url(document: Document) -> tuple[tuple[str, str, str], str] | None:
    """``((kind, namespace, name), url)`` of a HelmRepository."""
    root = document.root
    if document.kind != "HelmRepository" or type(root) is not Mapping:
        return None
    metadata, spec = root.get("metadata"), root.get("spec")
    if type(metadata) is not Mapping or type(spec) is not Mapping:
        return None
    url, name = spec.get("url"), metadata.text("name")
    if type(url) is not Scalar or not name:
        return None
    return ("HelmRepository", metadata.text("namespace") or "", name), url.value
