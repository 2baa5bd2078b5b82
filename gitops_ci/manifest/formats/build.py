"""From scalars to an ImageUse: the one place where formats put the pieces of an image together."""

from __future__ import annotations

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.nodes import Mapping, Node, Scalar
from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.record import NamedTuple


class Pending(NamedTuple):
    """A use whose name stands in another file: only all files together can say what it is.

    ``ask`` says where to look, ``key`` for what: ``values`` (directory, slot) for Helm values that set only
    a tag, ``chart`` (kind, namespace, name) for a chart whose repository is a Flux object.
    """

    use: ImageUse
    """Without its name, or with the last part of it."""
    ask: str
    key: tuple[str, ...]


class Piece(NamedTuple):
    """A scalar and where it stands."""

    node: Scalar
    trail: Trail


def text(node: Node | None) -> str | None:
    """What a scalar says, stripped; None for anything else and for YAML's null and empty."""
    if type(node) is not Scalar:
        return None
    value = node.value.strip()
    if not value or (node.style == "plain" and node.tag is None and value in ("~", "null", "Null", "NULL")):
        return None
    return value


def whole(
    document: Document,
    node: Scalar,
    trail: Trail,
    form: str,
    *,
    prefix: str = "",
    dep_type: str | None = None,
    tagged_only: bool = False,
) -> ImageUse | None:
    """A use that is written in one scalar, ``name[:tag][@digest]`` after ``prefix``; None if it cannot be one."""
    value = node.value
    if not value.startswith(prefix) or (node.style == "plain" and text(node) is None):
        return None
    found = plausible.reference(value[len(prefix) :])
    if found is None and "${" in value and not prefix:
        from gitops_ci.manifest.formats.variables import with_defaults

        return with_defaults(document, node, trail, form)
    if found is None or (tagged_only and found.tag is None and found.digest is None):
        return None
    place = document.place(node, "reference", prefix=prefix)
    if place is None:
        return None
    return ImageUse(
        document.file,
        path(trail),
        document.index,
        found.name,
        found.tag,
        found.digest,
        form,
        (place,),
        dep_type=dep_type,
    )


def split(
    document: Document,
    form: str,
    *,
    repository: Piece | None,
    registry: Piece | None = None,
    tag: Piece | None = None,
    digest: Piece | None = None,
    joined: Piece | None = None,
    prefix: str = "",
    original_name: str | None = None,
) -> ImageUse | None:
    """A use whose parts stand in scalars of their own. ``joined`` is a last path component kept apart.

    Without ``repository`` the use has no name yet (see Pending). None if the parts make no image. The path
    is that of the scalar that ``line`` and ``column`` point to.
    """
    places: list[Place] = []
    name = ""
    version: str | None = None
    checksum: str | None = None
    here: Piece | None = None
    if repository is not None:
        found = plausible.name(repository.node.value[len(prefix) :])
        place = document.place(repository.node, "repository", prefix=prefix)
        if found is None or place is None:
            return None
        name, version, checksum = found.name, found.tag, found.digest
        if version or checksum:
            place = place._replace(holds="reference")
            here = repository
        if registry is not None:
            host = plausible.host(registry.node.value)
            held = document.place(registry.node, "registry")
            if host is None or held is None:
                return None
            name = f"{host}/{name}"
            places.append(held)
        places.append(place)
        if joined is not None:
            last = document.place(joined.node, "repository")
            if last is None or plausible.name(f"{name}/{joined.node.value.strip()}") is None:
                return None
            name = f"{name}/{joined.node.value.strip()}"
            places.append(last)
        if plausible.reference(name) is None:
            return None
    if tag is not None and version is None:
        parsed = plausible.tag(tag.node.value) if text(tag.node) is not None else None
        place = document.place(tag.node, "tag") if parsed is not None else None
        if parsed is not None and place is not None:
            version, checksum = parsed[0], parsed[1] or checksum
            places.append(place)
            here = tag
    if digest is not None and checksum is None:
        value = text(digest.node)
        if value is not None and len(value) == 64 and plausible.is_digest(f"sha256:{value}"):
            checksum = (
                f"sha256:{value}"  # some charts' `sha:` is without the algorithm: known, but not writable as a digest
            )
        elif value is not None and plausible.is_digest(value):
            held = document.place(digest.node, "digest")
            if held is not None:
                checksum = value
                places.append(held)
                here = here or digest
    if not places or (repository is None and version is None and checksum is None):
        return None
    here = here or repository
    trail = here.trail if here is not None else None
    return ImageUse(
        document.file,
        path(trail),
        document.index,
        name,
        version,
        checksum,
        form,
        tuple(places),
        original_name=original_name,
    )


def piece(mapping: Mapping, key: str, trail: Trail) -> Piece | None:
    """The scalar under ``key``, if there is one that says something."""
    node = mapping.get(key)
    return Piece(node, (trail, key)) if type(node) is Scalar and text(node) is not None else None
