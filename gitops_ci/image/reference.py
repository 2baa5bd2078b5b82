"""Image references: ``registry/repository:tag@digest``, parsed once and strictly.

The grammar is that of the distribution project's ``reference`` package
(https://github.com/distribution/reference): the first path component is the registry only if it holds a
``.``, a ``:`` or an upper-case letter, or is ``localhost``. A path has at most 255 characters. Digests are
those of the OCI image specification: sha256, sha384 and sha512 have their length, in lower case.
"""

from __future__ import annotations

import re

from gitops_ci.errors import ReferenceError
from gitops_ci.record import NamedTuple

DOCKER_HUB = "docker.io"
HUB_HOSTS = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})

_HEX_DIGITS = {"sha256": 64, "sha384": 96, "sha512": 128}
_LONGEST_PATH = 255
_LONGEST = 1024
"""No registry takes a longer one: host 255, path 255, tag 128, digest below 300. Longer text is not examined."""

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]{{1,5}})?"
TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(
    rf"(?P<name>(?:{_HOST}/)?{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>{TAG}))?(?:@(?P<digest>[!-~]+))?", re.ASCII
)


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
    """``(registry, repository)`` of a name, with Docker Hub's short forms written out and the host in lower case."""
    first, slash, rest = name.partition("/")
    host = first.lower()
    if slash and ("." in first or ":" in first or first == "localhost" or host != first):
        registry, repository = host, rest
    else:
        registry, repository = DOCKER_HUB, name
    if registry in HUB_HOSTS:
        registry = DOCKER_HUB
        if "/" not in repository:
            repository = f"library/{repository}"
    return registry, repository


def parse(text: str) -> Reference:
    """Parse a reference. Raises :class:`gitops_ci.errors.ReferenceError` for anything else."""
    found = _REFERENCE.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise _wrong(text, "is not an image reference", "write NAME, NAME:TAG or NAME[:TAG]@DIGEST")
    name, tag, digest = found.group("name", "tag", "digest")
    if len(name) >= 64:
        if len(split_name(name)[1]) > _LONGEST_PATH:
            raise _wrong(text, f"has a path of more than {_LONGEST_PATH} characters", None)
        if len(name) == 64 and not name.strip("0123456789abcdef"):
            raise _wrong(text, "is an image's id, not a name", "write NAME@sha256:ID")
    if digest is not None and not valid_digest(digest):
        raise _wrong(text, "has a malformed digest", "a digest is sha256: and 64 hexadecimal digits in lower case")
    return Reference(name, tag, digest)


def valid_digest(text: str) -> bool:
    """Whether this is a digest; of the algorithms that OCI registers, one of the right length in lower case."""
    algorithm, _, encoded = text.partition(":")
    wanted = _HEX_DIGITS.get(algorithm)
    if wanted is not None:
        return len(encoded) == wanted and not encoded.strip("0123456789abcdef")
    return len(text) <= _LONGEST and re.fullmatch(DIGEST, text) is not None


def valid_tag(text: str) -> bool:
    """Whether this can be a tag."""
    return re.fullmatch(TAG, text) is not None


def _wrong(text: str, what: str, remedy: str | None) -> ReferenceError:
    shown = text if len(text) <= 120 else f"{text[:100]}…"
    return ReferenceError(f"{shown!r} {what}", remedy=remedy)
