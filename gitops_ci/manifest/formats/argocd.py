"""Argo CD Application and ApplicationSet: charts, Helm parameters and values, kustomize images.

All of ``source`` and every one of ``sources`` (which Argo CD prefers where both are given); in an
ApplicationSet, the template and what generators override, as far as it is literal. Git sources' revisions are no
images and are left alone.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.embedded import inner
from gitops_ci.manifest.formats import helm_values, plausible
from gitops_ci.manifest.formats.build import Pending, Piece, piece, split, text
from gitops_ci.manifest.formats.chart import chart
from gitops_ci.manifest.formats.files import is_application_source
from gitops_ci.manifest.formats.names import slot
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

NAME = "argocd"
KINDS = ("Application", "ApplicationSet")


def claims(document: Document) -> bool:
    """``argoproj.io`` and one of the two kinds (Rollouts and Workflows are plain Kubernetes objects here); or by name,
    what Argo CD lays over an Application's source (Image Updater writes there)."""
    if is_application_source(document.file):
        return type(document.root) is Mapping and not document.api_version
    return document.api_version.startswith("argoproj.io/") and document.kind in KINDS


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """The images and charts of every source; what a list generator completes, for each of its elements."""
    if is_application_source(document.file) and type(document.root) is Mapping:
        yield from _source(document, document.root, None)
        return
    found = list(sources(document.root))
    completed: list[ImageUse] = []
    if document.kind == "ApplicationSet" and b"elements" in document.data:
        from gitops_ci.manifest.formats import applicationset

        completed = list(applicationset.find(document, found, _source, NAME))
        yield from completed
    whole = {place.start for use in completed for place in use.places}
    for source, trail in found:
        for use in _source(document, source, trail):
            # A name that has its tag from the elements is no use without one.
            if isinstance(use, Pending) or use.tag or use.digest or use.version_place.start not in whole:
                yield use


def sources(root: Node | None) -> Iterator[tuple[Mapping, Trail]]:
    """Each ``source`` (and each of ``sources``), in an ApplicationSet those of all templates in it."""
    stack: list[tuple[Node | None, Trail]] = [(root, None)]
    seen: set[int] = set()
    while stack:
        node, trail = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if type(node) is Sequence:
            stack.extend((item, (trail, index)) for index, item in enumerate(node.items))
        if type(node) is not Mapping:
            continue
        for key in ("spec", "template", "generators", "matrix", "merge", *_GENERATORS):
            below = node.get(key)
            if below is not None and type(below) is not Scalar:
                stack.append((below, (trail, key)))
        one, many = node.get("source"), node.get("sources")
        if type(one) is Mapping:
            yield one, (trail, "source")
        if type(many) is Sequence:
            for index, item in enumerate(many.items):
                if type(item) is Mapping:
                    yield item, ((trail, "sources"), index)


_GENERATORS = ("list", "git", "clusters", "scmProvider", "pullRequest", "clusterDecisionResource", "plugin")


def _source(document: Document, source: Mapping, trail: Trail) -> Iterator[ImageUse | Pending]:
    use = chart(
        document,
        NAME,
        trail,
        name=piece(source, "chart", trail),
        repository=source.text("repoURL"),
        version=piece(source, "targetRevision", trail),
    )
    if use is not None:
        yield use
    helm, kustomize = source.get("helm"), source.get("kustomize")
    folder = (source.text("path") or "").strip().strip("/").removeprefix("./")
    if type(helm) is Mapping:
        at: Trail = (trail, "helm")
        for found in _helm(document, helm, at):
            yield located(found, folder, at)
    if type(kustomize) is Mapping:
        yield from _kustomize(document, kustomize, (trail, "kustomize"))


def located(found: ImageUse | Pending, folder: str, below: Trail, *more: str) -> ImageUse | Pending:
    """A tag without name, looked up in the values of the chart in ``folder`` instead of beside this file.

    The slot loses the path of the node that holds the values: ``spec.source.helm.valuesObject.image`` → ``image``.
    """
    if not isinstance(found, Pending) or found.ask != "values":
        return found
    where = found.key[1]
    for key in ("values", "valuesObject", "parameters", *more):
        start = path((below, key))
        if where == start or where.startswith((f"{start}.", f"{start}[")):
            where = where[len(start) :].lstrip(".")
            break
    return found._replace(key=(folder or "\0", where, found.key[2]))


def _helm(document: Document, helm: Mapping, trail: Trail) -> Iterator[ImageUse | Pending]:
    yield from helm_values.walk(document, helm.get("valuesObject"), (trail, "valuesObject"), NAME)
    values = helm.get("values")
    if type(values) is Scalar:
        for part in inner(document, values):
            yield from helm_values.walk(part, part.root, (trail, "values"), NAME)
    parameters = helm.get("parameters")
    if type(parameters) is Sequence:
        yield from _parameters(document, parameters, (trail, "parameters"))


def _parameters(document: Document, parameters: Sequence, trail: Trail) -> Iterator[ImageUse | Pending]:
    """``[{name: image.tag, value: 1.2.3}]``: the parts of one image share all of the name but its end."""
    groups: dict[tuple[str, str], dict[str, Piece]] = {}
    everywhere: Piece | None = None
    for index, item in enumerate(parameters.items):
        if type(item) is not Mapping:
            continue
        name, value = item.text("name"), piece(item, "value", (trail, index))
        if not name or value is None:
            continue
        if name in ("global.imageRegistry", "global.image.registry", "global.registry"):
            everywhere = value
            continue
        last = name.rpartition(".")[2].lower()
        ending = next(
            (
                end
                for end in ("registry", "repository", "repo", "tag", "version", "digest", "name")
                if last.endswith(end)
            ),
            "reference",
        )
        if ending == "name" and "image" not in name.lower():
            continue
        if ending in ("version", "reference") and "image" not in name.lower():
            continue
        groups.setdefault(slot(name), {})[ending] = value
    for (folder, stem), parts in groups.items():
        repository = parts.get("repository") or parts.get("repo") or parts.get("reference") or parts.get("name")
        tag, digest = parts.get("tag") or parts.get("version"), parts.get("digest")
        if repository is None and not _says_image(folder, stem, tag):
            continue
        found = plausible.reference(text(repository.node) or "") if repository is not None else None
        if repository is not None and (found is None or not (tag or digest or found.tag or found.digest)):
            continue
        first = (
            repository.node.value.partition("/")[0] if repository is not None and "/" in repository.node.value else ""
        )
        registry = None if "." in first or ":" in first else everywhere or parts.get("registry")
        use = split(
            document,
            NAME,
            repository=repository,
            registry=registry if repository is not None else None,
            tag=tag,
            digest=digest,
        )
        if use is None:
            continue
        yield use if repository is not None else Pending(use, "values", ("", folder, stem))


def _says_image(folder: str, stem: str, tag: Piece | None) -> bool:
    """``image.tag``, ``x.image.tag``, ``imageTag``: a tag that surely is an image's."""
    return tag is not None and (
        folder.lower().rpartition(".")[2].endswith(("image", "images"))
        or ".images." in f".{folder.lower()}."
        or stem != ""
        or folder == ""
    )


def _kustomize(document: Document, kustomize: Mapping, trail: Trail) -> Iterator[ImageUse]:
    """``kustomize.images``: ``name``, ``name:tag``, ``name@digest``, ``old=new:tag``."""
    images = kustomize.get("images")
    if type(images) is not Sequence:
        return
    for index, item in enumerate(images.items):
        if type(item) is Scalar:
            use = override(document, item, ((trail, "images"), index))
            if use is not None:
                yield use


def override(document: Document, item: Scalar, trail: Trail) -> ImageUse | None:
    """One text of the form that ``kustomize edit set image`` takes."""
    old, equals, new = item.value.strip().partition("=")
    value = new if equals else old
    found = plausible.reference(value)
    if found is None:
        return None
    place = document.place(item, "reference", prefix=f"{old}=" if equals else "")
    if place is None:
        return None
    original = old if equals and old != found.name else None
    return ImageUse(
        document.file,
        path(trail),
        document.index,
        found.name,
        found.tag,
        found.digest,
        NAME,
        (place,),
        original_name=original,
    )
