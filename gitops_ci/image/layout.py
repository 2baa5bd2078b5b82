"""Make OCI images that hold no files, and OCI image layouts of them: deterministic, without an engine.

What the demo, the tests and a run without a network look at: manifest, index, config and annotations are
real, the one layer is an empty tar. Formats: OCI image-spec 1.1, ``image-layout.md``, ``config.md``,
``image-index.md``, and Docker's "Image Manifest V2, Schema 2".
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"

REF_NAME = "org.opencontainers.image.ref.name"

_EMPTY_TAR = bytes(1024)


class Manifest(NamedTuple):
    """A manifest or index, as it is pushed under a digest."""

    media_type: str
    digest: str
    data: bytes


class Image(NamedTuple):
    """One image, ready to be pushed: blobs first, then manifests in order; the last one gets the tag."""

    blobs: Mapping[str, bytes]
    """Digest → bytes: configs and layers."""
    manifests: tuple[Manifest, ...]

    @property
    def top(self) -> Manifest:
        """What a tag names."""
        return self.manifests[-1]


def build(
    *,
    platforms: Sequence[str] = ("linux/amd64",),
    created: datetime | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    docker: bool = False,
    index: bool | None = None,
    attestations: bool = False,
) -> Image:
    """An image for ``platforms`` (``linux/arm/v7`` …), the same bytes for the same arguments.

    ``index`` forces or forbids an index; None makes one for several platforms. ``attestations`` adds what
    BuildKit adds: one manifest ``unknown/unknown`` for each platform. ``annotations`` go on the top manifest.
    ``docker`` writes Docker's media types instead of OCI's.
    """
    if index is None:
        index = len(platforms) != 1 or attestations
    if not index and (attestations or len(platforms) != 1):
        raise ValueError("several platforms or attestations need an index")
    blobs: dict[str, bytes] = {}
    manifests: list[Manifest] = []
    entries: list[dict[str, object]] = []
    for platform in platforms:
        described = _platform(platform)
        config: dict[str, object] = {
            **described,
            "config": {"Labels": dict(labels)} if labels else {},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(_EMPTY_TAR)]},
        }
        if created is not None:
            config["created"] = rfc3339(created)
        manifest = _manifest(config, blobs, docker=docker, annotations=None if index else annotations)
        manifests.append(manifest)
        entries.append({**_descriptor(manifest.media_type, manifest.data), "platform": described})
    for entry in tuple(entries) if attestations else ():
        statement = {
            "architecture": "unknown",
            "os": "unknown",
            "config": {},
            "rootfs": {"type": "layers", "diff_ids": []},
        }
        manifest = _manifest(statement, blobs, docker=False, annotations={"about": str(entry["digest"])})
        manifests.append(manifest)
        entries.append(
            {
                **_descriptor(manifest.media_type, manifest.data),
                "annotations": {
                    "vnd.docker.reference.digest": entry["digest"],
                    "vnd.docker.reference.type": "attestation-manifest",
                },
                "platform": {"architecture": "unknown", "os": "unknown"},
            }
        )
    if index:
        media_type = DOCKER_LIST if docker else OCI_INDEX
        top: dict[str, object] = {"schemaVersion": 2, "mediaType": media_type, "manifests": entries}
        if annotations:
            top["annotations"] = dict(annotations)
        data = encode(top)
        manifests.append(Manifest(media_type, digest_of(data), data))
    return Image(blobs, tuple(manifests))


def write(
    directory: str,
    tag: str,
    *,
    platforms: Sequence[str] = ("linux/amd64",),
    created: datetime | None = None,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> str:
    """Add one image under a tag to the OCI image layout in ``directory`` (made when missing); its digest.

    The label ``org.opencontainers.image.version`` is the tag unless given, so that two tags are two
    images. A tag that is there already is moved, as ``skopeo copy`` does.
    """
    image = build(
        platforms=platforms,
        created=created,
        labels={"org.opencontainers.image.version": tag, **(labels or {})},
        annotations=annotations,
    )
    write_image(directory, tag, image)
    return image.top.digest


def write_image(directory: str, tag: str, image: Image) -> None:
    """Add a built image under a tag to the OCI image layout in ``directory``, made when missing."""
    os.makedirs(os.path.join(directory, "blobs", "sha256"), exist_ok=True)
    for digest, data in (*image.blobs.items(), *((manifest.digest, manifest.data) for manifest in image.manifests)):
        path = os.path.join(directory, "blobs", *digest.split(":"))
        if not os.path.exists(path):
            with open(path, "wb") as file:
                file.write(data)
    with open(os.path.join(directory, "oci-layout"), "wb") as file:
        file.write(encode({"imageLayoutVersion": "1.0.0"}))
    path = os.path.join(directory, "index.json")
    entries: list[dict[str, object]] = []
    if os.path.exists(path):
        with open(path, "rb") as file:
            entries = [
                entry for entry in json.load(file)["manifests"] if entry.get("annotations", {}).get(REF_NAME) != tag
            ]
    entries.append({**_descriptor(image.top.media_type, image.top.data), "annotations": {REF_NAME: tag}})
    with open(path, "wb") as file:
        file.write(encode({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}))


def digest_of(data: bytes) -> str:
    """``sha256:`` and 64 hexadecimal digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def encode(value: object) -> bytes:
    """Compact JSON with sorted keys: the same bytes on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def rfc3339(moment: datetime) -> str:
    """In UTC, as engines write it. A moment without a timezone is taken as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _manifest(
    config: Mapping[str, object], blobs: dict[str, bytes], *, docker: bool, annotations: Mapping[str, str] | None
) -> Manifest:
    data = encode(config)
    for blob in (data, _EMPTY_TAR):
        blobs[digest_of(blob)] = blob
    media_type = DOCKER_MANIFEST if docker else OCI_MANIFEST
    manifest: dict[str, object] = {
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": _descriptor(DOCKER_CONFIG if docker else OCI_CONFIG, data),
        "layers": [_descriptor(DOCKER_LAYER if docker else OCI_LAYER, _EMPTY_TAR)],
    }
    if annotations:
        manifest["annotations"] = dict(annotations)
    encoded = encode(manifest)
    return Manifest(media_type, digest_of(encoded), encoded)


def _descriptor(media_type: str, data: bytes) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


def _platform(platform: str) -> dict[str, object]:
    system, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    return {"os": system, "architecture": architecture, **({"variant": variant} if variant else {})}
