"""Texts that GitHub takes: within its limits, and saying nothing to people or to GitHub that was not meant."""

import re

_COMMENT = re.compile(r"<!--\s*gitops-ci")


def cut(markdown: str, limit: int) -> str:
    """The Markdown within ``limit`` characters, cut at the end of a line; open code blocks are closed.

    A marker that came in with somebody's text is taken apart, so that it is never read as ours.
    """
    safe = _COMMENT.sub("<!-- -", markdown)
    if len(safe) <= limit:
        return safe
    head = safe[: max(limit - 200, 0)]
    head = head[: head.rfind("\n") + 1]
    fence = ""
    depth = 0
    for line in head.split("\n"):
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if fence:
            if line.strip().startswith(fence) and set(line.strip()) == {fence[0]}:
                fence = ""
        elif mark:
            fence = mark[1][:64]
        else:
            depth += line.count("<details>") - line.count("</details>")
    closing = (f"{fence}\n" if fence else "") + "\n</details>\n" * min(max(depth, 0), 4)
    return f"{head}{closing}\nThe rest is left out here.\n"


def subject(text: str, limit: int = 250) -> str:
    """A title: one line of visible characters. GitHub notifies nobody for a title, and shows it as text."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def message(text: str) -> str:
    """A commit message that mentions nobody and closes no issue, whatever names are in it.

    GitHub notifies people whom a commit message names and acts on ``fixes #1`` when it reaches the default branch.
    """
    apart = re.sub(r"(?<![\w.])@(?=[A-Za-z0-9])", "@\u200b", text.replace("\0", ""))
    return re.sub(r"(?i)\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?\s+)(?=[\w./-]*#\d)", "\\1\\2\u200b", apart)
