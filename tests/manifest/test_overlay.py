"""`bump --environment` where the environment has no line of its own: the overlay gets an entry."""

from pathlib import Path

import pytest

from gitops_ci.cli import main

KIND = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: ghcr.io/acme/api:1.0.0\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "apps/api/base/pod.yaml": POD,
        "apps/api/base/kustomization.yaml": KIND + "resources:\n- pod.yaml\n",
        "apps/api/overlays/prod/kustomization.yaml": KIND
        + "resources:\n- ../../base\n- https://example.com/x\n# end\n",
        "apps/api/overlays/dev/kustomization.yaml": KIND + "resources:\n- ../../base\n",
        "apps/api/overlays/loop/kustomization.yaml": KIND + "resources:\n- ../loop\n- ../../../../..\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def bump(root: Path, *arguments: str) -> int:
    return main(["bump", "--root", str(root), "--image", "ghcr.io/acme/api", *arguments])


def test_the_overlay_gets_an_entry_and_then_keeps_it(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overlay = root / "apps/api/overlays/prod/kustomization.yaml"
    before = overlay.read_text()
    assert bump(root, "--tag", "1.1", "--environment", "prod", "--check") == 1
    assert overlay.read_text() == before
    assert bump(root, "--tag", "1.1", "--environment", "prod") == 0
    entry = 'images:\n- name: ghcr.io/acme/api\n  newTag: "1.1"'
    assert (
        overlay.read_text() == before + entry + "\n" or overlay.read_text() == before.rstrip("\n") + "\n" + entry + "\n"
    )
    assert (root / "apps/api/base/pod.yaml").read_text() == POD
    assert "images" not in (root / "apps/api/overlays/dev/kustomization.yaml").read_text()
    after = overlay.read_text()
    capsys.readouterr()
    assert bump(root, "--tag", "1.1", "--environment", "prod") == 0
    assert overlay.read_text() == after and "already" in capsys.readouterr().out
    assert bump(root, "--tag", "1.2.0", "--environment", "prod") == 0
    assert overlay.read_text() == after.replace('"1.1"', '"1.2.0"')


def test_another_name_is_a_new_name(root: Path) -> None:
    assert bump(root, "--to", "quay.io/acme/api:v2", "--environment", "dev") == 0
    text = (root / "apps/api/overlays/dev/kustomization.yaml").read_text()
    assert text.endswith("images:\n- name: ghcr.io/acme/api\n  newName: quay.io/acme/api\n  newTag: v2\n")


def test_a_base_pinned_by_a_digest_needs_one_in_the_overlay_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = "sha256:" + "a" * 64
    (root / "apps/api/base/pod.yaml").write_text(POD.replace("1.0.0", f"1.0.0@{digest}"))
    assert bump(root, "--tag", "v2", "--environment", "prod", "--offline") == 1
    assert "digest" in capsys.readouterr().err
    other = digest.replace("a" * 64, "b" * 64)
    assert bump(root, "--tag", "v2", "--digest", other, "--environment", "prod") == 0
    assert f"newTag: v2\n  digest: {other}\n" in (root / "apps/api/overlays/prod/kustomization.yaml").read_text()


@pytest.mark.parametrize("environment", ["loop", "staging"])
def test_an_environment_that_does_not_build_on_the_image_is_an_error(
    root: Path, environment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bump(root, "--tag", "v2", "--environment", environment) == 2
    assert "no kustomization there builds on one" in capsys.readouterr().err


def test_of_overlays_on_overlays_only_the_innermost_changes(root: Path) -> None:
    outer = root / "clusters/prod/kustomization.yaml"
    outer.parent.mkdir(parents=True)
    outer.write_text(KIND + "resources:\n- ../../apps/api/overlays/prod\n")
    assert bump(root, "--tag", "v2", "--environment", "prod") == 0
    assert "images" not in outer.read_text()
    assert "newTag: v2" in (root / "apps/api/overlays/prod/kustomization.yaml").read_text()
