"""Workflow commands: exact escapes, and nothing dropped without a word."""

import pytest

from gitops_ci.finding import Finding
from gitops_ci.report import annotations


def test_properties_and_text_are_escaped_each_in_its_way() -> None:
    command = annotations.command("error", "100%\r\nof a: b, c", file="a:b,c%.yaml", line=3, column=7, title="x\ny")
    assert command == "::error file=a%3Ab%2Cc%25.yaml,line=3,col=7,title=x%0Ay::100%25%0D%0Aof a: b, c"


def test_without_a_place_there_are_no_properties() -> None:
    assert annotations.command("notice", "done") == "::notice::done"


def test_the_rest_beyond_the_limit_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    found = [Finding("r", f"number {number}", "f", number, status="fail") for number in range(25)]
    found.append(Finding("r", "the worst", "f", 99, status="fail", severity="critical"))
    found.append(Finding("r", "only a warning", "f", 1))
    assert annotations.annotate(found) == 17
    lines = capsys.readouterr().err.splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == annotations.LIMIT
    assert errors[0].endswith("::the worst")
    assert errors[-1] == "::error::17 more findings of this kind are in the report"
    assert [line for line in lines if line.startswith("::warning")] == [
        "::warning file=f,line=1,title=r::only a warning"
    ]


def test_exactly_the_limit_is_shown_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert annotations.annotate([Finding("r", "m", "f", line) for line in range(10)]) == 0
    assert capsys.readouterr().err.count("::warning") == 10


def test_a_finding_cannot_give_commands(capsys: pytest.CaptureFixture[str]) -> None:
    annotations.annotate([Finding("r", "x\n::add-mask::e", "f\n::set-env name=A::b", 1)])
    assert len(capsys.readouterr().err.splitlines()) == 1
