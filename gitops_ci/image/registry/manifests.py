"""What a manifest, an index and a config say of an image.

Sources: OCI image-spec 1.1 (manifest, image-index, config, annotations, descriptor), Docker's "Image
Manifest V2, Schema 2"; platforms are spelled as containerd normalises them.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from gitops_ci.errors import RegistryError, UnreadableImageError
from gitops_ci.image.layout import DOCKER_CONFIG, DOCKER_LIST, DOCKER_MANIFEST, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST
from gitops_ci.image.reference import valid_digest
from gitops_ci.image.registry import ImageInfo

ACCEPT = ", ".join((OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST))
LARGEST_MANIFEST = 4 * 1024 * 1024
"""Bytes; the limit that OCI distribution-spec recommends to registries."""
LARGEST_CONFIG = 8 * 1024 * 1024
CREATED = "org.opencontainers.image.created"

_INDEXES = (OCI_INDEX, DOCKER_LIST)
_IMAGE_CONFIGS = (OCI_CONFIG, DOCKER_CONFIG)
_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1"
_DEEPEST = 3
_MOST_MANIFESTS = 1000
_FIRST_YEAR = 2013
"""Docker's first. Reproducible builds write 0001, 1970 or 1980: that says nothing about the age."""
_OLDER_SPELLINGS = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386"}
_OLDER_ARMS = {"armhf": "v7", "armel": "v6"}


class Manifest(NamedTuple):
    """A manifest or index as fetched; its digest is that of its bytes."""

    digest: str
    media_type: str
    """From the answer's header; the manifest's own word goes first."""
    data: bytes


class _Config(NamedTuple):
    created: datetime | None
    platform: str
    labels: dict[str, str]


FetchManifest = Callable[[str], Manifest]
FetchBlob = Callable[[str], bytes]


def describe(manifest: Manifest, fetch_manifest: FetchManifest, fetch_blob: FetchBlob) -> ImageInfo:
    """Creation time, platforms and labels; other manifests and configs are fetched by digest as needed.

    The creation time and labels of an index are those of its ``linux/amd64`` image, else of its first.
    Raises UnreadableImageError for what is no manifest (garbage, Docker's schema 1).
    """
    value = read(manifest)
    annotations = _texts(value.get("annotations"))
    if not _is_index(value, manifest.media_type):
        config = _image(value, fetch_blob)
        return _info(manifest.digest, config.created, {config.platform}, {**config.labels, **annotations})
    images = _images(value, fetch_manifest, depth=1)
    platforms = {platform for platform, _ in images}
    config = _Config(None, "", {})
    chosen = next((entry for entry in images if entry[0] == "linux/amd64"), images[0] if images else None)
    if chosen is not None:
        config = _child(chosen[1], fetch_manifest, fetch_blob)
        platforms.add(config.platform if not chosen[0] else "")
    # An index may leave the platforms to its images.
    platforms.update(
        _child(descriptor, fetch_manifest, fetch_blob).platform
        for platform, descriptor in images
        if not platform and chosen is not None and descriptor is not chosen[1]
    )
    return _info(manifest.digest, config.created, platforms, {**config.labels, **annotations})


def read(manifest: Manifest) -> Mapping[str, object]:
    """The JSON object of a manifest. UnreadableImageError when it is none, or Docker's schema 1."""
    value = _object(manifest.data, f"the manifest {manifest.digest}")
    if manifest.media_type.startswith(_SCHEMA_1) or value.get("schemaVersion") == 1:
        raise UnreadableImageError(
            f"the manifest {manifest.digest} is in Docker's schema 1, which is no longer supported",
            remedy="push the image again with a current engine",
        )
    if not any(
        isinstance(value.get(key), kind) for key, kind in (("manifests", list), ("config", dict), ("layers", list))
    ):
        raise UnreadableImageError(f"the manifest {manifest.digest} is neither an image nor an index")
    return value


def verify(data: bytes, digest: str, what: str) -> bytes:
    """The data, if it has that digest. RegistryError if not, or if the algorithm is unknown."""
    algorithm, _, encoded = digest.partition(":")
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise RegistryError(f"{what}: digests of the kind {algorithm!r} cannot be verified")
    if hashlib.new(algorithm, data).hexdigest() != encoded:
        raise RegistryError(
            f"{what}: the content does not have the digest {digest}",
            remedy="do not use this image; the registry or the way to it is broken",
        )
    return data


def platform_name(platform: object) -> str:
    """``linux/arm64``, ``linux/arm/v7`` …; "" for ``unknown/unknown`` and where nothing is said."""
    if not isinstance(platform, dict):
        return ""
    system, architecture, variant = (_text(platform.get(key)).lower() for key in ("os", "architecture", "variant"))
    if not system or not architecture or "unknown" in (system, architecture):
        return ""
    if architecture in _OLDER_ARMS:
        architecture, variant = "arm", _OLDER_ARMS[architecture]
    architecture = _OLDER_SPELLINGS.get(architecture, architecture)
    if variant and not variant.startswith("v"):
        variant = f"v{variant}"
    if (architecture, variant) in (("arm64", "v8"), ("amd64", "v1")):
        variant = ""
    elif architecture == "arm" and not variant:
        variant = "v7"
    return "/".join(part for part in (system, architecture, variant) if part)


def read_time(value: object) -> datetime | None:
    """An RFC 3339 time in UTC; None for anything else and for times before there were images."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.year >= _FIRST_YEAR else None


def _image(value: Mapping[str, object], fetch_blob: FetchBlob) -> _Config:
    """From an image's config; other artifacts have none."""
    descriptor = value.get("config")
    if not isinstance(descriptor, dict) or descriptor.get("mediaType") not in _IMAGE_CONFIGS:
        return _Config(None, "", {})
    digest = _digest(descriptor)
    data = _embedded(descriptor, digest) or fetch_blob(digest)
    config = _object(data, f"the config {digest}")
    settings = config.get("config")
    labels = _texts(settings.get("Labels")) if isinstance(settings, dict) else {}
    return _Config(read_time(config.get("created")), platform_name(config), labels)


def _child(descriptor: Mapping[str, object], fetch_manifest: FetchManifest, fetch_blob: FetchBlob) -> _Config:
    value = read(fetch_manifest(_digest(descriptor)))
    config = _image(value, fetch_blob)
    return config._replace(labels={**config.labels, **_texts(value.get("annotations"))})


def _images(
    index: Mapping[str, object], fetch_manifest: FetchManifest, depth: int
) -> Sequence[tuple[str, Mapping[str, object]]]:
    """``(platform, descriptor)`` of every image in an index, those of nested ones included."""
    entries = index.get("manifests")
    if not isinstance(entries, list) or len(entries) > _MOST_MANIFESTS:
        raise UnreadableImageError("an image index does not list its manifests")
    found: list[tuple[str, Mapping[str, object]]] = []
    for entry in entries:
        if not isinstance(entry, dict):
            raise UnreadableImageError("an image index has an entry that is no descriptor")
        annotations = entry.get("annotations")
        if isinstance(annotations, dict) and annotations.get("vnd.docker.reference.type") == "attestation-manifest":
            continue
        platform = platform_name(entry.get("platform"))
        if entry.get("mediaType") in _INDEXES:
            if depth >= _DEEPEST:
                raise UnreadableImageError(f"image indexes are nested more than {_DEEPEST} deep")
            found += _images(read(fetch_manifest(_digest(entry))), fetch_manifest, depth + 1)
        elif platform or not isinstance(entry.get("platform"), dict):
            found.append((platform, entry))
    return found


def _is_index(value: Mapping[str, object], media_type: str) -> bool:
    said = value.get("mediaType") or media_type
    return said in _INDEXES or (
        said not in (OCI_MANIFEST, DOCKER_MANIFEST) and isinstance(value.get("manifests"), list)
    )


def _info(digest: str, created: datetime | None, platforms: set[str], labels: dict[str, str]) -> ImageInfo:
    return ImageInfo(digest, created or read_time(labels.get(CREATED)), frozenset(platforms - {""}), labels)


def _digest(descriptor: Mapping[str, object]) -> str:
    digest = descriptor.get("digest")
    if not isinstance(digest, str) or not valid_digest(digest):
        raise UnreadableImageError("a manifest names something by a malformed digest")
    return digest


def _embedded(descriptor: Mapping[str, object], digest: str) -> bytes | None:
    """A descriptor may carry its content itself (``data``); taken only if it is what it says."""
    data = descriptor.get("data")
    if not isinstance(data, str):
        return None
    try:
        return verify(base64.b64decode(data, validate=True), digest, "an embedded config")
    except (binascii.Error, RegistryError):
        return None


def _object(data: bytes, what: str) -> Mapping[str, object]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise UnreadableImageError(f"{what} is not a JSON object")
    return value


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
