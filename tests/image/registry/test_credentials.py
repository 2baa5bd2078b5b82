import base64
import json
import os
import stat

import pytest

from gitops_ci.errors import RegistryError
from gitops_ci.image.registry import helpers
from gitops_ci.image.registry.credentials import Keychain


def _auth(user, password):
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def _write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value))


def _find(home, registry, repository="app", **environ):
    found = Keychain({"HOME": str(home), "PATH": os.environ["PATH"], **environ}).find(registry, repository)
    return (found.username, found.password) if found is not None else None


def _helper(tmp_path, name, script):
    path = tmp_path / "bin" / f"docker-credential-{name}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"{path.parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.parametrize(
    "key", ["ghcr.io", "https://ghcr.io", "https://ghcr.io/", "ghcr.io/v2/", "GHCR.io", "http://ghcr.io/v1/"]
)
def test_all_spellings_of_a_host(tmp_path, key):
    _write(tmp_path / ".docker/config.json", {"auths": {key: _auth("u", "p:q")}})
    assert _find(tmp_path, "ghcr.io") == ("u", "p:q")
    assert _find(tmp_path, "ghcr.io.example.com") is None
    assert _find(tmp_path, "docker.io") is None


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "docker.io", "registry-1.docker.io", "index.docker.io"])
def test_all_spellings_of_docker_hub(tmp_path, key):
    _write(tmp_path / ".docker/config.json", {"auths": {key: _auth("u", "p")}})
    assert _find(tmp_path, "docker.io", "library/nginx") == ("u", "p")


def test_docker_config_names_the_directory(tmp_path):
    _write(tmp_path / "elsewhere/config.json", {"auths": {"a.example": _auth("u", "p")}})
    assert _find(tmp_path, "a.example", DOCKER_CONFIG=str(tmp_path / "elsewhere")) == ("u", "p")
    assert _find(tmp_path, "a.example") is None


def test_podmans_files_and_their_longest_path(tmp_path):
    _write(
        tmp_path / "run/containers/auth.json",
        {
            "auths": {
                "quay.io": _auth("all", "p"),
                "quay.io/org": _auth("org", "p"),
                "quay.io/org/app": _auth("app", "p"),
            }
        },
    )
    _write(tmp_path / ".config/containers/auth.json", {"auths": {"quay.io": _auth("home", "p"), "b": _auth("b", "p")}})
    runtime = {"XDG_RUNTIME_DIR": str(tmp_path / "run")}
    assert _find(tmp_path, "quay.io", "org/app", **runtime) == ("app", "p")
    assert _find(tmp_path, "quay.io", "org/application", **runtime) == ("org", "p")
    assert _find(tmp_path, "quay.io", "other", **runtime) == ("all", "p")
    assert _find(tmp_path, "b", "x", **runtime) == ("b", "p")
    _write(tmp_path / "own.json", {"auths": {"quay.io": _auth("own", "p")}})
    assert _find(tmp_path, "quay.io", REGISTRY_AUTH_FILE=str(tmp_path / "own.json")) == ("own", "p")


def test_a_helper_is_asked_for_its_host_only(tmp_path):
    path = _helper(
        tmp_path,
        "own",
        f'cat > {tmp_path}/asked; echo $1 >> {tmp_path}/asked; echo \'{{"Username":"h","Secret":"s"}}\'',
    )
    config = {"credHelpers": {"a.example": "own"}, "auths": {"a.example": {}, "b.example": _auth("b", "p")}}
    _write(tmp_path / ".docker/config.json", config)
    assert _find(tmp_path, "b.example", PATH=path) == ("b", "p")
    assert not (tmp_path / "asked").exists()
    assert _find(tmp_path, "a.example", PATH=path) == ("h", "s")
    assert (tmp_path / "asked").read_text() == "a.exampleget\n"


def test_the_credentials_store_knows_docker_hub_by_its_old_address(tmp_path):
    script = 'read server; [ "$server" = https://index.docker.io/v1/ ] && echo \'{"Username":"<token>","Secret":"id"}\''
    path = _helper(tmp_path, "store", script)
    _write(tmp_path / ".docker/config.json", {"credsStore": "store", "auths": {"b.example": _auth("b", "p")}})
    found = Keychain({"HOME": str(tmp_path), "PATH": path}).find("docker.io", "library/nginx")
    assert found is not None
    assert (found.identity_token, found.basic) == ("id", None)
    # It has none for another host: what the file itself holds still counts.
    assert _find(tmp_path, "b.example", PATH=path) == ("b", "p")


@pytest.mark.parametrize(
    ("script", "wanted"),
    [
        ("echo s3cret; exit 2", "failed with status 2"),
        ("echo s3cret", "gave no login in JSON"),
        ("echo '[\"s3cret\"]'", "gave no login in JSON"),
        ("sleep 5", "does not answer within"),
    ],
)
def test_a_helper_that_fails_is_named_and_what_it_printed_is_not_shown(tmp_path, monkeypatch, script, wanted):
    monkeypatch.setattr(helpers, "TIMEOUT", 0.3)
    path = _helper(tmp_path, "bad", script)
    _write(tmp_path / ".docker/config.json", {"credHelpers": {"a.example": "bad"}})
    with pytest.raises(RegistryError, match=wanted) as caught:
        _find(tmp_path, "a.example", PATH=path)
    assert "docker-credential-bad" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["missing", "../../bin/sh", "-x", "a b", "a;b"])
def test_a_helper_that_is_not_there_or_no_helper(tmp_path, name):
    _write(tmp_path / ".docker/config.json", {"credHelpers": {"a.example": name}})
    with pytest.raises(RegistryError, match=r"cannot be run|not the name of a credential helper"):
        _find(tmp_path, "a.example")


@pytest.mark.parametrize("text", ["", "{", "[]", '"s3cret"', "\x00", "[" * 100_000])
def test_a_damaged_file_is_an_error_that_names_it_and_hides_its_content(tmp_path, text):
    _write(tmp_path / ".docker/config.json", text)
    with pytest.raises(RegistryError, match=r"config\.json") as caught:
        _find(tmp_path, "a.example")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "auth", ["%%%", base64.b64encode(b"nocolon").decode(), base64.b64encode(b"\xff:\xff").decode()]
)
def test_a_damaged_login_is_an_error_for_its_host_alone(tmp_path, auth):
    config = {"auths": {"a.example": {"auth": auth}, "b.example": _auth("b", "p")}}
    _write(tmp_path / ".docker/config.json", config)
    with pytest.raises(RegistryError, match=r"the login for a\.example is damaged"):
        _find(tmp_path, "a.example")
    assert _find(tmp_path, "b.example") == ("b", "p")


@pytest.mark.parametrize("entry", [None, [], "x", {}, {"auth": ""}, {"username": "u"}, {"auth": 7}])
def test_an_entry_without_a_login_is_none(tmp_path, entry):
    _write(tmp_path / ".docker/config.json", {"auths": {"a.example": entry}})
    assert _find(tmp_path, "a.example") is None


def test_credentials_do_not_show_themselves(tmp_path):
    _write(tmp_path / ".docker/config.json", {"auths": {"a.example": _auth("u", "s3cret")}})
    found = Keychain({"HOME": str(tmp_path)}).find("a.example", "app")
    assert "s3cret" not in f"{found!r} {found}"
