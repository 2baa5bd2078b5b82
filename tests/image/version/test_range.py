"""Version ranges in their three dialects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version.range import parse, valid
from gitops_ci.image.version.semver import parts

ALL = ("npm", "masterminds", "tags")


def matches(text, version, dialect):
    found = parts(version)
    assert found is not None
    return parse(text, dialect).matches(*found)


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^1.2", "1.2.0 1.9.9", "1.1.9 2.0.0"),
        ("^1.2.3", "1.2.3 1.9.0", "1.2.2 2.0.0"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2 1.0.0"),
        ("^0.0.3", "0.0.3", "0.0.4 0.1.0"),
        ("^0.0", "0.0.9", "0.1.0"),
        ("^0", "0.9.9", "1.0.0"),
        ("~1.4", "1.4.0 1.4.9", "1.5.0 1.3.9"),
        ("~1.4.2", "1.4.2 1.4.9", "1.4.1 1.5.0"),
        ("~1", "1.0.0 1.9.0", "2.0.0"),
        ("~>1.4", "1.4.9", "1.5.0"),
        (">=1.0.0 <2.0.0", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        (">= 1.0.0, < 2.0.0", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        (">=1.0.0,<2.0.0", "1.5.0", "2.0.0"),
        ("1.x", "1.0.0 1.9.9", "2.0.0"),
        ("1.2.*", "1.2.0 1.2.9", "1.3.0"),
        ("1.X.X", "1.9.9", "2.0.0"),
        ("*", "0.0.0 9.9.9", ""),
        ("", "0.0.0 9.9.9", ""),
        ("x", "1.0.0", ""),
        ("1.2 - 2.3", "1.2.0 2.3.9", "1.1.9 2.4.0"),
        ("1.2.3 - 2.3.4", "1.2.3 2.3.4", "1.2.2 2.3.5"),
        ("1.2.3 - 2", "2.9.9", "3.0.0"),
        ("<1.2.0 || >=2", "1.1.0 2.0.0", "1.2.0 1.9.0"),
        ("^1.2 || ^3.0", "1.3.0 3.1.0", "2.0.0 4.0.0"),
        ("!=1.5.0", "1.5.1 1.4.9", "1.5.0"),
        (">=1.0 !=1.5 <2", "1.4.0 1.6.0", "1.5.0 1.5.9 2.0.0"),
        (">1", "2.0.0", "1.9.9"),
        (">1.2", "1.3.0", "1.2.9"),
        (">1.2.3", "1.2.4", "1.2.3"),
        ("<=1", "1.9.9", "2.0.0"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<1.2", "1.1.9", "1.2.0"),
        ("=1.2.3", "1.2.3", "1.2.4"),
        ("1.2.3", "1.2.3", "1.2.4"),
        ("v1.2.3", "1.2.3", "1.2.4"),
        ("=>1.2", "1.2.0", "1.1.0"),
        ("=<1.2.0", "1.2.0", "1.2.1"),
    ],
)
def test_releases_are_the_same_in_every_dialect(dialect, text, inside, outside):
    for version in inside.split():
        assert matches(text, version, dialect), version
    for version in outside.split():
        assert not matches(text, version, dialect), version


@pytest.mark.parametrize(
    ("text", "version", "npm", "masterminds", "tags"),
    [
        ("^1.2", "1.5.0-rc.1", False, False, True),
        (">=1.0.0-0", "1.5.0-rc.1", False, True, True),
        (">=1.5.0-0", "1.5.0-rc.1", True, True, True),
        (">=1.0.0-0 <2.0.0", "1.5.0-rc.1", False, True, True),
        ("<2.0.0", "2.0.0-rc.1", False, False, False),
        (">=1.0.0-0 <2.0.0", "2.0.0-rc.1", False, True, False),
        ("<2.0.0-rc.2", "2.0.0-rc.1", True, True, True),
        (">=1.2.0", "1.2.0-rc.1", False, False, False),
        ("^1.2.0-beta.2", "1.2.0-beta.4", True, True, True),
        ("^1.2.0-beta.2", "1.2.0-beta.1", False, False, False),
        ("^1.2.0-beta.2", "1.3.0-beta.4", False, True, True),
        ("^1.0.0-0", "2.0.0-alpha", False, False, False),
        ("^1.0.0-0 || ^3", "3.1.0-rc.1", False, False, True),
        ("*", "1.0.0-rc.1", False, False, True),
        ("~0.0.0", "3.1.0", False, True, False),
    ],
)
def test_dialects_differ_in_pre_releases(text, version, npm, masterminds, tags):
    assert [matches(text, version, dialect) for dialect in ALL] == [npm, masterminds, tags]


@pytest.mark.parametrize(
    "text",
    ["latest", "<", ">=", "1.2.3.", "1..2", "<2 foo", "^^1", "<>1", "|", "1 | 2", "/x/", "1,,2", "=1.2.3=", ">=1.0.0-"],
)
def test_what_is_no_range_is_an_error_with_an_example(text):
    assert not valid(text)
    with pytest.raises(ConfigurationError, match=r"write it like '<2'"):
        parse(text)


def test_a_huge_range_is_refused():
    with pytest.raises(ConfigurationError, match="too long"):
        parse("<1 " * 10_000)


def test_a_hostile_range_costs_nothing():
    import time

    start = time.process_time()
    assert not valid("1-" + "a-" * 900 + "!")
    assert not valid("1." * 900 + "!")
    assert not valid(" " * 1900 + "!")
    assert time.process_time() - start < 0.5


_versions = st.builds("{}.{}.{}".format, st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))


@given(_versions, _versions, st.sampled_from(ALL))
def test_caret_and_tilde_agree_with_plain_comparison(bound, version, dialect):
    low, at = parts(bound)[0], parts(version)[0]
    zero = next((index for index, number in enumerate(low) if number), 2)
    assert matches(f"^{bound}", version, dialect) == (at >= low and at[: zero + 1] == low[: zero + 1])
    if low != (0, 0, 0):
        assert matches(f"~{bound}", version, dialect) == (at >= low and at[:2] == low[:2])
    assert matches(f">={bound}", version, dialect) == (at >= low)
    assert matches(f"<{bound}", version, dialect) == (at < low)
    assert matches(f"!={bound}", version, dialect) == (at != low)


@given(st.text(alphabet="0123456789.xX*<>=!~^|-, vrc+", max_size=40))
def test_any_text_is_a_range_or_an_error(text):
    for dialect in ALL:
        try:
            parse(text, dialect).matches((1, 2, 3), ("rc", 1))
        except ConfigurationError as error:
            assert "version range" in str(error)
