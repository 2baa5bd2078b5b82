"""Reading YAML 1.2: values, positions, and hostile text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_ci.config.reader import MAX_BYTES, MAX_DEPTH, read
from gitops_ci.errors import ConfigurationError


def message(data: bytes) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read("c.yaml", data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("2027-01-15", "2027-01-15"),
        ("12:30", "12:30"),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.30", 1.3),
        ("1e3", 1000.0),
        (".inf", ".inf"),
        ("~", None),
        ("", None),
        ("'1.30'", "1.30"),
        ("!!str 1.30", "1.30"),
        ("9" * 6000, "9" * 6000),
    ],
)
def test_values_are_read_as_yaml_1_2_does(written: str, value: object) -> None:
    assert read("c.yaml", f"a: {written}\n".encode()).value == {"a": value}


def test_keys_and_values_know_their_line_and_column() -> None:
    tree = read("c.yaml", "\ufeffä: {ö: 1, b: [x,\n  y]}\r\n# c\r\nc:\n  - d: 2\n".encode())
    assert tree.position(("ä", "ö"), key=True) == (1, 5)
    assert tree.position(("ä", "ö")) == (1, 8)
    assert tree.position(("ä", "b", 1)) == (2, 3)
    assert tree.position(("c", 0, "d")) == (5, 8)


def test_aliases_and_merge_keys_are_followed() -> None:
    tree = read("c.yaml", b"x: &x {a: 1, b: 2}\ny: *x\nz:\n  <<: [*x, {c: 3}]\n  a: 9\n")
    assert tree.value == {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 2}, "z": {"a": 9, "b": 2, "c": 3}}
    assert tree.position(("z", "b"), key=True) == (1, 14)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a: 1\nb: 2\na: 3\n", "c.yaml:3:1: the key 'a' stands here a second time; the first is in line 1"),
        (b"a:\n\tb: 1\n", "c.yaml:2:1: a tab stands in the indentation; indent with spaces"),
        (b"- a\n", "c.yaml:1:1: the file holds a list, expected a mapping of keys such as 'updates:'"),
        (
            b"\njust text\n",
            "c.yaml:2:1: the file holds the text 'just text', expected a mapping of keys such as 'updates:'",
        ),
        (b"a: 1\n---\nb: 1\n", "c.yaml:3:1: a second YAML document starts here"),
        (b"a: *b\n", "c.yaml:1:4: not YAML: found undefined alias 'b'"),
        (b"a: \xff\n", "c.yaml:1:4: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"a: 1\nb: \x00\n", "c.yaml:2:4: the character U+0000 is not allowed in YAML"),
        (b"\xff\xfea\x00", "c.yaml:1:1: the file is UTF-16; save it as UTF-8"),
        (b"a: !secret x\n", "c.yaml:1:4: the YAML tag !secret is not known here"),
        (
            b"a: !!python/object/apply:os.system [x]\n",
            "c.yaml:1:4: the YAML tag !!python/object/apply:os.system is not known here",
        ),
        (b"? [a]\n: 1\n", "c.yaml:1:3: a key must be text"),
        (b"<<: 1\n", "c.yaml:1:5: '<<' takes a mapping or a list of mappings"),
        (b"a: &a [*a]\n", f"c.yaml:1:4: nested deeper than {MAX_DEPTH} levels (or an alias that holds itself)"),
        (b"a: 'b\n", "c.yaml:2:1: not YAML: found unexpected end of stream"),
        (b"a: b: c\n", "c.yaml:1:5: not YAML: mapping values are not allowed here"),
        (b"x: " + b"[" * 3000, f"c.yaml:1:67: nested deeper than {MAX_DEPTH} levels"),
        (b"#" * (MAX_BYTES + 1), f"c.yaml: the file is larger than {MAX_BYTES} bytes; is it the right file?"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(data: bytes, told: str) -> None:
    assert message(data) == told


def test_an_alias_bomb_ends_early() -> None:
    lines = [b"a: &a [x,x,x,x,x,x,x,x,x]"]
    lines += [b"%c: &%c [%s]" % (c, c, b",".join([b"*%c" % (c - 1)] * 9)) for c in range(ord("b"), ord("j"))]
    start = time.monotonic()
    assert "more than 20000 values" in message(b"\n".join(lines))
    assert time.monotonic() - start < 5


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | st.text("ab:-[]{}&*!|>'\"#%?,\n \t", max_size=60).map(str.encode))
def test_no_input_raises_anything_but_a_configuration_error(data: bytes) -> None:
    try:
        read("c.yaml", data)
    except ConfigurationError as error:
        assert str(error).startswith("c.yaml")
