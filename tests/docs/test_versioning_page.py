"""docs/versioning.md says what the code does."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from gitops_ci.image.registry import ImageInfo
from gitops_ci.image.version import NAMES, scheme
from gitops_ci.update.choose import choose
from gitops_ci.update.model import Dependency, Options
from gitops_ci.update.preferences import _KEYS, Preferences

PAGE = (Path(__file__).parents[2] / "docs" / "versioning.md").read_text("utf-8")


def table(first_heading):
    """The cells of the table whose first column has this heading, without their code marks."""
    lines = PAGE.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first_heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def offered(current, tag, versioning):
    dependency = Dependency("x", "x", "helm", "kubernetes", "a.yaml", current_value=current)
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def info(reference):
        return ImageInfo("sha256:0", now, frozenset({"linux/amd64"}), {})

    choice = choose(dependency, Options({"versioning": versioning}), [current, tag], now=now, info=info)
    return choice.picks[0].kind if choice.picks else "no"


@pytest.mark.parametrize(("current", "tag", "expected", "_why"), table("from"))
def test_what_follows_what(current, tag, expected, _why):
    assert offered(current, tag, "docker") == expected


@pytest.mark.parametrize(("tag", "_why"), table("tag"))
def test_what_is_skipped(tag, _why):
    assert scheme("docker").parse(tag) is None


@pytest.mark.parametrize("line", [line for line in PAGE.splitlines() if line.startswith("- order:")])
def test_order(line):
    tags = re.findall(r"`([^`]+)`", line)
    assert len(tags) > 3
    for low, high in pairwise(tags):
        assert scheme("docker").compare(low, high) == -1, (low, high)


@pytest.mark.parametrize(("versioning", "current", "tag", "expected"), table("`versioning`"))
def test_other_schemes(versioning, current, tag, expected):
    assert offered(current, tag, versioning) == expected


def test_every_scheme_is_on_the_page():
    assert {row[0] for row in table("scheme")} == set(NAMES)


def test_the_defaults_are_those_of_the_code():
    defaults = Preferences()
    for names, default, _ in table("option"):
        for name in names.replace("`", "").split(", "):
            value = getattr(defaults, _KEYS[name])
            assert default == {True: "true", False: "false"}.get(value, str(value) if value else ""), name
