"""What people read in a terminal or a log: lines, tables, diffs, errors.

Results go to stdout; errors, warnings and progress go to stderr, so that a pipe gets results only.
On a terminal tables fit its width; in a pipe or a log they are written plainly, nothing cut off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from gitops_ci.report.style import colour, interactive, one_line, paint, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from gitops_ci.errors import GitopsError
    from gitops_ci.finding import Finding

_STATUS_STYLE = {"fail": "red", "error": "red", "warn": "yellow", "skip": "dim", "unknown": "yellow"}
_STATUS_WORD = {"fail": "error", "error": "error", "warn": "warning", "skip": "skipped", "unknown": "unknown"}


def line(text: str = "", style: str = "") -> None:
    """One line (or several) of result text on stdout, in a style such as ``"bold"`` or ``"green"``."""
    emit(paint(visible(text), style, sys.stdout) + "\n", sys.stdout)


def note(text: str) -> None:
    """A remark on stderr."""
    emit(paint(visible(text), "dim", sys.stderr) + "\n", sys.stderr)


def warning(text: str) -> None:
    """``warning: …`` on stderr."""
    emit(paint("warning:", "bold yellow", sys.stderr) + f" {one_line(text)}\n", sys.stderr)


def error(text: str) -> None:
    """``error: …``, one line on stderr."""
    emit(paint("error:", "bold red", sys.stderr) + f" {one_line(text)}\n", sys.stderr)


def failure(reason: GitopsError) -> None:
    """The line a command ends with, one each where a configuration has several mistakes.

    In a GitHub workflow it is also an annotation on its file and line.
    """
    for each in getattr(reason, "errors", (reason,)):
        if in_workflow():
            from gitops_ci.report import annotations

            text = f"{each.what}; {each.remedy}" if each.remedy else each.what
            command = annotations.command("error", text, file=each.file, line=each.line, column=each.column)
            sys.stderr.write(command + "\n")
            sys.stderr.flush()
        else:
            error(str(each))


def findings(found: Sequence[Finding], stream: TextIO | None = None) -> None:
    """One line each on stderr: ``file:line:column: warning: message (rule); remedy``."""
    out = stream or sys.stderr
    lines = []
    for finding in found:
        where = ":".join(str(part) for part in (finding.file, finding.line, finding.column) if part is not None)
        word = paint(f"{_STATUS_WORD.get(finding.status, finding.status)}:", _STATUS_STYLE.get(finding.status, ""), out)
        remedy = f"; {finding.remedy}" if finding.remedy else ""
        start = f"{one_line(where)}: " if where else ""
        lines.append(f"{start}{word} {one_line(finding.message + remedy)} ({one_line(finding.rule)})\n")
    if lines:
        emit("".join(lines), out)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None, right: Sequence[str] = ()
) -> None:
    """A table on stdout. ``right`` names the columns that are aligned to the right; None shows as nothing.

    On a terminal it fits the width (long cells wrap); elsewhere it is plain, columns two spaces apart,
    and no cell is ever shortened.
    """
    from gitops_ci.report.table import fitted, plain

    cells = [["" if cell is None else one_line(str(cell)) for cell in row] for row in rows]
    lines = [paint(title, "bold", sys.stdout)] if title else []
    if interactive(sys.stdout):
        head, wrapped = fitted(columns, cells, frozenset(right), width())
        longest = max((len(text) for row in (*wrapped, [head]) for text in row), default=0)
        lines += [paint(head, "bold", sys.stdout), paint("─" * longest, "dim", sys.stdout)]
        lines += [text for row in wrapped for text in row]
    else:
        lines += plain(columns, cells, frozenset(right))
    emit("\n".join(lines) + "\n", sys.stdout)


def diff(text: str | bytes) -> None:
    """A unified diff on stdout: coloured on a terminal, the very bytes in a pipe (for ``git apply``)."""
    if not interactive(sys.stdout) and not colour(sys.stdout):
        if isinstance(text, bytes) and hasattr(sys.stdout, "buffer") and not in_workflow():
            sys.stdout.flush()
            sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()
        else:
            emit(text if isinstance(text, str) else text.decode("utf-8", "replace"), sys.stdout)
        return
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    painted = []
    # Not splitlines: a form feed or a bare CR inside a line of the file does not end it.
    for text_line in text.removesuffix("\n").split("\n"):
        if text_line.startswith(("--- ", "+++ ", "diff ", "index ")):
            style = "bold"
        else:
            style = {"+": "green", "-": "red", "@": "cyan", "\\": "dim"}.get(text_line[:1], "")
        end = paint("␍", "dim", sys.stdout) if text_line.endswith("\r") else ""
        painted.append(paint(visible(text_line.removesuffix("\r")), style, sys.stdout) + end)
    emit("\n".join(painted) + "\n", sys.stdout)


def width(default: int = 100) -> int:
    """The columns of the terminal that stdout is; ``default`` where it is none."""
    if os.environ.get("COLUMNS", "").isdecimal():
        return max(int(os.environ["COLUMNS"]), 40)
    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, 40)
    except (OSError, ValueError):
        return default


def emit(text: str, stream: TextIO) -> None:
    """Write finished text. In a GitHub workflow, text that holds what the runner would take for a command is
    put between ``stop-commands`` lines: a file name or a diff must not be able to set or mask anything."""
    if in_workflow() and holds_command(text):
        from gitops_ci.report import annotations

        stream.write(annotations.stopped(text))
    else:
        stream.write(text)
    stream.flush()


def in_workflow() -> bool:
    """True in a step of a GitHub workflow."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def holds_command(text: str) -> bool:
    """True if the runner would read a line of the text as a workflow command (``::…`` or ``##[…``)."""
    if "##[" in text:
        return True
    return "::" in text and any(
        text_line.lstrip().startswith("::") for text_line in text.replace("\r", "\n").split("\n")
    )
