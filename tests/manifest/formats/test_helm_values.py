"""Images in Helm values, of any naming."""

import pytest

from tests.support.checkout import images, look, paths

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("image: {registry: ghcr.io, repository: acme/api, tag: 1.2.3}", ["ghcr.io/acme/api:1.2.3"]),
        ("image: {repository: ghcr.io/acme/api, tag: '1.20'}", ["ghcr.io/acme/api:1.20"]),
        ("image: {repository: ghcr.io/acme/api, tag: 1.20}", ["ghcr.io/acme/api:1.20"]),
        ("image: {name: acme/api, version: 1.0.0}", ["acme/api:1.0.0"]),
        ("image: {repository: ghcr.io/acme, name: api, tag: 2.0.0}", ["ghcr.io/acme/api:2.0.0"]),
        (
            "image: {repository: registry.example.com, name: team/api, tag: 2.0.0}",
            ["registry.example.com/team/api:2.0.0"],
        ),
        (
            "image: {registry: registry.k8s.io, image: ingress/controller, tag: v1.9.0}",
            ["registry.k8s.io/ingress/controller:v1.9.0"],
        ),
        (f"image: {{repository: nginx, tag: '1', digest: '{DIGEST}'}}", ["nginx:1@sha256:012"]),
        (f"image: {{repository: nginx, tag: '1@{DIGEST}'}}", ["nginx:1@sha256:012"]),
        ("image: {repository: nginx, tag: ''}", ["nginx"]),
        ("image: {repository: nginx, tag: null}", ["nginx"]),
        ("image: {repository: nginx, tag: ~}", ["nginx"]),
        ("image: {repository: nginx}", ["nginx"]),
        ("image: {repository: 'nginx:1.27'}", ["nginx:1.27"]),
        ("image: nginx:1.27", ["nginx:1.27"]),
        ("image: nginx\ntag: 1.27", ["nginx:1.27"]),
        ("image: acme/api\nimageTag: 1.27", ["acme/api:1.27"]),
        ("imageRepository: acme/api\nimageTag: 1.27", ["acme/api:1.27"]),
        ("image_repository: acme/api\nimage_tag: 1.27", ["acme/api:1.27"]),
        ("workerImage: acme/worker:3", ["acme/worker:3"]),
        ("workerImage: acme/worker\nworkerImageTag: 3.1", ["acme/worker:3.1"]),
        ("workerImage: acme/worker\nworkerTag: 3.1", ["acme/worker:3.1"]),
        ("workerImage: {repository: acme/worker, tag: 3.1}", ["acme/worker:3.1"]),
        (
            "images: {api: {repository: acme/api, tag: 1.0}, web: {repository: acme/web, tag: 2.0}}",
            ["acme/api:1.0", "acme/web:2.0"],
        ),
        ("images: {api: 'acme/api:1.0', web: 'acme/web:2.0'}", ["acme/api:1.0", "acme/web:2.0"]),
        ("images: ['acme/api:1.0', 'acme/web:2.0']", ["acme/api:1.0", "acme/web:2.0"]),
        ("image: {engine: {repository: longhornio/engine, tag: v1}}", ["longhornio/engine:v1"]),
        ("redis: {repository: docker.io/redis, tag: 7.4}", ["docker.io/redis:7.4"]),
        ("controller:\n  containers:\n    - {name: x, image: 'a/b:1'}", ["a/b:1"]),
        (
            "tigeraOperator: {image: tigera/operator, version: v1.36, registry: quay.io}",
            ["quay.io/tigera/operator:v1.36"],
        ),
    ],
)
def test_every_naming(tmp_path, values, found):
    assert images(look(tmp_path, {"values.yaml": values + "\n"})) == found


@pytest.mark.parametrize(
    "values",
    [
        "image: {pullPolicy: Always}",
        "imagePullSecrets: [{name: regcred}]\nimagePullPolicy: Always",
        "image: true",
        "backgroundImage: logo.png",
        "image: '{{ .Values.global.image }}'",
        "repository: https://charts.example.com\ntag: v1",
        "git: {repository: 'git@github.com:a/b.git', tag: v1}",
        "nameOverride: api\nversion: 1.2.3",
        "images: {enabled: true, pullPolicy: Always}",
    ],
)
def test_what_is_no_image(tmp_path, values):
    assert images(look(tmp_path, {"values.yaml": values + "\n"})) == []


@pytest.mark.parametrize(
    "name",
    [
        "values.yaml",
        "values.yml",
        "values-prod.yaml",
        "prod-values.yaml",
        "values/prod.yaml",
        "prod.values.yml",
        "environments/dev.yaml",
    ],
)
def test_values_files_of_any_name(tmp_path, name):
    assert images(look(tmp_path, {name: "image: acme/api:1\n"})) == ["acme/api:1"]


def test_other_files_only_where_repository_and_tag_stand_together(tmp_path):
    files = {"config/app.yaml": "image: {repository: acme/api, tag: 1.0}\nother: {image: 'never:1'}\n"}
    assert images(look(tmp_path, files)) == ["acme/api:1.0"]


def test_a_global_registry_stands_before_repositories_without_one(tmp_path):
    values = """
    global: {imageRegistry: registry.example.com}
    api: {image: {registry: docker.io, repository: acme/api, tag: 1.0}}
    web: {image: {repository: quay.io/acme/web, tag: 2.0}}
    """
    assert images(look(tmp_path, {"values.yaml": values})) == [
        "registry.example.com/acme/api:1.0",
        "quay.io/acme/web:2.0",
    ]


def test_line_column_and_path_are_those_of_the_tag(tmp_path):
    use = look(tmp_path, {"values.yaml": "image:\n  repository: acme/api\n  tag: 1.2.3\n"}).uses[0]
    assert (use.line, use.column, use.path, [place.holds for place in use.places]) == (
        3,
        8,
        "image.tag",
        ["repository", "tag"],
    )


def test_tags_of_an_environment_are_named_by_the_base_values(tmp_path):
    result = look(
        tmp_path,
        {
            "api/values.yaml": "image: {repository: acme/api, tag: 1.0.0}\nworkerImage: acme/worker\nworkerImageTag: 1\n",
            "api/values-prod.yaml": "image: {tag: 1.1.0}\nworkerImageTag: 2\n",
            "api/envs/dev/values.yaml": "image: {tag: 1.2.0}\n",
            "other/values.yaml": "image: {tag: 9.9.9}\n",
        },
    )
    assert {(use.file, *images(result)[index : index + 1]) for index, use in enumerate(result.uses)} == {
        ("api/values.yaml", "acme/api:1.0.0"),
        ("api/values.yaml", "acme/worker:1"),
        ("api/values-prod.yaml", "acme/api:1.1.0"),
        ("api/values-prod.yaml", "acme/worker:2"),
        ("api/envs/dev/values.yaml", "acme/api:1.2.0"),
    }
    assert [(finding.file, finding.line, finding.status) for finding in result.findings] == [
        ("other/values.yaml", 1, "unknown")
    ]


def test_a_named_search_finds_the_same_as_an_inventory(tmp_path):
    files = {
        "chart/values.yaml": "image: {registry: ghcr.io, repository: acme/api, tag: 1.0.0}\n",
        "chart/values-prod.yaml": "image: {tag: 1.1.0}\n",
        "k/pod.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'ghcr.io/acme/api:1'}]}\n",
        "k/api.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'ghcr.io/acme/api-gateway:1'}]}\n",
    }
    everything = look(tmp_path, files)
    named = look(tmp_path, files, image="ghcr.io/acme/api")
    assert list(named.uses) == [use for use in everything.uses if use.name == "ghcr.io/acme/api"]
    assert len(named.uses) == 3


def test_tag_aliases_of_two_images_say_that_they_are_shared(tmp_path):
    values = "version: &v 1.2.3\napi: {image: {repository: acme/api, tag: *v}}\nweb: {image: {repository: acme/web, tag: *v}}\n"
    result = look(tmp_path, {"values.yaml": values}, image="acme/api")
    assert [(use.name, use.tag, use.line, use.shared) for use in result.uses] == [
        ("acme/api", "1.2.3", 1, ("acme/web",))
    ]


def test_merged_maps_are_read_as_helm_does(tmp_path):
    values = """
    defaults: &d {repository: acme/api, tag: 1.0.0}
    api: {image: *d}
    canary:
      image:
        <<: *d
        tag: 1.1.0
    """
    assert paths(look(tmp_path, {"values.yaml": values})) == {
        "defaults.tag": "acme/api:1.0.0",
        "canary.image.tag": "acme/api:1.1.0",
    }


def test_a_laughing_file_is_read_once(tmp_path):
    lines = ["a0: &a0 {image: 'nginx:1'}"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    lines += ["b0: &b0 {x: {image: 'redis:1'}}"] + [
        f"b{n}: &b{n} {{<<: [{', '.join([f'*b{n - 1}'] * 9)}]}}" for n in range(1, 12)
    ]
    assert images(look(tmp_path, {"values.yaml": "\n".join(lines) + "\n"})) == ["nginx:1", "redis:1"]
