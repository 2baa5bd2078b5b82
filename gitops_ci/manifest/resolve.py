"""Uses whose name stands in another file, once all files are read.

Tags in values of an environment, charts of a HelmRepository, tags that a Flux marker ties to an ImagePolicy.
"""

from collections.abc import Iterable, Sequence

from gitops_ci.finding import Finding
from gitops_ci.manifest.formats.build import Pending
from gitops_ci.manifest.formats.chart import locate
from gitops_ci.manifest.formats.names import slot
from gitops_ci.manifest.objects import Fact
from gitops_ci.manifest.use import ImageUse

_BESIDE = ("", "base", "common", "default", "defaults", "chart", "helm", "values")
_LEVELS = 4


def resolve(
    uses: Sequence[ImageUse], pending: Sequence[Pending], facts: Iterable[Fact]
) -> tuple[list[ImageUse], list[Finding]]:
    """The pending uses that could be named, and a finding for each that could not."""
    known: dict[tuple[str, str, str], list[str]] = {}
    for fact in facts:
        known.setdefault(fact.key, []).append(fact.value)
    values = _Values(uses)
    named: list[ImageUse] = []
    findings: list[Finding] = []
    for item in pending:
        if item.ask == "chart":
            found = _chart(item, known)
        elif item.ask == "policy":
            found = _policy(item, known)
        else:
            name = values.name(*item.key)
            found = item.use._replace(name=name) if name is not None else None
        if found is not None:
            named.append(found)
        else:
            findings.append(_finding(item))
    return named, findings


class _Values:
    """The images that Helm values name, by where in a chart's values they stand."""

    def __init__(self, uses: Sequence[ImageUse]) -> None:
        self._by_slot: dict[tuple[str, str], dict[str, set[str]]] = {}
        for use in uses:
            if use.format == "helm-values":
                folder = use.file.rpartition("/")[0]
                self._by_slot.setdefault(slot(use.path), {}).setdefault(folder, set()).add(use.name)

    def name(self, folder: str, path: str, stem: str) -> str | None:
        """The one name that the values in this directory, or nearest above it, give the same image."""
        folders = self._by_slot.get((path, stem))
        if folders is None:
            return None
        parts = folder.split("/") if folder else []
        for size in range(len(parts), max(len(parts) - _LEVELS, -1), -1):
            above = "/".join(parts[:size])
            for beside in _BESIDE:
                names = folders.get(f"{above}/{beside}".strip("/"))
                if names:
                    return next(iter(names)) if len(names) == 1 else None
        return None


def _chart(item: Pending, known: dict[tuple[str, str, str], list[str]]) -> ImageUse | None:
    kind, namespace, name = item.key
    urls = known.get((kind, namespace, name))
    if (
        urls is None
    ):  # a namespace may be set from outside (kustomize, targetNamespace): the name alone, if it is the only one
        candidates = {
            url for (other, _, called), found in known.items() if other == kind and called == name for url in found
        }
        urls = sorted(candidates) if len(candidates) == 1 else []
    if len(set(urls)) != 1:
        return None
    located = locate(urls[0], item.use.name)
    return item.use._replace(name=located[0], datasource=located[1]) if located is not None else None


def _policy(item: Pending, known: dict[tuple[str, str, str], list[str]]) -> ImageUse | None:
    namespace, name = item.key
    for reference in known.get(("ImagePolicy", namespace, name), [])[:1]:
        where, _, repository = reference.partition(":")
        for image in known.get(("ImageRepository", where, repository), [])[:1]:
            return item.use._replace(name=image) if image else None
    return None


def _finding(item: Pending) -> Finding:
    use = item.use
    if item.ask == "chart":
        kind, namespace, name = item.key
        owner = f"{namespace}/{name}" if namespace else name
        message = f"chart {use.name} {use.tag} comes from the {kind} {owner}, which is not among the files read"
    elif item.ask == "policy":
        message = f"the marker's ImagePolicy {':'.join(item.key)} (or its ImageRepository) is not among the files read"
    else:
        message = f"{use.path} is {use.tag or use.digest}, but no values file beside or above it names the image"
    return Finding("image-without-name", message, use.file, use.line, use.column, status="unknown", severity="low")
