"""Writes the tables of docs/configuration.md from the schema; with ``--check`` it only compares."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "configuration.md"
SCHEMA = ROOT / "gitops_ci" / "config" / "schema.json"
TYPES = {
    "string": "text",
    "boolean": "boolean",
    "integer": "number",
    "array": "list",
    "object": "mapping",
}


def main(arguments: list[str]) -> int:
    page = PAGE.read_text(encoding="utf-8")
    wanted = filled(page, json.loads(SCHEMA.read_text(encoding="utf-8")))
    if wanted == page:
        return 0
    if "--check" in arguments:
        print("docs/configuration.md differs from the schema; run scripts/configuration_docs.py", file=sys.stderr)
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


def filled(page: str, schema: Mapping[str, Any]) -> str:
    """The page with every ``<!-- table: NAME -->`` … ``<!-- end -->`` filled from the schema."""
    lines: list[str] = []
    skipping = False
    for line in page.splitlines():
        if line == "<!-- end -->":
            skipping = False
        if not skipping:
            lines.append(line)
        if line.startswith("<!-- table: "):
            skipping = True
            lines.extend(table(schema, line.removeprefix("<!-- table: ").removesuffix(" -->")))
    return "\n".join(lines) + "\n"


def table(schema: Mapping[str, Any], name: str) -> Iterator[str]:
    """A Markdown table of a section (``scan``) or a definition (``$defs/hold``); deprecated words are left out."""
    definitions = schema["$defs"]
    holder = definitions[name.removeprefix("$defs/")] if name.startswith("$defs/") else schema["properties"][name]
    required = holder.get("required", [])
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    for key, rule in holder["properties"].items():
        if rule.get("deprecated"):
            continue
        named = definitions.get(rule.get("$ref", "").rpartition("/")[2], {})
        merged = {**named, **rule}
        meaning = merged["description"].replace("|", "\\|")
        example = next(
            (f" Example: `{json.dumps(one, ensure_ascii=False)}`." for one in merged.get("examples", [])), ""
        )
        default = f"`{json.dumps(merged['default'])}`" if "default" in merged else ""
        must = " (needed)" if key in required else ""
        yield f"| `{key}`{must} | {kind(merged)} | {default} | {meaning}{example.replace('|', chr(92) + '|')} |"


def kind(rule: Mapping[str, Any]) -> str:
    """``text``, ``list or text``, ``auto \\| commit``."""
    if "enum" in rule:
        return " \\| ".join(f"`{json.dumps(one)}`".replace('"', "") for one in rule["enum"] if one is not None)
    types = rule.get("type", [])
    return " or ".join(TYPES[one] for one in ([types] if isinstance(types, str) else types) if one != "null")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
