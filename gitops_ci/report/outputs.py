"""What a step hands to the rest of a GitHub workflow: outputs, masks and the job summary.

Outside a workflow all of this does nothing, so commands call it without asking. Sources:
https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands (environment files,
the summary's limit of 1 MiB a step).
"""

import os
import re
import sys
from collections.abc import Mapping

SUMMARY_LIMIT = 1024 * 1024
"""Bytes of summary that GitHub takes from one step; more, and it shows nothing at all."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def set_outputs(values: Mapping[str, object]) -> bool:
    """Append outputs to ``$GITHUB_OUTPUT``. True if there is such a file.

    None becomes an empty text, True and False ``true`` and ``false``; lists and objects become JSON on one line.
    Raises ValueError for a name that GitHub would not take: a mistake in this package.
    """
    texts = {name: _text(value) for name, value in values.items()}
    for name in texts:
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} cannot be an output's name")
    path = os.environ.get("GITHUB_OUTPUT")
    if not path:
        return False
    _append(path, "".join(_entry(name, text) for name, text in texts.items()).encode("utf-8", "backslashreplace"))
    return True


def mask(secret: str) -> None:
    """Keep a secret out of this job's log from here on, each line of it by itself. Does nothing outside a workflow."""
    from gitops_ci.report import annotations

    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    for line in (secret, *secret.splitlines()):
        # A mask of one or two characters would turn the whole log into asterisks.
        if len(line.strip()) > 2:
            sys.stderr.write(annotations.command("add-mask", line) + "\n")
    sys.stderr.flush()


def summary(markdown: str) -> bool:
    """Append Markdown to the job summary (``$GITHUB_STEP_SUMMARY``). True if there is such a file.

    What does not fit into the step's 1 MiB is cut at the end of a line, with a word about it.
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return False
    from gitops_ci.report.markdown import truncate

    used = os.path.getsize(path) if os.path.exists(path) else 0
    text = markdown if markdown.endswith("\n") else markdown + "\n"
    text = truncate(
        text, max(SUMMARY_LIMIT - used, 0), "The rest does not fit into a job summary; the report has all of it."
    )
    _append(path, text.encode("utf-8", "backslashreplace"))
    return True


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    import json

    from gitops_ci.report.json import plain

    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def _entry(name: str, text: str) -> str:
    """``name<<DELIMITER``, the text, the delimiter: random, so that no text can end itself and add outputs."""
    import secrets

    delimiter = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{text}\n{delimiter}\n"


def _append(path: str, data: bytes) -> None:
    with open(path, "ab") as file:
        file.write(data)
