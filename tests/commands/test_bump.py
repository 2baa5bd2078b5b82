"""`gitops-ci bump`: a file before, the command, the exact file after, or the refusal."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from gitops_ci.cli import main

D1 = "sha256:" + "a" * 64
D2 = "sha256:" + "b" * 64


class Done(NamedTuple):
    code: int
    out: str
    err: str


class Bump:
    """Runs the command in a checkout, as a user would."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Done:
        code = main(["bump", *arguments, "--root", str(self.root)])
        return Done(code, *self._capsys.readouterr())


@pytest.fixture
def bump(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bump:
    (tmp_path / "checkout").mkdir()
    return Bump(tmp_path / "checkout", capsys)


def pod(image: str) -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n    - name: a\n      image: {image}\n"
    )


CASES: dict[str, tuple[str, str, list[str], str | None]] = {
    "plain": (
        "pod.yaml",
        pod("ghcr.io/acme/api:1.0.0"),
        ["--image", "ghcr.io/acme/api", "--tag", "1.0.1"],
        pod("ghcr.io/acme/api:1.0.1"),
    ),
    "double": (
        "pod.yaml",
        pod('"ghcr.io/acme/api:1.0.0"  # keep  '),
        ["--image", "ghcr.io/acme/api", "--tag", "1.0.1"],
        pod('"ghcr.io/acme/api:1.0.1"  # keep  '),
    ),
    "single": (
        "pod.yaml",
        pod("'ghcr.io/acme/api:1.0.0'"),
        ["--image", "ghcr.io/acme/api", "--tag", "1.0.1"],
        pod("'ghcr.io/acme/api:1.0.1'"),
    ),
    "anchor": (
        "pod.yaml",
        pod("&img !!str ghcr.io/acme/api:1.0.0"),
        ["--image", "ghcr.io/acme/api", "--tag", "1.0.1"],
        pod("&img !!str ghcr.io/acme/api:1.0.1"),
    ),
    "crlf": (
        "pod.yaml",
        pod("nginx:1.25").replace("\n", "\r\n"),
        ["--image", "nginx", "--tag", "1.26"],
        pod("nginx:1.26").replace("\n", "\r\n"),
    ),
    "bom": (
        "pod.yaml",
        "\ufeff# é\n" + pod("nginx:1.25"),
        ["--image", "nginx", "--tag", "1.26"],
        "\ufeff# é\n" + pod("nginx:1.26"),
    ),
    "no newline": (
        "pod.yaml",
        pod("nginx:1.25").rstrip("\n"),
        ["--image", "nginx", "--tag", "1.26"],
        pod("nginx:1.26").rstrip("\n"),
    ),
    "tag and digest": (
        "pod.yaml",
        pod(f"nginx:1.25@{D1}"),
        ["--image", "nginx", "--tag", "1.26", "--digest", D2],
        pod(f"nginx:1.26@{D2}"),
    ),
    "no tag": ("pod.yaml", pod("nginx"), ["--image", "nginx", "--tag", "1.26"], pod("nginx:1.26")),
    "port without tag": (
        "pod.yaml",
        pod("localhost:5000/x"),
        ["--image", "localhost:5000/x", "--tag", "2"],
        pod("localhost:5000/x:2"),
    ),
    "digest only wanted": (
        "pod.yaml",
        pod("nginx:1.25"),
        ["--image", "nginx", "--digest", D2],
        pod(f"nginx:1.25@{D2}"),
    ),
    "folded": (
        "pod.yaml",
        pod(">-\n        nginx:1.25"),
        ["--image", "nginx", "--tag", "1.26"],
        pod(">-\n        nginx:1.26"),
    ),
    "flow json": (
        "pod.yaml",
        '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image" : "nginx:1.25"}]}}',
        ["--image", "nginx", "--tag", "1.26"],
        '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image" : "nginx:1.26"}]}}',
    ),
    "helm tag to float": (
        "values-prod.yaml",
        "image:\n  repository: acme/api\n  tag: v1  # c\n",
        ["--image", "acme/api", "--tag", "1.20"],
        None,
    ),
    "helm tag float": (
        "values.yaml",
        "image:\n  repository: acme/api\n  tag: 1.20\n",
        ["--image", "acme/api", "--tag", "1.21.1"],
        None,
    ),
    "kustomize": (
        "kustomization.yaml",
        "images:\n- name: api\n  newName: ghcr.io/acme/api\n  newTag: 1.0.0\n",
        ["--image", "ghcr.io/acme/api", "--tag", "1.0.1"],
        "images:\n- name: api\n  newName: ghcr.io/acme/api\n  newTag: 1.0.1\n",
    ),
    "kustomize by name": (
        "kustomization.yaml",
        "images:\n- name: api\n  newName: ghcr.io/acme/api\n  newTag: 1.0.0\n",
        ["--image", "api", "--tag", "1.0.1"],
        "images:\n- name: api\n  newName: ghcr.io/acme/api\n  newTag: 1.0.1\n",
    ),
    "kustomize float": (
        "kustomization.yaml",
        "images:\n- name: api\n  newTag: v1\n",
        ["--image", "api", "--tag", "1.10"],
        'images:\n- name: api\n  newTag: "1.10"\n',
    ),
    "kustomize null": (
        "kustomization.yaml",
        "images:\n- name: api\n  newTag: v1\n",
        ["--image", "api", "--tag", "null"],
        'images:\n- name: api\n  newTag: "null"\n',
    ),
    "kustomize 1e3": (
        "kustomization.yaml",
        "images:\n- name: api\n  newTag: v1\n",
        ["--image", "api", "--tag", "1e3"],
        'images:\n- name: api\n  newTag: "1e3"\n',
    ),
    "kustomize digest in tag": (
        "kustomization.yaml",
        f"images:\n- name: api\n  newTag: v1@{D1}\n",
        ["--image", "api", "--tag", "v2", "--digest", D2],
        f"images:\n- name: api\n  newTag: v2@{D2}\n",
    ),
    "kustomize tag and digest": (
        "kustomization.yaml",
        f"images:\n- {{name: api, newTag: v1, digest: '{D1}'}}\n",
        ["--image", "api", "--tag", "v2", "--digest", D2],
        f"images:\n- {{name: api, newTag: v2, digest: '{D2}'}}\n",
    ),
    "compose": (
        "docker-compose.yml",
        "services:\n  a:\n    image: redis:7 # x\n",
        ["--image", "redis", "--tag", "7.2"],
        "services:\n  a:\n    image: redis:7.2 # x\n",
    ),
    "dockerfile": (
        "Dockerfile",
        "ARG V=1\nFROM --platform=$X golang:1.21 AS b\nFROM b\nCOPY --from=golang:1.21 /a /b\n",
        ["--image", "golang", "--tag", "1.22"],
        "ARG V=1\nFROM --platform=$X golang:1.22 AS b\nFROM b\nCOPY --from=golang:1.22 /a /b\n",
    ),
    "argo bare": (
        "app.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    kustomize:\n      images:\n      - nginx=acme/nginx:1.0\n",
        ["--image", "acme/nginx", "--tag", "1.1"],
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    kustomize:\n      images:\n      - nginx=acme/nginx:1.1\n",
    ),
    "nonascii before": (
        "pod.yaml",
        "# ünïcødé 🚀\n" + pod("nginx:1.25 # ☃"),
        ["--image", "nginx", "--tag", "1.26"],
        "# ünïcødé 🚀\n" + pod("nginx:1.26 # ☃"),
    ),
    "duplicate anchors": (
        "pod.yaml",
        "a: &x 1\nb: &x 2\n" + pod("nginx:1.25"),
        ["--image", "nginx", "--tag", "1.26"],
        "a: &x 1\nb: &x 2\n" + pod("nginx:1.26"),
    ),
    "configmap text untouched": (
        "cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    image: nginx:1.25\n---\n" + pod("nginx:1.25"),
        ["--image", "nginx", "--tag", "1.26"],
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    image: nginx:1.25\n---\n" + pod("nginx:1.26"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_only_the_version_changes_and_only_once(bump: Bump, case: str) -> None:
    name, before, args, after = CASES[case]
    file = bump.root / name
    file.write_bytes(before.encode())
    done = bump(*args)
    text = file.read_bytes().decode()
    assert done.code == 0, done.err
    if after is None:
        value = yaml.safe_load(text)["image"]["tag"]
        assert isinstance(value, str), text
    else:
        assert text == after
    again = bump(*args)
    assert again.code == 0, again.err
    assert file.read_bytes().decode() == text


def test_a_stale_digest_never_stays(bump: Bump) -> None:
    (bump.root / "p.yaml").write_text(pod(f"localhost:1/x:1@{D1}"))
    done = bump("--image", "localhost:1/x", "--tag", "2")
    assert (
        done.code in (1, 3) and D1 in (bump.root / "p.yaml").read_text() and ":1@" in (bump.root / "p.yaml").read_text()
    )
    assert "digest" in done.err and len(done.err.strip().splitlines()) <= 3, done.err


def test_an_alias_is_changed_once_for_all_its_uses(bump: Bump) -> None:
    text = "x: &i nginx:1.25\n---\napiVersion: v1\nkind: Pod\nspec:\n  initContainers:\n  - image: &i nginx:1.25\n  containers:\n  - image: *i\n"
    (bump.root / "p.yaml").write_text(text)
    done = bump("--image", "nginx", "--tag", "1.26")
    assert done.code == 0, done.err
    assert (bump.root / "p.yaml").read_text() == text.replace("- image: &i nginx:1.25", "- image: &i nginx:1.26")


def test_nothing_matched_names_the_closest_images(bump: Bump) -> None:
    (bump.root / "p.yaml").write_text(pod("ghcr.io/acme/payment-api:1"))
    done = bump("--image", "ghcr.io/acme/payment-ap", "--tag", "2")
    assert done.code == 2 and "ghcr.io/acme/payment-api" in done.err


def test_files_of_sops_are_refused(bump: Bump) -> None:
    (bump.root / "p.yaml").write_text(pod("nginx:1") + "sops:\n  mac: ENC[AES256_GCM,data:x,type:str]\n")
    done = bump("--image", "nginx", "--tag", "2")
    assert done.code == 1 and "SOPS" in done.err


def test_a_link_out_of_the_root_is_not_followed(bump: Bump) -> None:
    outside = bump.root.parent / "outside.yaml"
    outside.write_text(pod("nginx:1"))
    (bump.root / "inside.yaml").symlink_to("../outside.yaml")
    done = bump("--image", "nginx", "--tag", "2")
    assert done.code != 0
    assert outside.read_text() == pod("nginx:1")


def test_check_and_dry_run_change_nothing(bump: Bump) -> None:
    (bump.root / "p.yaml").write_text(pod("nginx:1"))
    assert bump("--image", "nginx", "--tag", "2", "--check").code == 1
    done = bump("--image", "nginx", "--tag", "2", "--dry-run")
    assert done.code == 0 and "+      image: nginx:2" in done.out and "--- a/p.yaml" in done.out, done.out
    assert (bump.root / "p.yaml").read_text() == pod("nginx:1")
    assert bump("--image", "nginx", "--tag", "1", "--check").code == 0


@pytest.mark.parametrize("tag", ["a b", "x\ny", "-x", "a" * 129, "", "$(id)", "a:b"])
def test_what_is_no_tag_is_refused_before_anything_is_read(bump: Bump, tag: str) -> None:
    (bump.root / "p.yaml").write_text(pod("nginx:1"))
    done = bump("--image", "nginx", f"--tag={tag}")
    assert done.code == 2 and "Traceback" not in done.err


def test_the_mode_of_the_file_stays(bump: Bump) -> None:
    (bump.root / "p.yaml").write_text(pod("nginx:1"))
    (bump.root / "p.yaml").chmod(0o751)
    bump("--image", "nginx", "--tag", "2")
    assert (bump.root / "p.yaml").stat().st_mode & 0o777 == 0o751


def kustomized(bump: Bump, image: str, overlay: str = "") -> Path:
    """A base with a deployment, and overlays for dev and prod; the kustomization of prod."""
    folder = bump.root / "apps" / "api"
    for name in ("base", "overlays/dev", "overlays/prod"):
        (folder / name).mkdir(parents=True)
    (folder / "base/pod.yaml").write_text(pod(image))
    (folder / "base/kustomization.yaml").write_text("resources:\n- pod.yaml\n")
    for name in ("dev", "prod"):
        (folder / f"overlays/{name}/kustomization.yaml").write_text(f"resources:\n- ../../base\n{overlay}")
    return folder / "overlays/prod/kustomization.yaml"


def test_an_environment_that_inherits_the_image_gets_an_entry_of_its_own(bump: Bump) -> None:
    prod = kustomized(bump, "ghcr.io/acme/api:1.0")
    done = bump("--image", "ghcr.io/acme/api", "--tag", "1.1", "--environment", "prod")
    assert done.code == 0, done.err
    assert yaml.safe_load(prod.read_text())["images"] == [{"name": "ghcr.io/acme/api", "newTag": "1.1"}]
    assert "1.1" not in (prod.parents[1] / "dev/kustomization.yaml").read_text()
    assert "ghcr.io/acme/api:1.0" in (bump.root / "apps/api/base/pod.yaml").read_text()
    text = prod.read_text()
    assert bump("--image", "ghcr.io/acme/api", "--tag", "1.1", "--environment", "prod").code == 0
    assert prod.read_text() == text


def test_an_inherited_digest_does_not_go_stale(bump: Bump) -> None:
    prod = kustomized(bump, f"ghcr.io/acme/api:1.0@{D1}")
    text = prod.read_text()
    done = bump("--image", "ghcr.io/acme/api", "--tag", "1.1", "--environment", "prod", "--offline")
    assert done.code == 1
    assert "digest" in done.err
    assert prod.read_text() == text
    assert bump("--image", "ghcr.io/acme/api", "--to", f":1.1@{D2}", "--environment", "prod").code == 0
    assert yaml.safe_load(prod.read_text())["images"][0]["digest"] == D2


def test_an_environment_that_does_not_have_the_image_is_an_error(bump: Bump) -> None:
    kustomized(bump, "ghcr.io/acme/api:1.0")
    done = bump("--image", "ghcr.io/acme/api", "--tag", "1.1", "--environment", "staging")
    assert done.code == 2
    assert "staging" in done.err


def test_a_file_that_cannot_be_read_does_not_pass_in_silence(bump: Bump) -> None:
    (bump.root / "good.yaml").write_text(pod("nginx:1.0"))
    (bump.root / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nspec:\n\timage: nginx:1.0\n")
    done = bump("--image", "nginx", "--tag", "1.1", "--format", "json")
    assert done.code == 1
    assert (bump.root / "good.yaml").read_text() == pod("nginx:1.1")
    assert "broken.yaml:4: is no YAML" in done.err
    (failure,) = json.loads(done.out)["failures"]
    assert failure["file"] == "broken.yaml"


def test_the_only_file_that_cannot_be_read_is_named_where_nothing_matches(bump: Bump) -> None:
    (bump.root / "broken.yaml").write_text("apiVersion: v1\nkind: Pod\nspec:\n\timage: nginx:1.0\n")
    done = bump("--image", "nginx", "--tag", "1.1")
    assert done.code == 2
    assert "broken.yaml:4:1: error: is no YAML" in done.err
    assert "nginx is not used here" in done.err


def test_a_name_written_in_escapes_alone_is_found(bump: Bump) -> None:
    (bump.root / "pod.yaml").write_text(pod('"\\x6eginx:1.0"'))
    assert bump("--image", "nginx", "--tag", "1.1").code == 0
    assert (bump.root / "pod.yaml").read_text() == pod('"\\x6eginx:1.1"')


@pytest.mark.parametrize("tag", ["!!float", "!!int", "!!bool", "!!null"])
def test_a_yaml_tag_that_makes_the_value_no_text_is_refused(bump: Bump, tag: str) -> None:
    before = f"image:\n  repository: nginx\n  tag: {tag} 1.0\n"
    (bump.root / "values.yaml").write_text(before)
    done = bump("--image", "nginx", "--tag", "1.1.1")
    assert done.code == 1
    assert "type that its YAML tag gives it" in done.err
    assert (bump.root / "values.yaml").read_text() == before


def test_null_with_a_tag_that_makes_it_text_is_a_version(bump: Bump) -> None:
    (bump.root / "values.yaml").write_text("image:\n  repository: nginx\n  tag: !!str null\n")
    assert bump("--image", "nginx", "--tag", "1.1").code == 0
    assert (bump.root / "values.yaml").read_text() == "image:\n  repository: nginx\n  tag: !!str 1.1\n"


def test_a_line_break_in_a_file_name_makes_no_line_of_its_own(bump: Bump) -> None:
    (bump.root / "a\n::warning::b.yaml").write_text(pod("nginx:1.0"))
    assert bump("--image", "nginx", "--tag", "1.1").out.splitlines()[0].startswith("a\\n::warning::b.yaml:7  nginx")


def test_a_registry_that_does_not_answer_is_asked_once_for_all_uses(
    bump: Bump, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gitops_ci.errors import RegistryError
    from gitops_ci.image.registry.pool import Registries

    asked: list[str] = []

    def digest(self: Registries, name: str, tag: str) -> str:
        asked.append(name)
        raise RegistryError("does not answer")

    monkeypatch.setattr(Registries, "digest", digest)
    for number in range(5):
        (bump.root / f"{number}.yaml").write_text(pod(f"nginx:1.0@{D1}"))
    done = bump("--image", "nginx", "--tag", "1.1")
    assert done.code == 3
    assert asked == ["nginx"]
    assert done.err.count("does not answer") == 5
