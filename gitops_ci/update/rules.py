"""Rules: which options are in force for a dependency, and which line of which configuration said so.

Merging follows Renovate: defaults; the root's options; the manager's; the update type's; then every matching rule
of packageRules in order; then ``force``. A dependency is asked about once before its versions are looked up, when
update types and new values are not known, and once for each update: the second answer may differ.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

from gitops_ci.config.hosts import HostRule
from gitops_ci.config.source import Path, Position, Source
from gitops_ci.finding import Finding
from gitops_ci.update.compile import Rule, compile_rule, known
from gitops_ci.update.compose import Block, RawRule, compose
from gitops_ci.update.extend import PresetReader
from gitops_ci.update.model import Dependency, Options, Origin
from gitops_ci.update.options import (
    BLOCK_DEFAULTS,
    DATASOURCE_DEFAULTS,
    DEFAULTS,
    MANAGER_DEFAULTS,
    OPTIONS,
)
from gitops_ci.update.paths import Paths

MAX_REMEMBERED = 20_000
_OPEN = frozenset({"current_age", "update_type", "new_value", "new_version", "is_breaking", "source_url"})
"""What is not known before the registry was asked: a matcher on it may yet match."""


class _Base(NamedTuple):
    """What is the same for all dependencies of a manager, a data source and a type of update."""

    block: Block
    rules: tuple[Rule, ...]
    disabled: Origin | None
    """Why no rule can turn these dependencies on."""


class Rules:
    """The rules of a run, built once.

    ``sources`` are in the order in which they count, the strongest last; each stands on the presets it extends.
    ``presets`` reads presets that are files. Raises ConfigurationError, with file, line and column, for what cannot
    be understood; what was left out, has another name now or has no effect is in ``warnings``.
    """

    def __init__(
        self, sources: Sequence[Source] = (), *, presets: PresetReader | None = None, now: datetime | None = None
    ) -> None:
        self._now = now or datetime.now(UTC)
        self._composition = composition = compose(sources, presets)
        self._findings = list(composition.findings)
        self._rules = self._compile(composition.rules)
        self._manager_rules = {name: self._compile(rules) for name, rules in composition.manager_rules.items()}
        self._type_rules = {name: self._compile(rules) for name, rules in composition.type_rules.items()}
        every = (self._rules, *self._manager_rules.values(), *self._type_rules.values())
        self._aged = tuple(rule for rules in every for rule in rules if "current_age" in rule.fields)
        self._force = Block(known(composition.force.values), composition.force.origins)
        self._bases: dict[tuple[str, str, str | None], _Base] = {}
        self._remembered: dict[object, Options] = {}
        self._key = self._key_function()
        self.root = self._root()
        """The options that belong to no dependency: limits, branches, the dashboard."""
        self._paths = Paths(self.root)
        self.host_rules: tuple[HostRule, ...] = self._host_rules()
        """The hostRules of all sources, with their secrets from the environment."""

    @classmethod
    def of(
        cls,
        config: Mapping[str, object],
        *,
        source: str = "renovate.json",
        presets: PresetReader | None = None,
        now: datetime | None = None,
    ) -> "Rules":
        """The rules of one configuration that is at hand as a mapping."""
        return cls((Source(source, config, source),), presets=presets, now=now)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What people should know about their configuration."""
        return tuple(self._findings)

    def options(self, dependency: Dependency) -> Options:
        """The options in force for a dependency, or, with its update type filled in, for one update of it."""
        key = self._key(dependency)
        found = self._remembered.get(key)
        if found is None:
            found = self._decide(dependency)
            if len(self._remembered) >= MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = found
        return found

    def needs_age(self, dependency: Dependency) -> bool:
        """Whether ``current_age`` could change what is said of a dependency: finding it out costs a request."""
        return any(
            all(_OPEN.intersection(matcher.fields) or matcher.test(dependency, "docker") for matcher in rule.matchers)
            for rule in self._aged
        )

    def package_name(self, name: str, manager: str) -> str:
        """A name after registryAliases: what is looked up. The longest alias wins."""
        aliases = self._base(manager, "docker").block.values["registryAliases"]
        if isinstance(aliases, dict):
            for alias in sorted(aliases, key=len, reverse=True):
                target, start = aliases[alias], alias.rstrip("/")
                if isinstance(target, str) and start and (name == start or name.startswith(f"{start}/")):
                    return target.rstrip("/") + name[len(start) :]
        return name

    def ignores_path(self, path: str) -> Origin | None:
        """Who leaves a file out: tell people, so that nothing is skipped in silence. None if it is looked at."""
        return self._paths.ignored(path)

    @property
    def custom_managers(self) -> tuple[Mapping[str, object], ...]:
        """The customManagers of all sources, in Renovate's words; those with ``enabled: false`` are left out."""
        managers = self._composition.root.values.get("customManagers")
        items = managers if isinstance(managers, list) else []
        return tuple(
            MappingProxyType(item) for item in items if isinstance(item, dict) and item.get("enabled") is not False
        )

    def _host_rules(self) -> tuple[HostRule, ...]:
        if not self._composition.host_rules:
            return ()
        from os import environ

        from gitops_ci.config.host_rules import host_rules

        result: list[HostRule] = []
        for source, path, raw in self._composition.host_rules:

            def where(index: int, name: str, source: Source = source, path: Path = path) -> Position | None:
                return source.position((*path, index, name))

            file = source.file or source.name
            rules, findings = host_rules(raw, environ, file=file, where=where, strict=False)
            result += rules
            self._findings += findings
        return tuple(result)

    @property
    def file_patterns(self) -> Mapping[str, tuple[str, ...]]:
        """By manager: ``managerFilePatterns`` beside its own."""
        found = {name: block.values.get("managerFilePatterns") for name, block in self._composition.managers.items()}
        return {
            name: (patterns,) if isinstance(patterns, str) else tuple(patterns)
            for name, patterns in found.items()
            if isinstance(patterns, str | list)
        }

    def _compile(self, rules: Sequence[RawRule]) -> tuple[Rule, ...]:
        compiled = []
        for raw in rules:
            rule, findings = compile_rule(raw, self._now)
            compiled.append(rule)
            self._findings += (finding for finding in findings if finding not in self._findings)
        return tuple(compiled)

    def _key_function(self) -> Callable[[Dependency], object]:
        """The fields that any matcher reads: dependencies that agree on them have the same options."""
        rules = [*self._rules]
        for more in (*self._manager_rules.values(), *self._type_rules.values()):
            rules += more
        fields = {"manager", "datasource", "update_type"}.union(*(rule.fields for rule in rules))
        composition = self._composition
        blocks = (composition.root, composition.force, *composition.managers.values(), *composition.types.values())
        if any(
            "ignoreDeps" in values for values in (*(block.values for block in blocks), *(rule.values for rule in rules))
        ):
            fields |= {"dep_name", "package_name"}
        return attrgetter(*sorted(fields))

    def _root(self) -> Options:
        block = Block(dict(DEFAULTS))
        block.add(known(self._composition.root.values), self._composition.root.origins)
        block.replace(self._force)
        return _freeze(block)

    def _base(self, manager: str, datasource: str, update_type: str | None = None) -> _Base:
        key = (manager, datasource, update_type)
        found = self._bases.get(key)
        if found is None:
            found = self._bases[key] = self._make_base(manager, datasource, update_type)
        return found

    def _make_base(self, manager: str, datasource: str, update_type: str | None) -> _Base:
        composition = self._composition
        block = Block({**DEFAULTS, **DATASOURCE_DEFAULTS.get(datasource, {})})
        block.add(known(composition.root.values), composition.root.origins)
        block.add(MANAGER_DEFAULTS.get(manager, {}), Origin("defaults", f"manager {manager}"))
        own = composition.managers.get(manager, Block())
        block.add(known(own.values), own.origins)
        rules = self._rules + self._manager_rules.get(manager, ())
        if update_type is not None:
            block.add(BLOCK_DEFAULTS.get(update_type, {}), Origin("defaults", update_type))
            said = composition.types.get(update_type, Block())
            block.add(known(said.values), said.origins)
            inner = own.values.get(update_type)
            if isinstance(inner, dict):
                block.add(known(inner), own.origins[update_type])
            rules += self._type_rules.get(update_type, ())
        example = Dependency("", "", datasource, manager, "", update_type=update_type)
        narrowed = tuple(narrow for rule in rules if (narrow := rule.narrowed(example)) is not None)
        return _Base(block, narrowed, self._disabled(manager, own))

    def _disabled(self, manager: str, own: Block) -> Origin | None:
        root = self._composition.root
        only = root.values.get("enabledManagers")
        if self._force.values.get("enabled") is True:
            return None
        if root.values.get("enabled") is False:
            return root.origins["enabled"]
        if own.values.get("enabled") is False:
            return own.origins["enabled"]
        if isinstance(only, list) and only and manager not in only:
            return root.origins["enabledManagers"]
        return None

    def _decide(self, dependency: Dependency) -> Options:
        base = self._base(dependency.manager, dependency.datasource, dependency.update_type)
        block = base.block.copy()
        said = block.values["versioning"]
        versioning = said if isinstance(said, str) else "docker"
        for rule in base.rules:
            if rule.matches(dependency, versioning):
                block.add(rule.values, rule.origin)
                said = rule.values.get("versioning")
                versioning = said if isinstance(said, str) else versioning
        block.replace(self._force)
        ignored = block.values["ignoreDeps"]
        off = base.disabled
        if (
            off is None
            and ignored
            and isinstance(ignored, list)
            and not {dependency.dep_name, dependency.package_name}.isdisjoint(ignored)
        ):
            off = block.origins["ignoreDeps"]
        if off is not None:
            block.add({"enabled": False}, off)
        return _freeze(block)


def _freeze(block: Block) -> Options:
    """Options with a value of the right kind everywhere. Null resets: a text to nothing, all else to its default."""
    for name in block.origins:
        value = block.values[name]
        if value is None and OPTIONS[name].kind != "string":
            block.values[name] = DEFAULTS[name]
        elif isinstance(value, str) and OPTIONS[name].listed:
            block.values[name] = [value]
    return Options(MappingProxyType(block.values), MappingProxyType(block.origins))
