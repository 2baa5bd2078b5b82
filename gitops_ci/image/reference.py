"""Image references: ``registry/repository:tag@digest``, parsed once and strictly.

The grammar is that of the distribution project's ``reference`` package
(https://github.com/distribution/reference): the first path component is the registry only if it holds a
``.`` or a ``:``, or is ``localhost``.
"""

import re
from typing import NamedTuple

from gitops_ci.errors import ReferenceError

DOCKER_HUB = "docker.io"
_HUB_ALIASES = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"(?P<name>(?:{_HOST}/)?{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>{TAG}))?(?:@(?P<digest>{DIGEST}))?", re.ASCII)


class Reference(NamedTuple):
    """One image reference as it was written."""

    name: str
    """Registry and repository as written: ``nginx``, ``ghcr.io/acme/api``, ``localhost:5000/x``."""
    tag: str | None = None
    digest: str | None = None
    """``sha256:`` and 64 hexadecimal digits (or another algorithm's)."""

    @property
    def registry(self) -> str:
        """The registry's host (with port); Docker Hub, however it is written, is ``docker.io``."""
        return split_name(self.name)[0]

    @property
    def repository(self) -> str:
        """The path in the registry; Docker Hub's official images are ``library/<name>``."""
        return split_name(self.name)[1]

    @property
    def canonical(self) -> str:
        """``registry/repository``, the same for all spellings of one image."""
        return "/".join(split_name(self.name))

    def __str__(self) -> str:
        text = self.name
        if self.tag is not None:
            text += f":{self.tag}"
        if self.digest is not None:
            text += f"@{self.digest}"
        return text


def split_name(name: str) -> tuple[str, str]:
    """``(registry, repository)`` of a name, with Docker Hub's short forms written out."""
    first, slash, rest = name.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        registry, repository = first, rest
    else:
        registry, repository = DOCKER_HUB, name
    if registry in _HUB_ALIASES:
        registry = DOCKER_HUB
        if "/" not in repository:
            repository = f"library/{repository}"
    return registry, repository


def parse(text: str) -> Reference:
    """Parse a reference. Raises :class:`gitops_ci.errors.ReferenceError` for anything else."""
    found = _REFERENCE.fullmatch(text)
    if found is None or len(found["name"]) > 255:
        raise ReferenceError(f"{text!r} is not an image reference", remedy="write NAME, NAME:TAG or NAME[:TAG]@DIGEST")
    return Reference(found["name"], found["tag"], found["digest"])
