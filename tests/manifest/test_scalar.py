"""Which texts need quotes, judged by the YAML readers themselves."""

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.scalar import is_plain, is_text, locate, render

_WORDS = (
    *(
        "1.20",
        "1.10",
        "1",
        "0",
        "0123456",
        "0o17",
        "0x1F",
        "0b101",
        "1e5",
        "12e4567",
        "1e3",
        "-1",
        "+1",
        ".5",
        "5.",
        ".",
    ),
    *("1_000", "1:30", "190:20:30", ".inf", "-.inf", ".NaN", "2024-01-01", "2024-1-1"),
    *(
        "2001-12-14t21:59:43.10-05:00",
        "null",
        "Null",
        "~",
        "true",
        "True",
        "TRUE",
        "false",
        "yes",
        "Yes",
        "no",
        "on",
        "off",
    ),
    *("y", "n", "<<", "="),
)


def _pure_12(text: str) -> object:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("value", _WORDS)
def test_what_a_reader_takes_for_something_else_is_quoted(value: str) -> None:
    assert render(value) == f'"{value}"'
    assert render(value, flow=True) == f'"{value}"'


@pytest.mark.parametrize(
    "value",
    [
        "1.2.3",
        "v1",
        "1.20-alpine",
        "nginx:1.20",
        "latest",
        "sha256:" + "0" * 64,
        "2024-01-01-abc",
        "deadbeef",
        "1.2.",
        "localhost:5000/x",
        "1e5f",
        "20240101-1",
    ],
)
def test_usual_versions_stay_without_quotes(value: str) -> None:
    assert render(value) == value


_TEXTS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:@/+-]{0,20}", fullmatch=True),
    st.from_regex(r"[-+]?[0-9_.xobe:+-]{1,12}", fullmatch=True),
    st.text(max_size=12),
)


@settings(deadline=None)
@given(_TEXTS, st.booleans())
@example("1:30", False)
@example("a: b", True)
@example("a #b", False)
@example("[x", True)
@example("\u2028", False)
@example("\U0001f600", False)
@example("1e+", False)
def test_whatever_is_rendered_reads_as_that_text_in_both_versions(value: str, flow: bool) -> None:
    if any("\ud800" <= character <= "\udfff" for character in value):
        return
    text = render(value, flow=flow)
    source = f"{{a: {text}, b: 1}}" if flow else f"a: {text}\nb: 1\n"
    for read in (yaml.safe_load, _pure_12):
        assert read(source) == {"a": value, "b": 1}


@given(st.from_regex(r"[A-Za-z0-9_.+-][A-Za-z0-9_.:+-]{0,15}", fullmatch=True))
def test_plain_text_is_text_to_pyyaml(value: str) -> None:
    if is_plain(value) and is_text(value):
        assert yaml.safe_load(f"a: {value}") == {"a": value}


def _place(text: str, template: bool = False):
    document = parse("f.yaml", text.encode(), template=template).documents[0]
    place = document.place(document.root.get("a"), "tag")
    assert place is not None
    return place


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        ("a: x:1.2\n", "1.2", b"1.2"),
        ("a: 'it''s:1.2'\n", "1.2", b"1.2"),
        ('a: "\\x6eginx:1.2"\n', "1.2", b"1.2"),
        ('a: "nginx:1.\\x32"\n', "1.2", None),
        ('a: "é:1.2" # ü\n', "1.2", b"1.2"),
        ("a: >-\n  x:1.2\n", "1.2", b"1.2"),
        ("a: |\n  x:1.2\n", "1.2", b"1.2"),
        ("a:\n  x:1.2\n", "1.2", b"1.2"),
        ('a: "x:\\\n  1.2"\n', "1.2", None),
        ("a: |\n  x:1.2\n  x:1.2\n", "1.2", None),
    ],
)
def test_a_piece_of_a_value_is_found_where_it_is_written_as_it_reads(
    text: str, part: str, expected: bytes | None
) -> None:
    place = _place(text)
    start = place.value.index(part)
    span = locate(place, start, start + len(part))
    assert (place.raw[span[0] : span[1]] if span else None) == expected
