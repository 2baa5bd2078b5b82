"""A search for one image finds what the inventory lists under that name, however the name is written."""

import pytest

from tests.support.checkout import images, look

POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"


@pytest.mark.parametrize(
    "value",
    [
        '"ghcr.io/acme/\\\n      api:1"',  # a line continued
        '"ghcr.io\\x2facme/api:1"',
        '"ghcr.io\\/acme\\/api:1"',
        '"\\x67hcr.io/acme/api:1"',
    ],
)
def test_escapes_do_not_hide_a_name(tmp_path, value):
    result = look(tmp_path, {"pod.yaml": f"{POD}    - image: {value}\n"}, image="ghcr.io/acme/api")
    assert images(result) == ["ghcr.io/acme/api:1"]


def test_an_address_in_brackets_is_a_name_and_not_only_a_glob(tmp_path):
    result = look(tmp_path, {"pod.yaml": f"{POD}    - image: '[::1]:5000/acme/api:1'\n"}, image="[::1]:5000/acme/api")
    assert images(result) == ["[::1]:5000/acme/api:1"]


def test_a_chart_whose_repository_stands_in_the_same_file(tmp_path):
    content = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata: {name: bitnami, namespace: flux-system}
    spec: {url: https://charts.bitnami.com/bitnami}
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: cache, namespace: flux-system}
    spec:
      chart:
        spec:
          chart: redis
          version: 20.1.0
          sourceRef: {kind: HelmRepository, name: bitnami}
    """
    result = look(tmp_path, {"cache.yaml": content}, image="charts.bitnami.com/bitnami/redis")
    assert images(result) == ["charts.bitnami.com/bitnami/redis:20.1.0"]


def test_a_json_patch_kept_as_json(tmp_path):
    patch = '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "nginx:1.27"}]\n'
    assert images(look(tmp_path, {"overlays/prod/image.json": patch})) == ["nginx:1.27"]


def test_a_byte_order_mark_behind_the_line_of_dashes(tmp_path):
    pod = f"{POD}    - image: nginx:1\n".encode()
    result = look(tmp_path, {"joined.yaml": pod + b"---\n\xef\xbb\xbf" + pod})
    assert [(use.line, use.column) for use in result.uses] == [(5, 14), (11, 14)]
