"""``extends``: a configuration and the presets it builds on, in the order in which they count."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gitops_ci.config.source import Path, Source, render
from gitops_ci.errors import ConfigurationError
from gitops_ci.update import presets
from gitops_ci.update.check import check
from gitops_ci.update.merge import merge
from gitops_ci.update.migrate import Migration, migrate, migrate_rule
from gitops_ci.update.options import MATCHERS, UPDATE_BLOCKS, block_manager
from gitops_ci.update.values import check_values

if TYPE_CHECKING:
    from gitops_ci.finding import Finding

MAX_PRESETS = 2000
MAX_DEPTH = 50

PresetReader = Callable[[str], Source | None]
"""A reference such as ``local>acme/gitops//renovate/images`` → its file; None where it lies elsewhere.
Raises :class:`gitops_ci.errors.ConfigurationError` for a file that is missing, broken or outside of the root."""

Config = dict[str, object]


class Rule(NamedTuple):
    """One rule of packageRules in today's words, its own presets merged in."""

    config: Mapping[str, object]
    path: Path
    """Where it stands in its source, in the source's own words."""


class Layer(NamedTuple):
    """One configuration or preset, without the presets it builds on (they are layers before it)."""

    source: Source
    config: Config
    rules: tuple[Rule, ...]
    origin: Callable[[Path], Path]
    """From a path in ``config`` to the one in the source's own words."""
    preset: bool


class Extender:
    """Resolves ``extends`` for all sources of a run; ``findings`` collects what is worth knowing."""

    def __init__(self, files: PresetReader | None = None, ignored: frozenset[str] = frozenset()) -> None:
        self.findings: list[Finding] = []
        self._files = files
        self._ignored = ignored
        self._count = 0

    def layers(self, source: Source, stack: tuple[str, ...] = (), *, trusted: bool = False) -> list[Layer]:
        """A source and, before it, all that it extends. Raises ConfigurationError, with the position.

        ``trusted``: it is one of ours, as it stands, and needs no check.
        """
        migration = migrate(source.config)
        mapped = source._replace(config=migration.config, position=lambda path: source.position(migration.origin(path)))
        if not trusted:
            for note in migration.notes:
                self.findings.append(
                    source.finding("old-name", note.path, note.message, severity="info", status="skip")
                )
            self.findings += check(mapped)
            self.findings += check_values(mapped)
        config = dict(migration.config)
        extends = config.pop("extends", None)
        rules = config.pop("packageRules", None)
        layers = self._extended(extends, mapped, ("extends",), stack)
        config = {name: self._block(value, name, mapped, (name,), stack) for name, value in config.items()}
        layers.append(
            Layer(source, config, self._rules(rules, migration, mapped, stack), migration.origin, bool(stack))
        )
        return layers

    def _extended(self, extends: object, source: Source, path: Path, stack: tuple[str, ...]) -> list[Layer]:
        layers: list[Layer] = []
        references = [extends] if isinstance(extends, str) else extends if isinstance(extends, list) else []
        for index, text in enumerate(references):
            if isinstance(text, str):
                layers += self._preset(text, source, (*path, index), stack) or ()
        return layers

    def _preset(self, text: str, source: Source, path: Path, stack: tuple[str, ...]) -> list[Layer] | None:
        """The layers of one preset: none if it was ignored, None if it could not be had."""
        self._count += 1
        if self._count > MAX_PRESETS or len(stack) > MAX_DEPTH:
            raise source.error(path, f"{text!r}: more than {MAX_PRESETS} presets, or {MAX_DEPTH} in one another")
        call = presets.parse(text)
        if {text, call.name, f"default{call.name}"} & self._ignored:
            return []
        if call.text in stack:
            self._say(source, "preset-loop", path, f"preset {text!r} extends itself: {' → '.join((*stack, text))}")
            return []
        if call.external:
            found = self._file(call, source, path)
            if found is None:
                return None
        else:
            preset = presets.find(call)
            if preset is None:
                near = presets.nearest(call.name)
                remedy = f"did you mean {near!r}?" if near else None
                self._say(source, "unknown-preset", path, f"preset {text!r} is not known and was left out", remedy)
                return None
            if preset.note and not stack:
                message = f"preset {text!r}: {preset.note}"
                self.findings.append(source.finding("preset", path, message, status="skip", severity="info"))
            # Errors and origins in a built-in preset point to where it is extended.
            found = Source(f"preset {call.name}", preset.config, source.file, lambda _: source.position(path))
        config, missing = presets.fill(found.config, call.arguments)
        if missing:
            self._say(
                source, "preset-argument", path, f"preset {text!r} has too few arguments: what needs them is left out"
            )
        trusted = not call.external and not call.arguments
        return self.layers(found._replace(config=config), (*stack, call.text), trusted=trusted)

    def _file(self, call: presets.Call, source: Source, path: Path) -> Source | None:
        try:
            found = self._files(call.name) if self._files else None
        except ConfigurationError as error:
            if error.file is not None:
                raise
            raise source.error(path, error.what, remedy=error.remedy) from None
        if found is None:
            self._say(
                source,
                "unknown-preset",
                path,
                f"preset {call.text!r} lies outside of this repository and was left out",
                "copy what is needed of it into this repository",
            )
        return found

    def _block(self, value: object, name: str, source: Source, path: Path, stack: tuple[str, ...]) -> object:
        """An update type's or a manager's block, with its own presets merged in."""
        if not isinstance(value, dict) or not (
            name in UPDATE_BLOCKS or name in ("group", "force") or block_manager(name)
        ):
            return value
        own = dict(value)
        extends = own.pop("extends", None)
        rules = own.pop("packageRules", None)
        merged: Config = {}
        spread: list[object] = []
        for layer in self._extended(extends, source, (*path, "extends"), stack):
            merged = merge(merged, layer.config)
            spread += [rule.config for rule in layer.rules]
        own = {inner: self._block(item, inner, source, (*path, inner), stack) for inner, item in own.items()}
        merged = merge(merged, own)
        if isinstance(rules, list):
            for index, rule in enumerate(rules):
                found = (
                    self._rule(rule, source, (*path, "packageRules", index), stack) if isinstance(rule, dict) else []
                )
                spread += found
        return {**merged, "packageRules": spread} if spread else merged

    def _rules(self, rules: object, migration: Migration, source: Source, stack: tuple[str, ...]) -> tuple[Rule, ...]:
        result: list[Rule] = []
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            path: Path = ("packageRules", index)
            result += (Rule(flat, migration.origin(path)) for flat in self._rule(rule, source, path, stack))
        return tuple(result)

    def _rule(self, rule: Mapping[str, object], source: Source, path: Path, stack: tuple[str, ...]) -> list[Config]:
        """A rule with its presets merged in: several where one of them holds rules itself."""
        own = dict(rule)
        extends = own.pop("extends", None)
        merged: Config = {}
        nested: list[object] = []
        incomplete = False
        for index, text in enumerate(
            [extends] if isinstance(extends, str) else extends if isinstance(extends, list) else []
        ):
            layers = self._preset(text, source, (*path, "extends", index), stack) if isinstance(text, str) else []
            if layers is None:
                incomplete = True
                continue
            for layer in layers:
                merged = merge(merged, layer.config)
                nested += [inner.config for inner in layer.rules]
        own = {name: self._block(value, name, source, (*path, name), stack) for name, value in own.items()}
        merged = merge(merged, own)
        if incomplete and not any(name in MATCHERS for name in merged):
            # What the missing preset matches is not known: without it the rule would match everything.
            self._say(
                source,
                "rule-left-out",
                path,
                f"{render(path)} was left out: what it matches is in a preset that is missing",
            )
            return []
        if not nested:
            return [merged]
        # The rules of a preset narrow the rule, not the blocks written in it: those keep the rule's own matchers.
        blocks = {name: merged.pop(name) for name in UPDATE_BLOCKS if name in own}
        matchers = {name: value for name, value in merged.items() if name in MATCHERS}
        spread = migrate_rule({**merged, "packageRules": nested})
        return [*spread, {**matchers, **blocks}] if blocks else spread

    def _say(self, source: Source, rule: str, path: Path, message: str, remedy: str | None = None) -> None:
        self.findings.append(source.finding(rule, path, message, remedy=remedy))
