import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from gitops_ci.image import layout

MAY = datetime(2024, 5, 1, tzinfo=UTC)


def _bytes(directory):
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_the_same_images_are_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        for tag in ("1.0.0", "1.1.0"):
            layout.write(
                str(tmp_path / name), tag, created=MAY, platforms=["linux/amd64", "linux/arm64"], labels={"x": "y"}
            )
    assert _bytes(tmp_path / "a") == _bytes(tmp_path / "b")


def test_two_tags_are_two_images(tmp_path):
    assert layout.write(str(tmp_path), "1", created=MAY) != layout.write(str(tmp_path), "2", created=MAY)


def test_a_tag_moves(tmp_path):
    layout.write(str(tmp_path), "1", created=MAY)
    moved = layout.write(str(tmp_path), "1", created=MAY.replace(year=2025))
    (entry,) = json.loads((tmp_path / "index.json").read_bytes())["manifests"]
    assert entry["digest"] == moved


def test_several_platforms_need_an_index():
    with pytest.raises(ValueError, match="index"):
        layout.build(platforms=["linux/amd64", "linux/arm64"], index=False)


@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not installed: apt-get install skopeo")
@pytest.mark.parametrize("platforms", [["linux/amd64"], ["linux/amd64", "linux/arm/v7"]])
def test_skopeo_reads_what_is_written_and_writes_what_is_read(tmp_path, platforms):
    from gitops_ci.image.registry.layouts import LayoutRegistry

    digest = layout.write(str(tmp_path / "from/app/api"), "1.2.4", created=MAY, platforms=platforms)
    (tmp_path / "to/app").mkdir(parents=True)
    policy = tmp_path / "policy.json"
    policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    source, target = f"oci:{tmp_path}/from/app/api:1.2.4", f"oci:{tmp_path}/to/app/api:1.2.4"
    command = ["skopeo", "--policy", str(policy), "copy", "--all", "--preserve-digests", "-q", source, target]
    subprocess.run(command, check=True, timeout=60)
    registry = LayoutRegistry("r.example", str(tmp_path / "to"))
    assert registry.tags("app/api") == ("1.2.4",)
    info = registry.info("app/api", "1.2.4")
    assert (info.digest, info.created, info.platforms) == (digest, MAY, frozenset(platforms))
