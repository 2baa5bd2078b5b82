"""Lines that kustomize entries lack, in the hand of their neighbours."""

import pytest
import yaml

from gitops_ci.errors import RefusedError
from gitops_ci.manifest.formats import kustomize
from gitops_ci.manifest.insert import insert_kustomize_image
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.splice import apply, set_image

FILE = "kustomization.yaml"
D = "sha256:" + "d" * 64
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


def bumped(text: str, **wanted: str) -> str:
    data = text.encode()
    (use,) = kustomize.find(parse(FILE, data).documents[0])
    return apply(FILE, data, set_image(use, data=data, **wanted)).decode()


def added(text: str, **wanted: str) -> str:
    data = text.encode()
    return apply(FILE, data, insert_kustomize_image(FILE, data, **wanted)).decode()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_digest_stands_below_the_tag(end: str) -> None:
    text = "images:\n  - name: x # why\n    newTag: v1  # note\n# end\n".replace("\n", end)
    assert bumped(text, tag="v2", digest=D) == (
        f"images:\n  - name: x # why\n    newTag: v2  # note\n    digest: {D}\n# end\n".replace("\n", end)
    )


def test_a_tag_is_added_to_an_entry_that_only_renames_and_quoted_where_needed() -> None:
    text = "images:\n- newName: b/c\n  name: web"
    assert bumped(text, tag="1.20") == 'images:\n- newName: b/c\n  name: web\n  newTag: "1.20"'


def test_a_digest_behind_the_tag_moves_there() -> None:
    old = "sha256:" + "a" * 64
    assert (
        bumped(f"images:\n- name: x\n  newTag: v1@{old}\n", tag="v2", digest=D)
        == f"images:\n- name: x\n  newTag: v2@{D}\n"
    )


def test_another_name_becomes_a_new_name_and_never_the_old_one() -> None:
    assert bumped("images:\n- name: x\n  newTag: v1\n", name="ghcr.io/y", tag="v2") == (
        "images:\n- name: x\n  newName: ghcr.io/y\n  newTag: v2\n"
    )


def test_an_empty_key_is_filled_and_not_doubled() -> None:
    assert bumped("images:\n- name: x\n  newTag: v1\n  digest: # none\n", digest=D) == (
        f"images:\n- name: x\n  newTag: v1\n  digest: {D} # none\n"
    )
    assert bumped('images:\n- name: x\n  newTag: v1\n  digest: ""\n', digest=D) == (
        f'images:\n- name: x\n  newTag: v1\n  digest: "{D}"\n'
    )


def test_flow_and_json_entries() -> None:
    assert bumped("images: [{name: x, newTag: v1}]\n", digest=D) == (
        f"images: [{{name: x, newTag: v1, digest: {D}}}]\n"
    )
    text = '{"images": [{"name": "x", "newTag": "v1"}]}'
    assert bumped(text, digest=D) == f'{{"images": [{{"name": "x", "newTag": "v1", "digest": "{D}"}}]}}'
    text = '{\n  "images": [\n    {\n      "name": "x",\n      "newTag": "v1"\n    }\n  ]\n}\n'
    assert bumped(text, digest=D) == text.replace('"v1"', f'"v1",\n      "digest": "{D}"')


def test_an_entry_shared_by_an_alias_is_refused() -> None:
    text = "images:\n- &e\n  name: x\n  newTag: v1\nother: *e\n"
    with pytest.raises(RefusedError, match="alias"):
        bumped(text, digest=D)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            HEAD + "images:\n- name: a\n  newTag: '1'\n# end\nnamespace: z\n",
            HEAD + "images:\n- name: a\n  newTag: '1'\n- name: x\n  newTag: v2\n# end\nnamespace: z\n",
        ),
        (
            HEAD + "images:\n  - name: a\n    newTag: '1'",
            HEAD + "images:\n  - name: a\n    newTag: '1'\n  - name: x\n    newTag: v2",
        ),
        (HEAD + "resources:\n- ../base\n", HEAD + "resources:\n- ../base\nimages:\n- name: x\n  newTag: v2\n"),
        (HEAD + "resources:\n  - ../base", HEAD + "resources:\n  - ../base\nimages:\n  - name: x\n    newTag: v2"),
        (HEAD + "images: # none\n", HEAD + "images: # none\n- name: x\n  newTag: v2\n"),
        (HEAD + "images: []\n", HEAD + "images: [{name: x, newTag: v2}]\n"),
        (HEAD + "images: [{name: a}]\n", HEAD + "images: [{name: a}, {name: x, newTag: v2}]\n"),
        ('{"kind": "Kustomization"}', '{"kind": "Kustomization", "images": [{"name": "x", "newTag": "v2"}]}'),
        (
            HEAD + "resources:\r\n- b\r\n\r\n",
            HEAD + "resources:\r\n- b\r\nimages:\r\n- name: x\r\n  newTag: v2\r\n\r\n",
        ),
    ],
)
def test_an_entry_is_added_and_nothing_else_changes(before: str, after: str) -> None:
    assert added(before, name="x", tag="v2") == after
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    assert (new.get("images") or [])[-1] == {"name": "x", "newTag": "v2"}
    assert {**old, "images": 0} == {**new, "images": 0}


def test_an_entry_with_all_its_keys() -> None:
    assert added(HEAD, name="x", new_name="y:5000/z", tag="1", digest=D).endswith(
        f'images:\n- name: x\n  newName: y:5000/z\n  newTag: "1"\n  digest: {D}\n'
    )


@pytest.mark.parametrize("text", ["", "- a\n", HEAD + "images: x\n", HEAD + "images:\n- name: x\n", "a: [\n"])
def test_what_cannot_take_an_entry_is_refused(text: str) -> None:
    with pytest.raises(RefusedError):
        added(text, name="x", tag="v2")
