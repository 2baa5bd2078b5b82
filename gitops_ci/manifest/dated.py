"""Forms of manifests that tools no longer read, or never did: a warning with the current form."""

from collections.abc import Iterator

from gitops_ci.finding import Finding
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats.files import is_kustomization
from gitops_ci.manifest.nodes import Mapping, Node


def check(document: Document) -> Iterator[Finding]:
    """Warnings about one document; nothing for nearly all of them."""
    root = document.root
    if type(root) is not Mapping:
        return
    if document.api_version.startswith("kustomize.config.k8s.io/") or (
        not document.api_version and is_kustomization(document.file)
    ):
        if root.get("bases") is not None:
            yield _warning(
                document,
                root,
                "bases",
                "kustomize no longer has `bases`",
                "list the same directories under `resources`",
            )
    elif document.kind == "Kustomization" and document.api_version.startswith("kustomize.toolkit.fluxcd.io/"):
        spec = root.get("spec")
        if type(spec) is Mapping and spec.get("validation") is not None:
            yield _warning(
                document,
                spec,
                "validation",
                "Flux has no `spec.validation` since v1beta2",
                "remove it: the server validates every apply",
            )


def _warning(document: Document, holder: Mapping, key: str, message: str, remedy: str) -> Finding:
    line = next((document.first_line + name.line + 1 for name, _ in holder.items if _says(name, key)), None)
    metadata = document.root.get("metadata") if type(document.root) is Mapping else None
    name = metadata.text("name") if type(metadata) is Mapping else None
    return Finding(
        "dated-form",
        message,
        document.file,
        line,
        1,
        status="warn",
        severity="low",
        resource=f"{document.kind}/{name}" if name else None,
        remedy=remedy,
    )


def _says(node: Node, key: str) -> bool:
    return getattr(node, "value", None) == key
