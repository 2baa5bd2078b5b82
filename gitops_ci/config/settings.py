"""Settings: what ``.gitops-ci.yaml`` says, as values. Every key is optional; ``Settings()`` is no file at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gitops_ci.config.hosts import HostRule
from gitops_ci.finding import Finding


@dataclass(frozen=True, slots=True)
class Freeze:
    """A window in which nothing is promoted."""

    start: str
    """``Fri 16:00`` (every week), or ``2026-12-20``, ``2026-12-20 18:00``: checked when it was loaded."""
    end: str
    """The same kind as ``start``; a date without a time includes that day."""
    timezone: str = "UTC"
    """An IANA name."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What must hold after a promotion: exactly one of the two."""

    condition: str | None = None
    """``p99 < 500ms``."""
    template: str | None = None
    """Name of an AnalysisTemplate in the repository."""


@dataclass(frozen=True, slots=True)
class Rollback:
    """When an environment goes back to its last verified version."""

    auto: bool = False
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment: its place in the order, and what it asks before a version may enter."""

    name: str
    after: tuple[str, ...] = ()
    soak: timedelta = timedelta(0)
    promote: str | None = None
    """``auto``, ``commit`` or ``pull-request``; None where the file does not say."""
    approve: tuple[str, ...] = ()
    freeze: tuple[Freeze, ...] = ()
    clusters: tuple[str, ...] = ()
    analysis: tuple[Analysis, ...] = ()
    rollback: Rollback = Rollback()


@dataclass(frozen=True, slots=True)
class Hold:
    """Keeps what it names at its version. At least one of the three is set; a missing one is "any"."""

    reason: str
    application: str | None = None
    environment: str | None = None
    image: str | None = None
    """A name without tag, or a glob."""
    until: datetime | None = None
    """The first instant at which it no longer holds, in UTC; None: until it is lifted."""
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """One violation that is accepted."""

    rule: str
    reason: str
    resource: str | None = None
    until: datetime | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Validate:
    """What manifests are checked against."""

    kubernetes_version: str | None = None
    packs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    suppress: tuple[Suppression, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scanned image may hold. None where the file does not say."""

    fail_on: str | None = None
    ignore_unfixed: bool | None = None
    max_database_age: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Registries:
    """How registries are reached."""

    host_rules: tuple[HostRule, ...] = ()
    """Those of ``registries.hostRules``, then those of ``updates.hostRules``."""
    map: Mapping[str, str] = field(default_factory=dict)
    """Host to directory of OCI image layouts, relative to the root."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What delivery metrics count."""

    production: tuple[str, ...] = ()
    window: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it."""

    file: str | None = None
    """The file it came from, as it is shown to people; None where there was none."""
    environments: tuple[Environment, ...] = ()
    """In the file's order."""
    updates: Mapping[str, object] = field(default_factory=dict)
    """Renovate's words, checked against the schema but not interpreted: ``update.rules`` does that. Without
    ``hostRules``: those are in ``registries``, their variables filled in, and should not travel further."""
    holds: tuple[Hold, ...] = ()
    validate: Validate = Validate()
    scan: Scan = Scan()
    registries: Registries = Registries()
    metrics: Metrics = Metrics()
    warnings: tuple[Finding, ...] = ()
    positions: Mapping[tuple[str | int, ...], tuple[int, int]] = field(default_factory=dict)
    """Line and column (1-based) of each key and list element, by its path from the root."""

    def environment(self, name: str) -> Environment | None:
        """The environment of that name, if the file names it."""
        return next((environment for environment in self.environments if environment.name == name), None)

    def position(self, *path: str | int) -> tuple[int, int] | None:
        """Line and column of ``updates``, ``packageRules``, 3 …, or of the nearest parent that the file has."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path)
