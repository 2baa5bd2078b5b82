"""The scheme of image tags, case by case."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_ci.image.version import scheme

docker = scheme("docker")


@pytest.mark.parametrize(
    "tag",
    [
        "latest",
        "stable",
        "alpine",
        "main",
        "bookworm-slim",
        "pr-123",
        "sha-1a2b3c4",
        "release-1.2.3",
        "1a2b3c4",
        "0a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d",
        "1234567",
        "4096128",
        "1234567890123456789012345678901234567890",
        "123098140293",
        "1700000000",
        "20241399",
        "",
        ".",
        "-",
        "1..2",
        "1.2.",
        "v",
        "1.x",
        "^1.2",
        "1.2.3" + "0" * 300,
        "١.٢.٣",
        "1.²",
    ],
)
def test_what_has_no_order_is_no_version(tag):
    assert docker.parse(tag) is None
    assert not docker.stable(tag)


@pytest.mark.parametrize(
    ("current", "candidate"),
    [
        ("1.2.3", "1.2.4"),
        ("14", "15"),
        ("18.04", "24.04"),
        ("v1.0.0", "v1.9.0"),
        ("1.2.3-alpine3.18", "1.3.0-alpine3.18"),
        ("1.0.0-rc.1", "1.0.0-rc.2"),
        ("1.0.0-rc.1", "1.0.0"),
        ("1.0.0-rc.1-alpine", "1.0.0-alpine"),
        ("3.13.0rc1", "3.13.0"),
        ("3.8.0b1-alpine", "3.8.0-alpine"),
        ("1.0.0-rc-1", "1.0.0"),
        ("1.2.3-4", "1.2.3-5"),
        ("1.25.3-1", "1.25.4-2"),
        ("1.25.3-debian-12-r3", "1.25.3-debian-12-r10"),
        ("4.0.9.2457-ls210", "4.0.10.2544-ls211"),
        ("version-1.2.3-20240101", "version-1.2.3-20240201"),
        ("v1.28.3-k3s1", "v1.28.3-k3s2"),
        ("17.0.5_8-jdk", "17.0.9_9-jdk"),
        ("8u372-jdk", "8u382-jdk"),
        ("16.5.1-ce.0", "16.6.0-ce.0"),
        ("9.4-1123", "9.4-1134.1719560047"),
        ("2019-CU18-ubuntu-20.04", "2019-CU20-ubuntu-20.04"),
        ("8.8_p1-r1-ls65", "9.3_p2-r0-ls150"),
        ("5.0.0.Final", "5.1.0.Final"),
        ("1.2.3-14-gabcdef0", "1.2.3-20-g1234abc"),
        ("1.2.3-abc1234", "1.2.4-def5678"),
        ("20240101", "20240201"),
        ("2024-01-15", "2024-02-01"),
        ("2024.01.15", "2024.02.01"),
        ("2024.1.5", "2024.11.0"),
        ("20240101-slim", "20240201-slim"),
        ("20240101.1", "20240101.2"),
        ("bookworm-20240101-slim", "bookworm-20240201-slim"),
        ("1a2b3c4-1700000000", "9f8e7d6-1700000100"),
        ("main-1a2b3c4-1700000000", "main-9f8e7d6-1700000100"),
        ("main-1234567-1700000000", "main-9f8e7d6-1700000100"),
        ("v20240101-1a2b3c4", "v20240201-9f8e7d6"),
        ("RELEASE.2023-11-15T20-43-25Z", "RELEASE.2023-11-20T22-40-07Z"),
    ],
)
def test_follows(current, candidate):
    assert docker.compatible(current, candidate)
    assert docker.compare(current, candidate) == -1
    assert docker.compare(candidate, current) == 1


@pytest.mark.parametrize(
    ("current", "candidate", "reason"),
    [
        ("1.2", "1.2.3", "parts"),
        ("1.2.3", "1.3", "parts"),
        ("14", "14.1", "parts"),
        ("v1.0.0", "1.9.0", "prefix"),
        ("1.0.0", "v1.9.0", "prefix"),
        ("1.2.3", "1.2.4-alpine", "suffix"),
        ("1.2.3-alpine", "1.2.4", "suffix"),
        ("1.2.3-alpine3.18", "1.2.3-alpine3.19", "suffix"),
        ("1.25.3-debian-11-r3", "1.25.3-debian-12-r4", "suffix"),
        ("1.2.3", "1.2.3-4", "suffix"),
        ("1.2.3-4", "1.2.4", "suffix"),
        ("1.2.3-ls1", "1.2.3-r2", "suffix"),
        ("16-3.4", "16-3.5", "suffix"),
        ("1.2.3-abc1234", "1.2.4-1234567", "suffix"),
        ("1.2.3-dev", "1.2.4", "suffix"),
        ("1.2.3", "20240101", "date"),
        ("14", "20240101", "date"),
        ("1.2.3", "2024.01.15", "calendar"),
        ("19.0.0", "2024.1.0", "calendar"),
        ("2024.01.15", "20240201", "date"),
        ("20240101", "2024-02-01", "suffix"),
        ("main-1a2b3c4-1700000000", "dev-9f8e7d6-1700000100", "prefix"),
        ("1.2.3", "main-9f8e7d6-1700000100", "timestamp"),
    ],
)
def test_never_follows(current, candidate, reason):
    assert not docker.compatible(current, candidate)
    left, right = docker.parse(current), docker.parse(candidate)
    assert left and right
    assert reason in docker.difference(left, right)


@pytest.mark.parametrize(
    "ordered",
    [
        ["0.9.8", "1.1.1", "1.2.3", "2.2.2", "10.0.0"],
        ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0"],
        ["3.7.0b1", "3.7.0b5", "3.7.0rc1", "3.7.0", "3.7.1"],
        ["1.0.0-rc2", "1.0.0-rc10", "1.0.0"],
        ["1.2.9", "1.2", "1.3.0", "1.3", "1"],
        ["1.2.3-4", "1.2.3-5", "1.2.3-10", "1.2.4-1"],
        ["1.2.3-debian-12-r3", "1.2.3-debian-12-r10", "1.2.4-debian-12-r0"],
        ["9.4-1123", "9.4-1123.1719560047", "9.4-1134"],
        ["8.0.0-preview.3.100", "8.0.0-preview.3.23178", "8.0.0-rc.1", "8.0.0"],
        ["1.1.1", "1.1.1v", "1.1.1w", "1.1.2"],
    ],
)
def test_order(ordered):
    for low, high in itertools.pairwise(ordered):
        assert docker.compare(low, high) == -1, (low, high)


@pytest.mark.parametrize(
    ("current", "new", "kind"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("14", "15", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2", "1.3", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("4.0.9.2457", "4.0.9.2458", "patch"),
        ("1.0.0-rc.1", "1.0.0", "patch"),
        ("1.2.3-4", "1.2.3-5", "patch"),
        ("1.2.3-4", "1.3.0-1", "minor"),
        ("9.4-1123", "9.4-1134.1719560047", "patch"),
        ("2.13-2.7.1", "2.13-3.0.0", "minor"),
        ("20231231", "20240101", "minor"),
        ("2023-12-31", "2024-01-01", "minor"),
        ("2023.12.31", "2024.01.15", "minor"),
        ("2023.12.1", "2024.1.0", "major"),
        ("main-1a2b3c4-1700000000", "main-9f8e7d6-1700000100", "minor"),
    ],
)
def test_kind(current, new, kind):
    assert docker.kind(current, new) == kind


def test_kind_of_a_name_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="latest"):
        docker.kind("latest", "1.2.3")


@pytest.mark.parametrize(
    ("tag", "stable"),
    [
        ("3.7.0", True),
        ("3.7-alpine", True),
        ("1.2.3-dev", True),
        ("1.2.3-4", True),
        ("20240101", True),
        ("5.0.0.Final", True),
        ("3.7.0b1", False),
        ("3.8.0b1-alpine", False),
        ("3.8.3-SNAPSHOT", False),
        ("3.8.3-1-SNAPSHOT", False),
        ("1.2.3-rc.1", False),
        ("1.2.3-RC1", False),
        ("1.2.3-M2", False),
        ("1.2.3-dev.5", False),
        ("8.0.100-preview.3.23178.7-alpine3.17", False),
        ("3.13-rc-alpine", False),
        ("1.1.1w", False),
    ],
)
def test_stable(tag, stable):
    assert docker.stable(tag) is stable


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("v1.2.4-alpine", "1.2.4"),
        ("20.04", "20.04"),
        ("1.0.0-rc.1-alpine", "1.0.0-rc.1"),
        ("1.2.3-4", "1.2.3-4"),
        ("1.25.3-debian-12-r10", "1.25.3-debian-12-r10"),
        ("20240101-slim", "20240101-slim"),
    ],
)
def test_text_names_what_can_change(tag, text):
    version = docker.parse(tag)
    assert version is not None
    assert version.text == text
    assert version.tag == tag


@pytest.mark.parametrize(
    ("tag", "expression", "fits"),
    [
        ("1.4.2-alpine", "<2", True),
        ("2.0.0-alpine", "<2", False),
        ("2.0.0-rc.1", "<2", False),
        ("1.5.0-rc.1", "<2", True),
        ("v1.4.2", "^1.2", True),
        ("1.4", ">=1.2 <1.5", True),
        ("14-slim", "<=14", True),
        ("15-slim", "<=14", False),
        ("1.25.3-debian-12-r10", "~1.25", True),
        ("4.0.9.2457", "4.0.9.2457", True),
        ("4.0.9.2457", "<4.0.9.2457", False),
        ("20240101", "<20240201", True),
        ("latest", "<2", False),
        ("latest", "*", False),
        ("1.4.2-alpine", "/-alpine$/", True),
        ("1.4.2", "/-alpine$/", False),
        ("1.4.2", "!/-alpine$/", True),
        ("1.4.2-ALPINE", "/-alpine$/i", True),
        ("latest", "/^latest$/", True),
    ],
)
def test_matches(tag, expression, fits):
    assert docker.matches(tag, expression) is fits


_numbers = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))
_pieces = st.sampled_from(
    ["", "-rc.1", "-rc.2", "rc1", "b2", "-alpine", "-alpine3.18", "-4", "-5", "-debian-12-r3", "-1a2b3c4"]
)
_odd = st.sampled_from(["latest", "20240101", "2024-01-15", "2024.01.15", "1234567", "main-1a2b3c4-1700000000", "v"])
tags = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(["", "v"]), _numbers, _pieces),
    _odd,
    st.text(alphabet="0123456789abcfrv.-_", min_size=1, max_size=20),
)


@given(tags, tags, tags)
def test_order_is_total_and_transitive(a, b, c):
    assert docker.compare(a, b) == -docker.compare(b, a)
    if docker.compare(a, b) <= 0 and docker.compare(b, c) <= 0:
        assert docker.compare(a, c) <= 0


@given(tags, tags)
def test_compatible_is_symmetric_and_kind_always_answers(a, b):
    assert docker.compatible(a, b) == docker.compatible(b, a)
    if docker.compatible(a, b):
        assert docker.kind(a, b) in ("major", "minor", "patch")


@given(st.text(max_size=300))
def test_any_text_is_read_without_an_error(text):
    for name in ("docker", "semver", "semver-coerced", "helm", "loose"):
        scheme(name).parse(text)


def test_five_thousand_tags_are_read_quickly():
    import time

    fresh = type(docker)("docker")
    many = [f"{a}.{b}.{c}-alpine3.{c}" for a in range(10) for b in range(25) for c in range(20)]
    start = time.process_time()
    for tag in many:
        fresh.parse(tag)
    first = time.process_time() - start
    start = time.process_time()
    for tag in many:
        fresh.parse(tag)
    assert first < 0.5  # tens of milliseconds on an idle machine
    assert time.process_time() - start < 0.1
