"""Markdown out of hostile text: it shows, and does nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gitops_ci.report import markdown

GFM = MarkdownIt("gfm-like", {"linkify": False})


def shown(source: str) -> str:
    """What a reader sees of inline Markdown, zero-width spaces left out."""
    tokens = GFM.parse(source)
    assert [token.type for token in tokens] in (["paragraph_open", "inline", "paragraph_close"], [])
    children = [child for token in tokens for child in token.children or []]
    assert {child.type for child in children} <= {"text", "code_inline", "text_special"}, children
    return "".join(child.content for child in children).replace("\u200b", "")


@pytest.mark.parametrize(
    "hostile",
    [
        "# heading",
        "- list",
        "+ list",
        "1. list",
        "1) list",
        "> quote",
        "---",
        "===",
        "***",
        "a | b",
        "`code`",
        "**bold** _it_ ~~gone~~",
        "[text](https://evil.example)",
        "![image](https://evil.example/x.png)",
        "<img src=x onerror=alert(1)>",
        "</details><script>",
        "<https://evil.example>",
        "&lt;b&gt; &#64;",
        "back\\slash \\* \\",
        "$x$",
    ],
)
def test_escaped_text_shows_as_it_is(hostile: str) -> None:
    assert shown(markdown.escape(hostile)) == hostile


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zl", "Zp", "Zs", "Cs"], include_characters=" ")
    )
)
def test_any_text_survives_escaping(text: str) -> None:
    assert shown(markdown.escape(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    "hostile", ["@acme/sre", "fixes #12", "GH-12", "https://evil.example", "www.evil.example", "a@b.example"]
)
def test_nothing_is_mentioned_closed_or_linked(hostile: str) -> None:
    safe = markdown.escape(hostile).replace("&#8203;", "\u200b")
    assert not re.search(r"@\w|#\d|://\w|www\.\w|GH-\d", safe)


def test_lines_become_one() -> None:
    assert markdown.escape("a\n\n# b\r\n- c") == "a # b - c"


def test_control_characters_are_written_out() -> None:
    assert shown(markdown.escape("a\x1b[31m\u202eb")) == "a\\x1b[31m\\u202eb"


@pytest.mark.parametrize("text", ["plain", "`", "``x`", "a`b", " padded ", "<b>", "@x #1", "\\"])
def test_code_spans_hold_any_backticks(text: str) -> None:
    assert shown(markdown.code(text)) == text


def test_code_spans_in_a_table_hold_pipes() -> None:
    html = GFM.render(markdown.table(["a", "b"], [[markdown.code("x|y"), markdown.escape("1|2")]]))
    assert "<td><code>x|y</code></td>" in html
    assert "<td>1|2</td>" in html


def test_a_table_keeps_its_columns_whatever_its_cells_hold() -> None:
    hostile = "a|b\n| c | d |\n<td>"
    html = GFM.render(markdown.table(["x", "y"], [[markdown.escape(hostile), markdown.code(hostile)]]))
    assert html.count("<td>") == 2
    assert html.count("<tr>") == 2


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://a\n.b", "data:text/html,x", "//x", None, "https://a<b>"]
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert markdown.link("x", url) == "x"


def test_a_link_cannot_be_ended_by_its_parts() -> None:
    html = GFM.render(markdown.link("a](https://evil.example)[b", "https://good.example/x)(y"))
    assert html.count("<a ") == 1
    assert 'href="https://good.example/x%29%28y"' in html


def test_a_fence_cannot_be_ended_by_its_text() -> None:
    html = GFM.render(markdown.fence("+ x\n```\n# out\n````\n", "diff"))
    assert html.count("<pre>") == 1
    assert "<h1>" not in html


def test_truncation_closes_what_is_open_and_says_so() -> None:
    text = markdown.details("all", markdown.fence("+ line\n" * 1000, "diff"))
    short = markdown.truncate(text, 2000, "More in the report.")
    assert len(short.encode()) <= 2000
    assert short.endswith("```\n\n</details>\n\nMore in the report.\n")
    assert markdown.truncate(text, len(text), "x") == text
