"""A guided tour in a terminal: headings, the commands as one would type them, lines that say what to look at."""

import sys
import textwrap
import time

from gitops_ci.report import terminal
from gitops_ci.report.style import interactive, one_line, paint

_PAUSE = 0.2
"""Seconds between two sections, where somebody is looking."""


class Tour:
    """Prints numbered sections; a person gets a moment between two of them, a pipe does not wait."""

    def __init__(self) -> None:
        self._number = 0

    def section(self, title: str, remark: str = "") -> None:
        """A heading with its number, and a remark of a sentence or two below it."""
        self._number += 1
        if interactive(sys.stdout) and self._number > 1:
            time.sleep(_PAUSE)
        text = f" {self._number}  {one_line(title)} "
        rule = "─" * max(_columns() - len(text) - 2, 2)
        terminal.emit("\n" + paint(f"──{text}{rule}", "bold cyan", sys.stdout) + "\n", sys.stdout)
        if remark:
            self.remark(remark)
        terminal.line()

    def remark(self, text: str) -> None:
        """Plain words, wrapped."""
        for line in textwrap.wrap(text, _columns() - 4):
            terminal.line(f"  {line}", "dim")

    def command(self, text: str) -> None:
        """A command as one would type it, before its output."""
        terminal.emit(paint("$ ", "green", sys.stdout) + paint(one_line(text), "bold", sys.stdout) + "\n", sys.stdout)

    def point(self, title: str, text: str, *, holds: bool) -> None:
        """One thing that was decided, and why; marked with whether it is so in this run."""
        mark = paint("✓", "bold green", sys.stdout) if holds else paint("✗", "bold red", sys.stdout)
        first, *rest = textwrap.wrap(text, _columns() - 6)
        terminal.emit(f"  {mark} {paint(one_line(title), 'bold', sys.stdout)}\n", sys.stdout)
        terminal.line("\n".join(f"    {line}" for line in (first, *rest)))


def _columns() -> int:
    return min(terminal.width(), 100)
