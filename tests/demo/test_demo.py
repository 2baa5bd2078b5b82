"""The demo: the same story everywhere, without a network, quickly."""

import subprocess
from pathlib import Path

import pytest

from gitops_ci import cli
from gitops_ci.demo import registry
from gitops_ci.demo.build import build
from gitops_ci.demo.story import POINTS
from gitops_ci.errors import RefusedError


def git(root: str, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_the_run_decides_what_the_story_says(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert cli.main(["demo", "--keep", "demo"]) == 0
    out = capfd.readouterr().out
    for point in POINTS:
        assert f"✓ {point.title}\n" in out
    assert "✗" not in out
    assert "\x1b" not in out
    assert git("demo/remote.git", "for-each-ref", "--format=%(refname)", "refs/heads/renovate/").count("\n") > 10
    assert git("demo/acme-gitops", "status", "--porcelain") == ""


def test_it_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = build(str(tmp_path / "a")), build(str(tmp_path / "b"))
    assert git(first.root, "rev-parse", "HEAD") == git(second.root, "rev-parse", "HEAD")
    assert git(first.remote, "rev-parse", "main") == git(first.root, "rev-parse", "HEAD")


def test_every_trap_is_in_the_registry_it_is_told_of(tmp_path: Path) -> None:
    demo = build(str(tmp_path / "demo"))
    for name, tags in registry.IMAGES.items():
        index = Path(demo.registry, name, "index.json").read_text()
        assert all(f'"{tag.name}"' in index for tag in tags)


def test_odd_bytes_survive_the_checkout(tmp_path: Path) -> None:
    root = Path(build(str(tmp_path / "demo")).root)
    assert (root / "apps/web-shop/overlays/prod/kustomization.yaml").read_bytes().count(b"\r\n") == 4


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(RefusedError, match="not empty"):
        build(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
