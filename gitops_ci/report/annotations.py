"""Annotations: findings on the lines of a pull request, as the GitHub runner's workflow commands.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. Commands go to stderr
(the runner reads both streams), so that a step's JSON on stdout stays JSON. GitHub shows 10 errors,
10 warnings and 10 notices of a step and drops the rest without a word; here the rest is counted.
"""

import sys
from collections.abc import Iterable

from gitops_ci.finding import Finding

LIMIT = 10
"""Annotations of one level that GitHub shows for one step."""

_LEVELS = {"fail": "error", "error": "error", "warn": "warning", "unknown": "warning", "skip": "notice"}
_SEVERITY_ORDER = {"critical": 0, "high": 1, "medium": 2, "low": 3, "info": 4}


def command(
    level: str,
    message: str,
    *,
    file: str | None = None,
    line: int | None = None,
    column: int | None = None,
    title: str | None = None,
) -> str:
    """One workflow command, without a newline at the end. ``level``: ``error``, ``warning``, ``notice``."""
    properties = {"file": file, "line": line, "col": column, "title": title}
    text = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    return f"::{level}{' ' if text else ''}{text}::{_data(message)}"


def annotate(findings: Iterable[Finding]) -> int:
    """Write the findings to stderr, the gravest first, and say how many of each level GitHub would not show.

    Returns the number left out. Call it once in a step: the limits are the step's.
    """
    levels: dict[str, list[Finding]] = {"error": [], "warning": [], "notice": []}
    for finding in findings:
        levels[_LEVELS.get(finding.status, "warning")].append(finding)
    left_out = 0
    for level, found in levels.items():
        found.sort(key=lambda finding: _SEVERITY_ORDER.get(finding.severity, len(_SEVERITY_ORDER)))
        # The last place is given to the count, or nobody would learn of the rest.
        shown = found if len(found) <= LIMIT else found[: LIMIT - 1]
        for finding in shown:
            text = f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message
            _write(
                command(level, text, file=finding.file, line=finding.line, column=finding.column, title=finding.rule)
            )
        rest = len(found) - len(shown)
        if rest:
            _write(command(level, f"{rest} more findings of this kind are in the report"))
        left_out += rest
    return left_out


def stopped(text: str) -> str:
    """The text between two lines that keep the runner from obeying anything in it."""
    import secrets

    token = f"stop-{secrets.token_hex(16)}"
    end = "" if text.endswith("\n") else "\n"
    return f"::stop-commands::{token}\n{text}{end}::{token}::\n"


def _write(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
