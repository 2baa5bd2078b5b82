"""Overlays that take an image from their base: which they are, and a version of their own for one.

An overlay without an ``images`` entry runs what its base says. To bump one environment alone, the entry has
to be added to its kustomization.
"""

import posixpath
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gitops_ci.errors import GitopsError, ManifestError
from gitops_ci.manifest.checkout import walk
from gitops_ci.manifest.formats import kustomize
from gitops_ci.manifest.insert import insert_kustomize_image
from gitops_ci.manifest.nodes import Mapping, Node, Scalar
from gitops_ci.manifest.nodes import Sequence as List
from gitops_ci.manifest.ownership import Ownership
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.splice import apply
from gitops_ci.manifest.use import ImageUse
from gitops_ci.manifest.write import read

_REFERS = ("resources", "bases", "components", "patchesStrategicMerge")


class Inheriting(NamedTuple):
    """A kustomization and the uses that reach it from its bases."""

    file: str
    uses: tuple[ImageUse, ...]


def inheriting(root: str, uses: Sequence[ImageUse], environments: Sequence[str], known: Sequence[str] = ()) -> list[Inheriting]:
    """The kustomizations of these environments that build on a file with one of ``uses``.

    Where one such kustomization builds on another, only the outer one. ``known`` are names of environments
    that the configuration gives. A kustomization that cannot be read reaches nothing.
    """
    by_file: dict[str, list[ImageUse]] = {}
    for use in uses:
        by_file.setdefault(use.file, []).append(use)
    ownership = Ownership((), known)
    files, _ = walk(root, lambda name, path: name in kustomize.FILES and ownership.of(path)[1] in environments)
    reached = {file: _reach(root, file) for file in sorted(files)}
    inner = {other for file, others in reached.items() for other in others if other != file}
    found = []
    for file, others in reached.items():
        inherited = tuple(use for other in sorted(others) for use in by_file.get(other, ()))
        if inherited and file not in inner:
            found.append(Inheriting(file, inherited))
    return found


def add_image(
    file: str, old: bytes, name: str, *, new_name: str | None = None, tag: str | None = None, digest: str | None = None
) -> tuple[bytes, ImageUse]:
    """The kustomization's bytes with an entry for the image ``name``, and the new use in them.

    Raises RefusedError where it has one already or is no kustomization.
    """
    new = apply(file, old, insert_kustomize_image(file, old, name=name, new_name=new_name, tag=tag, digest=digest))
    for document in parse(file, new).documents:
        for use in kustomize.find(document):
            if type(use) is ImageUse and name in (use.name, use.original_name):
                return new, use
    raise ManifestError(f"the entry for {name} cannot be read back", file=file)


def _reach(root: str, file: str) -> set[str]:
    """The files that a kustomization is built from, itself included; nothing outside of the root."""
    reached = {file}
    stack = [file]
    while stack:
        current = stack.pop()
        for reference in _references(root, current):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(current), reference))
            if path.startswith("../") or path == ".." or path.startswith("/"):
                continue
            inside = [path, *(posixpath.normpath(posixpath.join(path, name)) for name in kustomize.FILES)]
            for candidate in inside:
                if candidate not in reached:
                    reached.add(candidate)
                    if posixpath.basename(candidate) in kustomize.FILES:
                        stack.append(candidate)
    return reached


def _references(root: str, file: str) -> Iterator[str]:
    try:
        data = read(root, file)
    except (GitopsError, OSError):
        return
    for document in parse(file, data).documents:
        if type(document.root) is not Mapping:
            continue
        for key in _REFERS:
            listed: Node | None = document.root.get(key)
            if type(listed) is List:
                for item in listed.items:
                    if type(item) is Scalar and "://" not in item.value and "\n" not in item.value:
                        yield item.value.strip()
