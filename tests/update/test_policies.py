"""Foreign policies: Argo CD Image Updater's strategies and Flux's ImagePolicy."""

from datetime import UTC, datetime, timedelta

import pytest

from gitops_ci.errors import RegistryError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.update.choose import choose
from gitops_ci.update.model import Dependency, Options, Origin, SelectionPolicy

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)
ORIGIN = Origin("apps/api.yaml", "ImagePolicy flux-system/api", 4)
AMD, ARM = "linux/amd64", "linux/arm64"


def policy(strategy, **fields):
    return SelectionPolicy(strategy, ORIGIN, **fields)


def ask(how, tags, current="1.2.3", *, digest=None, created=None, platforms=None, digests=None, gone=(), **options):
    def info(reference):
        if reference in gone:
            raise RegistryError("not found", status=404)
        return ImageInfo(
            (digests or {}).get(reference, f"sha256:{reference}"),
            (created or {}).get(reference, NOW - timedelta(days=100)),
            frozenset((platforms or {}).get(reference, (AMD,))),
            {},
        )

    dependency = Dependency(
        "api", "api", "docker", "kubernetes", "a.yaml", current_value=current, current_digest=digest
    )
    return choose(dependency, Options(options), tags.split(), policy=how, now=NOW, info=info)


def tags_of(choice):
    return [pick.tag for pick in choice.picks]


def reason(choice, tag):
    return next(one.reason for one in choice.candidates if one.tag == tag)


# semver


def test_semver_takes_the_highest_of_the_range():
    choice = ask(policy("semver", constraint="1.x"), "1.2.3 1.3.0 1.4.0 2.0.0")
    assert [(one.kind, one.tag) for one in choice.picks] == [("minor", "1.4.0")]
    assert choice.picks[0].origins[0] == ORIGIN
    assert "not in the policy's range 1.x" in reason(choice, "2.0.0")


def test_semver_is_strict_so_that_no_commit_id_or_date_is_a_major():
    choice = ask(policy("semver", constraint=">=1.0.0"), "1.2.3 1.3.0 1234567 20240101 99 1.4")
    assert tags_of(choice) == ["1.3.0"]
    assert "three numbers" in reason(choice, "20240101")


def test_semver_pre_releases_only_when_the_range_names_them():
    tags = "1.2.3 1.3.0-rc.1 1.2.4"
    assert tags_of(ask(policy("semver", constraint=">=1.0.0"), tags)) == ["1.2.4"]
    assert tags_of(ask(policy("semver", constraint=">=1.0.0-0"), tags)) == ["1.3.0-rc.1"]
    assert tags_of(ask(policy("semver"), tags)) == ["1.2.4"]
    assert tags_of(ask(policy("semver"), "1.3.0-rc.1 1.3.0-rc.2", "1.3.0-rc.1")) == ["1.3.0-rc.2"]


def test_semver_compares_what_the_pattern_extracts():
    how = policy("semver", constraint="*", allow=r"^release-(?P<version>\d+\.\d+\.\d+)$", extract="$version")
    assert tags_of(ask(how, "release-1.2.3 release-1.10.0 release-1.9.0 2.0.0", "release-1.2.3")) == ["release-1.10.0"]


def test_semver_never_goes_down():
    choice = ask(policy("semver", constraint="<1.2"), "1.1.0 1.1.9 1.2.3")
    assert tags_of(choice) == []
    assert "not place it above the current 1.2.3" in reason(choice, "1.1.9")


def test_a_range_that_cannot_be_read_fails_the_image_alone():
    choice = ask(policy("semver", constraint="latest"), "1.2.3 1.3.0")
    assert tags_of(choice) == []
    assert "'latest' is not a version range" in choice.error
    assert "apps/api.yaml:4" in choice.error


def test_an_unknown_strategy_fails_the_image_alone():
    assert "unknown update strategy 'newest'" in ask(policy("newest"), "1.2.3").error


# alphabetical, numerical


def test_alphabetical_takes_the_last():
    assert tags_of(ask(policy("alphabetical"), "b-1 b-3 b-2", "b-1")) == ["b-3"]


def test_alphabetical_descending_takes_the_first():
    assert tags_of(ask(policy("alphabetical", descending=True), "b-1 b-3 b-2", "b-3")) == ["b-1"]


def test_numerical_orders_by_value():
    how = policy("numerical", allow=r"^main-[a-f0-9]+-(?P<ts>[0-9]+)$", extract="$ts")
    tags = "main-aaaaaaa-99 main-bbbbbbb-100 main-ccccccc-101 latest"
    choice = ask(how, tags, "main-aaaaaaa-99")
    assert tags_of(choice) == ["main-ccccccc-101"]
    assert choice.picks[0].kind in ("minor", "patch")
    assert "pattern" in reason(choice, "latest")


def test_one_tag_that_is_no_number_fails_a_numerical_policy():
    choice = ask(policy("numerical"), "1 2 3 latest", "1")
    assert tags_of(choice) == []
    assert "'latest' is not a number" in choice.error
    assert "fails as a whole" in reason(choice, "3")


def test_numbers_of_any_size_and_with_fractions():
    big = str(10**30)
    assert tags_of(ask(policy("numerical"), f"1 {big} 1.5", "1")) == [big]
    assert tags_of(ask(policy("numerical"), "1 1.5 1.25", "1")) == ["1.5"]


def test_ties_go_to_the_later_entry():
    how = policy("numerical", allow=r"^\w+-(\d+)$", extract="$1")
    assert tags_of(ask(how, "a-1 b-2 c-2", "a-1")) == ["c-2"]
    assert tags_of(
        ask(policy("numerical", allow=r"^\w+-(\d+)$", extract="$1", descending=True), "a-3 b-2 c-2", "a-3")
    ) == ["c-2"]
    assert tags_of(ask(policy("semver", constraint="1.x"), "1.2.3 1.3.0 v1.3.0")) == ["v1.3.0"]


@pytest.mark.parametrize(
    ("extract", "expected"),
    [("$ts", "a-3"), ("${ts}", "a-3"), ("$2", "a-3"), ("${2}0", "a-3"), ("$$", None), ("$nope", None), ("$tsx", None)],
)
def test_extract_expands_as_go_does(extract, expected):
    choice = ask(policy("numerical", allow=r"^(\w)-(?P<ts>\d+)$", extract=extract), "a-1 a-2 a-3", "a-1")
    assert (tags_of(choice) or [None])[0] == expected


# allow, ignore


def test_an_invalid_pattern_matches_nothing_and_says_so():
    choice = ask(policy("semver", constraint="*", allow="^(1"), "1.2.3 1.3.0")
    assert tags_of(choice) == []
    assert "matches no tag" in choice.notes[0]


def test_ignored_tags_are_left_out():
    choice = ask(policy("semver", constraint="*", ignore=("1.4.*", "*-debug")), "1.2.3 1.3.0 1.4.0 1.5.0-debug")
    assert tags_of(choice) == ["1.3.0"]
    assert reason(choice, "1.4.0") == "the policy ignores 1.4.*"


def test_a_hostile_pattern_costs_nothing():
    import time

    start = time.process_time()
    ask(policy("alphabetical", allow="^(a+)+$"), "a" * 120 + "!", "b")
    assert time.process_time() - start < 0.5


# What the policy cannot read


def test_a_current_tag_the_policy_cannot_read_is_left_alone_unless_forced():
    choice = ask(policy("semver", constraint="1.x"), "1.2.3 1.3.0", "1.9")
    assert tags_of(choice) == []
    assert "cannot read the current tag '1.9'" in choice.notes[0]
    assert tags_of(ask(policy("semver", constraint="1.x", force=True), "1.2.3 1.3.0", "1.9")) == ["1.3.0"]


@pytest.mark.parametrize("current", ["latest", "main", "1a2b3c4", None])
def test_a_current_tag_without_an_order_gives_way_to_the_policy(current):
    assert tags_of(ask(policy("semver", constraint="1.x"), "1.2.3 1.3.0", current)) == ["1.3.0"]


# newest-build


def test_newest_build_goes_by_creation_time():
    created = {"aaa": NOW - timedelta(days=3), "bbb": NOW - timedelta(days=1), "ccc": NOW - timedelta(days=2)}
    assert tags_of(ask(policy("newest-build"), "aaa bbb ccc", "aaa", created=created)) == ["bbb"]
    assert tags_of(ask(policy("newest-build"), "aaa bbb ccc", "bbb", created=created)) == []


def test_newest_build_leaves_out_what_has_no_time():
    created = {"aaa": NOW - timedelta(days=3), "bbb": datetime(1970, 1, 1, tzinfo=UTC), "ccc": NOW - timedelta(days=2)}
    choice = ask(policy("newest-build"), "aaa bbb ccc ddd", "aaa", created=created, gone=["ddd"])
    assert tags_of(choice) == ["ccc"]
    assert "creation time is unknown" in reason(choice, "bbb")
    assert "creation time is unknown" in reason(choice, "ddd")


def test_newest_build_replaces_a_tag_that_is_gone():
    assert tags_of(ask(policy("newest-build"), "aaa", "old", gone=["old"])) == ["aaa"]


# digest


def test_digest_follows_a_tag():
    choice = ask(policy("digest", constraint="latest"), "latest 1.0.0", "latest", digest="sha256:old")
    assert [(one.kind, one.tag, one.digest) for one in choice.picks] == [("digest", "latest", "sha256:latest")]
    assert reason(choice, "1.0.0") == "the policy follows the digest of latest"
    assert tags_of(ask(policy("digest"), "latest", "latest", digest="sha256:latest")) == []


def test_digest_writes_one_where_there_was_none():
    choice = ask(policy("digest"), "main", "main")
    assert [(one.kind, one.digest) for one in choice.picks] == [("pinDigest", "sha256:main")]


def test_digests_with_a_policy():
    always, never = policy("semver", digest="always"), policy("semver", digest="never")
    found = ask(always, "1.2.3 1.3.0")
    assert [(one.kind, one.digest) for one in found.picks] == [("minor", "sha256:1.3.0"), ("pinDigest", "sha256:1.2.3")]
    assert [one.digest for one in ask(never, "1.2.3 1.3.0", digest="sha256:1.2.3").picks] == [None]
    assert [one.digest for one in ask(policy("semver"), "1.2.3 1.3.0", digest="sha256:1.2.3").picks] == ["sha256:1.3.0"]


# The rules beside it


def test_the_policys_platforms_are_what_counts():
    platforms = {"1.2.3": (AMD, ARM), "1.3.0": (AMD,), "1.2.4": (ARM,)}
    assert tags_of(ask(policy("semver", platforms=(AMD,)), "1.2.3 1.2.4 1.3.0", platforms=platforms)) == ["1.3.0"]
    assert tags_of(ask(policy("semver", platforms=(ARM,)), "1.2.3 1.2.4 1.3.0", platforms=platforms)) == ["1.2.4"]
    assert tags_of(ask(policy("semver"), "1.2.3 1.2.4 1.3.0", platforms=platforms)) == []


def test_allowed_versions_and_minimum_age_hold_beside_a_policy():
    created = {"1.4.0": NOW - timedelta(days=1)}
    choice = ask(
        policy("semver", constraint="*"),
        "1.2.3 1.3.0 1.4.0 2.0.0",
        created=created,
        allowedVersions="<2",
        minimumReleaseAge="3 days",
    )
    assert tags_of(choice) == ["1.3.0"]
    assert reason(choice, "2.0.0") == "allowedVersions is <2"
    assert reason(choice, "1.4.0").startswith("released 1 day ago")
