"""A Helm chart as a use: ``name`` is its repository without the scheme and the chart's name behind it."""

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.build import Piece
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.use import ImageUse


def chart(
    document: Document, form: str, trail: Trail, *, name: Piece | None, repository: str | None, version: Piece | None
) -> ImageUse | None:
    """A chart with its version, or None for local charts (``file://``) and repositories known by alias only.

    ``repository`` is a URL; without ``http(s)://`` or with ``oci://`` it is an OCI registry, and may then name
    the whole artifact. ``trail`` is that of the mapping the chart stands in.
    """
    if repository is None or version is None or (name is None and not repository.startswith("oci://")):
        return None
    found = locate(repository, name.node.value.strip() if name is not None else "")
    written = version.node.value.strip()
    if found is None or not written or "{" in written or "$" in written:
        return None
    place = document.place(version.node, "version")
    if place is None:
        return None
    full, datasource = found
    return ImageUse(
        document.file,
        path(version.trail or trail),
        document.index,
        full,
        written,
        None,
        form,
        (place,),
        datasource=datasource,
        versioning="semver",
    )


def locate(repository: str, name: str) -> tuple[str, str] | None:
    """``(name as ImageUse has it, datasource)`` of a chart in a repository given by URL."""
    repository = repository.strip().rstrip("/")
    scheme, separator, rest = repository.partition("://")
    if not separator:
        scheme, rest = "oci", repository
        if "." not in rest.partition("/")[0] and ":" not in rest.partition("/")[0]:
            return None
    full = f"{rest}/{name}".strip("/") if name else rest
    if not rest or rest.endswith(".git") or any(letter in full for letter in "{}$ \t\n"):
        return None
    if scheme == "oci":
        return (full, "docker") if plausible.reference(full) is not None else None
    return (full, "helm") if scheme in ("http", "https") else None
