"""A checkout as text: documents, image uses by hand, and what the policies say about them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from gitops_ci.image.reference import parse as reference
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.update.foreign import Foreign


def _use(file: str, image: str, *, document: int = 0, path: str = "image", line: int = 1, **more: Any) -> ImageUse:
    parts = reference(image)
    place = Place("reference", 0, len(image), image.encode(), image, "plain", line, 8)
    return ImageUse(file, path, document, parts.name, parts.tag, parts.digest, "kubernetes", (place,), **more)


@pytest.fixture
def use() -> Callable[..., ImageUse]:
    return _use


@pytest.fixture
def spoken() -> Callable[..., Foreign]:
    """``spoken(adapter, {file: text}, [uses])``: the adapter alone, without a file system."""

    def run(adapter: Any, files: Mapping[str, str], uses: Sequence[ImageUse]) -> Foreign:
        def read(file: str) -> tuple[Document, ...]:
            return parse(file, files[file].encode()).documents if file in files else ()

        documents = [document for file in files for document in read(file)]
        names = [*files, *(use.file for use in uses)]
        found = adapter.speak(documents, uses, list(dict.fromkeys(names)), read)
        return Foreign(found.statements, found.findings)

    return run
