"""Chart.yaml: the charts a chart depends on. ``appVersion`` names no image and is left alone."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats.build import Pending, piece
from gitops_ci.manifest.formats.chart import chart
from gitops_ci.manifest.formats.files import is_chart
from gitops_ci.manifest.nodes import Mapping, Sequence
from gitops_ci.manifest.use import ImageUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitops_ci.manifest.formats.trail import Trail

NAME = "helmv3"


def claims(document: Document) -> bool:
    """By the file's name."""
    return is_chart(document.file)


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """``dependencies``: name, version (maybe a range), repository."""
    root = document.root
    listed = root.get("dependencies") if type(root) is Mapping else None
    if type(listed) is not Sequence:
        return
    for index, item in enumerate(listed.items):
        if type(item) is Mapping:
            at: Trail = ((None, "dependencies"), index)
            use = chart(
                document,
                NAME,
                at,
                name=piece(item, "name", at),
                repository=item.text("repository"),
                version=piece(item, "version", at),
            )
            if use is not None:
                yield use
