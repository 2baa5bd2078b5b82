"""Argo CD Applications and ApplicationSets: which files of the checkout they deploy, and how near each is.

An Application is taken to deploy from this repository where its source path exists in it: the URL by which
a repository knows itself is not known here. In an ApplicationSet ``{{ }}`` stands for one part of a path,
or for the directories of its git generators.
"""

import posixpath
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Mapping, Node
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.foreign.statement import Nearness, Reader, at, elements, mapping, text

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_WHOLE_PATH = re.compile(r"\{\{-?\s*\.?path(?:\.path)?\s*-?\}\}")
_MAX_DIRECTORIES = 500
"""That one application takes in through kustomizations: a bound, not a rule."""


class Application(NamedTuple):
    """What an image policy needs to know of an Application, or of the template of an ApplicationSet."""

    name: str
    """A glob where it comes from a template."""
    namespace: str | None
    labels: dict[str, str]
    annotations: Mapping | None
    document: Document
    sources: tuple[str, ...]
    """Directories relative to the root, ``""`` for the root itself; globs where they come from a template."""
    value_files: tuple[str, ...]
    """Helm value files relative to the root."""
    node: Mapping


def applications(documents: Sequence[Document]) -> list[Application]:
    """Every Application and every ApplicationSet's template among the documents."""
    found = []
    for document in documents:
        root = mapping(document.root)
        if root is None or not document.api_version.startswith("argoproj.io/"):
            continue
        holder = root if document.kind == "Application" else None
        if document.kind == "ApplicationSet":
            holder = mapping(at(root, "spec", "template"))
        if holder is not None:
            found.append(_application(document, root, holder))
    return found


def _application(document: Document, root: Mapping, holder: Mapping) -> Application:
    metadata, spec = at(holder, "metadata"), at(holder, "spec")
    name = text(document, at(metadata, "name")) or text(document, at(root, "metadata", "name")) or ""
    labels = mapping(at(metadata, "labels"))
    written = {key: text(document, node) for key, node in (_texts(document, labels) if labels else ())}
    directories = _generated(document, at(root, "spec", "generators")) if holder is not root else ()
    listed = [node for node in (at(spec, "source"), *elements(at(spec, "sources"))) if mapping(node)]
    sources: list[str] = []
    values: list[str] = []
    for source in listed:
        path = text(document, at(source, "path"))
        here = _expanded(path, directories) if path is not None else []
        sources.extend(here)
        for node in elements(at(source, "helm", "valueFiles")):
            value = text(document, node) or ""
            if value.startswith("$"):  # $ref/path: another source of this application, by its root
                values.extend(_expanded(value.partition("/")[2], directories))
            elif "://" not in value:
                values.extend(
                    file for base in here for file in _expanded(posixpath.join("/" + base, value), directories)
                )
    return Application(
        name=_TEMPLATE.sub("*", name),
        namespace=text(document, at(metadata, "namespace")),
        labels={key: value for key, value in written.items() if value is not None},
        annotations=mapping(at(metadata, "annotations")),
        document=document,
        sources=tuple(dict.fromkeys(sources)),
        value_files=tuple(dict.fromkeys(values)),
        node=holder,
    )


def _texts(document: Document, node: Mapping) -> list[tuple[str, Node]]:
    return [(key, value) for name, value in node.items if (key := text(document, name)) is not None]


def directory(path: str) -> str | None:
    """A path of the repository without ``./``, leading and doubled slashes; None where it leaves the root."""
    clean = posixpath.normpath("/" + path.strip()).strip("/")
    outside = posixpath.normpath(path.strip().lstrip("/") or ".").startswith("..")
    return None if outside else clean


def _expanded(path: str, directories: Sequence[str]) -> list[str]:
    """The directories that a path may stand for, as globs where it holds ``{{ }}``."""
    whole = _WHOLE_PATH.search(path)
    paths = [path.replace(whole[0], known) for known in directories] if whole and directories else [path]
    found = (directory(_TEMPLATE.sub("*", one)) for one in paths)
    # A path that is nothing but a template says nothing about where it leads.
    return [one for one in found if one is not None and (one.strip("*/") or not _TEMPLATE.search(path))]


def _generated(document: Document, node: Node | None, depth: int = 0) -> tuple[str, ...]:
    """Paths of git generators, those inside matrix and merge generators too."""
    found: list[str] = []
    for generator in elements(node) if depth < 4 else ():
        for entry in elements(at(generator, "git", "directories")):
            path = text(document, at(entry, "path"))
            if path and text(document, at(entry, "exclude")) != "true":
                found.append(path)
        for entry in elements(at(generator, "git", "files")):
            path = text(document, at(entry, "path"))
            if path:
                found.append(posixpath.dirname(path))
        for nested in ("matrix", "merge"):
            found.extend(_generated(document, at(generator, nested, "generators"), depth + 1))
    return tuple(found)


class Territory:
    """The places of one application: which uses are its own, and how near they are to it."""

    def __init__(
        self, application: Application, files: Sequence[str], read: Reader, targets: Sequence[str] = ()
    ) -> None:
        """``targets``: files and directories that a policy names besides the application's own."""
        self.application = application
        self.targets = tuple(targets)
        self.sources = [source for source in application.sources if "*" not in source]
        globs = [source for source in application.sources if "*" in source]
        if globs:
            matching = _glob(globs)
            places = {posixpath.dirname(file) for file in files}
            self.sources.extend(sorted(place for place in places if place and matching(place)))
        self.value_files = set(application.value_files) if not globs else set()
        self.exists = any(_below(file, source) for file in files for source in self.sources)
        self.bases = _taken_in(self.sources, read)

    def nearness(self, use: ImageUse) -> Nearness | None:
        """How near a use is to the application; None for a use that is not its own."""
        mine = self.application.document
        if use.file == mine.file and use.document == mine.index:
            return (1,)
        file = posixpath.basename(use.file)
        if file.startswith(".argocd-source"):
            return (2,) if self._overrides(use) else None
        if use.file in self.value_files or any(_below(use.file, target) for target in self.targets):
            return (2,)
        if self._values_of_another(use.file):
            return None
        depths = [len(source.split("/")) for source in self.sources if _below(use.file, source)]
        if depths:
            return (3, -max(depths))
        depths = [len(base.split("/")) for base in self.bases if _below(use.file, base)]
        return (4, -max(depths)) if depths else None

    def _overrides(self, use: ImageUse) -> bool:
        """``.argocd-source-<name>.yaml`` or ``.argocd-source-<namespace>_<name>.yaml``; without a name, everybody's."""
        owner = posixpath.basename(use.file).removeprefix(".argocd-source").removesuffix(".yaml").removeprefix("-")
        here = posixpath.dirname(use.file) in self.sources
        name = owner.rpartition("_")[2]
        return here and (not owner or any(_matches(self.application.name, one) for one in (owner, name)))

    def _values_of_another(self, file: str) -> bool:
        """``values-dev.yaml`` beside the ``values-prod.yaml`` that this application names is not its own."""
        name = posixpath.basename(file)
        if not self.value_files or not name.startswith("values") or name in ("values.yaml", "values.yml"):
            return False
        return any(posixpath.dirname(file) == posixpath.dirname(mine) for mine in self.value_files)


def _below(file: str, place: str) -> bool:
    return not place or file == place or file.startswith(place + "/")


def _matches(pattern: str, name: str) -> bool:
    from fnmatch import fnmatchcase

    return pattern == name or ("*" in pattern and fnmatchcase(name, pattern.replace("[", "[[]")))


def _glob(patterns: Sequence[str]) -> Callable[[str], bool]:
    from wcmatch import glob

    matcher = glob.compile(list(patterns), flags=glob.GLOBSTAR | glob.DOTGLOB)
    return lambda place: bool(matcher.match(place))


def _taken_in(sources: Sequence[str], read: Reader) -> tuple[str, ...]:
    """Files and directories that the kustomizations of these directories take in, and theirs in turn."""
    seen: dict[str, None] = dict.fromkeys(sources)
    waiting = list(sources)
    while waiting and len(seen) < _MAX_DIRECTORIES:
        here = waiting.pop(0)
        found = (read(posixpath.join(here, name)) for name in KUSTOMIZATIONS)
        for document in next((documents for documents in found if documents), ()):
            for field in ("resources", "bases", "components"):
                for node in elements(at(document.root, field)):
                    written = text(document, node) or ""
                    if "://" in written or ":" in written.partition("/")[0]:
                        continue
                    place = directory(posixpath.join(here, written))
                    if place is not None and place not in seen:
                        seen[place] = None
                        waiting.append(place)
    return tuple(place for place in seen if place not in sources)
