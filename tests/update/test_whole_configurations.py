"""Whole configurations in the style of real GitOps repositories: what is then decided for each image."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_ci.config.renovate import PresetFiles, load
from gitops_ci.update.model import Dependency
from gitops_ci.update.rules import Rules

HOME = """
{
  $schema: "https://docs.renovatebot.com/renovate-schema.json",
  extends: [
    "config:recommended",
    "docker:enableMajor",
    "helpers:pinGitHubActionDigests",
    "github>someone/cluster//.renovate/autoMerge.json5",
    "github>someone/cluster//.renovate/groups.json5",
    ":disableRateLimiting",
    ":timezone(America/New_York)",
    ":semanticCommits",
  ],
  suppressNotifications: ["prEditedNotification"],
  dependencyDashboardTitle: "Dashboard 🤖",
  kubernetes: { fileMatch: ["kubernetes/.+\\\\.ya?ml$"] },
  flux: { fileMatch: ["kubernetes/.+\\\\.ya?ml$"] },
  "helm-values": { fileMatch: ["kubernetes/.+\\\\.ya?ml$"] },
  packageRules: [
    { matchUpdateTypes: ["major"], addLabels: ["type/major"] },
    { matchUpdateTypes: ["minor"], addLabels: ["type/minor"] },
    { matchDatasources: ["docker"], addLabels: ["renovate/container"] },
    { matchPackageNames: ["influxdb"], matchDatasources: ["docker"], allowedVersions: "<2" },
  ],
}
"""
AUTOMERGE = """
{
  packageRules: [
    {
      description: "Trusted containers",
      matchDatasources: ["docker"],
      matchUpdateTypes: ["minor", "patch"],
      matchPackageNames: ["ghcr.io/home-operations/radarr", "/grafana/"],
      automerge: true, automergeType: "branch", ignoreTests: false,
      schedule: ["after 1am and before 5am"],
    },
  ],
}
"""
GROUPS = """
{
  packageRules: [
    {
      groupName: "Rook Ceph",
      matchPackagePatterns: ["rook.ceph"],
      matchDatasources: ["docker", "helm"],
      group: { commitMessageTopic: "{{{groupName}}} group" },
      separateMinorPatch: true,
    },
  ],
}
"""
CHARTS = """
{
  "extends": ["config:base", ":automergeStableNonMajor"],
  "schedule": ["* * * * 5"],
  "labels": ["dependencies"],
  "rebaseWhen": "behind-base-branch",
  "packageRules": [
    {"enabled": false, "matchPackageNames": ["*"]},
    {
      "enabled": true,
      "matchFileNames": ["charts/**"],
      "groupName": "chart updates",
      "schedule": null,
      "labels": ["dependencies", "auto-merge"],
      "major": {"labels": ["dependencies"], "groupName": "chart majors", "automerge": false},
      "matchPackageNames": ["*"]
    },
    {
      "enabled": false,
      "matchFileNames": ["charts/kube-stack/**"],
      "matchPackageNames": ["quay.io/prometheus-operator/**"],
      "matchUpdateTypes": ["major", "minor"]
    }
  ]
}
"""
COMPANY = """
{
  "extends": ["config:best-practices", "schedule:weekly", "group:allNonMajor", ":label(renovate)",
    ":reviewer(team:platform)"],
  "enabledManagers": ["kubernetes", "kustomize", "helm-values", "regex"],
  "ignorePaths": ["archive/**"],
  "ignoreDeps": ["acme/legacy"],
  "registryAliases": {"registry.acme.corp/hub": "docker.io"},
  "stabilityDays": 3,
  "prConcurrentLimit": 5,
  "hostRules": [{"matchHost": "registry.acme.corp", "username": "bot", "password": "{{ secrets.REGISTRY }}"}],
  "packageRules": [
    {"matchFileNames": ["**/overlays/prod/**"], "schedule": ["before 5am on monday"],
      "dependencyDashboardApproval": true},
    {"matchPackagePrefixes": ["registry.acme.corp/"], "minimumReleaseAge": null, "groupName": "acme",
      "automerge": true},
    {"matchPackageNames": ["postgres"], "matchUpdateTypes": ["major"], "enabled": false}
  ]
}
"""


def rules(tmp_path: Path, files: dict[str, str], repository: str | None = None) -> Rules:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = load(str(tmp_path))
    assert found is not None
    return Rules((found.source,), presets=PresetFiles(str(tmp_path), repository), now=datetime(2026, 1, 1, tzinfo=UTC))


def image(name: str, file: str = "a.yaml", update_type: str | None = None, manager: str = "kubernetes") -> Dependency:
    return Dependency(name, name, "docker", manager, file, "1.2.3", "1.2.3", update_type=update_type)


def test_a_home_cluster_with_presets_in_its_own_repository(tmp_path: Path) -> None:
    found = rules(
        tmp_path,
        {".github/renovate.json5": HOME, ".renovate/autoMerge.json5": AUTOMERGE, ".renovate/groups.json5": GROUPS},
        "someone/cluster",
    )
    radarr = found.options(image("ghcr.io/home-operations/radarr", update_type="minor"))
    assert (radarr.get("automerge"), radarr.get("automergeType")) == (True, "branch")
    assert radarr.get("schedule") == ["after 1am and before 5am"]
    assert radarr.get("addLabels") == ["type/minor", "renovate/container"]
    assert radarr.get("timezone") == "America/New_York"
    rook = found.options(image("docker.io/rook/ceph"))
    assert (rook.get("groupName"), rook.get("separateMinorPatch")) == ("Rook Ceph", True)
    assert rook.get("group") == {"commitMessageTopic": "{{{groupName}}} group"}
    assert found.options(image("influxdb")).get("allowedVersions") == "<2"
    assert found.file_patterns["flux"] == ("/kubernetes/.+\\.ya?ml$/",)
    assert not [finding for finding in found.warnings if finding.status == "warn"]


def test_a_chart_repository_that_turns_everything_off_but_charts(tmp_path: Path) -> None:
    found = rules(tmp_path, {"renovate.json": CHARTS})
    assert found.options(image("nginx", "docs/a.yaml")).get("enabled") is False
    minor = found.options(image("nginx", "charts/web/values.yaml", "minor"))
    assert (minor.get("enabled"), minor.get("groupName"), minor.get("automerge")) == (True, "chart updates", True)
    assert (minor.get("schedule"), minor.get("labels")) == (["at any time"], ["dependencies", "auto-merge"])
    major = found.options(image("nginx", "charts/web/values.yaml", "major"))
    assert (major.get("groupName"), major.get("labels"), major.get("automerge")) == (
        "chart majors",
        ["dependencies"],
        False,
    )
    operator = "quay.io/prometheus-operator/prometheus-operator"
    assert found.options(image(operator, "charts/kube-stack/values.yaml", "minor")).get("enabled") is False
    assert found.options(image(operator, "charts/kube-stack/values.yaml", "patch")).get("enabled") is True


@pytest.mark.parametrize("package", ["registry.acme.corp/shop/api"])
def test_a_company_with_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setenv("REGISTRY", "hush")
    found = rules(tmp_path, {"renovate.json": COMPANY})
    prod = found.options(image(package, "apps/shop/overlays/prod/kustomization.yaml", "minor", "kustomize"))
    assert prod.get("schedule") == ["before 5am on monday"]
    assert (prod.get("groupName"), prod.get("groupSlug")) == ("acme", None)
    assert (prod.get("minimumReleaseAge"), prod.get("automerge"), prod.get("pinDigests")) == (None, True, True)
    assert prod.get("dependencyDashboardApproval") is True
    dev = found.options(image("redis", "apps/shop/overlays/dev/kustomization.yaml", "patch", "kustomize"))
    assert (dev.get("groupSlug"), dev.get("minimumReleaseAge")) == ("all-minor-patch", "3 days")
    assert (dev.get("labels"), dev.get("reviewers")) == (["renovate"], ["team:platform"])
    assert found.options(image("postgres", update_type="major")).get("enabled") is False
    assert found.options(image("acme/legacy")).get("enabled") is False
    assert found.options(image("nginx", manager="flux")).get("enabled") is False
    assert found.package_name("registry.acme.corp/hub/nginx", "kubernetes") == "docker.io/nginx"
    assert found.ignores_path("archive/old/deployment.yaml") is not None
    assert found.ignores_path("web/node_modules/x.yaml") is None, "ignorePaths replaces what presets said"
    assert found.root.get("prConcurrentLimit") == 5
    assert found.host_rules[0].username == "bot"
