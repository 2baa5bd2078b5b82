"""The published schemas are schemas, and describe what the verbs write."""

import json
from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest

from gitops_ci import cli
from gitops_ci.commands.schema import SCHEMAS, text
from gitops_ci.demo.build import build
from gitops_ci.demo.registry import NOW


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_published_schema_is_a_schema(name: str) -> None:
    jsonschema_rs.meta.validate(json.loads(text(name)))


def undescribed(value: object, schema: dict[str, object], root: dict[str, object], where: str = "$") -> Iterator[str]:
    """Keys of the value that the schema does not know."""
    if "$ref" in schema:
        schema = root["$defs"][str(schema["$ref"]).rpartition("/")[2]]  # type: ignore[index]  # the test would fail
    for variant in schema.get("anyOf", []):  # type: ignore[attr-defined]
        if value is not None and variant.get("type") != "null":
            schema = root["$defs"][variant["$ref"].rpartition("/")[2]] if "$ref" in variant else variant  # type: ignore[index]
    if isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            if key in schema["properties"]:  # type: ignore[operator]
                yield from undescribed(item, schema["properties"][key], root, f"{where}.{key}")  # type: ignore[index]
            else:
                yield f"{where}.{key}"
    if isinstance(value, list):
        for item in value:
            yield from undescribed(item, schema["items"], root, f"{where}[]")  # type: ignore[arg-type]


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
