"""Compose files: the image of each service that is not built from source."""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats.build import Pending, whole
from gitops_ci.manifest.formats.files import is_compose
from gitops_ci.manifest.formats.trail import Trail
from gitops_ci.manifest.nodes import Mapping, Scalar
from gitops_ci.manifest.use import ImageUse

NAME = "docker-compose"


def claims(document: Document) -> bool:
    """By name, unless it says that it is a Kubernetes object."""
    return is_compose(document.file) and type(document.root) is Mapping and not document.api_version


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """``services.*.image``, the templates under ``x-*``, and the services of version 1, which stand at the root."""
    root = document.root
    if type(root) is not Mapping:
        return
    services = root.get("services")
    if type(services) is Mapping:
        yield from _services(document, services, (None, "services"))
    for key, value in root.items:
        if type(key) is Scalar and type(value) is Mapping and (key.value.startswith("x-") or services is None):
            use = _service(document, value, (None, key.value))
            if use is not None:
                yield use
            elif key.value.startswith("x-"):
                yield from _services(document, value, (None, key.value))


def _services(document: Document, services: Mapping, trail: Trail) -> Iterator[ImageUse]:
    for key, value in services.items:
        if type(key) is Scalar and type(value) is Mapping:
            use = _service(document, value, (trail, key.value))
            if use is not None:
                yield use


def _service(document: Document, service: Mapping, trail: Trail) -> ImageUse | None:
    image = service.get("image")
    if type(image) is not Scalar or service.get("build") is not None:
        return None  # with `build`, the image is this service's product
    return whole(document, image, (trail, "image"), NAME)
