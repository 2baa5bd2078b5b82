"""All sources of a run as one: the options of the root, the blocks, and every rule in order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gitops_ci.config.source import Path, Source, render
from gitops_ci.finding import Finding
from gitops_ci.update.extend import Extender, Layer, PresetReader
from gitops_ci.update.merge import merge, merge_value
from gitops_ci.update.model import Origin
from gitops_ci.update.options import MATCHERS, UPDATE_BLOCKS, block_manager

_RULE_BLOCKS = frozenset(UPDATE_BLOCKS)


@dataclass(slots=True)
class Block:
    """Options with the origin of each."""

    values: dict[str, object] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)

    def add(self, values: Mapping[str, object], origin: Origin | Mapping[str, Origin]) -> None:
        """Merge more options in. A new groupName without a groupSlug ends an older groupSlug, as in Renovate."""
        if values.get("groupName") and "groupSlug" not in values and self.values.get("groupSlug"):
            values = {**values, "groupSlug": None}
            origin = origin if isinstance(origin, Origin) else {**origin, "groupSlug": origin["groupName"]}
        for name, value in values.items():
            self.values[name] = merge_value(name, self.values.get(name), value)
            self.origins[name] = origin if isinstance(origin, Origin) else origin[name]

    def replace(self, other: "Block") -> None:
        """Put another's values in the place of these: nothing adds up."""
        self.values.update(other.values)
        self.origins.update((name, other.origins[name]) for name in other.values)

    def copy(self) -> "Block":
        """A block that can be added to."""
        return Block(dict(self.values), dict(self.origins))


@dataclass(frozen=True, slots=True)
class RawRule:
    """A rule with its matchers still as text."""

    matchers: Mapping[str, object]
    values: Mapping[str, object]
    update_type: str | None
    """Set for what was a block in a rule: ``minor: {…}``."""
    source: Source
    path: Path
    preset: bool
    """It came from a preset, not from a configuration itself."""

    @property
    def origin(self) -> Origin:
        """Which rule of which configuration this is."""
        path = render(self.path)
        return Origin(
            self.source.name, f"{path}.{self.update_type}" if self.update_type else path, self.source.line(self.path)
        )


@dataclass(slots=True)
class Composition:
    """What all sources say together."""

    root: Block = field(default_factory=Block)
    force: Block = field(default_factory=Block)
    types: dict[str, Block] = field(default_factory=dict)
    """By update type."""
    managers: dict[str, Block] = field(default_factory=dict)
    """By manager; a manager's own update blocks are in ``values`` under their names."""
    rules: list[RawRule] = field(default_factory=list)
    manager_rules: dict[str, list[RawRule]] = field(default_factory=dict)
    type_rules: dict[str, list[RawRule]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    host_rules: list[tuple[Source, Path, Sequence[Mapping[str, object]]]] = field(default_factory=list)
    """The hostRules of each source as written, and where they stand."""


def compose(sources: Sequence[Source], files: PresetReader | None) -> Composition:
    """Merge sources, the later ones stronger, each on top of the presets it extends."""
    ignored = frozenset(
        name
        for source in sources
        for name in _texts(source.config.get("ignorePresets"))
        for name in (name, name.removeprefix("default"))
    )
    extender = Extender(files, ignored)
    result = Composition()
    forced: list[RawRule] = []
    for source in sources:
        for layer in extender.layers(source):
            forced += _add(result, layer)
    result.rules += forced
    result.findings = extender.findings
    return result


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _add(result: Composition, layer: Layer) -> list[RawRule]:
    """Add a layer; the rules of its ``force`` come last and are given back."""
    source = layer.source
    forced: list[RawRule] = []
    for name, value in layer.config.items():
        path = layer.origin((name,))
        origin = Origin(source.name, render(path), source.line(path))
        manager = block_manager(name)
        if name in _RULE_BLOCKS or manager or name == "force":
            block = dict(value) if isinstance(value, dict) else {}
            rules = block.pop("packageRules", None)
            raw = [rule for item in _dicts(rules) for rule in _split(item, layer, path)]
            if name == "force":
                result.force.add(block, origin)
                forced += raw
            elif manager:
                _block(result.managers, manager, block, value, origin)
                result.manager_rules.setdefault(manager, []).extend(raw)
            else:
                _block(result.types, name, block, value, origin)
                result.type_rules.setdefault(name, []).extend(raw)
        else:
            if name == "hostRules":
                result.host_rules.append((source, path, tuple(_dicts(value))))
            result.root.add({name: value}, origin)
    for rule in layer.rules:
        result.rules += _split(rule.config, layer, rule.path)
    return forced


def _block(blocks: dict[str, Block], name: str, values: dict[str, object], value: object, origin: Origin) -> None:
    if value is None:
        blocks.pop(name, None)
    else:
        blocks.setdefault(name, Block()).add(values, origin)


def _dicts(value: object) -> Iterable[Mapping[str, object]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else ()


def _split(rule: Mapping[str, object], layer: Layer, path: Path) -> list[RawRule]:
    """A rule, and after it one more for each update type's block in it: that block is stronger than the rule."""
    matchers = {name: value for name, value in rule.items() if name in MATCHERS}
    values = {name: value for name, value in rule.items() if name not in MATCHERS and name not in _RULE_BLOCKS}
    result = [RawRule(matchers, values, None, layer.source, path, layer.preset)]
    for name in UPDATE_BLOCKS:
        block = rule.get(name)
        if isinstance(block, dict):
            result.append(RawRule(matchers, merge({}, block), name, layer.source, path, layer.preset))
    return result
