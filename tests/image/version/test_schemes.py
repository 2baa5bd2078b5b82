"""The other schemes, and how one is named."""

import itertools
import os
import subprocess
import sys

import pytest
import semver
from hypothesis import given
from hypothesis import strategies as st

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version import ALIASES, scheme


def test_a_scheme_is_one_object():
    assert scheme("docker") is scheme("docker")


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_every_alias_works(name):
    assert scheme(name).name == name
    assert scheme(name).compare("1.2.3", "1.2.4") == -1


@pytest.mark.parametrize("name", ["dcoker", "maven", "", "kubernetes-api"])
def test_an_unknown_scheme_is_an_error_that_names_the_known(name):
    with pytest.raises(ConfigurationError, match=r"known are docker, semver"):
        scheme(name)


# semver


@pytest.mark.parametrize(
    "tag", ["1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-01", "1.2.3-", "20240101", "1234567", "latest"]
)
def test_semver_is_strict(tag):
    assert scheme("semver").parse(tag) is None


def test_semver_precedence():
    # The example of https://semver.org, section 11.
    order = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ]
    for low, high in itertools.pairwise(order):
        assert scheme("semver").compare(low, high) == -1


def test_semver_ignores_build_metadata_and_keeps_the_v():
    strict = scheme("semver")
    assert strict.compare("1.0.0+a", "1.0.0+b") == 0
    assert strict.compatible("v1.0.0", "v1.1.0")
    assert not strict.compatible("v1.0.0", "1.1.0")
    assert strict.kind("1.0.0", "1.1.0") == "minor"
    assert not strict.stable("1.1.0-rc.1")


def test_helm_does_not_care_about_the_v():
    assert scheme("helm").compatible("v1.13.0", "1.14.0")


def test_semver_ranges_are_npms_and_helm_ranges_helms():
    assert not scheme("semver").matches("1.5.0-rc.1", ">=1.0.0-0 <2.0.0")
    assert scheme("helm").matches("1.5.0-rc.1", ">=1.0.0-0 <2.0.0")
    assert not scheme("helm").matches("1.5.0-rc.1", ">=1.0.0 <2.0.0")


@pytest.mark.parametrize(
    ("tag", "text"), [("v1", "1.0.0"), ("release-1.2", "1.2.0"), ("1.2.3.4", "1.2.3"), ("2.0.0-rc.1", "2.0.0-rc.1")]
)
def test_semver_coerced_takes_what_it_finds(tag, text):
    version = scheme("semver-coerced").parse(tag)
    assert version is not None
    assert version.text == text


# loose


def test_loose_compares_anything_with_numbers():
    loose = scheme("loose")
    for low, high in [
        ("1.2", "1.10"),
        ("1.2-foo2", "1.2-foo10"),
        ("v1.2.3.4.5", "1.2.3.4.6"),
        ("1.0-rc1", "1.0"),
        ("1.0-foo", "1.0"),
        ("8u392-b08", "8u402-b06"),
    ]:
        assert loose.compare(low, high) == -1, (low, high)
        assert loose.compatible(low, high)
    assert loose.compare("1.0", "1.0.0") == 0
    assert loose.parse("1a2b3c4") is None
    assert loose.parse("latest") is None
    assert not loose.stable("2.0.0-beta1")


# regex

BITNAMI = (
    r"regex:^(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(?:-(?<compatibility>.+)-(?<build>\d+)-r(?<revision>\d+))?$"
)


def test_regex_with_all_numbers():
    found = scheme(BITNAMI)
    assert found.compatible("1.25.3-debian-11-r3", "1.25.3-debian-12-r10")
    assert found.compare("1.25.3-debian-11-r9", "1.25.3-debian-11-r10") == -1
    assert found.kind("1.25.3-debian-11-r3", "1.25.3-debian-12-r1") == "patch"
    assert found.kind("1.25.3-debian-11-r3", "1.26.0-debian-11-r1") == "minor"
    assert not found.compatible("1.25.3-debian-11-r3", "1.25.4")
    assert found.parse("latest") is None


def test_regex_compatibility_and_one_number():
    found = scheme(r"regex:^(?<compatibility>.*)-(?<major>\d+)$")
    assert found.compatible("build-9", "build-10")
    assert found.compare("build-9", "build-10") == -1
    assert not found.compatible("build-9", "test-10")


def test_regex_prerelease():
    found = scheme(r"regex:^(?<major>\d+)\.(?<minor>\d+)(?<prerelease>rc\d+)?$")
    assert not found.stable("3.13rc1")
    assert found.stable("3.13")
    for low, high in [("3.13rc2", "3.13rc10"), ("3.13rc10", "3.13")]:
        assert found.compare(low, high) == -1


def test_regex_range_looks_at_its_numbers():
    assert scheme(r"regex:^rel-(?<major>\d+)_(?<minor>\d+)$").matches("rel-1_4", "<2")


def test_regex_group_that_is_no_number_is_no_version():
    found = scheme(r"regex:^(?<major>\d+)-(?<build>\w+)$")
    assert found.parse("1-4") is not None
    assert found.parse("1-r4") is None


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("regex:^(?<major>\\d+", "regular expression"),
        ("regex:^\\d+$", "none of the groups"),
        ("regex:", "none of the groups"),
        ("regex:^(?<compatibility>.*)$", "none of the groups"),
        ("regex:^(?<major>\\d+)(?<minro>\\d+)$", "minro"),
        ("regex:^(?<major>\\d+)(?!x)$", "RE2"),
        ("regex:^(?<major>\\d+)\\1$", "RE2"),
        ("regex:(?<major>(((\\d{1000}){1000}){1000}))", "regular expression"),
    ],
)
def test_a_regex_that_cannot_be_used_is_an_error(name, part):
    with pytest.raises(ConfigurationError) as error:
        scheme(name)
    assert part in str(error.value)


def test_a_hostile_regex_costs_nothing():
    import time

    found = scheme(r"regex:^(?<major>\d+)(a+)+(a+)+(a+)+$")
    start = time.process_time()
    found.parse("1" + "a" * 200 + "!")
    assert time.process_time() - start < 0.5


JAVA = (
    r"regex:^(?<major>\d+)?(\.(?<minor>\d+))?(\.(?<patch>\d+))?"
    r"([\._+](?<build>(\d\.?)+)(LTS)?)?(-(?<compatibility>.*))?$"
)


def test_regex_with_dotted_counters_and_optional_numbers():
    found = scheme(JAVA)
    for low, high in [("17.0.5_8-jdk", "17.0.5_10-jdk"), ("17.0.5_8-jdk", "17.0.5_8.1-jdk"), ("17.0.5_8", "17.0.9_9")]:
        assert found.compatible(low, high)
        assert found.compare(low, high) == -1
    assert found.parse("-jdk") is None
    assert found.parse("latest") is None


def test_editions_between_long_term_ones_are_unstable():
    assert scheme("node").stable("20-alpine")
    assert not scheme("node").stable("21-alpine")
    assert scheme("ubuntu").stable("24.04")
    assert not scheme("ubuntu").stable("23.10")
    assert not scheme("ubuntu").stable("24.10")
    assert scheme("ubuntu").stable("jammy-20231128")


# The semver library


@given(
    st.from_regex(r"v?[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(-[0-9a-zA-Z.-]{0,8})?(\+[0-9a-zA-Z.-]{0,5})?", fullmatch=True)
)
def test_semver_reads_what_the_library_reads(tag):
    assert (scheme("semver").parse(tag) is not None) == semver.Version.is_valid(tag.removeprefix("v"))


_NAMES = st.from_regex(r"(0|[1-9][0-9]{0,2}|[a-zA-Z-][0-9a-zA-Z-]{0,3})", fullmatch=True)
_SEMVER = st.builds(
    lambda numbers, pre: ".".join(map(str, numbers)) + ("-" + ".".join(pre) if pre else ""),
    st.tuples(*[st.integers(0, 3)] * 3),
    st.lists(_NAMES, max_size=3),
)


@given(_SEMVER, _SEMVER)
def test_semver_orders_as_the_library_does(left, right):
    assert scheme("semver").compare(left, right) == semver.Version.parse(left).compare(right)


def test_the_docker_scheme_does_without_the_library():
    code = "import sys; from gitops_ci.image.version import scheme; scheme('docker').kind('1.2.3', '1.3.0'); "
    code += "assert 'semver' not in sys.modules"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )
