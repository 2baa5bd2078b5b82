"""Overlays that only inherit an image: which kustomizations of an environment reach a base that uses it.

Such an environment has no line of its own to change; its kustomization gets an ``images`` entry
(:func:`gitops_ci.manifest.insert.insert_kustomize_image`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

from gitops_ci.errors import GitopsError
from gitops_ci.manifest import write
from gitops_ci.manifest.formats.files import KUSTOMIZATIONS
from gitops_ci.manifest.nodes import Mapping, Scalar
from gitops_ci.manifest.nodes import Sequence as List
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.use import ImageUse

_LISTS = ("resources", "bases", "components")


def inheriting(
    root: str, kustomizations: Iterable[str], uses: Sequence[ImageUse], meant: Callable[[str], bool]
) -> dict[str, tuple[ImageUse, ...]]:
    """Kustomization file → the uses that it inherits (one of each name), for those of the environment (``meant``).

    ``kustomizations`` are all of the checkout, ``uses`` those of the image. Of overlays that build on one
    another only the innermost is returned: the others inherit from it. Nothing outside of the root is read.
    """
    reach = _Reach(root, kustomizations)
    files = {use.file for use in uses}
    found: dict[str, tuple[ImageUse, ...]] = {}
    reached: dict[str, frozenset[str]] = {}
    for file in reach.kustomizations:
        if file in files or not meant(file):
            continue
        reached[file] = reach.files(file)
        inherited = {use.name: use for use in reversed(uses) if use.file in reached[file]}
        if inherited:
            found[file] = tuple(inherited[name] for name in sorted(inherited))
    return {file: inherited for file, inherited in found.items() if reached[file].isdisjoint(found)}


class _Reach:
    def __init__(self, root: str, kustomizations: Iterable[str]) -> None:
        self.root = root
        self.kustomizations = sorted(kustomizations)
        self._directories = {file.rpartition("/")[0]: file for file in self.kustomizations}
        self._lists: dict[str, tuple[str, ...]] = {}

    def files(self, start: str) -> frozenset[str]:
        """Every file that a kustomization reads through its lists, itself not; loops end."""
        seen: set[str] = set()
        stack = [start]
        while stack:
            file = stack.pop()
            folder = file.rpartition("/")[0]
            for entry in self._entries(file):
                target = os.path.normpath(os.path.join(folder, entry))
                if target.startswith(("..", "/")):
                    continue
                target = self._directories.get("" if target == "." else target, target)
                if target not in seen and target != start:
                    seen.add(target)
                    if target in self._directories.values():
                        stack.append(target)
        return frozenset(seen)

    def _entries(self, file: str) -> tuple[str, ...]:
        if file not in self._lists:
            self._lists[file] = tuple(self._read(file))
        return self._lists[file]

    def _read(self, file: str) -> Iterator[str]:
        try:
            documents = parse(file, write.read(self.root, file)).documents
        except GitopsError:
            return
        for document in documents:
            root = document.root
            for name in _LISTS if type(root) is Mapping else ():
                listed = root.get(name) if type(root) is Mapping else None
                if type(listed) is List:
                    yield from (item.value for item in listed.items if type(item) is Scalar)


def kustomizations(root: str) -> list[str]:
    """Every kustomization file of a checkout."""
    from gitops_ci.manifest.checkout import walk

    return walk(root, lambda name, path: name in KUSTOMIZATIONS)[0]
