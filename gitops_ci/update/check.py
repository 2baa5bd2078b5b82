"""Is a configuration what Renovate's words allow? Wrong kinds are errors; unknown names are findings."""

from collections.abc import Iterator, Mapping

from gitops_ci.config.source import Path, Source, render
from gitops_ci.finding import Finding
from gitops_ci.update.options import (
    CUSTOM_MANAGER,
    FOREIGN_MANAGERS,
    HOST_RULE,
    HOST_RULE_WITHOUT_EFFECT,
    MANAGERS,
    MATCHERS,
    OPTIONS,
    SELF_HOSTED,
    UNREAD,
    UPDATE_BLOCKS,
    WITHOUT_EFFECT,
    Option,
    block_manager,
    nearest,
)

_KINDS = {
    "boolean": "true or false",
    "integer": "a whole number",
    "string": "a text",
    "strings": "a list of texts",
    "object": "an object",
    "objects": "a list of objects",
}


def check(source: Source) -> tuple[Finding, ...]:
    """What is worth knowing about a (migrated) configuration.

    Raises :class:`gitops_ci.errors.ConfigurationError` at the first value of the wrong kind, with its position.
    """
    checker = _Checker(source)
    findings = list(checker.block(source.config, (), "root"))
    if checker.idle:
        names = ", ".join(sorted(checker.idle))
        findings.append(
            source.finding(
                "no-effect-on-images", (), f"without effect on images: {names}", status="skip", severity="info"
            )
        )
    if checker.unread:
        names = ", ".join(sorted(checker.unread))
        findings.append(
            source.finding("no-effect", (), f"accepted, and without effect: {names}", status="skip", severity="info")
        )
    return tuple(findings)


class _Checker:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.idle: set[str] = set()
        self.unread: set[str] = set()

    def block(self, config: Mapping[str, object], path: Path, place: str) -> Iterator[Finding]:
        for name, value in config.items():
            here = (*path, name)
            if name in MATCHERS:
                if place != "rules":
                    raise self.source.error(
                        here, f"{name} stands outside of packageRules", remedy="move it into a rule"
                    )
                self.kind(name, MATCHERS[name], value, here)
            elif block_manager(name) is not None:
                yield from self.nested(name, value, here, "block")
            elif name in OPTIONS:
                yield from self.option(name, value, here, place)
            elif name in WITHOUT_EFFECT or name in FOREIGN_MANAGERS:
                if name != "$schema":
                    self.idle.add(name)
            elif name in SELF_HOSTED:
                yield self.source.finding(
                    "not-of-a-repository", here, f"{name} belongs to Renovate's administrator and has no effect here"
                )
            else:
                near = nearest(name)
                yield self.source.finding(
                    "unknown-option",
                    here,
                    f"unknown option {render(here)!r}",
                    remedy=f"did you mean {near!r}?" if near else None,
                )

    def option(self, name: str, value: object, path: Path, place: str) -> Iterator[Finding]:
        option = OPTIONS[name]
        if name in UNREAD and value != option.default:
            self.unread.add(name)
        if name == "enabledManagers":
            self.managers(value, path)
        if option.kind == "object" and name in (*UPDATE_BLOCKS, "group", "force"):
            yield from self.nested(name, value, path, "block")
            return
        self.kind(name, option, value, path)
        if name in ("packageRules", "hostRules", "customManagers") and isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.item(name, item, (*path, index))
        elif place not in option.places and option.places == ("rules",):
            yield self.source.finding("misplaced-option", path, f"{name} has an effect in packageRules only")

    def item(self, name: str, item: object, path: Path) -> Iterator[Finding]:
        if not isinstance(item, dict):
            raise self.source.error(path, f"{render(path)} is {_say(item)}, expected an object")
        if name == "packageRules":
            yield from self.block(item, path, "rules")
            return
        table = HOST_RULE if name == "hostRules" else CUSTOM_MANAGER
        for key, value in item.items():
            here = (*path, key)
            if key in table:
                self.kind(key, table[key], value, here)
            elif key in ("artifactAuth", "encrypted"):
                yield self.source.finding("no-effect-on-images", here, f"{render(here)} cannot be used here")
            elif not (name == "hostRules" and key in HOST_RULE_WITHOUT_EFFECT):
                yield self.source.finding("unknown-option", here, f"unknown option {render(here)!r}")

    def nested(self, name: str, value: object, path: Path, place: str) -> Iterator[Finding]:
        if value is None:
            return
        if not isinstance(value, dict):
            raise self.source.error(path, f"{render(path)} is {_say(value)}, expected an object")
        yield from self.block(value, path, place)

    def managers(self, value: object, path: Path) -> None:
        for index, name in enumerate(value if isinstance(value, list) else ()):
            if name not in MANAGERS and name not in FOREIGN_MANAGERS and name != "custom.jsonata":
                raise self.source.error(
                    (*path, index), f"{_say(name)} is no manager", remedy=f"known here: {', '.join(MANAGERS)}"
                )

    def kind(self, name: str, option: Option, value: object, path: Path) -> None:
        """Raise unless a value has the option's kind; null resets any option."""
        if value is None or (option.listed and isinstance(value, str)):
            return
        if not _is(option.kind, value):
            raise self.source.error(path, f"{render(path)} is {_say(value)}, expected {_KINDS[option.kind]}")
        if option.kind in ("strings", "objects") and isinstance(value, list):
            wanted = str if option.kind == "strings" else dict
            for index, item in enumerate(value):
                if not isinstance(item, wanted):
                    expected = _KINDS["string" if wanted is str else "object"]
                    raise self.source.error(
                        (*path, index), f"{render((*path, index))} is {_say(item)}, expected {expected}"
                    )
        if option.choices and value not in option.choices:
            raise self.source.error(
                path, f"{render(path)} is {_say(value)}", remedy=f"use {' or '.join(option.choices)}"
            )
        if option.kind == "integer" and isinstance(value, int) and value < 0 and name != "prPriority":
            raise self.source.error(path, f"{render(path)} is {value}, expected a number from 0 on")


def _is(kind: str, value: object) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind == "string":
        return isinstance(value, str)
    return isinstance(value, dict) if kind == "object" else isinstance(value, list)


def _say(value: object) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
