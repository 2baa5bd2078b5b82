"""Reading YAML: places, documents, and every kind of broken input."""

import time

import pytest

from gitops_ci.manifest.nodes import Mapping, Scalar, Sequence
from gitops_ci.manifest.parse import Parsed, parse


def places(data: bytes, **options: object) -> list[tuple[int, bytes, str, int, int]]:
    """(document, raw, value, line, column) of every scalar that is no key, in order."""
    found = []
    for document in parse("f.yaml", data, **options).documents:
        stack = [document.root]
        while stack:
            node = stack.pop()
            if isinstance(node, Scalar):
                place = document.place(node, "tag")
                if place is not None:
                    assert data[place.start : place.end] == place.raw
                    found.append((document.index, place.raw, place.value, place.line, place.column))
            elif isinstance(node, Mapping):
                stack += [value for _, value in reversed(node.items)]
            elif isinstance(node, Sequence):
                stack += reversed(node.items)
    return found


def finding(parsed: Parsed) -> tuple[str, int | None]:
    (one,) = parsed.findings
    assert one.file == "f.yaml"
    return one.message, one.line


def test_places_count_bytes_behind_text_that_is_not_ascii() -> None:
    assert places("ä: ö # ü\nb: '…' # é\n---\né: x\n".encode()) == [
        (0, "ö".encode(), "ö", 1, 4),
        (0, "'…'".encode(), "…", 2, 4),
        (1, b"x", "x", 4, 4),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_in_three_ways(end: str) -> None:
    data = "a: 1\nb: 2\n---\nc: 3\n".replace("\n", end).encode()
    assert [place[1:] for place in places(data)] == [(b"1", "1", 1, 4), (b"2", "2", 2, 4), (b"3", "3", 4, 4)]


def test_mixed_line_ends_count_once_each() -> None:
    assert [place[3] for place in places(b"a: 1\r\nb: 2\nc: 3\rd: 4\n")] == [1, 2, 3, 4]


def test_a_byte_order_mark_is_not_counted_and_not_lost() -> None:
    assert places(b"\xef\xbb\xbfa: 1\n") == [(0, b"1", "1", 1, 4)]
    assert places(b"a: 1\n\xef\xbb\xbf---\nb: 2\n") == [(0, b"1", "1", 1, 4), (1, b"2", "2", 3, 4)]


def test_anchor_and_tag_are_not_part_of_the_text() -> None:
    data = (
        b"a: &x !!str foo\nb: !!str &y 'foo'\nc: !<tag:yaml.org,2002:str> foo\nd: [&z foo, *z]\ne: &w\n  # why\n  foo\n"
    )
    assert {raw for _, raw, *_ in places(data)} == {b"foo", b"'foo'"}


def test_an_alias_is_the_node_that_it_names() -> None:
    document = parse("f", b"a: &x 1\nb: *x\n").documents[0]
    assert document.root.get("a") is document.root.get("b")
    assert document.aliased == {id(document.root.get("a"))}


def test_an_anchor_may_be_used_twice() -> None:
    document = parse("f", b"a: &x 1\nb: *x\nc: &x 2\nd: *x\n").documents[0]
    assert [document.root.text(key) for key in "abcd"] == ["1", "1", "2", "2"]


def test_double_keys_are_kept_and_the_last_one_counts() -> None:
    root = parse("f", b"a: 1\na: 2\n").documents[0].root
    assert len(root.items) == 2 and root.text("a") == "2"


def test_documents_are_numbered_as_they_stand_and_may_be_skipped_unread() -> None:
    data = b"# head\n---\na: 1\n---\n---\n[broken\n...\n%YAML 1.2\n---\nimage: x\n"
    parsed = parse("f", data, only=lambda text: b"image" in text)
    assert [(document.index, document.first_line) for document in parsed.documents] == [(3, 7)] and not parsed.findings


def test_a_broken_document_leaves_the_others() -> None:
    data = b"a: 1\n---\nb: [\n---\nc: 3\n"
    parsed = parse("f.yaml", data)
    assert [document.index for document in parsed.documents] == [0, 2]
    assert finding(parsed)[1] == 4 or finding(parsed)[1] == 3


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"a: 1\nb: \0\n", "NUL", 2),
        ("a: 1".encode("utf-16"), "UTF-16", 1),
        (b"\xfe\xff\0a", "UTF-16", 1),
        (b"a: 1\nb: \xff\n", "UTF-8", 2),
        (b"a: 1\n\nb: \x01\n", "control", 3),
        (b"a: *x\n", "undefined alias", 1),
        (b"a: 1\nb: &x [*x]\n", "contains itself", 2),
        (b"a: 1\n b: 2\n", "mapping values", 2),
        (b"a: 'x\n", "", 2),
        (b"a:\n\t- b\n", "", 2),
        (b"[" * 100_000, "deeper", 1),
        (b"- " * 100_000, "deeper", 1),
        (b"a: {" * 50_000, "deeper", 1),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "", None),
    ],
)
def test_broken_input_is_a_finding_with_its_line(data: bytes, message: str, line: int | None) -> None:
    start = time.process_time()
    said, at = finding(parse("f.yaml", data))
    assert message in said and "\n" not in said
    assert line is None or at == line
    assert time.process_time() - start < 5


def test_a_billion_laughs_take_no_time_and_no_room() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    start = time.process_time()
    parsed = parse("f", "\n".join(lines).encode())
    assert len(parsed.documents[0].root.items) == 60 and time.process_time() - start < 1


def test_nothing_is_no_document() -> None:
    for data in (b"", b"\n\n", b"# only\n", b"\xef\xbb\xbf", b"...\n", b"%YAML 1.2\n"):
        assert parse("f", data) == Parsed((), ())


def test_empty_documents_count() -> None:
    assert [document.index for document in parse("f", b"---\n---\na: 1\n").documents] == [0, 1]


def test_what_libyaml_refuses_and_others_read_is_read() -> None:
    assert places("{é: :x}\n".encode()) == [(0, b":x", ":x", 1, 5)]


def test_three_dashes_inside_a_line_are_no_border() -> None:
    assert len(parse("f", b"a: |\n  ---\n  x\nb: '--- '\n---x: 1\n").documents) == 1


def test_template_actions_are_left_out_and_touch_no_place() -> None:
    data = (
        b"image: nginx:1.2\n"
        b"{{- if .Values.x }}\n"
        b'tag: "{{ .Values.tag | default "}}" }}"\n'
        b"{{- end }}\n"
        b"{{/* a: b: c\n   }} */}}\n"
        b"other: x:{{ .y }}\n"
        b"labels:\n  {{- include `a}}` . | nindent 4 }}\n"
        b"last: y # {{ z }}\n"
    )
    assert places(data, template=True) == places(data)
    assert [raw for _, raw, *_ in places(data)] == [b"nginx:1.2", b"", b"y"]


def test_a_template_that_happens_to_parse_is_masked_when_asked() -> None:
    assert places(b"image: nginx:{{ .tag }}\nb: c\n", template=True) == [(0, b"c", "c", 2, 4)]


def test_a_hopeless_template_is_unknown_and_not_broken() -> None:
    (one,) = parse("f.yaml", b"a: b\n{{ range . }}\n- x: {{ y }}: z\n{{ end }}").findings
    assert one.rule == "unreadable-template" and one.status == "unknown" and one.line == 3


def test_unclosed_actions_do_not_take_for_ever() -> None:
    start = time.process_time()
    parse("f", b'{{ "' * 200_000 + b"\n: [")
    assert time.process_time() - start < 5


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_positions_are_the_same_in_any_order(ends: str) -> None:
    text = ends.join(["é: x", "# ü", *(f"k{n}: é{n} # ö" for n in range(9)), ""]).encode()
    (document,) = parse("a.yaml", text).documents
    offsets = [offset for offset in range(len(text)) if text[offset : offset + 1] == b"k"]
    forwards = [document.position(offset) for offset in offsets]
    backwards = [document.position(offset) for offset in reversed(offsets)]
    mixed = [document.position(offset) for offset in (*offsets[::2], *offsets[1::2])]
    assert forwards == [(line, 1) for line in range(3, 12)]
    assert backwards == forwards[::-1]
    assert mixed == [*forwards[::2], *forwards[1::2]]
