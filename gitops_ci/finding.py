"""A Finding: everything this toolkit says about a file has this one shape."""

from __future__ import annotations

from gitops_ci.record import NamedTuple

SEVERITIES = ("critical", "high", "medium", "low", "info")
STATUSES = ("fail", "warn", "skip", "error", "unknown")


class Finding(NamedTuple):
    """What was noticed, where, and what to do.

    ``status``: ``fail`` breaks a rule, ``warn`` is worth knowing, ``skip`` was left out on purpose,
    ``error`` could not be examined, ``unknown`` cannot be decided here (and never counts as good).
    """

    rule: str
    """Stable kebab-case identifier, for example ``unreadable-file``."""
    message: str
    file: str | None = None
    """Relative to the root, with ``/``."""
    line: int | None = None
    """1-based."""
    column: int | None = None
    """1-based, in characters."""
    status: str = "warn"
    severity: str = "medium"
    resource: str | None = None
    """``Kind/namespace/name`` where the file holds a Kubernetes resource."""
    remedy: str | None = None

    @property
    def fingerprint(self) -> str:
        """Stays the same when lines above move: rule, file, resource and message, not the line."""
        import hashlib

        text = "\0".join((self.rule, self.file or "", self.resource or "", self.message))
        return hashlib.sha256(text.encode()).hexdigest()[:32]
