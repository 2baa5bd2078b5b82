"""The published schemas are schemas, and describe what the verbs write."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gitops_ci import cli
from gitops_ci.commands.schema import SCHEMAS, text
from gitops_ci.demo.build import build
from gitops_ci.demo.registry import NOW


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_a_schema(name: str) -> None:
    jsonschema_rs.meta.validate(json.loads(text(name)))


def undescribed(value: Any, schema: Any, root: Any, where: str = "$") -> Iterator[str]:
    """Keys of the value that the schema does not know."""
    for variant in schema.get("anyOf", []):
        if value is not None and variant.get("type") != "null":
            schema = variant
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    properties = dict(schema.get("properties", {}))
    for part in schema.get("allOf", []):
        properties |= root["$defs"][part["$ref"].rpartition("/")[2]]["properties"]
    if isinstance(value, dict) and properties:
        for key, item in value.items():
            if key in properties:
                yield from undescribed(item, properties[key], root, f"{where}.{key}")
            else:
                yield f"{where}.{key}"
    if isinstance(value, list):
        for item in value:
            yield from undescribed(item, schema["items"], root, f"{where}[]")


CALLS = {
    "find": ["find"],
    "bump": ["bump", "--image", "ghcr.io/acme/web-shop", "--tag", "3.2.0", "--dry-run"],
    "update": ["update", "--dry-run", "--now", NOW.isoformat(), "--explain", "ghcr.io/acme/*"],
    "update in full": ["update", "--now", NOW.isoformat()],
}


@pytest.mark.parametrize("call", CALLS)
def test_what_a_verb_writes_fits_its_schema(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    verb = CALLS[call][0]
    if verb not in cli.verbs():
        pytest.skip(f"there is no {verb} yet")
    demo = build(str(tmp_path / "demo"))
    monkeypatch.chdir(demo.root)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cli.main([*CALLS[call], "--format", "json"])
    captured = capsys.readouterr()
    schema, value = json.loads(text(verb)), json.loads(captured.out)
    jsonschema_rs.validate(schema, value)
    assert list(undescribed(value, schema, schema)) == []
    assert value
