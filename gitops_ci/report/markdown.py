"""Markdown for pull requests, issues and job summaries, out of text that others wrote.

Names, tags, labels and messages come from files and registries: none of them may become a link, a heading,
HTML, a mention, an issue reference (``fixes #1`` would close it) or the end of a table cell. So text enters
Markdown through :func:`escape` or :func:`code` only. GitHub's dialect: https://github.github.com/gfm/.
"""

import re
from collections.abc import Sequence

from gitops_ci.report.style import one_line, visible

BODY_LIMIT = 65_536
"""Characters that GitHub takes for the body of a pull request, an issue or a comment."""

_APART = "&#8203;"  # zero-width space: nothing to see, but the words on both sides are no longer one

_MARKS = re.compile(r"[\\`*_\[\]<>|~$&]")
_START = re.compile(r"([#+=>-]|[0-9]{1,9}(?=[.)]))")
_AUTOLINKS = re.compile(r"@(?=\w)|#(?=\d)|://|(?i:(?<=\bwww)\.|(?<=\bGH)-(?=\d))")


def escape(text: str) -> str:
    """The text as Markdown that shows exactly that text, on one line."""
    plain = one_line(" ".join(text.split()))
    safe = _MARKS.sub(lambda mark: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(mark[0], "\\" + mark[0]), plain)
    safe = _AUTOLINKS.sub(_separate, safe)
    start = _START.match(safe)
    if start and not safe.startswith("&"):
        digits = start[0].isdigit()
        safe = f"{start[0]}\\{safe[len(start[0]) :]}" if digits else "\\" + safe
    return safe


def _separate(found: re.Match[str]) -> str:
    return f":{_APART}//" if found[0] == "://" else found[0] + _APART


def code(text: str) -> str:
    """The text as a code span, whatever backticks it holds; usable in a table cell too."""
    plain = one_line(text)
    if not plain.strip():
        return ""
    # A pipe splits a table's cell even inside a code span, and there only a table takes its backslash away again.
    if "|" in plain:
        return "<code>" + escape(plain) + "</code>"
    ticks = "`" * (_longest_run(plain) + 1)
    pad = " " if plain[0] in "` " or plain[-1] in "` " else ""
    return f"{ticks}{pad}{plain}{pad}{ticks}"


def link(text: str, url: str | None) -> str:
    """A link, if the address is plain http(s); else only the text."""
    shown = escape(text)
    if url is None or not re.fullmatch(r"https?://[^\s\x00-\x1f\x7f<>\"\\^`{|}]+", url):
        return shown
    return f"[{shown}]({url.replace('(', '%28').replace(')', '%29')})"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table. The cells are Markdown already: from :func:`escape`, :func:`code` or :func:`link`."""
    lines = [f"| {' | '.join(columns)} |", f"|{' --- |' * len(columns)}"]
    lines += [f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def fence(text: str, language: str = "") -> str:
    """A block of code that the text cannot end."""
    ticks = "`" * max(3, _longest_run(text) + 1)
    return f"{ticks}{language}\n{visible(text).removesuffix(chr(10))}\n{ticks}\n"


def details(summary: str, body: str) -> str:
    """A block that opens on a click. Both are Markdown already; the summary is one line of it."""
    return f"<details><summary>{summary}</summary>\n\n{body.removesuffix(chr(10))}\n\n</details>\n"


def truncate(markdown: str, limit: int, remark: str) -> str:
    """The Markdown, cut to ``limit`` bytes of UTF-8 at the end of a line, if it is longer.

    Open code blocks and ``<details>`` are closed, and ``remark`` (plain text) says that something is missing.
    """
    if len(markdown.encode("utf-8", "backslashreplace")) <= limit:
        return markdown
    tail = f"\n{escape(remark)}\n"
    room = limit - len(tail.encode()) - 256  # 256: for the fence and the blocks that have to be closed
    if room <= 0:
        return ""
    head = markdown.encode("utf-8", "backslashreplace")[:room].decode("utf-8", "ignore")
    head = head[: head.rfind("\n") + 1]
    closing, depth = "", 0
    for line in head.split("\n"):
        mark = re.match(r" {0,3}(`{3,}|~{3,})", line)
        if closing:
            if line.strip() and set(line.strip()) == {closing[0]} and len(line.strip()) >= len(closing):
                closing = ""
        elif mark:
            closing = mark[1]
        else:
            depth += line.count("<details>") - line.count("</details>")
    if len(closing) > 128:  # a fence nobody needs, longer than the room kept for it
        return ""
    end = (f"{closing}\n" if closing else "") + "\n</details>\n" * min(max(depth, 0), 8)
    return head + end + tail


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
