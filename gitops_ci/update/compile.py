"""A rule as it was written → a rule that can be asked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from gitops_ci.config.source import Path, render
from gitops_ci.errors import ConfigurationError
from gitops_ci.finding import Finding
from gitops_ci.update.compose import RawRule
from gitops_ci.update.matchers import Matcher, MatcherError, build
from gitops_ci.update.model import Dependency, Origin
from gitops_ci.update.options import DEFAULTS
from gitops_ci.update.values import FOREIGN_VERSIONINGS

_COST = {"matchJsonata": 9, "matchCurrentVersion": 5, "matchFileNames": 3, "matchPackageNames": 2, "matchDepNames": 2}
"""Dear matchers are asked last: the order within a rule means nothing."""


class Rule(NamedTuple):
    """One compiled rule."""

    matchers: tuple[Matcher, ...]
    fields: frozenset[str]
    """What its matchers read of a dependency."""
    values: Mapping[str, object]
    """What it sets, of the options that a dependency has."""
    origin: Origin
    update_type: str | None

    def matches(self, dependency: Dependency, versioning: str) -> bool:
        """Whether the rule is for this dependency, under the versioning in force."""
        for matcher in self.matchers:  # noqa: SIM110 - a generator would cost as much as most tests
            if not matcher.test(dependency, versioning):
                return False
        return True

    def narrowed(self, dependency: Dependency) -> "Rule | None":
        """The rule for all dependencies with the same FIXED fields: less to ask, or None if it is for none of them."""
        if self.update_type is not None and self.update_type != dependency.update_type:
            return None
        open_matchers = []
        for matcher in self.matchers:
            if not FIXED.issuperset(matcher.fields):
                open_matchers.append(matcher)
            elif not matcher.test(dependency, ""):
                return None
        return self._replace(matchers=tuple(open_matchers))


FIXED = frozenset({"manager", "datasource", "update_type"})


def compile_rule(rule: RawRule, now: datetime) -> tuple[Rule, list[Finding]]:
    """Compile a rule. Raises ConfigurationError at the pattern that cannot be used."""
    findings: list[Finding] = []
    where = render(rule.path)
    if not rule.matchers:
        if not rule.preset:
            raise rule.source.error(
                rule.path,
                f"{where} has no matcher",
                remedy='add one, such as "matchPackageNames": ["*"], or write its options outside of packageRules',
            )
        findings.append(
            rule.source.finding("rule-without-matcher", rule.path, f"{where} has no matcher and is for everything")
        )
    if "allowedVersions" in rule.values and "matchUpdateTypes" in rule.matchers:
        raise rule.source.error(
            rule.path,
            f"{where} has both matchUpdateTypes and allowedVersions",
            remedy="versions are filtered before update types are known: write two rules",
        )
    matchers = []
    for name, value in rule.matchers.items():
        if value is None:
            continue
        try:
            matcher = build(name, value, now)
        except MatcherError as error:
            raise _error(rule, name, error) from None
        if matcher.warning and not rule.preset:
            findings.append(rule.source.finding("rule-never-matches", rule.path, f"{where}: {matcher.warning}"))
        matchers.append(matcher)
    matchers.sort(key=lambda matcher: _COST.get(matcher.name, 1))
    fields = frozenset(field for matcher in matchers for field in matcher.fields)
    return Rule(tuple(matchers), fields, known(rule.values), rule.origin, rule.update_type), findings


def known(values: Mapping[str, object]) -> dict[str, object]:
    """Those options that a dependency has."""
    return {
        name: value
        for name, value in values.items()
        if name in DEFAULTS and not (name == "versioning" and value in FOREIGN_VERSIONINGS)
    }


def _error(rule: RawRule, name: str, error: MatcherError) -> ConfigurationError:
    """The error at the very pattern, also where an old name was written."""
    path = _find(rule.source.config, rule.path, error.pattern) or (*rule.path, name)
    pattern = f" {error.pattern!r}" if isinstance(error.pattern, str) else ""
    return rule.source.error(path, f"{name}{pattern}: {error}")


def _find(config: object, path: Sequence[str | int], pattern: object) -> Path | None:
    """Where in a rule a pattern was written, in whatever form."""
    if not isinstance(pattern, str):
        return None
    for part in path:
        children = dict(_children(config))
        if part not in children:
            return None
        config = children[part]
    bare = pattern.removeprefix("!")
    forms = {pattern, bare, bare.removesuffix("{/,}**")}
    if len(bare) > 1 and bare[0] == bare[-1] == "/":
        forms.add(bare[1:-1])
    pending: list[tuple[Path, object]] = [(tuple(path), config)]
    while pending:
        here, value = pending.pop(0)
        if isinstance(value, str) and value in forms:
            return here
        pending += [((*here, key), child) for key, child in _children(value)]
    return None


def _children(value: object) -> list[tuple[str | int, object]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
