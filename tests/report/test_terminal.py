"""Text for people: readable on a terminal, greppable in a pipe, harmless everywhere."""

import io
import re
import sys

import pytest

from gitops_ci.finding import Finding
from gitops_ci.report import terminal
from gitops_ci.report.style import colour, one_line, paint, visible


class Terminal(io.StringIO):
    """A stdout that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def make_screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Puts a terminal in stdout's place; in the test itself, since pytest sets stdout after the fixtures ran."""
    made = Terminal()
    monkeypatch.setattr(sys, "stdout", made)
    monkeypatch.setenv("TERM", "xterm-256color")
    return made


def test_no_colour_in_a_pipe() -> None:
    assert paint("x", "bold red", io.StringIO()) == "x"


def test_colour_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    assert paint("x", "bold red", Terminal()) == "\x1b[1;31mx\x1b[0m"


@pytest.mark.parametrize(
    ("settings", "stream", "expected"),
    [
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, Terminal(), False),
        ({"FORCE_COLOR": "1"}, io.StringIO(), True),
        ({"FORCE_COLOR": "0"}, Terminal(), False),
        ({"TERM": "dumb"}, Terminal(), False),
        ({"NO_COLOR": ""}, Terminal(), True),
    ],
)
def test_no_color_and_force_color(
    settings: dict[str, str], stream: io.StringIO, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert colour(stream) is expected


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\rb", "a\\x0db"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("naïve – 東京", "naïve – 東京"),
    ],
)
def test_characters_that_act_are_written_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb\tc\u2028d") == "a\\nb\\tc\\u2028d"


def test_a_piped_table_cuts_nothing_and_names_its_columns(capsys: pytest.CaptureFixture[str]) -> None:
    long = "x" * 300
    terminal.table(["file", "line"], [[long, 1], ["b", None], ["c\nd", 12]], right=["line"])
    assert capsys.readouterr().out.splitlines() == [
        f"{'FILE':300}  LINE",
        f"{long}     1",
        "b",
        f"{'c' + chr(92) + 'nd':300}    12",
    ]


def test_a_table_without_rows_is_its_head(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table(["file"], [])
    assert capsys.readouterr().out == "FILE\n"


def test_a_table_on_a_terminal_fits_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = make_screen(monkeypatch)
    monkeypatch.setenv("COLUMNS", "60")
    terminal.table(["file", "image"], [["deep/" * 20, "ghcr.io/acme/" * 8 + "[red]api[/red]"]])
    lines = screen.getvalue().splitlines()
    assert max(len(uncoloured(line)) for line in lines) <= 60
    assert "".join(uncoloured(line).split("  ")[-1].strip() for line in lines[2:]).endswith("acme/[red]api[/red]")


def uncoloured(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_a_diff_in_a_pipe_is_byte_for_byte(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    diff = b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-caf\xe9\r\n+\x1b[31m\r\n"
    with open(1, "w", closefd=False) as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        terminal.diff(diff)
    assert capfdbinary.readouterr().out == diff


def test_a_diff_on_a_terminal_is_coloured_and_harmless(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = make_screen(monkeypatch)
    terminal.diff("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-image: x:1\n+image: x:2\x1b[2J\n")
    text = screen.getvalue()
    assert "\x1b[31m-image: x:1\x1b[0m" in text
    assert "\x1b[32m+image: x:2\\x1b[2J\x1b[0m" in text


def test_findings_say_where_what_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.findings(
        [Finding("unreadable-file", "not\nUTF-8", "a.yaml", 3, 1, remedy="convert it"), Finding("x", "general")]
    )
    assert capsys.readouterr().err.splitlines() == [
        "a.yaml:3:1: warning: not\\nUTF-8; convert it (unreadable-file)",
        "warning: general (x)",
    ]


@pytest.mark.parametrize("hostile", ["::set-output name=a::b", "  ::add-mask::e", "x ##[error]y", "a\r::error::b"])
def test_a_workflow_does_not_obey_what_is_printed(
    hostile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    terminal.diff(f" {hostile}\n")
    lines = capsys.readouterr().out.split("\n")
    assert lines[0].startswith("::stop-commands::")
    token = lines[0].removeprefix("::stop-commands::")
    assert lines[-2] == f"::{token}::"
    assert len(token) > 30


def test_ordinary_text_in_a_workflow_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    terminal.line("std::vector is fine")
    assert capsys.readouterr().out == "std::vector is fine\n"
