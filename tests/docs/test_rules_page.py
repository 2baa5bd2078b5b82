"""The tables in docs/rules.md say what the code's tables say."""

import json
from pathlib import Path

import pytest

from gitops_ci.update import old_names, presets
from gitops_ci.update.options import ANY, MANAGERS, MATCHERS, OPTIONS, ROOT

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def table(heading: str, number: int = 0) -> list[list[str]]:
    """The cells of a table under a heading, without its own heading."""
    lines = PAGE.read_text(encoding="utf-8").split(f"\n{heading}\n", 1)[1].split("\n")
    tables: list[list[list[str]]] = []
    inside = False
    for line in lines:
        if line.startswith("## "):
            break
        if line.startswith("|"):
            if not inside:
                tables.append([])
            tables[-1].append([cell.strip() for cell in line.strip("|").split(" |")])
        inside = line.startswith("|")
    return tables[number][2:]


def test_matchers() -> None:
    assert [row[0] for row in table("## Matchers")] == [f"`{name}`" for name in MATCHERS]


def test_managers() -> None:
    expected = [[f"`{name}`", ", ".join(f"`{one}`" for one in categories)] for name, categories in MANAGERS.items()]
    assert table("### Managers and their categories") == expected


def test_options() -> None:
    expected = []
    for name, option in OPTIONS.items():
        where = "" if option.places == ANY else "root" if option.places == ROOT else "rules"
        default = json.dumps(option.default, ensure_ascii=False)
        expected.append([f"`{name}`", f"`{default}`", "yes" if option.adds else "", where])
    assert table("## Options") == expected


@pytest.mark.parametrize("number", [0, 1])
def test_old_names(number: int) -> None:
    if number == 0:
        expected = [[f"`{old}`", f"`{new}`"] for old, new in sorted(old_names.RENAMED.items())]
    else:
        expected = [[f"`{old}: x`", f"`{new}: x`"] for old, new in sorted(old_names.MATCHER_NAMES.items())]
        forms = sorted(old_names.MATCHER_FORMS.items())
        expected += [[f"`{old}: x`", f"`{new}: {form.format('x')}`"] for old, (new, form) in forms]
    assert table("## Old names", number) == expected


def test_presets() -> None:
    expected = [
        [f"`{name}`", preset.summary + (f" ({preset.note})" if preset.note else "")]
        for name, preset in presets.BUILT_IN.items()
    ]
    assert table("## Presets") == expected
    assert table("## Presets", 1)[:-1] == [[f"`{old}`", f"`{new}`"] for old, new in sorted(old_names.PRESETS.items())]
