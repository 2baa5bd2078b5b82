"""Logging in to one registry: its challenge, remembered, and the tokens that answer it.

Sources: RFC 9110 section 11 (challenges), the distribution project's token and OAuth2 specifications
(https://distribution.github.io/distribution/spec/auth/).

Who gets which secret:

- A bearer token goes to the registry that it was fetched for, nowhere else.
- User name and password go to the registry itself (Basic), or to the token server that it names in its
  challenge: that is the protocol, and the server's name cannot be known beforehand. The token server must
  be reached over HTTPS. Plain HTTP is accepted only when the registry itself is spoken to over plain HTTP
  (a local one, or ``insecureRegistry``), and then only on the registry's own host or on this machine.
- A challenge is read only from the registry itself, never from where it redirects to.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.credentials import Credentials
from gitops_ci.image.registry.hosts import is_local
from gitops_ci.image.registry.transport import Origin, Response, Transport

_LARGEST_ANSWER = 1024 * 1024
_SHORTEST_LIFE = 60
"""Seconds; the specification's default, and what a token that claims less is taken for."""
_LEEWAY = 10
_CLIENT = "gitops-ci"


class Challenge(NamedTuple):
    """One challenge of a ``WWW-Authenticate`` header."""

    scheme: str
    """Lower case: ``basic``, ``bearer``."""
    parameters: Mapping[str, str]


class Login:
    """What one registry wants, and what we have for it. Safe to call from threads."""

    def __init__(
        self,
        registry: str,
        transport: Transport,
        find: Callable[[str], Credentials | None],
        preset: Callable[[str], Credentials | None],
    ) -> None:
        """``preset`` gives what host rules say for a repository; ``find`` also looks on the machine, when needed."""
        self._registry = registry
        self._transport = transport
        self._find = find
        self._preset = preset
        self._challenge: Challenge | None = None
        self._tokens: dict[str, tuple[str, float]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._secrets: set[str] = set()
        self.known = False
        """Whether the registry has said whether it wants a login."""

    def header(self, origin: Origin, repository: str) -> str | None:
        """The Authorization header for a request about a repository; None while none is known to be wanted."""
        value = self._header(origin, repository)
        if value is not None:
            self._secrets.add(value.partition(" ")[2])
        return value

    def _header(self, origin: Origin, repository: str) -> str | None:
        preset = self._preset(repository)
        if preset is not None and preset.bearer:
            return f"Bearer {preset.bearer}"
        challenge = self._challenge
        if challenge is None:
            return None
        if challenge.scheme == "bearer":
            return f"Bearer {self._token(challenge, origin, repository)}"
        credentials = self._find(repository)
        if credentials is None:
            return None
        self._secrets.add(credentials.password)
        return credentials.basic

    def refused(self, origin: Origin, repository: str, response: Response, used: str | None) -> bool:
        """Learn from a 401. True when another attempt makes sense: with a login, or with a new token."""
        challenge = _choose(response.headers.get("WWW-Authenticate", ""))
        if challenge is None:
            return False
        with self._lock:
            self._challenge = challenge
        if used is not None and challenge.scheme == "bearer":
            with self._lock:
                if f"Bearer {self._tokens.get(repository, ('', 0.0))[0]}" == used:
                    del self._tokens[repository]  # expired earlier than it said
        again = self.header(origin, repository)
        return again is not None and again != used

    def hide(self, text: str) -> str:
        """The text without any secret that was sent to the registry: it may repeat what it got."""
        for secret in sorted(self._secrets - {""}, key=len, reverse=True):
            text = text.replace(secret, "…")
        return text

    def _token(self, challenge: Challenge, origin: Origin, repository: str) -> str:
        with self._lock:
            lock = self._locks.setdefault(repository, threading.Lock())
        with lock:
            token, until = self._tokens.get(repository, ("", 0.0))
            if time.monotonic() < until:
                return token
            credentials = self._find(repository)
            if credentials is not None and credentials.bearer:
                return credentials.bearer
            token, life = self._fetch(challenge, origin, repository, credentials)
            self._tokens[repository] = (token, time.monotonic() + max(life - _LEEWAY, life / 2))
            return token

    def _fetch(
        self, challenge: Challenge, origin: Origin, repository: str, credentials: Credentials | None
    ) -> tuple[str, float]:
        server, path, query = self._realm(challenge, origin)
        wanted = {"service": challenge.parameters.get("service", ""), "scope": f"repository:{repository}:pull"}
        wanted = {name: value for name, value in wanted.items() if value}
        accept = {"Accept": "application/json"}
        if credentials is not None and credentials.identity_token:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": credentials.identity_token,
                "client_id": _CLIENT,
                **wanted,
            }
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            target = f"{path}?{urlencode(query)}" if query else path
            response = self._transport.send(
                server, "POST", target, headers=accept | kind, limit=_LARGEST_ANSWER, body=urlencode(form).encode()
            )
        else:
            basic = credentials.basic if credentials is not None else None
            response = self._transport.send(
                server,
                "GET",
                f"{path}?{urlencode([*query, *wanted.items()])}",
                headers=accept,
                limit=_LARGEST_ANSWER,
                secret_headers={"Authorization": basic} if basic else None,
            )
        if response.status != 200:
            who = "the login for" if credentials is not None else "a request without login for"
            raise RegistryError(
                f"{server.netloc} refuses {who} {self._registry}/{repository} ({response.status})",
                status=response.status,
                remedy=f"check the credentials for {self._registry}"
                if credentials is not None
                else f"log in to {self._registry}",
            )
        return _read_token(response.body, server)

    def _realm(self, challenge: Challenge, origin: Origin) -> tuple[Origin, str, list[tuple[str, str]]]:
        realm = challenge.parameters.get("realm", "")
        try:
            parts = urlsplit(realm)
            host = parts.hostname
            port = parts.port
        except ValueError:
            host = port = None
        if not host or parts.scheme not in ("http", "https"):
            raise RegistryError(f"{self._registry} asks for a token without naming a token server")
        netloc = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
        same = host == origin.hostname
        if parts.scheme == "http" and (origin.scheme == "https" or not (same or is_local(netloc))):
            raise RegistryError(f"{self._registry} names a token server without TLS ({netloc}), which is refused")
        verify = origin.verify or not (same or is_local(netloc))
        server = Origin(parts.scheme, netloc, verify, origin.timeout, origin.connections)
        return server, parts.path or "/", parse_qsl(parts.query, keep_blank_values=True)


def challenges(header: str) -> Iterator[Challenge]:
    """The challenges of a ``WWW-Authenticate`` header, which may be several with one comma list for all."""
    from urllib.request import parse_http_list

    scheme = ""
    parameters: dict[str, str] = {}
    for item in parse_http_list(header):
        first, _, rest = item.partition(" ")
        if "=" not in first:  # a new challenge: its scheme, and perhaps its first parameter
            if scheme:
                yield Challenge(scheme, parameters)
            scheme, parameters, item = first.lower(), {}, rest.strip()
        name, equals, value = item.partition("=")
        if equals:
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] == '"':
                value = value[1:-1].replace('\\"', '"')
            parameters[name.strip().lower()] = value
    if scheme:
        yield Challenge(scheme, parameters)


def _choose(header: str) -> Challenge | None:
    """Bearer before Basic; anything else cannot be answered."""
    found = {challenge.scheme: challenge for challenge in challenges(header[:8192])}
    return found.get("bearer") or found.get("basic")


def _read_token(body: bytes, server: Origin) -> tuple[str, float]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        value = {}
    token = value.get("token") or value.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise RegistryError(f"{server.netloc} answers a login without a token")
    life = value.get("expires_in")
    return token, max(float(life), _SHORTEST_LIFE) if isinstance(life, int | float) and life > 0 else _SHORTEST_LIFE
