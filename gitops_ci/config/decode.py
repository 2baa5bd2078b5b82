"""From the values of a checked file to Settings; here stand the rules that a schema cannot say."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from gitops_ci.config import times
from gitops_ci.config.host_rules import host_rules
from gitops_ci.config.settings import (
    Analysis,
    Environment,
    Freeze,
    Hold,
    Metrics,
    Registries,
    Rollback,
    Scan,
    Settings,
    Suppression,
    Validate,
)
from gitops_ci.config.validate import check, name, plain
from gitops_ci.errors import ConfigurationError, ConfigurationErrors
from gitops_ci.finding import Finding

if TYPE_CHECKING:
    from gitops_ci.config.hosts import HostRule
    from gitops_ci.config.reader import Path, Tree


def decode(tree: "Tree", variables: Mapping[str, str]) -> Settings:
    """Settings of a tree that was read.

    :raises ConfigurationErrors: everything that is wrong, one line each.
    """
    errors = check(tree)
    if errors:
        raise ConfigurationErrors(errors)
    return _Decoder(tree, variables).settings()


_T = TypeVar("_T")


class _Decoder:
    def __init__(self, tree: "Tree", variables: Mapping[str, str]) -> None:
        self.tree = tree
        self.variables = variables
        self.errors: list[ConfigurationError] = []
        self.warnings: list[Finding] = []

    def settings(self) -> Settings:
        root: dict[str, Any] = {key: value for key, value in self.tree.value.items() if value is not None}
        validate, scan, metrics = (root.get(section, {}) for section in ("validate", "scan", "metrics"))
        settings = Settings(
            file=self.tree.file,
            environments=self.environments(root.get("environments", {})),
            updates={key: value for key, value in root.get("updates", {}).items() if key != "hostRules"},
            holds=tuple(self.hold(entry, ("holds", at)) for at, entry in enumerate(root.get("holds", []))),
            validate=Validate(
                kubernetes_version=validate.get("kubernetes-version"),
                packs=_texts(validate.get("packs")),
                policies=_texts(validate.get("policies")),
                suppress=tuple(
                    self.suppression(entry, ("validate", "suppress", at))
                    for at, entry in enumerate(validate.get("suppress", []))
                ),
            ),
            scan=Scan(
                fail_on=scan.get("fail-on"),
                ignore_unfixed=scan.get("ignore-unfixed"),
                max_database_age=self.duration(scan, ("scan", "max-database-age")),
            ),
            registries=Registries(
                host_rules=self.hosts(root.get("registries", {}), "registries")
                + self.hosts(root.get("updates", {}), "updates"),
                map=self.layouts(root.get("registries", {}).get("map", {})),
            ),
            metrics=Metrics(
                production=_texts(metrics.get("production")), window=self.duration(metrics, ("metrics", "window"))
            ),
            warnings=tuple(self.warnings),
            positions=self.tree.keys,
        )
        if self.errors:
            raise ConfigurationErrors(self.errors)
        return settings

    def environments(self, raw: dict[str, Any]) -> tuple[Environment, ...]:
        found = tuple(self.environment(key, value or {}) for key, value in raw.items())
        for environment in found:
            for at, earlier in enumerate(environment.after):
                if earlier not in raw:
                    self.warn(_after(raw, environment.name, at), "unnamed-environment",
                              f"{plain(environment.name)} comes after {earlier!r}, which the file does not name",
                              f"add '{plain(earlier)}: {{}}' if it exists")  # fmt: skip
        order = {environment.name: environment.after for environment in found}
        done: set[str] = set()
        for environment in found:
            if circle := _circle(environment.name, order, done):
                self.errors.append(
                    self.tree.error(
                        ("environments", environment.name, "after"),
                        f"environments wait in a circle: {' after '.join(map(plain, circle))}",
                    )
                )
                break
        return found

    def environment(self, key: str, raw: dict[str, Any]) -> Environment:
        path: Path = ("environments", key)
        rollback = raw.get("rollback", {})
        return Environment(
            name=key,
            after=_texts(raw.get("after")),
            soak=self.duration(raw, (*path, "soak")) or timedelta(0),
            promote=raw.get("promote"),
            approve=_texts(raw.get("approve")),
            freeze=tuple(self.freeze(entry, (*path, "freeze", at)) for at, entry in enumerate(raw.get("freeze", []))),
            clusters=_texts(raw.get("clusters")),
            analysis=tuple(
                Analysis(condition=entry) if isinstance(entry, str) else Analysis(template=entry["template"])
                for entry in raw.get("analysis", [])
            ),
            rollback=Rollback(
                auto=rollback.get("auto", False),
                after=self.duration(rollback, (*path, "rollback", "after")) or timedelta(0),
            ),
        )

    def freeze(self, raw: dict[str, str], path: "Path") -> Freeze:
        kinds = [self.said((*path, end), partial(times.moment, raw[end])) for end in ("from", "to")]
        if None not in kinds and kinds[0] != kinds[1]:
            self.errors.append(self.tree.error((*path, "to"), f"{name(path)} mixes a time of the week with a date"))
        timezone = raw.get("timezone", "UTC")
        if not _is_timezone(timezone):
            self.errors.append(
                self.tree.error(
                    (*path, "timezone"), f"{timezone!r} is no time zone", remedy='write one such as "Europe/Berlin"'
                )
            )
        return Freeze(raw["from"], raw["to"], timezone, raw.get("reason"))

    def hold(self, raw: dict[str, str], path: "Path") -> Hold:
        return Hold(
            reason=raw["reason"],
            application=raw.get("application"),
            environment=raw.get("environment"),
            image=raw.get("image"),
            until=self.until(raw, path),
            file=self.tree.file,
            line=self.tree.position(path)[0],
        )

    def suppression(self, raw: dict[str, str], path: "Path") -> Suppression:
        line = self.tree.position(path)[0]
        return Suppression(raw["rule"], raw["reason"], raw.get("resource"), self.until(raw, path), line)

    def hosts(self, section: dict[str, Any], key: str) -> "tuple[HostRule, ...]":
        def where(index: int, field: str) -> tuple[int, int]:
            return self.tree.position((key, "hostRules", index, field))

        try:
            raw = section.get("hostRules") or []
            rules, findings = host_rules(raw, self.variables, file=self.tree.file, where=where)
        except ConfigurationError as error:
            self.errors.append(error)
            return ()
        self.warnings.extend(findings)
        return rules

    def layouts(self, raw: dict[str, str]) -> dict[str, str]:
        for host in raw:
            if "/" in host:
                remedy = "write the host alone, such as ghcr.io"
                self.errors.append(
                    self.tree.error(("registries", "map", host), f"{host!r} is no host", key=True, remedy=remedy)
                )
        return raw

    def duration(self, raw: dict[str, Any], path: "Path") -> timedelta | None:
        text = raw.get(str(path[-1]))
        return None if text is None else self.said(path, partial(times.duration, text))

    def until(self, raw: dict[str, str], path: "Path") -> datetime | None:
        return self.said((*path, "until"), partial(times.until, raw["until"])) if "until" in raw else None

    def said(self, path: "Path", read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except ValueError as error:
            self.errors.append(self.tree.error(path, f"{name(path)}: {error}"))
            return None

    def warn(self, path: "Path", rule: str, message: str, remedy: str) -> None:
        line, column = self.tree.position(path)
        self.warnings.append(Finding(rule, message, self.tree.file, line, column, remedy=remedy))


def _texts(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(cast("list[str]", value or ()))


def _after(raw: dict[str, Any], environment: str, at: int) -> "Path":
    path: Path = ("environments", environment, "after")
    return (*path, at) if isinstance(raw[environment]["after"], list) else path


def _circle(start: str, order: Mapping[str, tuple[str, ...]], done: set[str]) -> list[str]:
    """The names of a circle that can be reached from ``start``, without recursion; empty if there is none."""
    trail: list[str] = []
    waiting: list[tuple[str, bool]] = [(start, False)]
    while waiting:
        current, left = waiting.pop()
        if left:
            trail.pop()
            done.add(current)
        elif current in trail:
            return [*trail[trail.index(current) :], current]
        elif current not in done and current in order:
            trail.append(current)
            waiting.append((current, True))
            waiting.extend((earlier, False) for earlier in order[current])
    return []


def _is_timezone(text: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError):  # ZoneInfoNotFoundError is a KeyError; a directory an OSError
        return False
    return True
