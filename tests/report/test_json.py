"""JSON: the package's values as plain objects, whatever text they hold."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from gitops_ci.finding import Finding
from gitops_ci.report import json as report_json


@dataclass(frozen=True, slots=True)
class Value:
    when: datetime
    tags: frozenset[str]


def test_values_become_objects() -> None:
    text = report_json.dumps(
        {"a": Value(datetime(2026, 3, 3, tzinfo=UTC), frozenset({"y", "x"})), "f": [Finding("r", "m")]}
    )
    value = json.loads(text)
    assert value["a"] == {"when": "2026-03-03T00:00:00+00:00", "tags": ["x", "y"]}
    assert value["f"][0]["rule"] == "r"
    assert text.endswith("\n")


def test_text_that_is_not_unicode_stays_json() -> None:
    text = report_json.dumps({"file": "caf\udce9", "x": "é"})
    assert json.loads(text) == {"file": "caf\udce9", "x": "é"}
    text.encode()


def test_no_line_is_a_workflow_command() -> None:
    text = report_json.dumps({"file": "##[add-mask]x", "##[y": ["::error::z"]})
    assert "##[" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())
    assert json.loads(text) == {"file": "##[add-mask]x", "##[y": ["::error::z"]}


def test_a_value_without_a_form_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="object has no form in JSON"):
        report_json.dumps({"x": object()})
