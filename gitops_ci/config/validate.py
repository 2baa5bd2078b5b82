"""What is wrong with a configuration, in the reader's words: file, line, column, and the nearest valid key.

``schema.json`` beside this module says what is valid; jsonschema-rs compares; here its findings become
sentences.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from gitops_ci.config.reader import Path, Tree, describe
from gitops_ci.errors import ConfigurationError

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

Schema = Mapping[str, object]

SECRETS = frozenset({"token", "password"})

_NAMES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
}


def schema() -> Schema:
    """The published JSON Schema (draft 2020-12) of ``.gitops-ci.yaml``."""
    text = resources.files("gitops_ci.config").joinpath("schema.json").read_text(encoding="utf-8")
    return cast("Schema", json.loads(text))


def check(tree: Tree) -> tuple[ConfigurationError, ...]:
    """Everything that the schema does not allow, in the file's order; empty when all is well."""
    from jsonschema_rs import Draft202012Validator

    rules = schema()
    sentences = _Sentences(tree, rules)
    found = Draft202012Validator(dict(rules)).iter_errors(tree.value)
    errors = (error for mistake in found for error in sentences.about(mistake))
    unique = {str(error): error for error in errors}
    return tuple(sorted(unique.values(), key=lambda error: (error.line or 0, error.column or 0)))


def name(path: Path) -> str:
    """A path as people write it: ``updates.packageRules[0].automerge``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"


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
            allowed = [str(option) for option in detail.options]
            yield self.tree.error(path, f"{found}, expected {_or(allowed)}", remedy=_nearest(error.instance, allowed))
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
        folded = {option.replace("-", "").replace("_", "").lower(): option for option in known}
        same = folded.get(key.replace("-", "").replace("_", "").lower())
        near = [same] if same else get_close_matches(key, known, n=1, cutoff=0.7)
        if near:
            return f"did you mean {near[0]!r}?"
        sections = cast("Mapping[str, Schema]", self.rules["properties"])
        for section, rules in sections.items():
            if section != (path[0] if path else None) and key in self._known(rules):
                return f"it belongs under '{section}:'"
        if path and key in sections:
            return "it belongs at the left margin"
        return f"known here are {', '.join(sorted(known))}" if 0 < len(known) <= 12 else None

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
        """Every key that a schema allows, those it takes over by ``$ref`` too."""
        known: dict[str, object] = {}
        if reference := rules.get("$ref"):
            known.update(self._known(self._at(cast("list[str | int]", str(reference).split("/")[1:]))))
        known.update(cast("dict[str, object]", rules.get("properties", {})))
        return known


def _kinds(rules: Schema) -> list[str]:
    kinds = rules.get("type", [])
    return [kinds] if isinstance(kinds, str) else [kind for kind in cast("list[str]", kinds) if kind != "null"]


def _expected(rules: Schema) -> str:
    if "enum" in rules:
        return _or([str(option) for option in cast("list[object]", rules["enum"])])
    examples = [example for example in cast("list[object]", rules.get("examples", [])) if isinstance(example, str)]
    like = f" such as {json.dumps(examples[0])}" if examples else ""
    return _or([_NAMES.get(kind, kind) + (like if kind == "string" else "") for kind in _kinds(rules)])


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def _nearest(value: object, allowed: list[str]) -> str | None:
    near = get_close_matches(str(value), allowed, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def _quote(value: object, rules: Schema) -> str | None:
    kinds = _kinds(rules)
    if "string" in kinds and type(value) is float:
        return "put it in quotes: without them 1.30 is the number 1.3"
    if "string" in kinds and type(value) is int:
        return "put it in quotes"
    if kinds == ["boolean"] and isinstance(value, str) and value.lower() in ("yes", "no", "on", "off", "true", "false"):
        return f"write {'true' if value.lower() in ('yes', 'on', 'true') else 'false'}"
    return None


def _purpose(rules: Schema, key: str) -> str:
    properties = cast("Mapping[str, Schema]", rules.get("properties", {}))
    told = str(properties.get(key, {}).get("description", "")).rstrip(".")
    return f" ({told[0].lower()}{told[1:]})" if told else ""
