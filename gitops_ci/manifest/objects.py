"""What objects of a repository say about other files: chart repositories, image policies, owners of directories."""

from __future__ import annotations

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Mapping, Scalar, Sequence
from gitops_ci.record import NamedTuple


class Fact(NamedTuple):
    """One thing that one object says. ``key`` is (kind, namespace, name)."""

    what: str
    """``url`` of a HelmRepository, ``image`` of an ImageRepository, ``repository`` of an ImagePolicy."""
    key: tuple[str, str, str]
    value: str


class Owner(NamedTuple):
    """An Argo CD Application or a Flux Kustomization that deploys a directory of this repository."""

    file: str
    document: int
    kind: str
    """``Application`` (also of an ApplicationSet), ``Kustomization``, ``HelmRelease`` (owns only its own document)."""
    name: str
    directory: str
    """Without ``./`` and slashes at its ends; empty where the source is no directory (a chart)."""
    hints: tuple[str, ...]
    """Texts that may name an environment, best first: labels, destination, name."""
    files: tuple[str, ...] = ()
    """Value files it reads, relative to the root."""
    children: bool = False
    """Every directory right below ``directory`` is an application of its own (ApplicationSets)."""


def facts(document: Document) -> Iterator[Fact | Owner]:
    """What this document says about others; nothing for most."""
    version = document.api_version
    root = document.root
    if type(root) is not Mapping:
        return
    metadata, spec = root.get("metadata"), root.get("spec")
    if type(metadata) is not Mapping or type(spec) is not Mapping:
        return
    namespace, name = metadata.text("namespace") or "", metadata.text("name") or ""
    if version.startswith("argoproj.io/"):
        if document.kind not in ("Application", "ApplicationSet"):
            return
        yield from _applications(document, metadata, name)
    elif not version.partition("/")[0].endswith("toolkit.fluxcd.io"):
        return
    elif document.kind == "Kustomization":
        yield Owner(
            document.file,
            document.index,
            "Kustomization",
            name,
            clean(spec.text("path") or ""),
            (*_labels(metadata), name),
        )
    elif document.kind == "HelmRepository":
        from gitops_ci.manifest.formats import flux

        found = flux.source_url(document)
        if found is not None:
            yield Fact("url", *found)
    elif document.kind == "HelmRelease":
        yield Owner(document.file, document.index, "HelmRelease", name, "", (*_labels(metadata), name))
    elif document.kind == "ImageRepository":
        yield Fact("image", ("ImageRepository", namespace, name), spec.text("image") or "")
    elif document.kind == "ImagePolicy":
        reference = spec.get("imageRepositoryRef")
        if type(reference) is Mapping:
            value = f"{reference.text('namespace') or namespace}:{reference.text('name') or ''}"
            yield Fact("repository", ("ImagePolicy", namespace, name), value)


def _labels(metadata: Mapping) -> tuple[str, ...]:
    labels = metadata.get("labels")
    if type(labels) is not Mapping:
        return ()
    return tuple(
        text for text in (labels.text(key) for key in ("environment", "env", "app.kubernetes.io/environment")) if text
    )


def _applications(document: Document, metadata: Mapping, name: str) -> Iterator[Owner]:
    template = document.kind == "ApplicationSet"
    root = document.root
    spec = root.get("spec") if type(root) is Mapping else None
    if template and type(spec) is Mapping:
        inside = spec.get("template")
        meta = inside.get("metadata") if type(inside) is Mapping else None
        name = (meta.text("name") if type(meta) is Mapping else None) or ""
        spec = inside.get("spec") if type(inside) is Mapping else None
        yield from _directories(document, name)
    destination = spec.get("destination") if type(spec) is Mapping else None
    hints = list(_labels(metadata))
    if type(destination) is Mapping:
        hints += [text for text in (destination.text("name"), destination.text("server")) if text]
    if "{{" in name or not name:
        return
    from gitops_ci.manifest.formats import argocd

    for source, _ in argocd.sources(root):
        folder = source.text("path") or ""
        if "{{" in folder:
            continue
        folder = clean(folder)
        yield Owner(
            document.file,
            document.index,
            "Application",
            name,
            folder,
            (*hints, name),
            tuple(_value_files(source, folder)),
        )


def _directories(document: Document, name: str) -> Iterator[Owner]:
    """``git: {directories: [{path: deploy/*}]}`` with a name made of ``{{path.basename}}``."""
    if "path.basename" not in name:
        return
    stack = [document.root]
    for _ in range(10_000):
        if not stack:
            return
        node = stack.pop()
        if type(node) is Sequence:
            stack.extend(node.items)
        elif type(node) is Mapping:
            listed = node.get("directories")
            if type(listed) is Sequence:
                for item in listed.items:
                    where = item.text("path") if type(item) is Mapping and item.text("exclude") != "true" else None
                    if where is not None and where.endswith("/*") and "*" not in where[:-2] and "{{" not in where:
                        yield Owner(document.file, -1, "Application", "", clean(where[:-2]), (), children=True)
            stack.extend(node.get(key) for key in ("spec", "generators", "matrix", "merge", "git"))


def _value_files(source: Mapping, folder: str) -> Iterator[str]:
    helm = source.get("helm")
    listed = helm.get("valueFiles") if type(helm) is Mapping else None
    if type(listed) is Sequence:
        for item in listed.items:
            if type(item) is Scalar and "{{" not in item.value and "://" not in item.value:
                value = item.value
                if value.startswith("$"):  # $ref/path: from the root of the repository that the ref names
                    yield clean(value.partition("/")[2])
                else:
                    yield clean(value if value.startswith("/") else f"{folder}/{value}")


def clean(path: str) -> str:
    """``./apps/foo/`` → ``apps/foo``; ``..`` taken back as far as there is something."""
    parts: list[str] = []
    for part in path.strip().split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
