"""Credentials that a machine already has: Docker's and Podman's files, and their credential helpers.

Sources: docker/cli ``docs/reference/commandline/login`` (config.json: auths, credHelpers, credsStore),
docker/docker-credential-helpers (the protocol), containers-auth.json(5) (Podman: where the file is, and
keys with a path). Nothing is read, and no helper runs, before a registry asks for a login.
"""

import base64
import binascii
import json
import os
import threading
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from gitops_ci.errors import RegistryError
from gitops_ci.image.reference import DOCKER_HUB, HUB_HOSTS
from gitops_ci.image.registry import helpers

_HUB_KEY = "https://index.docker.io/v1/"
_LARGEST_FILE = 4 * 1024 * 1024


class Credentials:
    """Who we are for one registry. Never shows itself."""

    __slots__ = ("bearer", "identity_token", "password", "username")

    def __init__(self, username: str = "", password: str = "", *, identity_token: str = "", bearer: str = "") -> None:
        self.username = username
        self.password = password
        self.identity_token = identity_token
        """Exchanged for access tokens at the registry's token server (OAuth2 refresh token)."""
        self.bearer = bearer
        """Sent to the registry itself as it is."""

    def __repr__(self) -> str:
        return f"Credentials(username={self.username!r}, secret=…)"

    @property
    def basic(self) -> str | None:
        """The value of an ``Authorization: Basic`` header; None without username and password."""
        if not (self.username and self.password):
            return None
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class _File(NamedTuple):
    path: str
    auths: Mapping[str, object]
    helpers: Mapping[str, object]
    store: str | None


class Keychain:
    """Finds credentials by registry and repository. Safe to call from threads."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._files: tuple[_File, ...] | None = None
        self._helped: dict[tuple[str, str], Credentials | None] = {}
        self._lock = threading.RLock()

    def find(self, registry: str, repository: str) -> Credentials | None:
        """Credentials for a repository (normalised names), or None when there are none.

        The first file that knows the registry decides; in it, a helper before a stored login, and the
        longest matching path. Raises RegistryError for a file or a helper that cannot be used.
        """
        with self._lock:
            if self._files is None:
                self._files = tuple(_files(self._environ))
            for file in self._files:
                found = self._in_file(file, registry, repository)
                if found is not None:
                    return found
        return None

    def _in_file(self, file: _File, registry: str, repository: str) -> Credentials | None:
        named = next((value for key, value in file.helpers.items() if _place(key)[0] == registry), None)
        for helper in (named, file.store):
            if isinstance(helper, str) and helper:
                found = self._ask(helper, registry, file.path)
                if found is not None:
                    return found
                break
        best: tuple[int, Credentials] | None = None
        for key, entry in file.auths.items():
            host, path = _place(key)
            if host != registry or not (not path or repository == path or repository.startswith(f"{path}/")):
                continue
            credentials = _stored(entry, key, file.path)
            if credentials is not None and (best is None or len(path) > best[0]):
                best = (len(path), credentials)
        return best[1] if best else None

    def _ask(self, helper: str, registry: str, path: str) -> Credentials | None:
        if (helper, registry) not in self._helped:
            server = _HUB_KEY if registry == DOCKER_HUB else registry
            username, secret = helpers.ask(helper, server, path, self._environ) or ("", "")
            found = Credentials(identity_token=secret) if username == "<token>" else Credentials(username, secret)
            self._helped[helper, registry] = found if secret else None
        return self._helped[helper, registry]


def _files(environ: Mapping[str, str]) -> Iterator[_File]:
    home = environ.get("HOME") or os.path.expanduser("~")
    docker = environ.get("DOCKER_CONFIG") or os.path.join(home, ".docker")
    paths = [
        environ.get("REGISTRY_AUTH_FILE"),
        os.path.join(docker, "config.json"),
        os.path.join(environ["XDG_RUNTIME_DIR"], "containers", "auth.json") if environ.get("XDG_RUNTIME_DIR") else None,
        os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "containers", "auth.json"),
    ]
    for path in dict.fromkeys(path for path in paths if path):
        try:
            with open(path, "rb") as file:
                data = file.read(_LARGEST_FILE + 1)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise RegistryError(f"{path}: cannot be read: {error.strerror}") from None
        try:
            value = json.loads(data) if len(data) <= _LARGEST_FILE else None
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            # Never the text itself: it holds secrets.
            raise RegistryError(f"{path}: is not a Docker configuration in JSON", remedy="repair it, or log in again")
        store = value.get("credsStore")
        yield _File(
            path,
            _mapping(value.get("auths")),
            _mapping(value.get("credHelpers")),
            store if isinstance(store, str) else None,
        )


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _place(key: str) -> tuple[str, str]:
    """``(registry, path)`` of a key: ``https://index.docker.io/v1/``, ``ghcr.io``, ``quay.io/org/repo``."""
    host, _, path = key.partition("://")[2 if "://" in key else 0].partition("/")
    path = path.strip("/")
    if path in ("v1", "v2"):
        path = ""
    host = host.lower()
    return (DOCKER_HUB if host in HUB_HOSTS else host), path


def _stored(entry: object, key: str, path: str) -> Credentials | None:
    if not isinstance(entry, dict):
        return None

    def text(name: str) -> str:
        value = entry.get(name)
        return value if isinstance(value, str) else ""

    username, password = text("username"), text("password")
    if text("auth"):
        try:
            decoded = base64.b64decode(text("auth"), validate=True).decode().rstrip("\0")
        except (binascii.Error, UnicodeDecodeError):
            decoded = ""
        username, colon, password = decoded.partition(":")
        if not colon:
            raise RegistryError(f"{path}: the login for {key} is damaged", remedy="log in again")
    credentials = Credentials(username, password, identity_token=text("identitytoken"), bearer=text("registrytoken"))
    return credentials if credentials.basic or credentials.identity_token or credentials.bearer else None
