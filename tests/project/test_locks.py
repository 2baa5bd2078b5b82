"""The lock files and pyproject.toml say the same, with a hash for everything and no host for anything."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS = PROJECT["dependency-groups"]
NAMES = ["core", "update", "github", "docker", "kubernetes", "build", "dev"]


def requirements(group: str) -> list[Requirement]:
    found: list[Requirement] = []
    for entry in GROUPS[group]:
        found += requirements(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


def locked(group: str) -> dict[str, tuple[str, int]]:
    """Package → version and number of hashes. Fails where a line is neither."""
    found: dict[str, tuple[str, int]] = {}
    text = (ROOT / "lock" / f"{group}.txt").read_text()
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            pin = re.match(r"([A-Za-z0-9._-]+)==(\S+)(?: ; [^-]+?)?\s*(?=--hash|$)", line)
            assert pin, f"lock/{group}.txt: {line[:100]}"
            name = canonicalize_name(pin[1])
            assert name not in found, f"lock/{group}.txt has two versions of {name}"
            found[name] = (pin[2], len(re.findall(r"--hash=sha256:[0-9a-f]{64}", line)))
    return found


@pytest.mark.parametrize("group", NAMES)
def test_every_requirement_is_locked_within_its_range(group: str) -> None:
    versions = locked(group)
    for requirement in requirements(group):
        name = canonicalize_name(requirement.name)
        assert name in versions, f"{name} is not in lock/{group}.txt: run make lock"
        assert requirement.specifier.contains(versions[name][0]), f"lock/{group}.txt: {name}: run make lock"


@pytest.mark.parametrize("group", NAMES)
def test_everything_has_hashes(group: str) -> None:
    assert [name for name, (_, hashes) in locked(group).items() if not hashes] == []


@pytest.mark.parametrize("group", NAMES)
def test_no_registry_is_named(group: str) -> None:
    text = (ROOT / "lock" / f"{group}.txt").read_text()
    assert not re.search(r"^\s*--(index|extra|find|trusted)|://", text, re.MULTILINE)


def test_tiers_never_disagree_about_a_version() -> None:
    everything = locked("dev")
    for group in NAMES:
        for name, (version, _) in locked(group).items():
            assert everything[name][0] == version, f"lock/{group}.txt: {name}"


def test_the_package_depends_on_the_tier_update_and_offers_the_others_as_extras() -> None:
    def texts(found: list[Requirement]) -> set[str]:
        return {str(requirement) for requirement in found}

    project = PROJECT["project"]
    assert {str(Requirement(text)) for text in project["dependencies"]} == texts(requirements("update"))
    for extra in ("github", "docker", "kubernetes"):
        own = {str(Requirement(text)) for text in project["optional-dependencies"][extra]}
        assert own == texts(requirements(extra)) - texts(requirements("update"))
