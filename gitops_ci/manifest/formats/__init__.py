"""One finder per format, side by side with the same few names, and the one registry of them.

A format for YAML has ``NAME``, ``KEYS``, ``wants(path)``, ``claims(document)`` and ``find(document)``; one for other
text only ``NAME``, ``KEYS``, ``wants(path)`` and ``find(text)``. A new one is a module and a line in ``FORMATS``. A document belongs to
the first format that wants its file and claims it.
"""

from collections.abc import Iterator
from typing import Protocol

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import (
    argocd,
    docker_compose,
    dockerfile,
    flux,
    github_actions,
    helm_values,
    helmv3,
    kubernetes,
    kustomize,
)
from gitops_ci.manifest.formats.build import Pending
from gitops_ci.manifest.formats.raw import Text
from gitops_ci.manifest.use import ImageUse


class YamlFormat(Protocol):
    """What a format of YAML files offers."""

    @property
    def NAME(self) -> str:
        """Renovate's name of its manager."""

    @property
    def KEYS(self) -> tuple[bytes, ...]:
        """A document that holds none of these bytes has nothing to find."""

    def wants(self, path: str) -> bool:
        """Whether a file of this name may be one of its files."""

    def claims(self, document: Document) -> bool:
        """Whether this document is one of its."""

    def find(self, document: Document) -> Iterator[ImageUse | Pending]:
        """The uses in one document."""


class TextFormat(Protocol):
    """What a format of other text files offers."""

    @property
    def NAME(self) -> str:
        """Renovate's name of its manager."""

    @property
    def KEYS(self) -> tuple[bytes, ...]:
        """A file that holds none of these bytes has nothing to find."""

    def wants(self, path: str) -> bool:
        """Whether a file of this name is one of its files."""

    def find(self, text: Text) -> Iterator[ImageUse]:
        """The uses in one file."""


YAML_FORMATS: tuple[YamlFormat, ...] = (
    kustomize,
    helmv3,
    argocd,
    flux,
    github_actions,
    docker_compose,
    kubernetes,
    helm_values,
)
TEXT_FORMATS: tuple[TextFormat, ...] = (dockerfile,)
FORMATS: tuple[YamlFormat | TextFormat, ...] = (*YAML_FORMATS, *TEXT_FORMATS)
"""In the order in which they are asked. Custom managers (``custom.regex``) come from a configuration, not from here."""

NAMES = (*(form.NAME for form in FORMATS), "custom.regex")


def read(document: Document, forced: str | None = None) -> Iterator[ImageUse | Pending]:
    """The uses in one document, by the format of the name ``forced``, else by the first that claims it."""
    for form in YAML_FORMATS:
        if form.NAME == forced if forced else form.wants(document.file) and form.claims(document):
            yield from form.find(document)
            return


def is_template(path: str) -> bool:
    """Whether a file lies in a chart's ``templates``: ``{{ }}`` is Helm's there, also where it happens to be YAML."""
    return "/templates/" in f"/{path}"
