"""What is wrong with a configuration, in the reader's words: file, line, column, and the nearest valid key.

``schema.json`` beside this module says what is valid; jsonschema-rs compares; here its findings become
sentences.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from gitops_ci.config.reader import Path, Tree, describe
from gitops_ci.errors import ConfigurationError

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator, ValidationError

Schema = Mapping[str, object]

SECRETS = frozenset({"token", "password"})

_BOOLEANS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
"""What YAML 1.1 read as a boolean, or somebody put in quotes."""

_NAMES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}


@cache
def schema() -> Schema:
    """The published JSON Schema (draft 2020-12) of ``.gitops-ci.yaml``."""
    text = resources.files("gitops_ci.config").joinpath("schema.json").read_text(encoding="utf-8")
    return cast("Schema", json.loads(text))


def check(tree: Tree) -> tuple[ConfigurationError, ...]:
    """Everything that the schema does not allow, in the file's order; empty when all is well."""
    sentences = _Sentences(tree, schema())
    found = _validator().iter_errors(tree.value)
    errors = (error for mistake in found for error in sentences.about(mistake))
    unique = {str(error): error for error in errors}
    return tuple(sorted(unique.values(), key=lambda error: (error.line or 0, error.column or 0)))


@cache
def _validator() -> "Draft202012Validator":
    from jsonschema_rs import Draft202012Validator

    return Draft202012Validator(dict(schema()))


def name(path: Path) -> str:
    """A path as people write it: ``updates.packageRules[0].automerge``; always one line."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{plain(part)}" if text else plain(part)
    return text or "the file"


def plain(text: str) -> str:
    """Text of the file for a message: what would break the line, or the terminal, is written as an escape."""
    return text if text.isprintable() else repr(text)[1:-1]


class _Sentences:
    def __init__(self, tree: Tree, rules: Schema) -> None:
        self.tree = tree
        self.rules = rules

    def about(self, error: "ValidationError") -> Iterator[ConfigurationError]:
        path: Path = tuple(error.instance_path)
        detail: Any = error.kind
        kind = detail.name
        holder = self._at(error.schema_path[:-1])
        found = f"{name(path)} is {self._shown(path, error.instance)}"
        if kind in ("additionalProperties", "unevaluatedProperties"):
            yield from self._unknown(path, detail.unexpected, self._known(holder))
        elif kind == "required":
            missing = detail.property
            yield self.tree.error(path, f"{name(path)} lacks {missing!r}{_purpose(holder, missing)}")
        elif kind in ("anyOf", "oneOf"):
            yield from self._alternatives(path, error, found)
        elif kind == "enum":
            yield self.tree.error(
                path, f"{found}, expected {_expected(holder)}", remedy=_choice(error.instance, holder)
            )
        elif kind == "type":
            yield self.tree.error(path, f"{found}, expected {_expected(holder)}", remedy=_quote(error.instance, holder))
        elif kind == "pattern":
            yield self.tree.error(path, f"{found}, expected {_expected(holder)}")
        elif kind in ("minLength", "minItems", "minProperties"):
            yield self.tree.error(path, f"{name(path)} is empty")
        elif kind == "minimum":
            yield self.tree.error(path, f"{found}, expected at least {detail.limit}")
        else:
            yield self.tree.error(path, f"{name(path)} is not valid here ({kind})")

    def _shown(self, path: Path, value: object) -> str:
        """A secret is never repeated, not even a mistyped one."""
        return "a value of another kind" if path and path[-1] in SECRETS else describe(value)

    def _unknown(self, path: Path, unexpected: list[str], known: Mapping[str, object]) -> Iterator[ConfigurationError]:
        for key in unexpected:
            if key in known:
                continue  # known, but wrong in itself: that is told on its own
            yield self.tree.error((*path, key), f"unknown key {key!r}", key=True, remedy=self._hint(path, key, known))

    def _hint(self, path: Path, key: str, known: Mapping[str, object]) -> str | None:
        current = [option for option, rules in known.items() if not cast("Schema", rules).get("deprecated")]
        plain = {option.replace("-", "").replace("_", "").lower(): option for option in current}
        same = plain.get(key.replace("-", "").replace("_", "").lower())
        near = [same] if same else get_close_matches(key, current, n=1, cutoff=0.7)
        if near:
            return f"did you mean {near[0]!r}?"
        for holder, rules in self._sections():
            if key in self._known(rules):
                return f"it belongs into '{holder}:'" if holder else "it belongs at the left margin"
        return f"known here are {', '.join(sorted(current))}" if 0 < len(current) <= 12 else None

    def _sections(self) -> Iterator[tuple[str, Schema]]:
        """Where a misplaced key may belong, the likeliest first."""
        yield "", self.rules
        yield from cast("Mapping[str, Schema]", self.rules["properties"]).items()
        yield "packageRules", cast("Mapping[str, Schema]", self.rules["$defs"])["packageRule"]

    def _alternatives(self, path: Path, error: "ValidationError", found: str) -> Iterator[ConfigurationError]:
        """The mistakes of the one alternative that has the value's shape, else what all of them ask for."""
        detail: Any = error.kind
        branches: list[list[Any]] = detail.context
        near = [b for b in branches if not any(e.kind.name == "type" and tuple(e.instance_path) == path for e in b)]
        if all(e.kind.name == "required" for branch in near for e in branch):
            keys = [repr(e.kind.property) for branch in near for e in branch]
            yield self.tree.error(path, f"{name(path)} names none of {', '.join(keys)}")
        elif len(near) == 1:
            for inner in near[0]:
                yield from self.about(inner)
        else:
            holder = cast("list[Schema]", self._at(error.schema_path))
            wanted = _or([_expected(self._resolved(option)) for option in holder])
            yield self.tree.error(path, f"{found}, expected {wanted}")

    def _at(self, schema_path: list[str | int]) -> Schema:
        found: object = self.rules
        for part in schema_path:
            found = cast("dict[str | int, object]", found)[part]
        return cast("Schema", found)

    def _resolved(self, rules: Schema) -> Schema:
        reference = rules.get("$ref")
        return {**self._at(cast("list[str | int]", str(reference).split("/")[1:])), **rules} if reference else rules

    def _known(self, rules: Schema) -> dict[str, object]:
        """Every key that a schema allows, those it takes over by ``$ref`` and ``allOf`` too."""
        known: dict[str, object] = {}
        if reference := rules.get("$ref"):
            known.update(self._known(self._at(cast("list[str | int]", str(reference).split("/")[1:]))))
        for part in cast("list[Schema]", rules.get("allOf", [])):
            known.update(self._known(part))
        known.update(cast("dict[str, object]", rules.get("properties", {})))
        return known


def _kinds(rules: Schema) -> list[str]:
    kinds = rules.get("type", [])
    return [kinds] if isinstance(kinds, str) else [kind for kind in cast("list[str]", kinds) if kind != "null"]


def _expected(rules: Schema) -> str:
    if "enum" in rules:
        return _or([_spelled(option) for option in cast("list[object]", rules["enum"]) if option is not None])
    examples = [example for example in cast("list[object]", rules.get("examples", [])) if isinstance(example, str)]
    like = f" such as {json.dumps(examples[0])}" if examples else ""
    return _or([_NAMES.get(kind, kind) + (like if kind == "string" else "") for kind in _kinds(rules)])


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _choice(value: object, rules: Schema) -> str | None:
    options = cast("list[object]", rules["enum"])
    if True in options and isinstance(value, str) and value.lower() in _BOOLEANS:
        return f"write {_BOOLEANS[value.lower()]}"
    near = get_close_matches(str(value), [_spelled(option) for option in options], n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def _quote(value: object, rules: Schema) -> str | None:
    kinds = _kinds(rules)
    if "string" in kinds and type(value) is float:
        return "put it in quotes: without them 1.30 is the number 1.3"
    if "string" in kinds and type(value) is int:
        return "put it in quotes"
    if kinds == ["boolean"] and isinstance(value, str) and value.lower() in _BOOLEANS:
        return f"write {_BOOLEANS[value.lower()]}"
    return None


def _purpose(rules: Schema, key: str) -> str:
    properties = cast("Mapping[str, Schema]", rules.get("properties", {}))
    told = str(properties.get(key, {}).get("description", "")).rstrip(".")
    return f" ({told[0].lower()}{told[1:]})" if told else ""
