"""HostRule: how one host is spoken to. Renovate's ``hostRules``, as a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HostRule:
    """The most specific rule for a host wins (longest ``match_host``); fields of a less specific one fill gaps.

    Secrets never appear in ``repr``: a rule may be printed.
    """

    match_host: str | None = None
    """A host (``ghcr.io``, also its subdomains), or a URL prefix."""
    host_type: str | None = None
    """``docker``, ``helm``, ``github``; None for all."""
    token: str | None = None
    username: str | None = None
    password: str | None = None
    insecure_registry: bool = False
    """Plain HTTP, or TLS that is not verified."""
    concurrent_request_limit: int | None = None
    timeout: float | None = None
    """Seconds."""
    enabled: bool = True

    def __repr__(self) -> str:
        secret = "set" if self.token or self.password else "none"
        return f"HostRule(match_host={self.match_host!r}, host_type={self.host_type!r}, credentials={secret})"
