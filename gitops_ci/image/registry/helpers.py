"""Docker's credential helpers: programs that give the login for one registry.

Source: docker/docker-credential-helpers. ``docker-credential-NAME get`` reads a registry's address from
standard input and writes a JSON object.
"""

import json
import re
import subprocess
from collections.abc import Mapping

from gitops_ci.errors import RegistryError

TIMEOUT = 30.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def ask(helper: str, server: str, configured_in: str, environ: Mapping[str, str]) -> tuple[str, str] | None:
    """``(username, secret)`` for a registry's address; None when the helper has none.

    The user name ``<token>`` means that the secret is an identity token. What a helper prints is never part
    of an error: it may be a secret. Raises RegistryError when it cannot be run or answers nonsense.
    """
    program = f"docker-credential-{helper}"
    if not _NAME.fullmatch(helper):
        raise RegistryError(f"{configured_in}: {helper!r} is not the name of a credential helper")
    try:
        done = subprocess.run(  # noqa: S603 - an argument list; the name cannot be a path or an option
            [program, "get"],
            input=server.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RegistryError(f"{program} does not answer within {TIMEOUT:g} s when asked for {server}") from None
    except OSError as error:
        raise RegistryError(
            f"{program} (from {configured_in}) cannot be run: {error.strerror}",
            remedy=f"install it, or log in to {server}",
        ) from None
    if done.returncode == 1:
        # The protocol's "I have none"; Docker takes every failure of this kind as "no login". The registry
        # then says what it needs.
        return None
    if done.returncode != 0:
        raise RegistryError(f"{program} (from {configured_in}) failed with status {done.returncode} for {server}")
    try:
        value = json.loads(done.stdout)
        username, secret = value["Username"], value["Secret"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise RegistryError(f"{program} (from {configured_in}) gave no login in JSON for {server}") from None
    return (username, secret) if isinstance(username, str) and isinstance(secret, str) and secret else None
