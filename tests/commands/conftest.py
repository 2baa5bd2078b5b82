"""Worlds for the tests of ``gitops-ci update``."""

import pytest

from tests.support.world import DEPLOYMENT, KUSTOMIZATION, World


@pytest.fixture
def world(tmp_path, capsys, monkeypatch):
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    return World(tmp_path, capsys)


@pytest.fixture
def two_environments(world):
    world.push("acme/api", "1.4.2", "1.4.3")
    world.push("acme/web", "v2.0.0", "v2.1.0")
    world.make(
        {
            "apps/api/base/deployment.yaml": DEPLOYMENT.format(name="api", image="r.example/acme/api"),
            "apps/api/base/kustomization.yaml": "resources: [deployment.yaml]\n",
            "apps/api/overlays/dev/kustomization.yaml": "resources: [../../base]\n"
            + KUSTOMIZATION.format(name="r.example/acme/api", tag="1.4.2"),
            "apps/api/overlays/prod/kustomization.yaml": "resources: [../../base]\r\n"
            + KUSTOMIZATION.format(name="r.example/acme/api", tag="1.4.2").replace("\n", "\r\n"),
            "clusters/prod/web.yaml": DEPLOYMENT.format(name="web", image="r.example/acme/web:v2.0.0"),
        }
    )
    return world
