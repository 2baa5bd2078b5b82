"""One finder per format, side by side with the same few names, and the one registry of them.

A format is a module and a line in ``FORMATS``. For YAML the module has ``claims(document)`` and ``find(document)``;
for other text ``find(text)``. The line says which files may be its (``wants``) and what a document must hold to have
anything to find (``keys``); the module is imported when both are so, since a named search meets one or two formats.
A document belongs to the first format that wants its file and claims it.
"""

from collections.abc import Callable, Iterator, Sequence

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import files
from gitops_ci.manifest.formats.build import Pending
from gitops_ci.manifest.formats.raw import Text
from gitops_ci.manifest.nodes import Mapping
from gitops_ci.manifest.use import ImageUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Format:
    """One line of the registry."""

    __slots__ = ("_module", "_name", "keys", "name", "text", "wants")

    def __init__(
        self, name: str, module: str, wants: Callable[[str], bool], keys: tuple[bytes, ...], *, text: bool = False
    ) -> None:
        self.name = name
        """Renovate's name of its manager."""
        self.wants = wants
        """Whether a file of this name may be one of its files."""
        self.keys = keys
        """A document that holds none of these bytes has nothing to find."""
        self.text = text
        """Files that are no YAML."""
        self._name = module
        self._module: Any = None

    @property
    def module(self) -> "Any":  # noqa: ANN401 - a module, whose functions the class docstring names
        """The finder, imported when it is first asked for."""
        if self._module is None:
            from importlib import import_module

            self._module = import_module(f"{__name__}.{self._name}")
        return self._module

    def claims(self, document: Document) -> bool:
        """Whether this document is one of its, and may have something to find."""
        data = document.data
        # A key may be written with escapes, which bytes do not show.
        return (any(key in data for key in self.keys) or b"\\" in data) and bool(self.module.claims(document))

    def find(self, document: Document) -> Iterator[ImageUse | Pending]:
        """The uses in one document."""
        found: Iterator[ImageUse | Pending] = self.module.find(document)
        return found

    def find_text(self, text: Text) -> Iterator[ImageUse]:
        """The uses in a file that is no YAML."""
        found: Iterator[ImageUse] = self.module.find(text)
        return found


YAML_FORMATS = (
    Format("kustomize", "kustomize", files.is_kustomization, (b"images", b"helmChart", b"patch", b"bases")),
    Format("helmv3", "helmv3", files.is_chart, (b"dependencies",)),
    Format("argocd", "argocd", files.is_object_file, (b"argoproj.io",)),
    Format("argocd", "argocd", files.is_application_source, (b"helm", b"kustomize")),
    Format("flux", "flux", files.is_object_file, (b"toolkit.fluxcd.io",)),
    Format("github-actions", "github_actions", files.is_workflow, (b"docker://", b"container", b"services", b"image")),
    Format("docker-compose", "docker_compose", files.is_compose, (b"image",)),
    Format("kubernetes", "kubernetes", files.is_object_file, (b"mage",)),
    Format("helm-values", "helm_values", files.is_yaml, (b"mage", b"epository")),
)
TEXT_FORMATS = (Format("dockerfile", "dockerfile", files.is_dockerfile, (b"FROM", b"from"), text=True),)
FORMATS = (*YAML_FORMATS, *TEXT_FORMATS)
"""In the order in which they are asked. Custom managers (``custom.regex``) come from a configuration, not from here."""

_NAMED = tuple(form for form in YAML_FORMATS if form.wants not in (files.is_object_file, files.is_yaml))

NAMES = (*(form.name for form in FORMATS), "custom.regex")


def named_keys(path: str) -> tuple[bytes, ...]:
    """What may be found in a file whose name alone says its format; nothing for other files."""
    return next((form.keys for form in _NAMED if form.wants(path)), ())


_LAST = YAML_FORMATS[-1]
"""Values look like nothing in particular: every other format is asked before."""


def read(document: Document, named: Sequence[str] = ()) -> Iterator[ImageUse | Pending]:
    """The uses in one document, by the first format that claims it.

    ``named`` are the formats that a configuration gives this file (``managerFilePatterns``), beside those it has by
    its name. One pattern is often given to several managers, as Renovate's need it: what a document says it is
    counts for more, and they decide where it says nothing.
    """
    for form in YAML_FORMATS[:-1]:
        if (form.wants(document.file) or form.name in named) and form.claims(document):
            yield from form.find(document)
            return
    if type(document.root) is Mapping and not document.api_version:
        for form in _NAMED:
            found = list(form.find(document)) if form.name in named else []
            if found:
                yield from found
                return
    if _LAST.name in named:
        from gitops_ci.manifest.formats.helm_values import walk

        yield from walk(document, document.root, None, _LAST.name)
    elif _LAST.wants(document.file) and _LAST.claims(document):
        yield from _LAST.find(document)
