"""The ImageUpdater resource, and the dated form of it that articles show.

Current: ``apiVersion: argocd-image-updater.argoproj.io/v1alpha1`` with ``spec.applicationRefs``. Dated: the
group ``argoproj.io`` and ``spec.images[].{image, policy}``; it is honoured, and a finding gives the current form.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gitops_ci.finding import Finding
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Mapping, Node
from gitops_ci.update.foreign.applications import Application
from gitops_ci.update.foreign.managed_image import ManagedImage, Value, specification
from gitops_ci.update.foreign.statement import at, elements, finding, mapping, text, truth

GROUP = "argocd-image-updater.argoproj.io"


class Reference(NamedTuple):
    """One entry of ``applicationRefs``: which applications, and which of their images."""

    document: Document
    name_pattern: str
    namespace: str | None
    selector: Mapping | None
    images: tuple[ManagedImage, ...]
    use_annotations: bool
    target: str | None
    """``writeBackConfig.gitConfig.writeBackTarget``."""
    everywhere: bool = False
    """The dated form names no application for sure: where none has its name, it speaks about every use."""

    specificity: int = 0
    """Of the references of one ImageUpdater, the highest that selects an application speaks for it alone."""

    def selects(self, application: Application) -> bool:
        """Whether the application is one of those meant."""
        from fnmatch import fnmatchcase

        name, pattern = application.name, self.name_pattern
        # A name from a template is a glob itself; one that is nothing but a template could be any name.
        fits = fnmatchcase(name, pattern) or ("*" in name and name.strip("*") != "" and fnmatchcase(pattern, name))
        if self.namespace and application.namespace and self.namespace != application.namespace:
            return False
        return fits and _selected(self.document, self.selector, application.labels)


def references(documents: Sequence[Document]) -> tuple[tuple[Reference, ...], tuple[Finding, ...]]:
    """Every ``applicationRefs`` entry of the ImageUpdaters among the documents, and what is wrong with them."""
    found: list[Reference] = []
    findings: list[Finding] = []
    for document in documents:
        root = mapping(document.root)
        if root is None or document.kind != "ImageUpdater" or not _of_a_known_group(document):
            continue
        spec = mapping(root.get("spec"))
        if at(spec, "applicationRefs") is not None and document.api_version.startswith(GROUP + "/"):
            for entry in elements(at(spec, "applicationRefs")):
                found.append(_reference(document, spec, entry, findings))
        elif spec is not None or root.get("images") is not None:
            found.extend(_dated(document, root, spec, findings))
    return tuple(found), tuple(findings)


def _of_a_known_group(document: Document) -> bool:
    return document.api_version.partition("/")[0] in (GROUP, "argoproj.io")


def _reference(document: Document, spec: Mapping | None, entry: Node, findings: list[Finding]) -> Reference:
    levels = (at(entry, "commonUpdateSettings"), at(spec, "commonUpdateSettings"))
    images: list[ManagedImage] = []
    _signatures(document, (spec, entry, *elements(at(entry, "images"))), findings)
    for node in elements(at(entry, "images")):
        if (image := _image(document, node, (at(node, "commonUpdateSettings"), *levels), findings)) is not None:
            images.append(image)
    return Reference(
        document=document,
        name_pattern=text(document, at(entry, "namePattern")) or "*",
        namespace=text(document, at(spec, "namespace")) or text(document, at(document.root, "metadata", "namespace")),
        selector=mapping(at(entry, "labelSelectors")),
        images=tuple(images),
        use_annotations=truth(text(document, at(entry, "useAnnotations"))),
        target=next(
            (
                value
                for level in (entry, spec)
                if (value := text(document, at(level, "writeBackConfig", "gitConfig", "writeBackTarget")))
            ),
            None,
        ),
        specificity=_specificity(document, entry),
    )


def speaking(refs: Sequence[Reference], application: Application) -> list[Reference]:
    """The references that speak for an application: of each ImageUpdater the most specific that selects it."""
    found: dict[int, Reference] = {}
    for ref in refs:
        if ref.selects(application):
            best = found.setdefault(id(ref.document), ref)
            if ref.specificity > best.specificity:
                found[id(ref.document)] = ref
    return list(found.values())


def _specificity(document: Document, entry: Node) -> int:
    """Image Updater's own measure: an exact name, then a selector and its terms, then literal characters."""
    pattern = text(document, at(entry, "namePattern")) or "*"
    score = 1_000_000 if not any(character in pattern for character in "*?[]") else 0
    score += len(re.sub(r"\[.*?]|[*?]", "", pattern))
    selector = mapping(at(entry, "labelSelectors"))
    if selector is not None:
        labels = mapping(selector.get("matchLabels"))
        score += 10_000 + 100 * (len(labels.items) if labels else 0)
        score += 100 * bool(elements(selector.get("matchExpressions")))
    return score


def _image(
    document: Document, node: Node, levels: Sequence[Node | None], findings: list[Finding]
) -> ManagedImage | None:
    named = at(node, "imageName")
    written = text(document, named)
    parts = specification(written) if written and "{{" not in written and "=" not in written.partition(":")[0] else None
    if named is None or parts is None:
        told = f"imageName {written!r} is no image" if written else "an entry of images has no imageName"
        findings.append(finding(document, named or node, "unreadable-policy", told, status="unknown"))
        return None
    alias = text(document, at(node, "alias"))
    pull_secret = _nearest(document, levels, "pullSecret")
    return ManagedImage(
        alias=alias,
        name=parts[1],
        constraint=parts[2],
        document=document,
        node=named,
        label=f"ImageUpdater {text(document, at(document.root, 'metadata', 'name'))} ({alias or parts[1]})",
        strategy=_nearest(document, levels, "updateStrategy"),
        allow=_nearest(document, levels, "allowTags"),
        ignore=_listed(document, levels, "ignoreTags"),
        platforms=_listed(document, levels, "platforms"),
        force=truth(forced.text) if (forced := _nearest(document, levels, "forceUpdate")) else False,
        kustomize_name=text(document, at(node, "manifestTargets", "kustomize", "name")),
        notes=("credentials come from registries.hostRules or the Docker configuration, not from pullSecret",)
        if pull_secret
        else (),
    )


def _signatures(document: Document, holders: Sequence[Node | None], findings: list[Finding]) -> None:
    for holder in holders:
        asked = at(holder, "imagesVerification")
        if asked is not None and (text(document, at(asked, "enabled")) or "true").lower() == "true":
            told = "imagesVerification asks for signed images: signatures are not verified here"
            remedy = "verify them in the pull request's checks, or at admission"
            findings.append(finding(document, asked, "unverified-signatures", told, status="unknown", remedy=remedy))


def _nearest(document: Document, levels: Sequence[Node | None], key: str) -> Value | None:
    for level in levels:
        node = at(level, key)
        value = text(document, node)
        if node is not None and value is not None:
            return Value(value, document, node, key)
    return None


def _listed(document: Document, levels: Sequence[Node | None], key: str) -> tuple[str, ...]:
    for level in levels:
        if at(level, key) is not None:
            return tuple(value for node in elements(at(level, key)) if (value := text(document, node)) is not None)
    return ()


def _dated(document: Document, root: Mapping, spec: Mapping | None, findings: list[Finding]) -> Iterator[Reference]:
    name = text(document, at(root, "metadata", "name")) or "*"
    images: list[ManagedImage] = []
    # Articles lose the indentation: the list then stands beside an empty spec.
    for node in elements(at(spec, "images") or root.get("images")):
        image = _dated_image(document, node, name, findings)
        if image is not None:
            images.append(image)
    first = at(spec, "images") or root.get("images") or spec or root
    told = (
        f"this form of ImageUpdater is not what Argo CD Image Updater reads: it is honoured for {name}"
        if images
        else "this ImageUpdater names no applicationRefs: it says nothing"
    )
    example = "{namePattern: NAME, images: [{alias: ALIAS, imageName: IMAGE}]}"
    if images:
        named, alias = images[0].name, images[0].name.rpartition("/")[2]
        example = f"{{namePattern: {name}, images: [{{alias: {alias}, imageName: {named}}}]}}"
    remedy = f"write apiVersion: {GROUP}/v1alpha1 and under spec: applicationRefs: [{example}]"
    findings.append(finding(document, first, "outdated-image-updater", told, remedy=remedy))
    if images:
        yield Reference(document, name, None, None, tuple(images), False, None, everywhere=True)


def _dated_image(document: Document, node: Node, updater: str, findings: list[Finding]) -> ManagedImage | None:
    named = at(node, "image") or at(node, "imageName")
    written = text(document, named)
    parts = specification(written) if written and "{{" not in written else None
    if named is None or parts is None:
        findings.append(
            finding(document, named or node, "unreadable-policy", "an entry of images names no image", status="unknown")
        )
        return None
    policy = at(node, "policy") or at(node, "updateStrategy")
    strategy = text(document, policy)
    return ManagedImage(
        alias=parts[0],
        name=parts[1],
        constraint=parts[2],
        document=document,
        node=named,
        label=f"ImageUpdater {updater} ({parts[1]})",
        strategy=Value(strategy, document, policy, "policy") if policy is not None and strategy is not None else None,
    )


def _selected(document: Document, selector: Mapping | None, labels: dict[str, str]) -> bool:
    """A Kubernetes label selector. An operator that is not known selects nothing."""
    wanted = mapping(at(selector, "matchLabels"))
    for key, node in wanted.items if wanted else ():
        if labels.get(text(document, key) or "") != text(document, node):
            return False
    for expression in elements(at(selector, "matchExpressions")):
        value = labels.get(text(document, at(expression, "key")) or "")
        values = [text(document, node) for node in elements(at(expression, "values"))]
        operator = text(document, at(expression, "operator"))
        holds = {
            "In": value is not None and value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not holds.get(operator or "", False):
            return False
    return True
