"""The ways in which editing YAML goes wrong, one test each, from the file to the file."""

from pathlib import Path

import pytest
import yaml

from gitops_ci.errors import RefusedError
from gitops_ci.manifest.scan import ScanConfig, scan
from gitops_ci.manifest.splice import Planned, apply, plan

D1 = "sha256:" + "a" * 64
D2 = "sha256:" + "b" * 64
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"


class Tree:
    """One file in a checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def plan(self, name: str, content: str | bytes, image: str, *, embedded: bool = False, **wanted: str) -> Planned:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        self.data = content if isinstance(content, bytes) else content.encode()
        file.write_bytes(self.data)
        uses = scan(str(self.root), config=ScanConfig(embedded=embedded)).uses
        selected = [use for use in uses if use.name == image]
        assert selected, [use.name for use in uses]
        return plan(selected, uses, data=self.data, **wanted)

    def bump(self, name: str, content: str | bytes, image: str, **wanted: str) -> str:
        planned = self.plan(name, content, image, **wanted)
        assert not planned.refused, planned.refused
        return apply(name, self.data, planned.edits).decode()


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        POD + "    - image: &i nginx:1.19\n    - image: *i\n",
        POD + "    - &c\n      image: nginx:1.19\n    - *c\n",
        "services:\n  a: &a\n    image: nginx:1.19\n  b:\n    <<: *a\n",
    ],
)
def test_1_an_alias_changes_all_its_uses_at_once(tree: Tree, text: str) -> None:
    name = "compose.yaml" if text.startswith("services") else "pod.yaml"
    assert tree.bump(name, text, "nginx", tag="1.20") == text.replace("1.19", "1.20")


def test_1_an_alias_that_another_image_uses_too_is_refused(tree: Tree) -> None:
    text = "web:\n  image: {repository: nginx, tag: &v v1.19}\ndb:\n  image: {repository: redis, tag: *v}\n"
    planned = tree.plan("values.yaml", text, "nginx", tag="v1.20")
    assert planned.edits == () and "redis" in str(planned.refused[0][1])


def test_2_tag_and_digest_move_together(tree: Tree) -> None:
    text = POD + f"    - image: nginx:1.19@{D1}\n"
    assert "digest" in str(tree.plan("pod.yaml", text, "nginx", tag="1.20").refused[0][1])
    assert tree.bump("pod.yaml", text, "nginx", tag="1.20", digest=D2) == text.replace("1.19", "1.20").replace(D1, D2)


@pytest.mark.parametrize("tag", ["1.10", "0123456", "1e5", "12e4567", "null", "2024-01-01", "1_000", "true", "on", "7"])
def test_3_a_value_that_would_stop_being_a_text_gets_quotes(tree: Tree, tag: str) -> None:
    for old in ("v1", "'v1'", '"v1"'):
        text = f"image:\n  repository: nginx\n  tag: {old} # c\n"
        quoted = old.replace("v1", tag) if old != "v1" else f'"{tag}"'
        result = tree.bump("values.yaml", text, "nginx", tag=tag)
        assert result == text.replace(old, quoted)
        assert yaml.safe_load(result)["image"]["tag"] == tag


@pytest.mark.parametrize("tag", ["tag: null", "tag: ~", "tag:", 'tag: ""', "pullPolicy: Always"])
def test_4_a_tag_that_is_not_there_is_not_made_up(tree: Tree, tag: str) -> None:
    text = f"image:\n  repository: ghcr.io/acme/api\n  {tag}\n"
    planned = tree.plan("values.yaml", text, "ghcr.io/acme/api", tag="1.2.3")
    assert planned.edits == () and "no tag here" in str(planned.refused[0][1])


def test_5_escapes_inside_the_changed_part_are_refused(tree: Tree) -> None:
    for scalar in ('"nginx:1\\x2e19"', '"nginx:\\\n        1.19"'):
        planned = tree.plan("pod.yaml", POD + f"    - image: {scalar}\n", "nginx", tag="1.20")
        assert planned.edits == () and "not written as it reads" in str(planned.refused[0][1])
    text = POD + '    - image: "\\x6eginx:1.19"\n'
    assert tree.bump("pod.yaml", text, "nginx", tag="1.20") == text.replace("1.19", "1.20")


@pytest.mark.parametrize(
    "scalar",
    [
        ">-\n        nginx:1.19",
        "|\n        nginx:1.19",
        "|2-\n        nginx:1.19",
        "\n        nginx:1.19",
        "\n        'nginx:1.19'",
    ],
)
def test_6_texts_over_several_lines(tree: Tree, scalar: str) -> None:
    text = POD + f"    - image: {scalar}\n      name: a\n"
    assert tree.bump("pod.yaml", text, "nginx", tag="1.20") == text.replace("1.19", "1.20")


@pytest.mark.parametrize(
    "text",
    [
        POD + "    - image: !!str nginx:1.19\n",
        POD + "    - image: !custom &a nginx:1.19\n",
        POD + "    - 'image' : nginx:1.19\n",
        POD + '    - "im\\x61ge": nginx:1.19\n',
        POD + "    - ? image\n      : nginx:1.19\n",
        "{apiVersion: v1, kind: Pod, spec: {containers: [{image: nginx:1.19, name: a}]}}\n",
        '{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "nginx:1.19"}]}}',
        "%YAML 1.2\n---\n" + POD + "    - image: nginx:1.19\n...\n",
        "\ufeff---\na: 1\n\ufeff---\n" + POD + "    - image: nginx:1.19\n",
    ],
)
def test_7_tags_keys_flow_directives_and_marks(tree: Tree, text: str) -> None:
    assert tree.bump("pod.yaml", text, "nginx", tag="1.20") == text.replace("1.19", "1.20")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_8_line_ends_stay(tree: Tree, end: str) -> None:
    text = (POD + "    - image: nginx:1.19 # c\n      name: a").replace("\n", end)
    assert tree.bump("pod.yaml", text, "nginx", tag="1.20") == text.replace("1.19", "1.20")


def test_8_double_keys_mixed_line_ends_and_a_port_without_a_tag(tree: Tree) -> None:
    text = POD + "    - image: localhost:5000/x\r\n      name: a\n      name: b\n"
    assert tree.bump("pod.yaml", text, "localhost:5000/x", tag="2") == text.replace("/x", "/x:2")


def test_8_nul_bytes_are_a_finding(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_bytes((POD + "    - image: nginx:1.19\n\0").encode())
    found = scan(str(tmp_path))
    assert not found.uses and found.findings[0].file == "pod.yaml" and "NUL" in found.findings[0].message


def test_9_yaml_inside_a_text_is_read_only_when_asked_and_then_exactly(tree: Tree) -> None:
    inner = "".join("    " + line for line in (POD + "    - image: nginx:1.19  # ö\n").splitlines(keepends=True))
    text = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  é.yaml: |\n{inner}"
    (tree.root / "map.yaml").write_text(text)
    assert not scan(str(tree.root)).uses
    assert tree.bump("map.yaml", text, "nginx", tag="1.20", embedded=True) == text.replace("1.19", "1.20")


def test_9_an_edit_that_breaks_the_yaml_inside_a_text_is_refused(tree: Tree) -> None:
    from gitops_ci.manifest.edit import Edit

    text = b"data:\n  a: |\n    b:\n      c: x\n      d: y\n"
    with pytest.raises(RefusedError):
        apply("map.yaml", text, [Edit("map.yaml", text.index(b"x"), b"x", b"1.20")])
    with pytest.raises(RefusedError):
        apply("map.yaml", text, [Edit("map.yaml", text.index(b"x"), b"x", b"x: [")])


def test_10_helm_templates_are_read_where_a_value_is_literal(tree: Tree) -> None:
    text = (
        "{{- if .Values.on }}\n" + POD + '    - image: "{{ .Values.image }}:{{ .Values.tag }}"\n'
        "      {{- with .x }}\n      args: {{ toYaml . | nindent 8 }}\n      {{- end }}\n"
        "    - image: nginx:1.19\n{{ end }}\n"
    )
    assert tree.bump("templates/pod.yaml", text, "nginx", tag="1.20") == text.replace("1.19", "1.20")


def test_11_sops_files_are_refused(tree: Tree) -> None:
    text = POD + "    - image: nginx:1.19\nsops:\n  mac: ENC[AES256_GCM,data:x]\n"
    planned = tree.plan("pod.yaml", text, "nginx", tag="1.20")
    with pytest.raises(RefusedError, match="SOPS"):
        apply("pod.yaml", tree.data, planned.edits)


def test_12_templates_that_happen_to_parse_offer_nothing(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/pod.yaml").write_text(
        POD + "    - image: {{ .Values.image }}\n    - image: nginx:{{ .Values.tag }}\n    - image: '{{ x }}/y:1'\n"
    )
    assert not scan(str(tmp_path)).uses
