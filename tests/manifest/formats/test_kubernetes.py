"""Images in Kubernetes objects of any kind, and what only looks like one."""

import pytest

from gitops_ci.manifest.scan import ScanConfig
from tests.support.checkout import images, look, paths

DIGEST = "sha256:" + "0123456789abcdef" * 4
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec:\n"


def test_every_list_of_containers(tmp_path):
    result = look(
        tmp_path,
        {
            "deploy.yaml": """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: api}
            spec:
              template:
                spec:
                  initContainers:
                    - {name: init, image: "busybox:1.36"}
                  containers:
                    - name: api
                      image: ghcr.io/acme/api:1.2.3
                  ephemeralContainers:
                    - name: debug
                      image: alpine
                  volumes:
                    - name: model
                      image: {reference: ghcr.io/acme/model:7, pullPolicy: Always}
            """
        },
    )
    assert paths(result) == {
        "spec.template.spec.initContainers[0].image": "busybox:1.36",
        "spec.template.spec.containers[0].image": "ghcr.io/acme/api:1.2.3",
        "spec.template.spec.ephemeralContainers[0].image": "alpine",
        "spec.template.spec.volumes[0].image.reference": "ghcr.io/acme/model:7",
    }


@pytest.mark.parametrize(
    ("kind", "version", "spec", "image"),
    [
        ("Rollout", "argoproj.io/v1alpha1", "{template: {spec: {containers: [{image: a/b:1}]}}}", "a/b:1"),
        ("Workflow", "argoproj.io/v1alpha1", "{templates: [{script: {image: 'python:3.13'}}]}", "python:3.13"),
        ("CronWorkflow", "argoproj.io/v1alpha1", "{workflowSpec: {templates: [{container: {image: a/b:2}}]}}", "a/b:2"),
        ("Service", "serving.knative.dev/v1", "{template: {spec: {containers: [{image: a/b:3}]}}}", "a/b:3"),
        (
            "Prometheus",
            "monitoring.coreos.com/v1",
            "{image: quay.io/prometheus/prometheus:v3.1.0}",
            "quay.io/prometheus/prometheus:v3.1.0",
        ),
        ("Task", "tekton.dev/v1", "{steps: [{image: golang:1.25}], stepTemplate: {image: alpine:3}}", "golang:1.25"),
        (
            "Cluster",
            "postgresql.cnpg.io/v1",
            "{imageName: ghcr.io/cloudnative-pg/postgresql:17.2}",
            "ghcr.io/cloudnative-pg/postgresql:17.2",
        ),
        ("Trident", "trident.netapp.io/v1", "{tridentImage: netapp/trident:21.04.0}", "netapp/trident:21.04.0"),
        ("MariaDB", "k8s.mariadb.com/v1", "{image: {repository: mariadb, tag: 11.4}}", "mariadb:11.4"),
    ],
)
def test_custom_resources_need_no_list_of_kinds(tmp_path, kind, version, spec, image):
    result = look(tmp_path, {"x.yaml": f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"})
    assert images(result)[0] == image


def test_objects_in_lists_and_in_many_documents(tmp_path):
    result = look(
        tmp_path,
        {
            "all.yaml": """
            apiVersion: v1
            kind: List
            items:
              - apiVersion: v1
                kind: Pod
                spec: {containers: [{image: "a:1"}]}
              - apiVersion: v1
                kind: ConfigMap
                data: {image: "never:1"}
            ---
            # nothing here
            ---
            apiVersion: v1
            kind: Pod
            spec: {containers: [{image: "b:2"}]}
            """
        },
    )
    assert [(use.name, use.line) for use in result.uses] == [("a", 6), ("b", 15)]
    assert [use.document for use in result.uses] == [0, 2]


def test_json_manifests(tmp_path):
    data = b'{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "x", "image": "nginx:1.27"}]}}\n'
    result = look(tmp_path, {"pod.json": data, "package.json": b'{"image": "nginx:1.27", "kind": "x"}'})
    assert [(use.file, use.name, use.tag) for use in result.uses] == [("pod.json", "nginx", "1.27")]


@pytest.mark.parametrize(
    "text",
    [
        "  containers: [{name: x, image: nginx:1.27}]",
        "  containers: [{'name': x, 'image': 'nginx:1.27'}]",
        '  containers: [{"name": x, "image": "nginx:1.27"}]',
        "  containers:\n  - image : nginx:1.27",
        "  containers:\n  - image:     nginx:1.27   # pinned",
        "  containers:\n  - image: >-\n      nginx:1.27",
        "  containers:\n  - image: |\n      nginx:1.27",
        "  containers:\n  - image:\n      nginx:1.27",
        "  containers:\n  - image: &img nginx:1.27",
        "  containers:\n  - image: !!str nginx:1.27",
        "  containers:\n  - image: &img !!str 'nginx:1.27'",
        "  containers:\n  - ? image\n    : nginx:1.27",
        "  containers:\r\n  - image: nginx:1.27\r\n    name: x\r",
    ],
)
def test_every_way_to_write_a_value(tmp_path, text):
    result = look(tmp_path, {"pod.yaml": (POD + text + "\n").encode()})
    assert paths(result) == {"spec.containers[0].image": "nginx:1.27"}


def test_parts_of_a_reference(tmp_path):
    result = look(
        tmp_path,
        {
            "pod.yaml": POD
            + f"  containers:\n  - image: localhost:5000/team/app\n  - image: localhost:5000/team/app:1@{DIGEST}\n"
            + f"  - image: nginx@{DIGEST}\n"
        },
    )
    assert [(use.name, use.tag, use.digest, use.registry, use.repository) for use in result.uses] == [
        ("localhost:5000/team/app", None, None, "localhost:5000", "team/app"),
        ("localhost:5000/team/app", "1", DIGEST, "localhost:5000", "team/app"),
        ("nginx", None, DIGEST, "docker.io", "library/nginx"),
    ]


@pytest.mark.parametrize(
    "value",
    [
        "true",
        "null",
        "~",
        "''",
        "42",
        "3.14",
        "./logo.png",
        "images/logo.png",
        "logo.svg",
        "https://example.com/a.png",
        "/var/lib/image",
        "Not An Image",
        "$(IMAGE)",
        "${IMAGE}:1.2",
        "'{{ .Values.image }}:1.2'",
        "<image>",
        "'*:latest'",
        "ko://example.com/cmd/app",
        "UPPER/Case:1",
        "a:b:c",
        "alpine:invalid!",
    ],
)
def test_what_is_no_image(tmp_path, value):
    assert images(look(tmp_path, {"pod.yaml": POD + f"  containers:\n  - image: {value}\n"})) == []


def test_schemas_metadata_status_and_other_images_are_left_out(tmp_path):
    result = look(
        tmp_path,
        {
            "crd.yaml": """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            spec: {versions: [{schema: {openAPIV3Schema: {properties: {image: {type: string, default: "nginx:1"}}}}}]}
            """,
            "pod.yaml": """
            apiVersion: v1
            kind: Pod
            metadata:
              annotations: {image: "meta:1"}
            spec:
              volumes: [{rbd: {image: "block"}}]
            status:
              containerStatuses: [{image: "live:1"}]
            """,
            "machine.yaml": "apiVersion: infrastructure.cluster.x-k8s.io/v1\nkind: X\nspec: {image: projects/debian}\n",
            "policy.yaml": "apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageRepository\nspec: {image: ghcr.io/a/b}\n",
        },
    )
    assert images(result) == []


CONFIG_MAP = """
apiVersion: v1
kind: ConfigMap
metadata: {name: pods}
data:
  image: nginx:9
  pod.yaml: |
    # a template
    apiVersion: v1
    kind: Pod
    spec:
      containers:
      - image: nginx:1.27
    ---
    kind: Pod
    apiVersion: v1
    spec: {containers: [{image: "redis:7"}]}
"""


def test_literal_text_of_a_config_map_only_on_request(tmp_path):
    assert images(look(tmp_path, {"cm.yaml": CONFIG_MAP})) == []
    result = look(tmp_path, {"cm.yaml": CONFIG_MAP}, config=ScanConfig(embedded=True))
    assert [(use.path, use.name, use.tag, use.line, use.column) for use in result.uses] == [
        ('data["pod.yaml"].spec.containers[0].image', "nginx", "1.27", 12, 16),
        ('data["pod.yaml"].spec.containers[0].image', "redis", "7", 16, 33),
    ]


def test_an_alias_of_an_image_is_one_place(tmp_path):
    text = "  containers:\n  - {name: a, image: &i nginx:1.27}\n  - {name: b, image: *i}\n"
    assert paths(look(tmp_path, {"pod.yaml": POD + text})) == {"spec.containers[0].image": "nginx:1.27"}


def test_merge_keys_and_aliased_mappings_are_met_once(tmp_path):
    text = "  containers:\n  - &c {name: a, image: nginx:1.27}\n  - {<<: *c, name: b}\n  - *c\n"
    assert images(look(tmp_path, {"pod.yaml": POD + text})) == ["nginx:1.27"]


def test_json_patches(tmp_path):
    result = look(
        tmp_path,
        {
            "patch.yaml": """
            - op: replace
              path: /spec/template/spec/containers/0/image
              value: nginx:1.27
            - op: add
              path: /spec/template/spec/initContainers/-
              value: {name: init, image: busybox:1}
            - {op: replace, path: /spec/replicas, value: 3}
            """
        },
    )
    assert paths(result) == {"[0].value": "nginx:1.27", "[1].value.image": "busybox:1"}


def test_literal_values_in_templates(tmp_path):
    result = look(
        tmp_path,
        {
            "chart/templates/pod.yaml": """
            {{- if .Values.enabled }}
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{ .Release.Name }}
            spec:
              containers:
                - name: app
                  image: "{{ .Values.image }}:{{ .Values.tag }}"
                - name: probe
                  image: stefanprodan/grpc_health_probe:v0.3.0
                  {{- with .Values.resources }}
                  resources: {{ toYaml . | nindent 12 }}
                  {{- end }}
                - name: half
                  image: nginx:{{ .Values.tag }}
            {{- end }}
            """,
            "chart/templates/broken.yaml": "{{ if }}\n  a: [\n{{ x }\nimage: {{ y }}\n",
        },
    )
    assert images(result) == ["stefanprodan/grpc_health_probe:v0.3.0"]
    assert not [finding for finding in result.findings if finding.status == "error"]


def test_operators_that_name_images_as_helm_values_do(tmp_path):
    result = look(
        tmp_path,
        {
            "x.yaml": """
            apiVersion: x.io/v1
            kind: Operator
            metadata: {labels: {repository: a, tag: b}}
            spec:
              image: {repository: a/main, tag: "1"}
              initImage: {repository: a/init, tag: "2"}
              proxy: {repository: a/proxy, tag: "3", pullPolicy: Always}
              workerImage: a/worker
              workerImageTag: "4"
              source: {repository: "https://x.y/z", tag: v1}
            """
        },
    )
    assert sorted(images(result)) == ["a/init:2", "a/main:1", "a/proxy:3", "a/worker:4"]


def test_a_default_written_in_the_text_is_what_runs(tmp_path):
    result = look(
        tmp_path,
        {
            "x.yaml": f"""{POD}  containers:
    - image: ghcr.io/acme/api:${{TAG:=1.2.3}}
    - image: ghcr.io/acme/web:${{TAG}}
"""
        },
    )
    assert images(result) == ["ghcr.io/acme/api:1.2.3"]
    assert result.uses[0].places[-1].raw == b"1.2.3"
    assert (result.uses[0].line, result.uses[0].column) == (6, 38)
