"""Dockerfiles, workflows, Compose files, custom managers."""

import pytest

from gitops_ci.manifest.scan import ScanConfig
from tests.support.checkout import images, look, paths

DIGEST = "sha256:" + "0123456789abcdef" * 4


def test_stages_flags_and_continuation_lines(tmp_path):
    result = look(
        tmp_path,
        {
            "Dockerfile": f"""
            # syntax=docker/dockerfile:1.7
            # FROM commented:1
            FROM --platform=$BUILDPLATFORM golang:1.25-alpine AS build
            RUN <<EOF
            FROM heredoc:1
            EOF
            COPY --from=busybox:1.36 /bin/sh /sh
            COPY --from=build /a /b
            COPY --from=0 /a /b
            RUN --mount=type=bind,from=ghcr.io/acme/tools:3,target=/t true
            from \\
              # in between
              alpine:3.20@{DIGEST} \\
              as base
            FROM scratch
            FROM base AS final
            FROM gcr.io/distroless/static
            """
        },
    )
    assert [(use.path, use.dep_type, written) for use, written in zip(result.uses, images(result), strict=True)] == [
        ("syntax", "syntax", "docker/dockerfile:1.7"),
        ("FROM[0]", "stage", "golang:1.25-alpine"),
        ("COPY[0].from", "stage", "busybox:1.36"),
        ("RUN[0].from", "stage", "ghcr.io/acme/tools:3"),
        ("FROM[1]", "stage", "alpine:3.20@sha256:012"),
        ("FROM[4]", "final", "gcr.io/distroless/static"),
    ]


@pytest.mark.parametrize(
    ("text", "found", "held"),
    [
        ("ARG V=1.27\nFROM nginx:${V}\n", "nginx:1.27", [("repository", b"nginx"), ("tag", b"1.27")]),
        ("ARG V=1.27\nFROM nginx:$V\n", "nginx:1.27", [("repository", b"nginx"), ("tag", b"1.27")]),
        ('ARG BASE="nginx:1.27"\nFROM ${BASE}\n', "nginx:1.27", [("reference", b"nginx:1.27")]),
        ("FROM nginx:${V:-1.27}\n", "nginx:1.27", [("repository", b"nginx"), ("tag", b"1.27")]),
        (
            "ARG R=ghcr.io\nFROM $R/acme/api:1\n",
            "ghcr.io/acme/api:1",
            [("registry", b"ghcr.io"), ("repository", b"acme/api"), ("tag", b"1")],
        ),
        ("ARG V=1.27\nFROM nginx:${V}-alpine\n", "nginx:1.27-alpine", [("repository", b"nginx")]),
    ],
)
def test_arguments_are_edited_where_they_stand(tmp_path, text, found, held):
    result = look(tmp_path, {"Dockerfile": text})
    assert images(result) == [found]
    assert [(place.holds, place.raw) for place in result.uses[0].places] == held
    assert images(look(tmp_path, {}, image=result.uses[0].name)) == [found]


@pytest.mark.parametrize(
    "text",
    [
        "FROM ${UNKNOWN}\n",
        "ARG X\nFROM $X\n",
        "FROM ${X:?needed}\n",
        "FROM\n",
        "ARG A=$B\nARG B=$A\nFROM $A\n",
        "FROM scratch\n",
    ],
)
def test_what_only_an_argument_names_is_none(tmp_path, text):
    assert images(look(tmp_path, {"Containerfile.dev": text})) == []


def test_windows_escapes_and_line_ends(tmp_path):
    assert paths(look(tmp_path, {"x.Dockerfile": b"# escape=`\r\nFROM `\r\n  mcr.microsoft.com/windows:1\r\n"})) == {
        "FROM[0]": "mcr.microsoft.com/windows:1"
    }


def test_workflows_and_actions(tmp_path):
    result = look(
        tmp_path,
        {
            ".github/workflows/ci.yml": """
            on: push
            jobs:
              a:
                container: node:22
                services:
                  db: {image: "postgres:17"}
                  cache: redis:7
                steps:
                  - uses: docker://alpine:3.20
                  - uses: actions/checkout@v4
                  - run: "echo image: never:1"
              b:
                container: {image: docker://golang:1.25}
                steps: []
              c: {container: "${{ matrix.image }}"}
            """,
            "action.yml": "runs: {using: docker, image: 'docker://ghcr.io/acme/action:2'}\n",
            "local/action.yml": "runs: {using: docker, image: Dockerfile}\n",
        },
    )
    assert {(use.dep_type, written) for use, written in zip(result.uses, images(result), strict=True)} == {
        ("container", "node:22"),
        ("service", "postgres:17"),
        ("service", "redis:7"),
        ("docker", "alpine:3.20"),
        ("container", "golang:1.25"),
        ("docker", "ghcr.io/acme/action:2"),
    }


def test_compose(tmp_path):
    text = """
    x-common: &common {image: "acme/base:1"}
    services:
      web: {image: nginx:1.27}
      api: {image: acme/api:dev, build: .}
      worker: {<<: *common}
      var: {image: "nginx:${TAG}"}
    """
    assert paths(look(tmp_path, {"docker-compose.prod.yml": text})) == {
        "x-common.image": "acme/base:1",
        "services.web.image": "nginx:1.27",
    }
    assert images(look(tmp_path, {"docker-compose.prod.yml": "", "compose.yaml": "db: {image: postgres:9}\n"})) == [
        "postgres:9"
    ]


VERSIONS = 'API_IMAGE = "ghcr.io/acme/api"\nAPI_TAG = "1.2.3"\n# é\n# renovate: depName=redis\nREDIS = "7.4"\n'
MANAGERS = (
    {
        "customType": "regex",
        "managerFilePatterns": ["/versions\\.hcl$/"],
        "matchStrings": ['# renovate: depName=(?<depName>\\S+)\\s+\\w+ = "(?<currentValue>[^"]+)"'],
        "datasourceTemplate": "docker",
        "versioningTemplate": "{{#if versioning}}{{{versioning}}}{{else}}semver{{/if}}",
    },
    {
        "fileMatch": ["^versions"],
        "matchStrings": ['API_TAG = "(?<currentValue>.*?)"'],
        "depNameTemplate": "acme/api",
        "registryUrlTemplate": "https://ghcr.io",
    },
    {
        "managerFilePatterns": ["**/*.hcl"],
        "matchStrings": ["(?<depName>x)(?<currentValue>y)"],
        "datasourceTemplate": "npm",
    },
)


def test_custom_managers(tmp_path):
    result = look(tmp_path, {"versions.hcl": VERSIONS}, config=ScanConfig(custom_managers=MANAGERS))
    assert [(use.name, use.tag, use.line, use.column, use.format, use.versioning) for use in result.uses] == [
        ("ghcr.io/acme/api", "1.2.3", 2, 12, "custom.regex", None),
        ("redis", "7.4", 5, 10, "custom.regex", "semver"),
    ]
    assert images(look(tmp_path, {}, image="redis", config=ScanConfig(custom_managers=MANAGERS))) == ["redis:7.4"]


def test_a_custom_manager_that_cannot_run_is_told_and_the_others_run(tmp_path):
    broken = {"fileMatch": ["hcl"], "matchStrings": ["(?!no)(?<currentValue>x)"], "depNameTemplate": "a"}
    result = look(tmp_path, {"versions.hcl": VERSIONS}, config=ScanConfig(custom_managers=(broken, MANAGERS[0])))
    assert images(result) == ["redis:7.4"]
    assert [(item.rule, item.status) for item in result.findings] == [("custom-manager", "error")]


def test_strategies_of_custom_managers(tmp_path):
    files = {"v.hcl": 'IMAGE="acme/api"\nTAG="1.0"\nblock { TAG="2.0" }\n'}
    combined = {
        "fileMatch": ["hcl$"],
        "matchStringsStrategy": "combination",
        "matchStrings": ['IMAGE="(?<depName>.*?)"', '(?m)^TAG="(?<currentValue>.*?)"'],
    }
    nested = {
        "fileMatch": ["hcl$"],
        "matchStringsStrategy": "recursive",
        "matchStrings": ["block \\{.*\\}", 'TAG="(?<currentValue>.*?)"'],
        "depNameTemplate": "acme/inner",
    }
    result = look(tmp_path, files, config=ScanConfig(custom_managers=(combined, nested)))
    assert images(result) == ["acme/api:1.0", "acme/inner:2.0"]


def test_further_file_patterns(tmp_path):
    config = ScanConfig(file_patterns={"helm-values": ["config/**/*.conf.yaml"], "dockerfile": ["/\\.build$/"]})
    result = look(
        tmp_path, {"config/a/x.conf.yaml": "image: acme/api:1\n", "my.build": "FROM alpine:3\n"}, config=config
    )
    assert images(result) == ["acme/api:1", "alpine:3"]


def test_one_pattern_for_several_formats_hides_nothing(tmp_path):
    """Renovate looks for manifests nowhere unless told, so that one pattern stands under many managers."""
    pattern = ["/(^|/)kubernetes/.+\\.ya?ml$/"]
    names = ("flux", "helm-values", "kustomize", "kubernetes", "argocd", "docker-compose")
    files = {
        "kubernetes/release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n"
        "    image: {repository: acme/flux, tag: '1'}\n",
        "kubernetes/crd.yaml": "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: EnvoyProxy\nspec:\n"
        "  container:\n    image: acme/proxy:1\n",
        "kubernetes/kustomization.yaml": "images:\n- name: acme/kustomized\n  newTag: '1'\n",
        "kubernetes/odd.yaml": "sidecar:\n  image: acme/values:1\n",
        "kubernetes/stack.yaml": "services:\n  web:\n    image: acme/composed:1\n",
    }
    usual = look(tmp_path, files)
    told = look(tmp_path, {}, config=ScanConfig(file_patterns=dict.fromkeys(names, pattern)))
    assert sorted(images(told)) == [f"acme/{name}:1" for name in ("composed", "flux", "kustomized", "proxy", "values")]
    assert set(images(usual)) <= set(images(told))


def test_what_is_built_belongs_to_no_environment(tmp_path):
    [use] = look(tmp_path, {"test/container/Dockerfile": "FROM alpine:3\n"}).uses
    assert (use.application, use.environment) == (None, None)


def test_compose_with_defaults(tmp_path):
    result = look(
        tmp_path,
        {
            "compose.yaml": """
            services:
              a: {image: "a/one:${TAG:-1.2}"}
              b: {image: "${REGISTRY:-ghcr.io}/a/two:1"}
              c: {image: '${IMAGE:-a/three:1.0}'}
              d: {image: "a/none:${TAG}"}
            """
        },
    )
    assert images(result) == ["a/one:1.2", "ghcr.io/a/two:1", "a/three:1.0"]
    assert [use.version_place.raw for use in result.uses] == [b"1.2", b"1", b"a/three:1.0"]
