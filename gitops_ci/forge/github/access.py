"""Which GitHub, and with which token: read from the environment, never from a file of the checkout.

A token goes to the API's own address and nowhere else, and that address must be https (or this machine).
"""

import os
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from gitops_ci.errors import ConfigurationError, UsageError

APP_ID = "GITOPS_CI_APP_ID"
APP_KEY = "GITOPS_CI_APP_PRIVATE_KEY"
TOKEN_VARIABLES = ("GITHUB_TOKEN", "GH_TOKEN")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Access(NamedTuple):
    """Where GitHub is and how to log in there."""

    api_url: str
    server_url: str
    token: str | None
    """None where an App logs in by its key."""
    app_id: str | None = None
    private_key: str | None = None
    source: str = ""
    """The variable that the token came from."""

    def __repr__(self) -> str:
        return f"Access({self.api_url}, {self.source})"


def access(token_env: str | None = None, environ: Mapping[str, str] = os.environ) -> Access:
    """What the environment says. ``token_env`` names the variable that holds the token.

    Else an App's id and key are taken (``GITOPS_CI_APP_ID``, ``GITOPS_CI_APP_PRIVATE_KEY``), else ``GITHUB_TOKEN``,
    ``GH_TOKEN``. Addresses are those that every workflow has: ``GITHUB_API_URL``, ``GITHUB_SERVER_URL``. Raises
    UsageError where there is no token, ConfigurationError for an address that a token must not be sent to.
    """
    api = environ.get("GITHUB_API_URL", "https://api.github.com").rstrip("/")
    server = environ.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/")
    parts = urlsplit(api)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConfigurationError(f"GITHUB_API_URL is {api!r}", remedy="a token is only sent over https")
    if token_env is not None:
        token = environ.get(token_env, "").strip()
        if not token:
            raise UsageError(f"the variable {token_env} is empty", remedy="put the token there, or change --token-env")
        return Access(api, server, token, source=token_env)
    app, key = environ.get(APP_ID, "").strip(), environ.get(APP_KEY, "").strip()
    if app and key:
        return Access(api, server, None, app, key.replace("\\n", "\n"), APP_KEY)
    for name in TOKEN_VARIABLES:
        token = environ.get(name, "").strip()
        if token:
            return Access(api, server, token, source=name)
    raise UsageError(
        "GitHub needs a token",
        remedy=f"set {TOKEN_VARIABLES[0]}, name another variable with --token-env, or set {APP_ID} and {APP_KEY}",
    )


def available(token_env: str | None, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a run without ``--forge`` proposes on GitHub: it was given a token, inside a workflow or by name."""
    if token_env is not None:
        return True
    if environ.get("GITHUB_ACTIONS") != "true":
        return False
    app = environ.get(APP_ID) and environ.get(APP_KEY)
    return bool(app or any(environ.get(name) for name in TOKEN_VARIABLES))


def repository_name(remote_url: str | None, found: Access, environ: Mapping[str, str] = os.environ) -> str:
    """``owner/name`` of the checkout: from its remote where that is on this GitHub, else what the workflow says."""
    from gitops_ci.git.repository import owner_name

    host = urlsplit(found.server_url).hostname or ""
    url = remote_url or ""
    name = owner_name(url)
    if name is not None and _host(url) == host and name.count("/") == 1:
        return name
    stated = environ.get("GITHUB_REPOSITORY", "")
    if stated.count("/") == 1:
        return stated
    raise UsageError(
        f"the remote is not on {host}", remedy="set GITHUB_REPOSITORY to owner/name, or GITHUB_SERVER_URL to its host"
    )


def _host(url: str) -> str:
    if "://" in url:
        return urlsplit(url).hostname or ""
    return url.partition(":")[0].rpartition("@")[2]
