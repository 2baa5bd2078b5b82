"""The documentation says what the schema and the code say."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

from gitops_ci.config.reader import read
from gitops_ci.config.validate import check, schema

ROOT = Path(__file__).resolve().parents[2]


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("configuration_docs", ROOT / "scripts" / "configuration_docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_those_of_the_schema() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert script().filled(page, schema()) == page, "run scripts/configuration_docs.py"


def test_every_section_and_definition_has_its_table() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    tables = set(re.findall(r"<!-- table: (.*) -->", page))
    rules = schema()
    sections = {key for key, rule in rules["properties"].items() if "properties" in rule}  # type: ignore[attr-defined] # JSON
    definitions = {f"$defs/{key}" for key, rule in rules["$defs"].items() if "properties" in rule}  # type: ignore[attr-defined] # JSON
    assert sections | definitions - {"$defs/old"} == tables


def test_the_example_is_valid() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    example = max(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL), key=len)
    assert check(read("example.yaml", example.encode())) == ()


def test_every_finding_about_foreign_policies_is_documented() -> None:
    page = (ROOT / "docs" / "foreign-policies.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z-]+)`", page.partition("## Findings")[2]))
    code = "".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "gitops_ci" / "update" / "foreign").glob("*.py")
    )
    words = set(
        re.findall(
            r'"((?:unknown|unreadable|conflicting|ambiguous|invalid|policy|unsupported|old|incomplete|outdated|misplaced|unverified)-[a-z-]+)"',
            code,
        )
    )
    assert words and words <= documented
