"""Argo CD Image Updater: annotations on Applications, and the ImageUpdater resource.

Sources: the project's documentation (https://argocd-image-updater.readthedocs.io/) and its resource types.
Where an ImageUpdater selects an application without ``useAnnotations``, the application's annotations are
heard, but the resource comes before them: the program itself does not read them then.
"""

from collections.abc import Iterator, Sequence

from gitops_ci.finding import Finding
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.foreign.applications import Application, Territory, applications, directory
from gitops_ci.update.foreign.image_updater_annotations import PREFIX, Annotations, annotated
from gitops_ci.update.foreign.image_updater_resource import Reference, references, speaking
from gitops_ci.update.foreign.managed_image import SOURCE, ManagedImage, policy
from gitops_ci.update.foreign.statement import Reader, Spoken, Statement, at, finding, mapping, same_image

NAME = SOURCE
KEYS = (b"argocd-image-updater.argoproj.io/", b"ImageUpdater")
CONTEXT = (b"argoproj.io/",)
_RESOURCE, _ANNOTATION = 0, 1

__all__ = ["CONTEXT", "KEYS", "NAME", "speak"]


def speak(documents: Sequence[Document], uses: Sequence[ImageUse], files: Sequence[str], read: Reader) -> Spoken:
    """What annotations and ImageUpdaters say about the images of the applications they belong to."""
    refs, problems = references(documents)
    findings = list(problems)
    statements: list[Statement] = []
    apps = applications(documents)
    for application in apps:
        chosen = speaking(refs, application)
        images, problems = annotated(application)
        findings.extend(problems)
        if not images and not chosen:
            continue
        targets = [ref.target for ref in chosen] + [Annotations(application).string(None, "write-back-target")]
        places = [place for target in targets if target for place in _places(target, application)]
        territory = Territory(application, files, read, places)
        for ref in chosen:
            order = _ANNOTATION if ref.use_annotations else _RESOURCE
            statements.extend(_about(territory, ref.images, uses, order, findings))
        annotation_order = _RESOURCE if any(ref.use_annotations for ref in chosen) else _ANNOTATION
        statements.extend(_about(territory, images, uses, annotation_order, findings))
    for ref in refs:
        if ref.everywhere and not any(ref.selects(application) for application in apps):
            statements.extend(_dated(ref, uses, findings))
    findings.extend(_misplaced(documents))
    return Spoken(tuple(statements), tuple(findings))


def _misplaced(documents: Sequence[Document]) -> Iterator[Finding]:
    """``image-list`` on a Deployment or the like: nobody reads it there."""
    for document in documents:
        metadata = mapping(at(document.root, "metadata", "annotations"))
        listing = metadata.get(PREFIX + "image-list") if metadata else None
        if listing is not None and document.kind not in ("Application", "ApplicationSet"):
            told = f"image-list stands on a {document.kind or 'document'}: it is read on an Argo CD Application only"
            yield finding(document, listing, "misplaced-annotation", told, remedy="move it to the Application")


def _about(
    territory: Territory,
    images: Sequence[ManagedImage],
    uses: Sequence[ImageUse],
    order: int,
    findings: list[Finding],
) -> Iterator[Statement]:
    near = [(use, nearness) for use in uses if (nearness := territory.nearness(use)) is not None]
    for image in images:
        selection, problems = policy(image)
        findings.extend(problems)
        mine = [(use, nearness) for use, nearness in near if same_image(use.name, image.name)]
        for use, nearness in mine:
            padded = (*nearness, 0) if len(nearness) == 1 else nearness
            yield Statement(use, selection, (*padded, order), image.told)
        if not mine and territory.exists:
            told = f"{image.label} names {image.name}, which no file of {territory.application.name} uses"
            findings.append(finding(image.document, image.node, "policy-without-image", told, severity="low"))


def _dated(ref: Reference, uses: Sequence[ImageUse], findings: list[Finding]) -> Iterator[Statement]:
    """The dated form without an Application of its name: the application found otherwise, else every use."""
    own = [use for use in uses if use.application == ref.name_pattern]
    for image in ref.images:
        selection, problems = policy(image)
        findings.extend(problems)
        for use in own or uses:
            if same_image(use.name, image.name):
                yield Statement(use, selection, (5, 0, _RESOURCE), image.told)


def _places(target: str, application: Application) -> list[str]:
    """Files and directories that a write-back target names: ``kustomization[:DIR]``, ``helmvalues[:FILE]``."""
    kind, _, path = target.partition(":")
    if kind not in ("kustomization", "helmvalues") or not path:
        return []
    if path.startswith("/"):
        places = [directory(path)]
    else:
        places = [directory(f"{source}/{path}") for source in application.sources if "*" not in source]
    return [place for place in places if place]
