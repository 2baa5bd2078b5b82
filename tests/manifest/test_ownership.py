"""Application and environment of a file, from layouts and objects, without configuration."""

import pytest

from gitops_ci.manifest.ownership import Ownership
from gitops_ci.manifest.scan import ScanConfig
from tests.support.checkout import look

POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'nginx:1'}]}\n"


@pytest.mark.parametrize(
    ("file", "application", "environment"),
    [
        # the repository structure that most articles on GitOps show
        ("applications/payment-service/base/deployment.yaml", "payment-service", None),
        ("applications/payment-service/overlays/staging/kustomization.yaml", "payment-service", "staging"),
        ("infrastructure/base/rbac.yaml", None, None),
        ("infrastructure/clusters/production/kustomization.yaml", None, "production"),
        ("infrastructure/environments/dev.yaml", None, "dev"),
        ("tenants/team-a.yaml", None, None),
        # Flux's own examples
        ("apps/base/podinfo/release.yaml", "podinfo", None),
        ("apps/production/podinfo-values.yaml", "podinfo", "production"),
        ("clusters/staging/apps.yaml", None, "staging"),
        # others
        ("apps/api/overlays/prod/patch.yaml", "api", "prod"),
        ("apps/api/deployment.yaml", "api", None),
        ("apps/prod/api/deployment.yaml", "api", "prod"),
        ("api/overlays/test/kustomization.yaml", "api", "test"),
        ("api/base/deployment.yaml", "api", None),
        ("prod/api/deployment.yaml", "api", "prod"),
        ("api/dev/deployment.yaml", "api", "dev"),
        ("environments/qa/api/values.yaml", "api", "qa"),
        ("envs/uat/api/values.yaml", "api", "uat"),
        ("overlays/prod/kustomization.yaml", None, "prod"),
        ("k8s/overlays/prod/kustomization.yaml", None, "prod"),
        ("clusters/prod-eu/api/release.yaml", "api", "prod"),
        ("clusters/home/api/release.yaml", "api", "home"),
        ("charts/api/values.yaml", "api", None),
        ("charts/api/values-prod.yaml", "api", "prod"),
        ("charts/api/prod-values.yaml", "api", "prod"),
        ("charts/api/values/staging.yaml", "api", "staging"),
        ("charts/api/values-extra.yaml", "api", None),
        ("apps/api/environments/eu-1/values.yaml", "api", "eu-1"),
        ("deployment.yaml", None, None),
        ("prod.yaml", None, "prod"),
        ("docker-compose.prod.yml", None, "prod"),
        ("kubernetes/deployment.yaml", None, None),
    ],
)
def test_layouts(file, application, environment):
    assert Ownership().of(file) == (application, environment)


def test_configured_names_are_environments():
    assert Ownership().of("apps/api/eu-live/values.yaml") == ("api", None)
    assert Ownership(environments=["eu-live"]).of("apps/api/eu-live/values.yaml") == ("api", "eu-live")


def owned(result):
    return {use.file: (use.application, use.environment) for use in result.uses}


def test_argo_cd_applications_own_the_directory_they_deploy(tmp_path):
    result = look(
        tmp_path,
        {
            "argocd/payment.yaml": """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: payment-service-prod}
            spec:
              source: {repoURL: "https://github.com/org/x", path: ./deploy/k8s}
              destination: {name: prod-eu}
            """,
            "argocd/charts.yaml": """
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: web-staging, labels: {environment: staging}}
            spec:
              source: {path: helm/web, helm: {valueFiles: [custom.yaml, ../shared.yaml]}}
            """,
            "deploy/k8s/pod.yaml": POD,
            "deploy/other/pod.yaml": POD,
            "helm/web/custom.yaml": "image: {repository: web, tag: 1}\n",
            "helm/web/values.yaml": "image: {repository: web, tag: 1}\n",
        },
    )
    assert owned(result) == {
        "deploy/k8s/pod.yaml": ("payment-service", "prod"),
        "deploy/other/pod.yaml": (None, None),
        "helm/web/custom.yaml": ("web", "staging"),
        "helm/web/values.yaml": ("web", "staging"),
    }


def test_an_application_of_applications_does_not_own_what_lies_deeper(tmp_path):
    result = look(
        tmp_path,
        {
            "root.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: root}\nspec: {source: {path: apps}}\n",
            "apps/api/pod.yaml": POD,
        },
    )
    assert owned(result) == {"apps/api/pod.yaml": ("api", None)}


def test_two_applications_of_one_directory_leave_it_to_the_layout(tmp_path):
    application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {}}}\nspec: {{source: {{path: charts/api}}}}\n"
    files = {
        "a.yaml": application.format("one"),
        "b.yaml": application.format("two"),
        "charts/api/values.yaml": "image: nginx:1\n",
    }
    assert owned(look(tmp_path, files)) == {"charts/api/values.yaml": ("api", None)}


def test_flux_kustomizations_own_their_path_and_bases_stay_without_environment(tmp_path):
    result = look(
        tmp_path,
        {
            "clusters/production/x.yaml": """
            apiVersion: kustomize.toolkit.fluxcd.io/v1
            kind: Kustomization
            metadata: {name: payment-service}
            spec: {path: ./deploy}
            """,
            "deploy/pod.yaml": POD,
            "deploy/base/pod.yaml": POD,
        },
    )
    assert owned(result) == {
        "deploy/pod.yaml": ("payment-service", "production"),
        "deploy/base/pod.yaml": ("payment-service", None),
    }


def test_application_sets_of_directories(tmp_path):
    result = look(
        tmp_path,
        {
            "set.yaml": """
            apiVersion: argoproj.io/v1alpha1
            kind: ApplicationSet
            metadata: {name: all}
            spec:
              generators:
                - matrix:
                    generators:
                      - clusters: {}
                      - git: {repoURL: x, directories: [{path: deploy/*}]}
              template:
                metadata: {name: '{{path.basename}}-{{name}}'}
                spec: {source: {path: '{{path}}/k8s'}}
            """,
            "deploy/api/k8s/pod.yaml": POD,
            "deploy/web/k8s/pod.yaml": POD,
        },
    )
    assert owned(result) == {"deploy/api/k8s/pod.yaml": ("api", None), "deploy/web/k8s/pod.yaml": ("web", None)}


def test_a_named_search_knows_the_same_owners(tmp_path):
    files = {
        "a.yaml": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: api-prod}\nspec: {source: {path: x}}\n",
        "x/pod.yaml": POD,
    }
    assert look(tmp_path, files, image="nginx").uses == look(tmp_path, files).uses
    assert owned(look(tmp_path, files, config=ScanConfig())) == {"x/pod.yaml": ("api", "prod")}
