"""The verb find, as it is called."""

import json

import pytest

from gitops_ci.cli import main
from tests.support.checkout import write

FILES = {
    "apps/api/base/deployment.yaml": "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{image: ghcr.io/acme/api}]}}}\n",
    "apps/api/overlays/prod/kustomization.yaml": "resources: [../../base]\nimages:\n  - name: ghcr.io/acme/api\n    newTag: 1.2.3\n",
    "Dockerfile": "FROM alpine:3.20\n",
}


@pytest.fixture
def root(tmp_path):
    write(tmp_path, FILES)
    return str(tmp_path)


def test_json_is_an_array_with_exactly_these_keys(root, capsys):
    assert main(["find", "--root", root, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == [
        {
            "file": "Dockerfile",
            "line": 1,
            "column": 6,
            "path": "FROM[0]",
            "image": "alpine",
            "registry": "docker.io",
            "repository": "library/alpine",
            "tag": "3.20",
            "digest": None,
            "format": "dockerfile",
            "application": None,
            "environment": None,
        },
        {
            "file": "apps/api/base/deployment.yaml",
            "line": 3,
            "column": 47,
            "path": "spec.template.spec.containers[0].image",
            "image": "ghcr.io/acme/api",
            "registry": "ghcr.io",
            "repository": "acme/api",
            "tag": None,
            "digest": None,
            "format": "kubernetes",
            "application": "api",
            "environment": None,
        },
        {
            "file": "apps/api/overlays/prod/kustomization.yaml",
            "line": 4,
            "column": 13,
            "path": "images[0].newTag",
            "image": "ghcr.io/acme/api",
            "registry": "ghcr.io",
            "repository": "acme/api",
            "tag": "1.2.3",
            "digest": None,
            "format": "kustomize",
            "application": "api",
            "environment": "prod",
        },
    ]


def test_json_keeps_to_its_published_schema(root, capsys):
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    main(["schema", "find"])
    schema = json.loads(capsys.readouterr().out)
    main(["find", "--root", root, "--format", "json"])
    jsonschema_rs.validate(schema, json.loads(capsys.readouterr().out))


def test_text_is_a_table_with_counts(root, capsys):
    assert main(["find", "--root", root]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["IMAGE", "TAG", "APPLICATION", "ENVIRONMENT", "FORMAT", "WHERE"]
    assert lines[3].split() == [
        "ghcr.io/acme/api",
        "1.2.3",
        "api",
        "prod",
        "kustomize",
        "apps/api/overlays/prod/kustomization.yaml:4",
    ]
    assert lines[-1] == "2 images, 3 uses in 3 files (3 files read)"


def test_environment_application_image_and_paths_narrow_it(root, capsys):
    def files(*options):
        assert main(["find", "--root", root, "--format", "json", *options]) == 0
        return [use["file"].rpartition("/")[2] for use in json.loads(capsys.readouterr().out)]

    assert files("--environment", "prod") == ["kustomization.yaml"]
    assert files("--application", "api") == ["deployment.yaml", "kustomization.yaml"]
    assert files("--application", "web") == []
    assert files("--image", "alpine") == ["Dockerfile"]
    assert files("--image", "ghcr.io/acme/*") == ["deployment.yaml", "kustomization.yaml"]
    assert files("Dockerfile") == ["Dockerfile"]


def test_a_file_that_cannot_be_read_is_told_on_stderr_and_in_the_exit_code(root, tmp_path, capsys):
    write(tmp_path, {"bad.yaml": b"image: nginx:1\n\tx: y\n"})
    assert main(["find", "--root", root, "--format", "json"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 3
    assert err.startswith("bad.yaml:2:")
    assert err.count("\n") == 1


def test_embedded_texts_only_on_request(tmp_path, capsys):
    write(tmp_path, {"cm.yaml": "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    image: acme/api:1.0\n"})
    main(["find", "--root", str(tmp_path)])
    assert capsys.readouterr().out.startswith("0 images")
    main(["find", "--root", str(tmp_path), "--embedded"])
    assert "acme/api" in capsys.readouterr().out


def test_configurations_add_managers_and_names(tmp_path, capsys):
    manager = {
        "customType": "regex",
        "managerFilePatterns": ["/\\.env$/"],
        "matchStrings": ["TAG=(?<currentValue>.+)"],
        "depNameTemplate": "acme/api",
        "datasourceTemplate": "docker",
    }
    write(
        tmp_path,
        {
            "renovate.json": json.dumps({"customManagers": [manager]}),
            "x.env": "TAG=1.0\n",
            ".gitops-ci.yaml": "environments: {eu-live: {}}\n",
            "apps/web/eu-live/values.yaml": "image: web:1\n",
        },
    )
    assert main(["find", "--root", str(tmp_path), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(use["file"], use["image"], use["tag"], use["environment"]) for use in found] == [
        ("apps/web/eu-live/values.yaml", "web", "1", "eu-live"),
        ("x.env", "acme/api", "1.0", None),
    ]
    assert found[1]["path"] is None


def test_wrong_usage(tmp_path, capsys):
    assert main(["find", "--root", str(tmp_path / "gone")]) == 2
    assert main(["find", "--root", str(tmp_path), "nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().err
