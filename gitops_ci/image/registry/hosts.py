"""Which host rule holds for a repository, and where its registry is.

Renovate's ``hostRules``: the longest ``matchHost`` that fits wins, others fill its gaps. ``matchHost`` is a
host (``ghcr.io``, also its subdomains), a host with port, or a URL or path prefix
(``https://registry.example.com/team``). A prefix ends at a ``/``: ``https://ghcr.io`` is not
``https://ghcr.io.example.com``. Credentials of different rules are never mixed.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.reference import DOCKER_HUB, HUB_HOSTS
from gitops_ci.image.registry.credentials import Credentials
from gitops_ci.image.registry.transport import CONNECTIONS, TIMEOUT, Origin

_HUB_API = "registry-1.docker.io"
_MOST_CONNECTIONS = 64


class Access(NamedTuple):
    """How one repository is reached."""

    origin: Origin
    credentials: Credentials | None
    """From a host rule; None when no rule has any."""
    fallback: Origin | None
    """HTTPS, where ``origin`` is only a guess at plain HTTP."""


class _Rule(NamedTuple):
    rule: HostRule
    scheme: str
    host: str
    """Lower case, with port if the rule has one."""
    path: str
    length: int

    def matches(self, hosts: Iterable[str], repository: str) -> bool:
        if self.path and not (repository == self.path or repository.startswith(f"{self.path}/")):
            return False
        return not self.host or any(_same_host(self.host, host, exact=bool(self.scheme)) for host in hosts)


class Hosts:
    """The host rules of a run."""

    def __init__(self, rules: Sequence[HostRule] = (), *, host_type: str = "docker") -> None:
        fitting = [_read(rule) for rule in rules if rule.host_type in (None, host_type)]
        # Stable: of two that are equally specific the later one wins, as everywhere in these rules.
        self._rules = sorted(fitting, key=lambda rule: rule.length)

    def access(self, registry: str, repository: str) -> Access:
        """How to reach a repository (normalised names). RegistryError where a rule disables the host."""
        names = HUB_HOSTS if registry == DOCKER_HUB else (registry,)
        rules = [rule for rule in self._rules if rule.matches(names, repository)]
        rules.reverse()
        if rules and not rules[0].rule.enabled:
            raise RegistryError(f"a host rule ({rules[0].rule.match_host}) disables {registry}")
        insecure = any(rule.rule.insecure_registry for rule in rules)
        local = is_local(registry)
        scheme = next((rule.scheme for rule in rules if rule.scheme), "")
        if scheme == "http" and not (insecure or local):
            scheme = ""  # an address is not the consent to send secrets in the clear; insecureRegistry is
        guessed = not scheme and (insecure or local)
        timeout = next((rule.rule.timeout for rule in rules if rule.rule.timeout), TIMEOUT)
        wanted = next(
            (rule.rule.concurrent_request_limit for rule in rules if rule.rule.concurrent_request_limit), None
        )
        connections = max(1, min(wanted or CONNECTIONS, _MOST_CONNECTIONS))
        netloc = _HUB_API if registry == DOCKER_HUB else registry
        verify = not (insecure or local)
        origin = Origin(scheme or ("http" if guessed else "https"), netloc, verify, timeout, connections)
        fallback = Origin("https", netloc, verify, timeout, connections) if guessed else None
        return Access(origin, _credentials(rules, registry), fallback)


def is_local(registry: str) -> bool:
    """Whether this is the machine itself, where Docker speaks plain HTTP unasked."""
    host, _ = _split(registry)
    return host in ("localhost", "[::1]") or (host.startswith("127.") and _is_address(host))


def _read(rule: HostRule) -> _Rule:
    text = (rule.match_host or "").strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "", text
    host, _, path = rest.partition("/")
    host = host.rpartition("@")[2].lower().removeprefix(".")
    path = path.strip("/")
    for prefix in ("v1", "v2"):
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path.removeprefix(prefix).strip("/")
    return _Rule(rule, scheme.lower() if scheme.lower() in ("http", "https") else "", host, path, len(host) + len(path))


def _same_host(wanted: str, host: str, *, exact: bool) -> bool:
    """A rule without port holds for all ports, a URL for its own; subdomains only for a bare host name."""
    wanted_name, wanted_port = _split(wanted)
    name, port = _split(host)
    if wanted_port != port and (wanted_port or exact):
        return False
    if wanted_name == name:
        return True
    return not exact and not wanted_port and not _is_address(name) and name.endswith(f".{wanted_name}")


def _split(host: str) -> tuple[str, str]:
    """``(name, port)``; the port is "" where it is HTTP's or HTTPS's own."""
    name, colon, port = host.rpartition(":")
    if not colon or "]" in port:
        name, port = host, ""
    return name, "" if port in ("80", "443") else port


def _is_address(host: str) -> bool:
    parts = host.split(".")
    return host.startswith("[") or (len(parts) == 4 and all(part.isdigit() and int(part) < 256 for part in parts))


def _credentials(rules: Sequence[_Rule], registry: str) -> Credentials | None:
    for entry in rules:
        rule = entry.rule
        if not entry.host:
            continue  # A secret belongs to a host; a rule for all hosts would give it to all.
        if rule.username and rule.password:
            return Credentials(rule.username, rule.password)
        secret = rule.token or rule.password
        if secret:
            username = rule.username or _token_username(registry)
            return Credentials(username, secret) if username else Credentials(bearer=secret)
    return None


def _token_username(registry: str) -> str:
    """The user name that goes with a bare token, where the registry wants one; "" where the token is sent as it is.

    Sources: GitHub's, Google's, Amazon's and Microsoft's documentation of logging in to their registries.
    """
    if registry == "ghcr.io":
        return "token"
    if registry == "gcr.io" or registry.endswith((".gcr.io", ".pkg.dev")):
        return "oauth2accesstoken"
    if ".dkr.ecr." in registry and registry.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return "AWS"
    if registry.endswith((".azurecr.io", ".azurecr.cn")):
        return "00000000-0000-0000-0000-000000000000"
    return ""
