import json
from datetime import UTC, datetime

import pytest

from gitops_ci.errors import ConfigurationError, RegistryError, UsageError
from gitops_ci.image import layout
from gitops_ci.image.registry.pool import Registries, parse_registry_map

MAY = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "layouts"
    for tag in ("1.2.3", "1.2.4"):
        layout.write(
            str(root / "app/api"), tag, created=MAY, platforms=["linux/amd64", "linux/arm64"], labels={"a": "b"}
        )
    return root


@pytest.fixture
def mapped(root):
    with Registries(registry_map={"ghcr.io": str(root), "docker.io": str(root)}, offline=True) as registries:
        yield registries


def _index(root, name="app/api"):
    return json.loads((root / name / "index.json").read_bytes())


def _retag(root, annotations, name="app/api"):
    index = _index(root, name)
    index["manifests"][0]["annotations"] = annotations
    (root / name / "index.json").write_text(json.dumps(index))


def test_tags_digest_and_info(root, mapped):
    assert mapped.tags("ghcr.io/app/api") == ("1.2.3", "1.2.4")
    digest = _index(root)["manifests"][1]["digest"]
    assert mapped.digest("ghcr.io/app/api", "1.2.4") == digest
    info = mapped.info("ghcr.io/app/api", "1.2.4")
    assert (info.digest, info.created, info.labels["a"]) == (digest, MAY, "b")
    assert info.platforms == {"linux/amd64", "linux/arm64"}
    assert mapped.info("ghcr.io/app/api", digest) == info
    assert mapped.stats == {}


def test_docker_hubs_official_images_with_and_without_library(root, mapped):
    layout.write(str(root / "library/nginx"), "1.25", created=MAY)
    layout.write(str(root / "redis"), "7", created=MAY)
    assert mapped.tags("nginx") == mapped.tags("docker.io/library/nginx") == ("1.25",)
    assert mapped.tags("redis") == ("7",)


@pytest.mark.parametrize(
    ("annotations", "tags"),
    [
        ({"org.opencontainers.image.ref.name": "ghcr.io/app/api:9"}, ("9", "1.2.4")),
        ({"org.opencontainers.image.ref.name": "other.example/app/api:9"}, ("9", "1.2.4")),
        ({"io.containerd.image.name": "ghcr.io/app/api:9"}, ("9", "1.2.4")),
        ({"org.opencontainers.image.ref.name": "ghcr.io/app/other:9"}, ("1.2.4",)),
        ({"org.opencontainers.image.ref.name": "a b"}, ("1.2.4",)),
        ({"org.opencontainers.image.ref.name": 7}, ("1.2.4",)),
        ({"org.opencontainers.image.ref.name": "1.2.4"}, ("1.2.4",)),
        ({}, ("1.2.4",)),
        (None, ("1.2.4",)),
    ],
)
def test_which_annotations_are_tags(root, mapped, annotations, tags):
    _retag(root, annotations)
    assert mapped.tags("ghcr.io/app/api") == tags


def test_a_digest_that_the_layout_does_not_have_is_not_found(mapped):
    with pytest.raises(RegistryError, match="not found") as caught:
        mapped.info("ghcr.io/app/api", f"sha256:{'0' * 64}")
    assert caught.value.status == 404


def test_a_tag_of_two_images_is_refused(root, mapped):
    _retag(root, {"org.opencontainers.image.ref.name": "1.2.4"})
    with pytest.raises(RegistryError, match=r"index\.json: tag 1\.2\.4 names 2 different images"):
        mapped.digest("ghcr.io/app/api", "1.2.4")


def test_what_is_not_there_is_named(mapped):
    with pytest.raises(RegistryError, match="app/none"):
        mapped.tags("ghcr.io/app/none")
    with pytest.raises(RegistryError, match=r"index\.json: tag 9 not found"):
        mapped.digest("ghcr.io/app/api", "9")


def test_offline_asks_nobody(mapped):
    with pytest.raises(RegistryError, match="offline"):
        mapped.tags("quay.io/app/api")
    with pytest.raises(RegistryError, match="offline"):
        mapped.chart_versions("charts.example.com/stable/web")
    failed = mapped.prefetch(["ghcr.io/app/api", "quay.io/app/api"])
    assert set(failed) == {"quay.io/app/api"}
    assert mapped.stats == {}


@pytest.mark.parametrize(
    "name",
    [
        "ghcr.io/../app",
        "ghcr.io/app/../../etc",
        "ghcr.io/./app",
        "ghcr.io//etc",
        "ghcr.io/app\\..",
        "ghcr.io/app/api:1",
        "ghcr.io/a\0b",
    ],
)
def test_no_name_leads_out_of_the_directory(mapped, name):
    with pytest.raises(RegistryError, match=r"reference|name"):
        mapped.tags(name)


@pytest.mark.parametrize("link", ["repository", "index", "blobs"])
def test_no_link_leads_out_of_the_directory(root, mapped, tmp_path, link):
    layout.write(
        str(tmp_path / "outside"), "1.2.4", created=MAY, platforms=["linux/amd64", "linux/arm64"], labels={"a": "b"}
    )
    inside = root / "app/linked"
    if link == "repository":
        inside.symlink_to(tmp_path / "outside")
    else:
        layout.write(str(inside), "1.2.4", created=MAY)
        if link == "index":
            (inside / "index.json").unlink()
            (inside / "index.json").symlink_to(tmp_path / "outside/index.json")
        else:
            (inside / "blobs").rename(inside / "old")
            (inside / "blobs").symlink_to(tmp_path / "outside/blobs")
    with pytest.raises(RegistryError, match="leads out of"):
        mapped.info("ghcr.io/app/linked", "1.2.4")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"manifests": 1}', '{"manifests": [1]}', "[" * 100_000, "\x00"]
)
def test_a_damaged_index_is_named(root, mapped, content):
    (root / "app/api/index.json").write_text(content)
    with pytest.raises(RegistryError, match=r"app/api/index\.json"):
        mapped.tags("ghcr.io/app/api")


@pytest.mark.parametrize("digest", ["", "sha256:../../../../etc/passwd", 7, None, "sha256:" + "A" * 64])
def test_a_damaged_digest_is_named(root, mapped, digest):
    index = _index(root)
    index["manifests"][0]["digest"] = digest
    (root / "app/api/index.json").write_text(json.dumps(index))
    with pytest.raises(RegistryError, match=r"app/api/index\.json"):
        mapped.info("ghcr.io/app/api", "1.2.3")


@pytest.mark.parametrize("content", ['{"imageLayoutVersion": "2.0"}', "{}", "x", None])
def test_another_kind_of_directory_is_refused(root, mapped, content):
    if content is None:
        (root / "app/api/oci-layout").unlink()
    else:
        (root / "app/api/oci-layout").write_text(content)
    with pytest.raises(RegistryError, match="oci-layout"):
        mapped.tags("ghcr.io/app/api")


def test_a_blob_that_is_damaged_or_missing_is_named(root, mapped):
    algorithm, encoded = _index(root)["manifests"][0]["digest"].split(":")
    blob = root / "app/api/blobs" / algorithm / encoded
    blob.write_bytes(blob.read_bytes() + b" ")
    with pytest.raises(RegistryError, match=f"{encoded}: the content does not have the digest"):
        mapped.info("ghcr.io/app/api", "1.2.3")
    blob.unlink()
    with Registries(registry_map={"ghcr.io": str(root)}) as again, pytest.raises(RegistryError, match=encoded):
        again.info("ghcr.io/app/api", "1.2.3")


def test_the_map_is_read_strictly(tmp_path):
    assert parse_registry_map(["GHCR.io=a", "index.docker.io=b=c", "localhost:5000=d"]) == {
        "ghcr.io": "a",
        "docker.io": "b=c",
        "localhost:5000": "d",
    }
    for value in ("ghcr.io", "=a", "ghcr.io=", "ghcr.io/a=b"):
        with pytest.raises(UsageError, match="HOST=DIR"):
            parse_registry_map([value])
    with pytest.raises(ConfigurationError, match="no such directory"):
        Registries(registry_map={"ghcr.io": str(tmp_path / "none")})


def test_a_run_on_layouts_needs_no_http(root):
    import subprocess
    import sys

    code = (
        "import sys\nfrom gitops_ci.image.registry.pool import Registries\n"
        f"with Registries(registry_map={{'ghcr.io': {str(root)!r}}}) as r: r.prefetch(['ghcr.io/app/api'])\n"
        "assert not {'urllib3', 'requests', 'sqlite3', 'ssl'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
