"""Argo CD and Flux objects."""

from tests.support.checkout import images, look, paths, written

DIGEST = "sha256:" + "0123456789abcdef" * 4


def test_argo_cd_application(tmp_path):
    result = look(
        tmp_path,
        {
            "app.yaml": """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: api}
            spec:
              source:
                repoURL: https://charts.example.com
                chart: api
                targetRevision: 1.2.3
                helm:
                  parameters:
                    - {name: image.repository, value: ghcr.io/acme/api}
                    - {name: image.tag, value: "2.0.0"}
                    - {name: replicas, value: "3"}
                    - {name: sidecar.image, value: "acme/sidecar:5"}
                  valuesObject:
                    worker: {image: {repository: acme/worker, tag: 3.0.0}}
                  values: |
                    # text
                    cron:
                      image: acme/cron:4.0.0
            """
        },
    )
    assert paths(result) == {
        "spec.source.targetRevision": "charts.example.com/api:1.2.3",
        "spec.source.helm.parameters[1].value": "ghcr.io/acme/api:2.0.0",
        "spec.source.helm.parameters[3].value": "acme/sidecar:5",
        "spec.source.helm.valuesObject.worker.image.tag": "acme/worker:3.0.0",
        "spec.source.helm.values.cron.image": "acme/cron:4.0.0",
    }
    assert {use.application for use in result.uses} == {"api"}


def test_argo_cd_sources_and_kustomize_images(tmp_path):
    result = look(
        tmp_path,
        {
            "app.yaml": f"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {{name: api}}
            spec:
              sources:
                - {{repoURL: registry-1.docker.io/bitnamicharts, chart: redis, targetRevision: 18.1.0}}
                - repoURL: https://github.com/acme/gitops.git
                  path: apps/api
                  targetRevision: v1.0.0
                  kustomize:
                    images:
                      - nginx:1.27
                      - old=ghcr.io/acme/new:2.0
                      - ghcr.io/acme/pinned@{DIGEST}
                      - busybox
            """
        },
    )
    assert images(result) == [
        "registry-1.docker.io/bitnamicharts/redis:18.1.0",
        "nginx:1.27",
        "ghcr.io/acme/new:2.0",
        "ghcr.io/acme/pinned@sha256:012",
        "busybox",
    ]
    renamed = result.uses[2]
    assert (renamed.original_name, renamed.places[0].prefix, renamed.places[0].raw) == (
        "old",
        "old=",
        b"old=ghcr.io/acme/new:2.0",
    )


def test_argo_cd_application_set_where_it_is_literal(tmp_path):
    result = look(
        tmp_path,
        {
            "set.yaml": """
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: {name: apps}
            spec:
              generators:
                - list:
                    elements: [{cluster: a}]
                    template:
                      spec: {source: {repoURL: "https://c.example.com", chart: over, targetRevision: 2.0.0}}
              template:
                metadata: {name: '{{cluster}}-api'}
                spec:
                  source:
                    repoURL: https://c.example.com
                    chart: api
                    targetRevision: 1.0.0
                    helm: {parameters: [{name: image.repository, value: acme/api}, {name: image.tag, value: '{{tag}}'}]}
            """
        },
    )
    assert images(result) == ["c.example.com/over:2.0.0", "c.example.com/api:1.0.0", "acme/api"]


def test_a_parameter_that_sets_only_a_tag_is_named_by_the_chart_in_its_path(tmp_path):
    files = {
        "charts/api/values.yaml": "image: {repository: acme/api, tag: 1.0.0}\n",
        "argocd/api-prod.yaml": """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: api-prod}
        spec:
          source:
            path: charts/api
            helm: {parameters: [{name: image.tag, value: 1.1.0}]}
        """,
    }
    expected = [
        ("argocd/api-prod.yaml", "acme/api", "1.1.0", "api", "prod"),
        ("charts/api/values.yaml", "acme/api", "1.0.0"),
    ]
    for image in (None, "acme/api"):
        result = look(tmp_path, files, image=image)
        assert [(use.file, use.name, use.tag) for use in result.uses] == [item[:3] for item in expected]
        assert (result.uses[0].application, result.uses[0].environment) == expected[0][3:]


def test_flux_helm_release_and_its_repository(tmp_path):
    files = {
        "sources/podinfo.yaml": """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata: {name: podinfo, namespace: flux-system}
        spec: {url: "https://stefanprodan.github.io/podinfo"}
        ---
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: HelmRepository
        metadata: {name: charts, namespace: flux-system}
        spec: {type: oci, url: "oci://ghcr.io/acme/charts"}
        """,
        "apps/podinfo.yaml": """
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: podinfo, namespace: apps}
        spec:
          chart:
            spec:
              chart: podinfo
              version: 6.x
              sourceRef: {kind: HelmRepository, name: podinfo, namespace: flux-system}
          values:
            image: {repository: ghcr.io/stefanprodan/podinfo, tag: 6.5.0}
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: api, namespace: apps}
        spec:
          chart: {spec: {chart: api, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}}}
        """,
    }
    result = look(tmp_path, files)
    assert [(use.name, use.tag, use.datasource) for use in result.uses] == [
        ("stefanprodan.github.io/podinfo/podinfo", "6.x", "helm"),
        ("ghcr.io/stefanprodan/podinfo", "6.5.0", "docker"),
        ("ghcr.io/acme/charts/api", "1.0.0", "docker"),
    ]
    assert not result.findings
    assert images(look(tmp_path, files, image="ghcr.io/acme/charts/api")) == ["ghcr.io/acme/charts/api:1.0.0"]


def test_flux_chart_of_an_unknown_repository_is_said_so(tmp_path):
    release = """
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: x}
    spec: {chart: {spec: {chart: x, version: 1.0.0, sourceRef: {kind: HelmRepository, name: gone}}}}
    """
    result = look(tmp_path, {"r.yaml": release})
    assert (result.uses, [(finding.rule, finding.status) for finding in result.findings]) == (
        (),
        [("image-without-name", "unknown")],
    )


def test_flux_oci_repositories_and_kustomizations(tmp_path):
    result = look(
        tmp_path,
        {
            "oci.yaml": f"""
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: OCIRepository
            metadata: {{name: a}}
            spec: {{url: "oci://ghcr.io/acme/manifests", ref: {{tag: 1.0.0, digest: "{DIGEST}"}}}}
            ---
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: OCIRepository
            metadata: {{name: b}}
            spec: {{url: "oci://ghcr.io/acme/more", ref: {{semver: ">=1.0.0"}}}}
            ---
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: GitRepository
            metadata: {{name: c}}
            spec: {{url: "https://github.com/acme/x", ref: {{tag: v1.0.0}}}}
            ---
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata: {{name: d}}
            spec: {{path: ./x, images: [{{name: api, newName: ghcr.io/acme/api, newTag: 2.0.0}}]}}
            """
        },
    )
    assert [(use.path, use.name, use.tag, use.version_place.holds) for use in result.uses] == [
        ("spec.ref.tag", "ghcr.io/acme/manifests", "1.0.0", "tag"),
        ("spec.ref.semver", "ghcr.io/acme/more", ">=1.0.0", "version"),
        ("spec.images[0].newTag", "ghcr.io/acme/api", "2.0.0", "tag"),
    ]
    assert result.uses[0].digest == DIGEST


def test_flux_markers(tmp_path):
    result = look(
        tmp_path,
        {
            "pod.yaml": """
            apiVersion: v1
            kind: Pod
            spec:
              containers:
                - image: acme/a:1 # {"$imagepolicy": "flux-system:a"}
                # {"$imagepolicy": "flux-system:b"}
                - image: acme/b:1
                - image: acme/c:1 # {"$imagepolicy": broken}
            """,
            "values.yaml": """
            image:
              repository: acme/d # {"$imagepolicy": "flux-system:d:name"}
              tag: 1.0.0 # {"$imagepolicy": "flux-system:d:tag"}
            """,
            "settings.yaml": """
            apiVersion: v1
            kind: ConfigMap
            data:
              API_VERSION: 1.5.0 # {"$imagepolicy": "flux-system:api:tag"}
              WHOLE: acme/e:3 # {"$imagepolicy": "flux-system:e"}
            """,
            "policies.yaml": """
            apiVersion: image.toolkit.fluxcd.io/v1
            kind: ImageRepository
            metadata: {name: api, namespace: flux-system}
            spec: {image: ghcr.io/acme/api}
            ---
            apiVersion: image.toolkit.fluxcd.io/v1
            kind: ImagePolicy
            metadata: {name: api, namespace: flux-system}
            spec: {imageRepositoryRef: {name: api}, policy: {semver: {range: 1.x}}}
            """,
        },
    )
    assert [(use.file, use.name, use.tag, use.markers) for use in result.uses] == [
        ("pod.yaml", "acme/a", "1", ('{"$imagepolicy": "flux-system:a"}',)),
        ("pod.yaml", "acme/b", "1", ('{"$imagepolicy": "flux-system:b"}',)),
        ("pod.yaml", "acme/c", "1", ()),
        ("settings.yaml", "ghcr.io/acme/api", "1.5.0", ('{"$imagepolicy": "flux-system:api:tag"}',)),
        ("settings.yaml", "acme/e", "3", ('{"$imagepolicy": "flux-system:e"}',)),
        (
            "values.yaml",
            "acme/d",
            "1.0.0",
            ('{"$imagepolicy": "flux-system:d:name"}', '{"$imagepolicy": "flux-system:d:tag"}'),
        ),
    ]
    assert [use.tag for use in look(tmp_path, {}, image="ghcr.io/acme/api").uses] == ["1.5.0"]


def test_argo_cd_sources_that_are_oci_artifacts(tmp_path):
    app = """
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {name: a}
    spec:
      sources:
        - {repoURL: "oci://ghcr.io/acme/manifests", targetRevision: 2.0.0, path: .}
        - {repoURL: "oci://ghcr.io/acme/manifests", ref: values}
    """
    assert images(look(tmp_path, {"app.yaml": app})) == ["ghcr.io/acme/manifests:2.0.0"]


APPLICATION_SET = """
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: api}
spec:
  goTemplate: true
  generators:
    - list:
        elements:
          - {env: dev, tag: 1.1.0, chart: 2.1.0, sidecarImage: "a/side:3"}
          - env: prod
            tag: "1.0"
            chart: 2.0.0
    - matrix:
        generators:
          - clusters: {}
          - list: {elements: [{stage: load, tag: 0.9.0}]}
  template:
    metadata: {name: "api-{{.env}}"}
    spec:
      source:
        repoURL: https://charts.acme.io
        chart: api
        targetRevision: "{{ .chart }}"
        helm:
          parameters:
            - {name: image.repository, value: ghcr.io/acme/api}
            - {name: image.tag, value: "{{.tag}}"}
          valuesObject:
            worker: {image: {repository: ghcr.io/acme/worker, tag: "{{.tag}}-slim"}}
"""


def test_an_application_set_has_a_use_for_each_element_where_its_version_stands(tmp_path):
    result = look(tmp_path, {"set.yaml": APPLICATION_SET})
    assert [(written(use), use.application, use.environment, use.path) for use in result.uses if use.tag] == [
        ("ghcr.io/acme/api:1.1.0", "api-dev", "dev", "spec.generators[0].list.elements[0].tag"),
        ("charts.acme.io/api:2.1.0", "api-dev", "dev", "spec.generators[0].list.elements[0].chart"),
        ("a/side:3", "api-dev", "dev", "spec.generators[0].list.elements[0].sidecarImage"),
        ("ghcr.io/acme/api:1.0", "api-prod", "prod", "spec.generators[0].list.elements[1].tag"),
        ("charts.acme.io/api:2.0.0", "api-prod", "prod", "spec.generators[0].list.elements[1].chart"),
        ("ghcr.io/acme/api:0.9.0", None, "load", "spec.generators[1].matrix.generators[1].list.elements[0].tag"),
    ]
    assert [use.name for use in result.uses if not use.tag] == ["ghcr.io/acme/worker"]


def test_an_application_set_that_laughs_is_filled_in_once(tmp_path):
    aliases = "".join(f"    x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 9)}]\n" for i in range(1, 12))
    content = (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n"
        "    - list: {elements: [{tag: '1'}]}\n  more:\n"
        "    x0: &x0 {image: {repository: a/b, tag: '{{tag}}'}}\n" + aliases
    ) + "  template: {spec: {source: {helm: {valuesObject: {x: *x11}}}}}\n"
    assert images(look(tmp_path, {"set.yaml": content})) == ["a/b:1"]
