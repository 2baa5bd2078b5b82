"""OCI image layouts on disk as a registry: ``DIR/<repository>/`` is one layout for each repository.

Source: OCI image-spec 1.1 ``image-layout.md``. Tags are the annotations
``org.opencontainers.image.ref.name`` of the entries in ``index.json``, as ``skopeo copy … oci:DIR/app/api:1.2.4``
writes them; a whole reference there (or in containerd's ``io.containerd.image.name``) counts as its tag,
if it names this repository.
"""

import json
import os
from collections.abc import Mapping, Sequence

from gitops_ci.errors import ReferenceError, RegistryError
from gitops_ci.image import reference as references
from gitops_ci.image.layout import REF_NAME
from gitops_ci.image.registry import ImageInfo
from gitops_ci.image.registry.manifests import LARGEST_CONFIG, LARGEST_MANIFEST, Manifest, describe, verify

_CONTAINERD_NAME = "io.containerd.image.name"
_LARGEST_INDEX = 32 * 1024 * 1024
_OFFICIAL = "library/"


class LayoutRegistry:
    """The layouts below one directory, in the place of one host. Safe to call from threads; nothing is kept."""

    def __init__(self, host: str, directory: str) -> None:
        self._host = host
        self._directory = directory
        self._root = os.path.realpath(directory)

    def tags(self, repository: str) -> tuple[str, ...]:
        """All tags, in the order of ``index.json``."""
        _, entries = self._entries(repository)
        return tuple(
            dict.fromkeys(tag for entry in entries for tag in [self._tag(entry, repository)] if tag is not None)
        )

    def digest(self, repository: str, tag: str) -> str:
        """The digest that a tag names."""
        layout, entries = self._entries(repository)
        found = {self._digest(entry, layout) for entry in entries if self._tag(entry, repository) == tag}
        if not found:
            raise RegistryError(f"{_index(layout)}: tag {tag} not found", status=404)
        if len(found) > 1:
            raise RegistryError(f"{_index(layout)}: tag {tag} names {len(found)} different images")
        return found.pop()

    def info(self, repository: str, reference: str) -> ImageInfo:
        """What is known of a tag or digest."""
        layout, entries = self._entries(repository)
        digest = reference if ":" in reference else self.digest(repository, reference)
        kinds = {self._digest(entry, layout): entry.get("mediaType") for entry in entries}
        kind = kinds.get(digest)
        if digest not in kinds and not os.path.exists(self._path(layout, digest)):
            raise RegistryError(f"{layout}: {digest} not found", status=404)
        try:
            return describe(
                Manifest(digest, kind if isinstance(kind, str) else "", self._blob(layout, digest, LARGEST_MANIFEST)),
                lambda other: Manifest(other, "", self._blob(layout, other, LARGEST_MANIFEST)),
                lambda other: self._blob(layout, other, LARGEST_CONFIG),
            )
        except RegistryError as error:
            if error.what.startswith(layout):
                raise
            raise type(error)(f"{layout}: {error.what}", status=error.status, remedy=error.remedy) from None

    def _entries(self, repository: str) -> tuple[str, Sequence[Mapping[str, object]]]:
        layout = self._layout(repository)
        marker = os.path.join(layout, "oci-layout")
        version = self._object(marker, self._read(marker, 4096)).get("imageLayoutVersion")
        if version != "1.0.0":
            raise RegistryError(f"{marker}: image layout version {version!r} is not 1.0.0")
        path = _index(layout)
        entries = self._object(path, self._read(path, _LARGEST_INDEX)).get("manifests")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise RegistryError(f"{path}: has no list of manifests")
        return layout, entries

    def _layout(self, repository: str) -> str:
        try:
            if references.parse(f"{self._host}/{repository}").tag is not None:
                raise ReferenceError("a tag")
        except ReferenceError:
            raise RegistryError(f"{repository!r} is not a repository name") from None
        names = [repository]
        if self._host == references.DOCKER_HUB and repository.startswith(_OFFICIAL):
            names.append(repository.removeprefix(_OFFICIAL))
        for name in names:
            path = os.path.join(self._directory, *name.split("/"))
            self._inside(path)
            if os.path.isfile(os.path.join(path, "index.json")) or os.path.isfile(os.path.join(path, "oci-layout")):
                return path
        raise RegistryError(
            f"{self._host}/{repository}: no image layout in {os.path.join(self._directory, repository)}", status=404
        )

    def _tag(self, entry: Mapping[str, object], repository: str) -> str | None:
        annotations = entry.get("annotations")
        if not isinstance(annotations, dict):
            return None
        for key in (REF_NAME, _CONTAINERD_NAME):
            text = annotations.get(key)
            if not isinstance(text, str):
                continue
            if references.valid_tag(text):
                return text
            try:
                parsed = references.parse(text)
            except ReferenceError:
                continue
            if parsed.tag is not None and parsed.repository.removeprefix(_OFFICIAL) == repository.removeprefix(
                _OFFICIAL
            ):
                return parsed.tag
        return None

    def _digest(self, entry: Mapping[str, object], layout: str) -> str:
        digest = entry.get("digest")
        if not isinstance(digest, str) or not references.valid_digest(digest):
            raise RegistryError(f"{_index(layout)}: an entry has no valid digest")
        return digest

    def _blob(self, layout: str, digest: str, limit: int) -> bytes:
        path = self._path(layout, digest)
        return verify(self._read(path, limit), digest, path)

    def _path(self, layout: str, digest: str) -> str:
        if not references.valid_digest(digest):
            raise RegistryError(f"{digest!r} is not a digest")
        return os.path.join(layout, "blobs", *digest.split(":"))

    def _read(self, path: str, limit: int) -> bytes:
        self._inside(path)
        try:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
        except OSError as error:
            raise RegistryError(f"{path}: cannot be read: {error.strerror}") from None
        if len(data) > limit:
            raise RegistryError(f"{path}: is larger than {limit} bytes")
        return data

    def _object(self, path: str, data: bytes) -> Mapping[str, object]:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise RegistryError(f"{path}: is not a JSON object")
        return value

    def _inside(self, path: str) -> None:
        """Symbolic links may lead anywhere in the directory, not out of it."""
        real = os.path.realpath(path)
        if real != self._root and not real.startswith(self._root.rstrip(os.sep) + os.sep):
            raise RegistryError(f"{path}: leads out of {self._directory}")


def _index(layout: str) -> str:
    return os.path.join(layout, "index.json")
