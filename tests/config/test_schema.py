"""The published schema: valid in itself, complete, and one with the option table and the documentation."""

import json
from importlib import resources
from typing import Any

import jsonschema_rs
import pytest

from gitops_ci.config.reader import read
from gitops_ci.config.validate import check, schema
from gitops_ci.update import old_names
from gitops_ci.update.options import (
    CUSTOM_MANAGER,
    FOREIGN_MANAGERS,
    HOST_RULE,
    MANAGERS,
    MATCHERS,
    OPTIONS,
    UPDATE_BLOCKS,
    WITHOUT_EFFECT,
    Option,
)

SCHEMA: Any = schema()
DEFINITIONS = SCHEMA["$defs"]
JSON_TYPES = {
    "boolean": "boolean",
    "integer": "integer",
    "string": "string",
    "strings": "array",
    "object": "object",
    "objects": "array",
}
BLOCKS = {*UPDATE_BLOCKS, "group", "force"}


def known() -> dict[str, dict[str, Any]]:
    return {**DEFINITIONS["options"]["properties"], **DEFINITIONS["updates"]["properties"]}


def test_the_schema_is_valid_in_its_own_draft() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(SCHEMA)


def test_the_schema_is_shipped_with_the_package() -> None:
    text = resources.files("gitops_ci.config").joinpath("schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == SCHEMA


def test_updates_knows_exactly_the_options_of_the_rules() -> None:
    ours = {name for name in known() if name not in MANAGERS and name != "regex"}
    assert ours == set(OPTIONS)
    current = {name for name, rule in DEFINITIONS["packageRule"]["properties"].items() if not rule.get("deprecated")}
    assert current == set(MATCHERS)
    assert set(DEFINITIONS["customManager"]["properties"]) == set(CUSTOM_MANAGER)
    hosts = DEFINITIONS["hostRule"]["properties"]
    assert {name for name in hosts if not hosts[name].get("deprecated")} == set(HOST_RULE)


@pytest.mark.parametrize("name", sorted({*OPTIONS, *MATCHERS} - BLOCKS))
def test_an_option_takes_the_same_values_in_both(name: str) -> None:
    option: Option = {**OPTIONS, **MATCHERS}[name]
    rule = {**known(), **DEFINITIONS["packageRule"]["properties"]}[name]
    if name in ("automerge", "semanticCommits"):  # an old form of the value is taken as well
        assert set(option.choices or (True, False)) <= set(rule["enum"])
        return
    types = set(rule["type"])
    assert types == {JSON_TYPES[option.kind], "null", *(("string",) if option.listed else ())}
    assert [one for one in rule.get("enum", []) if one is not None] == list(option.choices)
    assert rule.get("default", option.default) == option.default
    assert (name in DEFINITIONS["updates"]["properties"]) == (option.places == ("root",))


def test_old_words_are_accepted_and_never_suggested() -> None:
    old = DEFINITIONS["old"]["properties"]
    assert {*old_names.RENAMED, *old_names.REMOVED} - set(OPTIONS) <= set(old)
    assert (WITHOUT_EFFECT | FOREIGN_MANAGERS) - set(OPTIONS) <= set(old)
    assert all(rule.get("deprecated") for rule in old.values())
    rules = DEFINITIONS["packageRule"]["properties"]
    assert {*old_names.MATCHER_NAMES, *old_names.MATCHER_FORMS} <= set(rules) | set(OPTIONS)
    text = b"updates: {stabilityDays: 3, npm: {enabled: false}, packageRules: [{packageNames: [a], automerge: true}]}\n"
    assert check(read("c.yaml", text)) == ()
    (error,) = check(read("c.yaml", b"updates: {stabilityDay: 3}\n"))
    assert "stabilityDays" not in str(error)


def test_every_key_has_a_description() -> None:
    missing: list[str] = []

    def walk(node: Any, path: str) -> None:
        for key, rule in node.get("properties", {}).items():
            described = (
                rule if "description" in rule else DEFINITIONS.get(str(rule.get("$ref", "")).rpartition("/")[2], {})
            )
            if not described.get("description"):
                missing.append(f"{path}.{key}")
            walk(rule, f"{path}.{key}")

    walk(SCHEMA, "")
    for name, definition in DEFINITIONS.items():
        walk(definition, name)
    assert missing == []


def test_examples_and_defaults_are_valid_themselves() -> None:
    for holder in (DEFINITIONS["options"], DEFINITIONS["updates"], DEFINITIONS["packageRule"], DEFINITIONS["hold"]):
        for name, rule in holder["properties"].items():
            validator = jsonschema_rs.Draft202012Validator({**rule, "$defs": DEFINITIONS})
            for value in [*rule.get("examples", []), *([rule["default"]] if "default" in rule else [])]:
                assert validator.is_valid(value), (name, value)
