"""Kustomizations, Chart.yaml and dated forms."""

import pytest

from tests.support.checkout import images, look, paths

DIGEST = "sha256:" + "0123456789abcdef" * 4
HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_images_by_every_file_name_with_or_without_head(tmp_path, name):
    files = {
        f"a/{name}": "images:\n- {name: nginx, newTag: '1.27'}\n",
        f"b/{name}": HEAD + "images:\n- {name: nginx, newTag: '1.28'}\n",
    }
    assert images(look(tmp_path, files)) == ["nginx:1.27", "nginx:1.28"]


@pytest.mark.parametrize(
    ("entry", "found", "original"),
    [
        ("{name: nginx, newTag: 1.20}", "nginx:1.20", None),
        ("{name: api, newName: ghcr.io/acme/api, newTag: 1.2.3}", "ghcr.io/acme/api:1.2.3", "api"),
        (f"{{name: nginx, digest: '{DIGEST}'}}", "nginx@sha256:012", None),
        (f"{{name: nginx, newTag: '1@{DIGEST}'}}", "nginx:1@sha256:012", None),
        ("{name: api, newName: ghcr.io/acme/api}", "ghcr.io/acme/api", "api"),
    ],
)
def test_an_entry_names_what_runs(tmp_path, entry, found, original):
    result = look(tmp_path, {"kustomization.yaml": f"{HEAD}images:\n- {entry}\n"})
    assert images(result) == [found]
    assert result.uses[0].original_name == original


def test_a_renamed_image_is_found_by_either_name(tmp_path):
    files = {"kustomization.yaml": f"{HEAD}images:\n- name: api\n  newName: ghcr.io/acme/api\n  newTag: 1.2.3\n"}
    assert look(tmp_path, files, image="api").uses == look(tmp_path, files, image="ghcr.io/acme/api").uses != ()


def test_components_and_charts_and_inline_patches(tmp_path):
    result = look(
        tmp_path,
        {
            "c/kustomization.yaml": """
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            images: [{name: redis, newTag: '7'}]
            helmCharts:
            - name: podinfo
              repo: https://stefanprodan.github.io/podinfo
              version: 6.5.0
              valuesInline: {image: {repository: acme/podinfo, tag: 6.5.1}}
            - {name: local, version: 1.0.0}
            patches:
            - patch: |-
                apiVersion: apps/v1
                kind: Deployment
                spec: {template: {spec: {containers: [{name: a, image: "acme/a:1"}]}}}
            - target: {kind: Deployment}
              patch: |
                - op: replace
                  path: /spec/template/spec/containers/0/image
                  value: acme/b:2
            - path: file.yaml
            """
        },
    )
    assert paths(result) == {
        "images[0].newTag": "redis:7",
        "helmCharts[0].version": "stefanprodan.github.io/podinfo/podinfo:6.5.0",
        "helmCharts[0].valuesInline.image.tag": "acme/podinfo:6.5.1",
        "patches[0].patch.spec.template.spec.containers[0].image": "acme/a:1",
        "patches[1].patch[0].value": "acme/b:2",
    }
    assert {use.datasource for use in result.uses if "version" in use.path} == {"helm"}


def test_chart_dependencies_but_not_app_version(tmp_path):
    result = look(
        tmp_path,
        {
            "Chart.yaml": """
            apiVersion: v2
            name: umbrella
            version: 0.1.0
            appVersion: "1.2.3"
            dependencies:
              - {name: redis, version: ~18.1.0, repository: "https://charts.example.com/stable"}
              - {name: postgresql, version: 12.1.2, repository: "oci://registry-1.docker.io/bitnamicharts"}
              - {name: common, version: 1.x.x, repository: "file://../common"}
              - {name: aliased, version: 1.0.0, repository: "@stable"}
            """
        },
    )
    assert [(use.name, use.tag, use.datasource, use.version_place.holds) for use in result.uses] == [
        ("charts.example.com/stable/redis", "~18.1.0", "helm", "version"),
        ("registry-1.docker.io/bitnamicharts/postgresql", "12.1.2", "docker", "version"),
    ]


def test_dated_forms_are_told_with_the_current_one(tmp_path):
    result = look(
        tmp_path,
        {
            "o/kustomization.yaml": f"{HEAD}bases:\n- ../../base\n",
            "flux.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec:\n  path: ./a\n  validation: client\n",
        },
    )
    assert [(item.file, item.line, item.status, item.rule) for item in result.findings] == [
        ("flux.yaml", 6, "warn", "dated-form"),
        ("o/kustomization.yaml", 3, "warn", "dated-form"),
    ]


def test_patches_in_quotes(tmp_path):
    result = look(
        tmp_path,
        {
            "kustomization.yaml": r"""
            patches:
              - patch: '[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "a/single:1"}]'
              - patch: "{apiVersion: v1, kind: Pod, spec: {containers: [{image: a/double:1}]}}"
              - patch: "- op: replace\n  path: /spec/containers/0/image\n  value: a/escaped:1\n"
              - patch: '[{op: replace, path: /spec/containers/0/image, value: "it''s/none:1"}]'
            """
        },
    )
    assert images(result) == ["a/single:1", "a/double:1"]
    assert [(use.line, use.column) for use in result.uses] == [(2, 91), (3, 69)]


def test_a_tag_in_an_entrys_name_says_which_uses_are_meant(tmp_path):
    content = "images:\n  - name: nginx:1.24\n    newTag: 1.25.0\n  - {name: 'redis:6'}\n"
    assert images(look(tmp_path, {"kustomization.yaml": content})) == ["nginx:1.25.0"]
