import base64
from datetime import UTC, datetime

import pytest

from gitops_ci.errors import RegistryError
from gitops_ci.image import layout
from gitops_ci.image.registry.manifests import Manifest, describe, platform_name, read_time, verify

MAY = datetime(2024, 5, 1, tzinfo=UTC)


class Store:
    """Manifests and blobs by digest; counts what is fetched."""

    def __init__(self):
        self.data = {}
        self.fetched = []

    def add(self, value):
        data = value if isinstance(value, bytes) else layout.encode(value)
        digest = layout.digest_of(data)
        self.data[digest] = data
        return digest

    def image(self, image):
        for data in (*image.blobs.values(), *(manifest.data for manifest in image.manifests)):
            self.add(data)
        return image.top.digest

    def manifest(self, digest):
        self.fetched.append(digest)
        return Manifest(digest, "", self.data[digest])

    def blob(self, digest):
        self.fetched.append(digest)
        return self.data[digest]

    def describe(self, digest, media_type=""):
        return describe(Manifest(digest, media_type, self.data[digest]), self.manifest, self.blob)


def _descriptor(kind, digest, **more):
    return {"mediaType": kind, "digest": digest, "size": 1, **more}


@pytest.fixture
def store():
    return Store()


def test_an_index_in_an_index(store):
    inner = store.image(layout.build(platforms=["linux/amd64", "linux/arm64"], created=MAY))
    outer = {"schemaVersion": 2, "manifests": [_descriptor(layout.OCI_INDEX, inner)]}
    info = store.describe(store.add(outer), layout.OCI_INDEX)
    assert (info.platforms, info.created) == ({"linux/amd64", "linux/arm64"}, MAY)


def test_indexes_nested_without_end_are_refused(store):
    digest = store.image(layout.build(index=True))
    for _ in range(5):
        digest = store.add(
            {"schemaVersion": 2, "mediaType": layout.OCI_INDEX, "manifests": [_descriptor(layout.OCI_INDEX, digest)]}
        )
    with pytest.raises(RegistryError, match="nested"):
        store.describe(digest)


def test_an_index_that_leaves_the_platforms_to_its_images(store):
    images = [store.image(layout.build(platforms=[each], created=MAY)) for each in ("linux/s390x", "linux/amd64")]
    index = {"schemaVersion": 2, "manifests": [_descriptor(layout.OCI_MANIFEST, each) for each in images]}
    info = store.describe(store.add(index), layout.OCI_INDEX)
    assert (info.platforms, info.created) == ({"linux/s390x", "linux/amd64"}, MAY)


def test_an_index_with_platforms_costs_one_manifest_and_one_config(store):
    digest = store.image(layout.build(platforms=["linux/arm64", "linux/amd64", "linux/386"], created=MAY))
    assert store.describe(digest).created == MAY
    assert len(store.fetched) == 2


def test_an_empty_index_is_no_failure(store):
    info = store.describe(store.add({"schemaVersion": 2, "mediaType": layout.OCI_INDEX, "manifests": []}))
    assert (info.created, info.platforms) == (None, frozenset())


def test_a_config_in_the_descriptor_is_not_fetched_if_it_is_what_it_says(store):
    config = layout.encode({"os": "linux", "architecture": "amd64", "created": "2024-05-01T00:00:00Z"})
    digest = store.add(config)
    for data, fetched in ((config, 0), (b"{}", 1)):
        store.fetched.clear()
        embedded = _descriptor(layout.OCI_CONFIG, digest, data=base64.b64encode(data).decode())
        info = store.describe(store.add({"schemaVersion": 2, "config": embedded, "layers": []}))
        assert info.created == MAY
        assert len(store.fetched) == fetched


@pytest.mark.parametrize(
    "created", ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1980-01-01T00:00:01Z", "", None, 7]
)
def test_a_build_that_hides_its_time_has_none_unless_an_annotation_says(store, created):
    config = store.add({"os": "linux", "architecture": "amd64", "created": created})
    manifest = {"schemaVersion": 2, "config": _descriptor(layout.OCI_CONFIG, config), "layers": []}
    assert store.describe(store.add(manifest)).created is None
    manifest["annotations"] = {"org.opencontainers.image.created": "2024-05-01T00:00:00Z"}
    assert store.describe(store.add(manifest)).created == MAY


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024-05-01T00:00:00Z", MAY),
        ("2024-05-01T02:00:00+02:00", MAY),
        ("2024-05-01T00:00:00.000000001Z", MAY),
        ("2024-05-01T00:00:00", MAY),
        ("2024-13-01T00:00:00Z", None),
        ("yesterday", None),
        ("9999-12-31T23:59:59-23:59", None),
    ],
)
def test_times(text, wanted):
    assert read_time(text) == wanted


@pytest.mark.parametrize(
    ("system", "architecture", "variant", "wanted"),
    [
        ("linux", "amd64", "", "linux/amd64"),
        ("linux", "x86_64", "", "linux/amd64"),
        ("linux", "amd64", "v1", "linux/amd64"),
        ("linux", "amd64", "v3", "linux/amd64/v3"),
        ("linux", "arm64", "v8", "linux/arm64"),
        ("linux", "aarch64", "", "linux/arm64"),
        ("linux", "arm", "", "linux/arm/v7"),
        ("linux", "arm", "6", "linux/arm/v6"),
        ("linux", "armhf", "", "linux/arm/v7"),
        ("Linux", "AMD64", "", "linux/amd64"),
        ("windows", "amd64", "", "windows/amd64"),
        ("unknown", "unknown", "", ""),
        ("", "amd64", "", ""),
        (None, 7, [], ""),
    ],
)
def test_platforms_are_spelled_in_one_way(system, architecture, variant, wanted):
    assert platform_name({"os": system, "architecture": architecture, "variant": variant}) == wanted
    assert platform_name(None) == ""


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"schemaVersion": 2, "manifests": {}}',
        b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [7]}',
        b'{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "layers": []}',
        b'{"schemaVersion": 2, "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "../x"}}',
    ],
)
def test_what_is_no_manifest_is_an_error(store, data):
    with pytest.raises(RegistryError):
        store.describe(store.add(data))


def test_strange_values_in_a_good_manifest_are_passed_over(store):
    config = store.add({"os": 1, "architecture": None, "config": {"Labels": {"a": 1, "b": "c"}}, "created": {}})
    manifest = {"schemaVersion": 2, "config": _descriptor(layout.OCI_CONFIG, config), "annotations": ["x"]}
    info = store.describe(store.add(manifest))
    assert (info.labels, info.platforms, info.created) == ({"b": "c"}, frozenset(), None)


def test_digests_are_verified_by_their_own_algorithm():
    import hashlib

    assert verify(b"x", "sha512:" + hashlib.sha512(b"x").hexdigest(), "x") == b"x"
    with pytest.raises(RegistryError, match="does not have the digest"):
        verify(b"x", "sha256:" + "0" * 64, "x")
    with pytest.raises(RegistryError, match="cannot be verified"):
        verify(b"x", "md5:" + hashlib.md5(b"x").hexdigest(), "x")
