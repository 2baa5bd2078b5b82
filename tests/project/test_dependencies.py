"""What the package imports, it declares; what ``bump`` and ``find`` import is in the smallest tier."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

NOT_IMPORTED = {
    "tzdata": "data, read by zoneinfo",
    "semver": "not used yet: version schemes are the project's own",
}


def imported(directory: str) -> Iterator[str]:
    for path in (ROOT / directory).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                yield node.module.partition(".")[0]


def distributions(directory: str) -> set[str]:
    known = packages_distributions()
    foreign = set(imported(directory)) - set(sys.stdlib_module_names) - {"gitops_ci", "tests", "benchmarks"}
    # ruamel is a namespace that other packages could share.
    return {canonicalize_name("ruamel.yaml" if name == "ruamel" else known[name][0]) for name in foreign}


def declared(texts: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(text).name) for text in texts}


def test_everything_imported_is_declared_and_the_other_way_round() -> None:
    texts = PROJECT["project"]["dependencies"]
    extras = [
        text
        for group in ("github", "docker", "kubernetes")
        for text in PROJECT["project"]["optional-dependencies"][group]
    ]
    assert distributions("gitops_ci") - declared([*texts, *extras]) == set()
    assert declared(texts) - distributions("gitops_ci") - set(NOT_IMPORTED) == set()


def test_what_the_tests_import_is_declared() -> None:
    group = [entry for entry in PROJECT["dependency-groups"]["dev"] if isinstance(entry, str)]
    assert distributions("tests") - declared([*group, *PROJECT["project"]["dependencies"]]) == set()
