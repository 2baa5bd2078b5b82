"""Choosing updates: what is offered, what is not, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_ci.errors import ConfigurationError, RegistryError, UnreadableImageError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.image.version import scheme
from gitops_ci.update.choose import choose
from gitops_ci.update.model import Dependency, Options, Origin

NOW = datetime(2026, 3, 23, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=400)
AMD, ARM = "linux/amd64", "linux/arm64"


class Shop:
    """What a registry knows, and what it was asked."""

    def __init__(self, tags="", created=None, platforms=None, digests=None, gone=(), failing=(), unreadable=()):
        self.tags = tuple(tags.split())
        self.created = created or {}
        self.platforms = platforms or {}
        self.digests = digests or {}
        self.gone, self.failing, self.unreadable = gone, failing, unreadable
        self.asked = []

    def info(self, reference):
        self.asked.append(reference)
        if reference in self.gone:
            raise RegistryError("not found", status=404)
        if reference in self.failing:
            raise RegistryError("too many requests", status=429)
        if reference in self.unreadable:
            raise UnreadableImageError("the manifest is in Docker's schema 1")
        platforms = self.platforms.get(reference, (AMD,))
        return ImageInfo(self.digest_of(reference), self.created.get(reference, OLD), frozenset(platforms), {})

    def digest_of(self, reference):
        return self.digests.get(reference, f"sha256:{reference}")


def dependency(value="1.2.3", digest=None, datasource="docker"):
    return Dependency(
        "acme/api", "acme/api", datasource, "kubernetes", "a.yaml", current_value=value, current_digest=digest
    )


def ask(shop, current="1.2.3", *, digest=None, datasource="docker", policy=None, refine=None, head=None, **options):
    origins = {name: Origin("renovate.json", f"packageRules[0].{name}", 7) for name in options}
    return choose(
        dependency(current, digest, datasource),
        Options(options, origins),
        shop.tags,
        policy=policy,
        now=NOW,
        info=shop.info,
        digest=head,
        refine=refine,
    )


def picks(choice):
    return [(pick.kind, pick.tag) for pick in choice.picks]


def reason(choice, tag):
    found = next(candidate for candidate in choice.candidates if candidate.tag == tag)
    return found.reason


# Which versions


def test_major_and_the_highest_of_the_rest_are_offered():
    shop = Shop("1.2.3 1.2.4 1.3.0 1.4.0 2.0.0 3.0.0 latest")
    choice = ask(shop)
    assert picks(choice) == [("major", "3.0.0"), ("minor", "1.4.0")]
    assert [candidate.tag for candidate in choice.candidates] == list(shop.tags)
    assert "1.4.0 is higher and was chosen" in reason(choice, "1.2.4")
    assert reason(choice, "latest") == "it is not a version"
    assert reason(choice, "1.2.3") == "it is the current tag"
    assert reason(choice, "3.0.0") is None


def test_a_minor_hides_the_patch_unless_they_are_separate():
    shop = Shop("1.2.3 1.2.4 1.3.0")
    assert picks(ask(shop)) == [("minor", "1.3.0")]
    assert picks(ask(shop, separateMinorPatch=True)) == [("minor", "1.3.0"), ("patch", "1.2.4")]
    assert picks(ask(Shop("1.2.3 1.2.4"))) == [("patch", "1.2.4")]


def test_one_update_when_majors_are_not_separate():
    assert picks(ask(Shop("1.2.3 1.3.0 2.0.0"), separateMajorMinor=False)) == [("major", "2.0.0")]


def test_every_major_and_every_minor_when_asked():
    shop = Shop("1.2.3 1.3.0 1.3.1 1.4.0 2.0.0 2.1.0 3.0.0")
    assert picks(ask(shop, separateMultipleMajor=True)) == [("major", "3.0.0"), ("major", "2.1.0"), ("minor", "1.4.0")]
    found = picks(ask(shop, separateMultipleMinor=True))
    assert found == [("major", "3.0.0"), ("minor", "1.4.0"), ("minor", "1.3.1")]


def test_a_leap_of_the_major_version_is_not_offered():
    shop = Shop("1.2.3 1.3.0 4711.0.0")
    assert picks(ask(shop)) == [("minor", "1.3.0")]
    assert "more than 500" in reason(ask(shop), "4711.0.0")
    assert picks(ask(shop, maxMajorIncrement=0)) == [("major", "4711.0.0"), ("minor", "1.3.0")]
    assert picks(ask(Shop("1.2.3 4.0.0"), maxMajorIncrement=2)) == []


def test_dates_and_commit_ids_are_no_majors():
    assert picks(ask(Shop("1.2.3 20240101 2024.01.15 1234567 2024-01-15 main-1a2b3c4-1700000000"))) == []


def test_a_date_leads_to_the_next_date():
    choice = ask(Shop("20240101 20240201 1.2.3 99999999"), "20240101")
    assert picks(choice) == [("minor", "20240201")]


def test_the_leading_v_stays():
    assert picks(ask(Shop("v1.0.0 1.9.0 v1.8.0 1.0.0"), "v1.0.0")) == [("minor", "v1.8.0")]


def test_the_suffix_stays():
    shop = Shop("1.2.3-alpine3.18 1.2.4-alpine3.18 1.2.5-alpine3.19 1.2.6")
    choice = ask(shop, "1.2.3-alpine3.18")
    assert picks(choice) == [("patch", "1.2.4-alpine3.18")]
    assert reason(choice, "1.2.5-alpine3.19") == "its suffix -alpine3.19 is not the current -alpine3.18"


def test_a_build_counter_counts():
    assert picks(ask(Shop("1.2.3-4 1.2.3-5 1.2.3-10"), "1.2.3-4")) == [("patch", "1.2.3-10")]


def test_unstable_is_never_offered_from_stable_unless_asked():
    shop = Shop("1.2.3 1.3.0-rc.1 2.0.0-beta.1")
    choice = ask(shop)
    assert picks(choice) == []
    assert "pre-release" in reason(choice, "1.3.0-rc.1")
    assert picks(ask(shop, ignoreUnstable=False)) == [("major", "2.0.0-beta.1"), ("minor", "1.3.0-rc.1")]


def test_a_release_candidate_leads_to_its_release_and_not_to_the_next_beta():
    shop = Shop("1.0.0-rc.1 1.0.0-rc.2 1.1.0-beta.1")
    assert picks(ask(shop, "1.0.0-rc.1")) == [("patch", "1.0.0-rc.2")]
    shop = Shop("1.0.0-rc.1 1.0.0-rc.2 1.0.0 1.1.0-beta.1")
    assert picks(ask(shop, "1.0.0-rc.1")) == [("patch", "1.0.0")]


def test_allowed_versions_with_a_suffix():
    shop = Shop("1.4.2-alpine 1.5.0-alpine 2.0.0-alpine 2.1.0-alpine")
    choice = ask(shop, "1.4.2-alpine", allowedVersions="<2")
    assert picks(choice) == [("minor", "1.5.0-alpine")]
    dropped = next(one for one in choice.candidates if one.tag == "2.0.0-alpine")
    assert dropped.reason == "allowedVersions is <2"
    assert dropped.dropped_by == Origin("renovate.json", "packageRules[0].allowedVersions", 7)


def test_allowed_versions_may_name_one_tag():
    shop = Shop("17.0.5_8-jdk 17.0.6_10-jdk 17.0.7_7-jdk")
    assert picks(ask(shop, "17.0.5_8-jdk", allowedVersions="17.0.6_10-jdk")) == [("patch", "17.0.6_10-jdk")]
    assert picks(ask(shop, "17.0.5_8-jdk", allowedVersions="17.0.6")) == [("patch", "17.0.6_10-jdk")]


def test_allowed_versions_as_a_pattern():
    shop = Shop("1.2.3 1.2.4 1.3.0 1.4.0")
    assert picks(ask(shop, allowedVersions="/^1\\.[23]\\./")) == [("minor", "1.3.0")]
    assert picks(ask(shop, allowedVersions="!/^1\\.4/")) == [("minor", "1.3.0")]


def test_allowed_versions_may_speak_of_the_current_version():
    assert picks(ask(Shop("1.2.3 1.2.9 1.3.0"), allowedVersions="~{{major}}.{{minor}}")) == [("patch", "1.2.9")]


@pytest.mark.parametrize("text", ["latest", "<2 foo", "/(/", "/(?=x)/"])
def test_allowed_versions_that_cannot_be_read_are_an_error_that_says_where(text):
    with pytest.raises(ConfigurationError) as error:
        ask(Shop("1.2.3"), allowedVersions=text)
    assert "renovate.json:7" in str(error.value)
    assert "allowedVersions" in str(error.value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("ignoreUnstable", "yes"),
        ("separateMinorPatch", 1),
        ("maxMajorIncrement", "many"),
        ("maxMajorIncrement", True),
        ("minimumReleaseAge", 3),
        ("minimumReleaseAge", "three days"),
        ("internalChecksFilter", "sometimes"),
        ("minimumReleaseAgeBehaviour", "optional"),
        ("versioning", "dcoker"),
        ("allowedVersions", ["<2"]),
    ],
)
def test_an_option_of_the_wrong_type_is_an_error(option, value):
    with pytest.raises(ConfigurationError) as error:
        ask(Shop("1.2.3 1.3.0"), **{option: value})
    assert str(value) in str(error.value) or option in str(error.value)


def test_another_versioning_is_used_when_asked():
    shop = Shop("build-9 build-10 build-8")
    assert picks(ask(shop, "build-9")) == []
    assert picks(ask(shop, "build-9", versioning=r"regex:^build-(?<major>\d+)$")) == [("major", "build-10")]


def test_never_lower_never_equal():
    assert picks(ask(Shop("1.2.3 1.2.2 0.9.0 1.02.3"))) == []


def test_equal_versions_come_once_and_the_later_entry_wins():
    assert picks(ask(Shop("1.2.3 1.2.04 1.2.4"))) == [("patch", "1.2.4")]
    assert picks(ask(Shop("1.2.3 1.2.4 1.2.04"))) == [("patch", "1.2.04")]


def test_a_tag_without_an_order_gets_a_note_and_nothing_else():
    shop = Shop("latest 1.2.3")
    choice = ask(shop, "latest")
    assert picks(choice) == []
    assert "'latest' is not a version" in choice.notes[0]
    assert "current tag latest is not a version" in reason(choice, "1.2.3")
    assert shop.asked == []


def test_nothing_newer_asks_for_nothing():
    shop = Shop("1.2.3 1.2.2")
    assert picks(ask(shop, minimumReleaseAge="3 days")) == []
    assert shop.asked == []


# Age


def test_the_newest_old_enough_is_offered_instead_of_one_too_young():
    created = {"1.3.0": NOW - timedelta(hours=4), "1.2.5": NOW - timedelta(days=5), "1.2.4": NOW - timedelta(days=9)}
    shop = Shop("1.2.3 1.2.4 1.2.5 1.3.0", created)
    choice = ask(shop, minimumReleaseAge="3 days")
    assert picks(choice) == [("patch", "1.2.5")]
    assert choice.picks[0].pending is None
    assert choice.picks[0].released == NOW - timedelta(days=5)
    assert reason(choice, "1.3.0") == (
        "released 4 h ago, minimumReleaseAge is 3 days: waits until 2026-03-26 08:00 UTC"
    )
    assert "1.2.4" not in shop.asked


def test_when_all_are_too_young_the_newest_is_pending():
    shop = Shop("1.2.3 1.2.4 1.3.0", {"1.2.4": NOW - timedelta(days=2), "1.3.0": NOW - timedelta(days=1)})
    choice = ask(shop, minimumReleaseAge="3 days", internalChecksFilter="strict")
    assert picks(choice) == [("minor", "1.3.0")]
    assert choice.picks[0].pending.startswith("released 1 day ago")
    assert reason(choice, "1.3.0") is None
    assert reason(choice, "1.2.4").startswith("released 2 days ago")


def test_flexible_proposes_the_newest_when_all_are_too_young_but_does_not_call_it_proven():
    created = {"1.2.4": NOW - timedelta(days=2), "1.3.0": NOW - timedelta(days=1)}
    choice = ask(Shop("1.2.3 1.2.4 1.3.0", created), minimumReleaseAge="3 days", internalChecksFilter="flexible")
    assert picks(choice) == [("minor", "1.3.0")]
    assert choice.picks[0].pending is None
    assert choice.picks[0].unproven.startswith("released 1 day ago")
    created["1.2.4"] = OLD
    choice = ask(Shop("1.2.3 1.2.4 1.3.0", created), minimumReleaseAge="3 days", internalChecksFilter="flexible")
    assert picks(choice) == [("patch", "1.2.4")]
    assert choice.picks[0].unproven is None


def test_none_proposes_the_newest_at_once():
    created = {"1.3.0": NOW - timedelta(days=1)}
    choice = ask(Shop("1.2.3 1.2.4 1.3.0", created), minimumReleaseAge="3 days", internalChecksFilter="none")
    assert picks(choice) == [("minor", "1.3.0")]
    assert choice.picks[0].pending is None
    assert choice.picks[0].unproven


class Timeless(Shop):
    """A registry that knows no creation times, or none to believe."""

    time = None

    def info(self, reference):
        return super().info(reference)._replace(created=self.time)


@pytest.mark.parametrize(
    "time",
    [
        None,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1980, 1, 1, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        NOW + timedelta(days=30),
    ],
    ids=["none", "epoch", "zip-epoch", "year-1", "future"],
)
def test_an_unknown_age_is_pending_and_says_how_to_go_on(time):
    shop = Timeless("1.2.3 1.3.0")
    shop.time = time
    choice = ask(shop, minimumReleaseAge="3 days")
    assert picks(choice) == [("minor", "1.3.0")]
    assert "creation time is unknown" in choice.picks[0].pending
    assert "timestamp-optional" in choice.picks[0].pending
    assert choice.picks[0].released is None


def test_an_unknown_age_may_pass_when_the_rules_say_so():
    choice = ask(Timeless("1.2.3 1.3.0"), minimumReleaseAge="3 days", minimumReleaseAgeBehaviour="timestamp-optional")
    assert picks(choice) == [("minor", "1.3.0")]
    assert choice.picks[0].pending is None
    assert any("timestamp-optional" in note for note in choice.notes)


def test_a_time_without_a_zone_is_utc():
    shop = Shop("1.2.3 1.3.0", {"1.3.0": datetime(2026, 3, 22, 12)})
    assert ask(shop, minimumReleaseAge="1 day").picks[0].pending is None


def test_no_minimum_age_is_no_check():
    for value in (None, "", "0 days"):
        assert ask(Timeless("1.2.3 1.3.0"), minimumReleaseAge=value).picks[0].pending is None


# Platforms


def test_an_update_that_lacks_a_platform_makes_room_for_the_next():
    shop = Shop("1.2.3 1.2.4 1.3.0", platforms={"1.2.3": (AMD, ARM), "1.2.4": (AMD, ARM), "1.3.0": (AMD,)})
    choice = ask(shop)
    assert picks(choice) == [("patch", "1.2.4")]
    assert reason(choice, "1.3.0") == "it lacks the platform linux/arm64 of the current image"


def test_unknown_platforms_never_count_as_good():
    shop = Shop("1.2.3 1.3.0", platforms={"1.3.0": ()})
    choice = ask(shop)
    assert picks(choice) == []
    assert "does not say its platforms" in reason(choice, "1.3.0")


def test_charts_have_no_platforms():
    assert picks(ask(Shop("1.2.3 1.3.0", platforms={"1.2.3": (), "1.3.0": ()}))) == [("minor", "1.3.0")]


def test_helm_repositories_are_not_asked_for_images():
    shop = Shop("1.2.3 1.3.0")
    assert picks(ask(shop, datasource="helm")) == [("minor", "1.3.0")]
    assert shop.asked == []


def test_arm64_and_its_v8_are_one_platform():
    shop = Shop("1.2.3 1.3.0", platforms={"1.2.3": ("linux/arm64/v8",), "1.3.0": ("linux/arm64",)})
    assert picks(ask(shop)) == [("minor", "1.3.0")]


def test_attestations_are_no_platform():
    shop = Shop("1.2.3 1.3.0", platforms={"1.2.3": (AMD, "unknown/unknown"), "1.3.0": (AMD,)})
    assert picks(ask(shop)) == [("minor", "1.3.0")]


def test_a_current_image_that_is_gone_cannot_be_compared_and_a_note_says_so():
    choice = ask(Shop("1.2.3 1.3.0", gone=["1.2.3"]))
    assert picks(choice) == [("minor", "1.3.0")]
    assert "platforms were not compared" in choice.notes[0]


def test_the_current_platforms_are_those_of_the_digest_that_runs():
    shop = Shop("1.2.3 1.3.0", platforms={"sha256:old": (AMD,), "1.2.3": (AMD, ARM)}, digests={"1.2.3": "sha256:old"})
    assert ("minor", "1.3.0") in picks(ask(shop, digest="sha256:old"))


def test_a_candidate_that_is_not_there_makes_room_for_the_next():
    choice = ask(Shop("1.2.3 1.2.4 1.3.0", gone=["1.3.0"]))
    assert picks(choice) == [("patch", "1.2.4")]
    assert "nothing under that name" in reason(choice, "1.3.0")


def test_a_registry_that_fails_is_an_error_and_not_a_lower_version():
    with pytest.raises(RegistryError, match="too many"):
        ask(Shop("1.2.3 1.2.4 1.3.0", failing=["1.3.0"]))


def test_info_is_asked_newest_first_and_as_little_as_possible():
    shop = Shop("1.2.3 1.2.4 1.2.5 1.3.0 1.4.0")
    ask(shop)
    assert shop.asked == ["1.4.0", "1.2.3"]


# Digests


def test_a_moved_tag_is_a_digest_update():
    shop = Shop("1.2.3", digests={"1.2.3": "sha256:new"})
    choice = ask(shop, digest="sha256:old")
    assert picks(choice) == [("digest", "1.2.3")]
    assert choice.picks[0].digest == "sha256:new"


def test_latest_with_a_digest_is_followed():
    shop = Shop("latest 1.0.0", digests={"latest": "sha256:new"})
    assert [(one.kind, one.tag, one.digest) for one in ask(shop, "latest", digest="sha256:old").picks] == [
        ("digest", "latest", "sha256:new")
    ]


def test_a_tag_that_did_not_move_costs_one_cheap_question():
    shop = Shop("1.2.3", digests={"1.2.3": "sha256:same"})
    heads = []

    def head(tag):
        heads.append(tag)
        return shop.digest_of(tag)

    assert picks(ask(shop, digest="sha256:same", head=head)) == []
    assert (heads, shop.asked) == (["1.2.3"], [])


def test_a_version_update_of_a_pinned_image_brings_its_digest():
    shop = Shop("1.2.3 1.3.0", digests={"1.2.3": "sha256:old", "1.3.0": "sha256:new"})
    choice = ask(shop, digest="sha256:old")
    assert [(one.kind, one.digest) for one in choice.picks] == [("minor", "sha256:new")]


def test_pin_digests_pins_the_current_tag_and_the_new_one():
    shop = Shop("1.2.3 1.3.0")
    choice = ask(shop, pinDigests=True)
    assert [(one.kind, one.tag, one.digest) for one in choice.picks] == [
        ("minor", "1.3.0", "sha256:1.3.0"),
        ("pinDigest", "1.2.3", "sha256:1.2.3"),
    ]
    assert choice.picks[1].origins == (Origin("renovate.json", "packageRules[0].pinDigests", 7),)


def test_pin_digests_of_an_image_without_a_tag_pins_latest():
    choice = ask(Shop("latest"), None, pinDigests=True)
    assert [(one.kind, one.tag, one.digest) for one in choice.picks] == [("pinDigest", "latest", "sha256:latest")]


def test_without_pin_digests_there_is_no_digest():
    assert [one.digest for one in ask(Shop("1.2.3 1.3.0")).picks] == [None]


def test_an_image_given_by_digest_alone_has_nothing_to_follow():
    choice = ask(Shop("latest"), None, digest="sha256:old")
    assert picks(choice) == []
    assert "digest alone" in choice.notes[0]


def test_a_new_digest_without_the_current_platforms_is_not_offered():
    shop = Shop("1.2.3", digests={"1.2.3": "sha256:new"}, platforms={"sha256:old": (AMD, ARM), "1.2.3": (AMD,)})
    choice = ask(shop, digest="sha256:old")
    assert picks(choice) == []
    assert "linux/arm64" in choice.notes[0]


def test_a_new_digest_waits_for_its_age():
    shop = Shop("latest", {"latest": NOW - timedelta(hours=2)}, digests={"latest": "sha256:new"})
    choice = ask(shop, "latest", digest="sha256:old", minimumReleaseAge="1 day")
    assert choice.picks[0].pending.startswith("released 2 h ago")


def test_pinning_a_floating_tag_does_not_wait():
    shop = Shop("latest", {"latest": NOW - timedelta(hours=2)})
    assert ask(shop, "latest", pinDigests=True, minimumReleaseAge="1 day").picks[0].pending is None


def test_the_digest_of_a_tag_that_is_gone_is_a_note():
    choice = ask(Shop("1.2.4", gone=["1.2.3", "sha256:old"]), digest="sha256:old")
    assert picks(choice) == [("patch", "1.2.4")]
    assert any("1.2.3 no more" in note for note in choice.notes)


def test_charts_have_no_digests():
    assert picks(ask(Shop("1.2.3"), datasource="helm", pinDigests=True)) == []


# Replacement, rollback, ranges


def test_replacement_by_name_and_version():
    choice = ask(Shop("1.2.3 1.3.0"), replacementName="ghcr.io/new/api", replacementVersion="2.0.0")
    assert [(one.kind, one.name, one.tag) for one in choice.picks] == [("replacement", "ghcr.io/new/api", "2.0.0")]
    assert len(choice.picks[0].origins) == 2


def test_replacement_by_name_keeps_the_tag():
    choice = ask(Shop("1.2.3 1.3.0"), replacementName="ghcr.io/new/api")
    assert [(one.kind, one.name, one.tag) for one in choice.picks] == [("replacement", "ghcr.io/new/api", "1.2.3")]


def test_replacement_by_version_may_go_down():
    choice = ask(Shop("1.2.3 1.0.0"), replacementVersion="1.0.0")
    assert [(one.kind, one.name, one.tag) for one in choice.picks] == [("replacement", None, "1.0.0")]


def test_a_replacement_that_is_done_is_over():
    assert picks(ask(Shop("1.2.3 1.3.0"), replacementName="acme/api", replacementVersion="1.2.3")) == [
        ("minor", "1.3.0")
    ]


def test_a_release_that_was_withdrawn_is_rolled_back_only_when_asked():
    shop = Shop("1.2.1 1.2.2 1.2.2-rc.1 1.3.0-rc.1")
    choice = ask(shop)
    assert picks(choice) == []
    assert "1.2.3 no more; with rollbackPrs 1.2.2" in choice.notes[0]
    choice = ask(shop, rollbackPrs=True)
    assert picks(choice) == [("rollback", "1.2.2")]
    assert reason(choice, "1.2.2") is None


def test_a_withdrawn_release_with_something_higher_is_updated():
    assert picks(ask(Shop("1.2.2 1.3.0", gone=["1.2.3"]), rollbackPrs=True)) == [("minor", "1.3.0")]


def test_a_registry_without_tags_is_no_reason_to_roll_back():
    choice = ask(Shop(""), rollbackPrs=True)
    assert picks(choice) == []
    assert "no tags" in choice.notes[0]


def test_a_charts_range_is_left_to_helm_unless_it_is_to_be_pinned():
    shop = Shop("1.0.0 1.4.2 2.0.0")
    choice = ask(shop, "1.x", datasource="helm")
    assert picks(choice) == []
    assert "which resolves to 1.4.2 by itself" in choice.notes[0]
    assert picks(ask(shop, "^1.0", datasource="helm", rangeStrategy="pin")) == [("pin", "1.4.2")]
    assert "no version is in the range" in ask(shop, "^3", datasource="helm").notes[0]


def test_the_range_of_a_chart_in_a_registry_is_a_range_as_well():
    choice = ask(Shop("1.0.0 1.4.2 2.0.0"), "1.x", versioning="semver")
    assert "which resolves to 1.4.2 by itself" in choice.notes[0]
    assert not choice.unversioned


def test_a_tag_that_is_no_version_is_not_called_up_to_date():
    assert ask(Shop("latest 1.2.3"), "latest").unversioned
    assert not ask(Shop("latest"), "latest", digest="sha256:latest").unversioned
    assert not ask(Shop("1.2.3"), "1.2.3").unversioned


def test_an_old_image_in_a_format_nobody_reads_can_still_be_left():
    choice = ask(Shop("1.2.3 1.2.4", unreadable={"1.2.3"}))
    assert picks(choice) == [("patch", "1.2.4")]
    assert "schema 1" in choice.notes[0]


def test_a_candidate_that_is_no_image_makes_room_for_the_next():
    choice = ask(Shop("1.2.3 1.2.4 1.2.5", unreadable={"1.2.5"}))
    assert picks(choice) == [("patch", "1.2.4")]
    assert "schema 1" in reason(choice, "1.2.5")


# Rules that look at the update


def by_type(**changes):
    """Options that depend on the update's type, as rules with matchUpdateTypes make them."""

    def refine(candidate):
        return Options(changes.get(candidate.update_type, {}))

    return refine


def test_a_disabled_type_makes_room_for_the_next():
    choice = ask(Shop("1.2.3 1.2.4 1.3.0 2.0.0"), refine=by_type(major={"enabled": False}, minor={"enabled": False}))
    assert picks(choice) == [("patch", "1.2.4")]
    assert reason(choice, "1.3.0") == "minor updates are disabled"


def test_each_type_may_have_its_own_age():
    shop = Shop("1.2.3 1.2.4 2.0.0", {"1.2.4": NOW - timedelta(days=2), "2.0.0": NOW - timedelta(days=2)})
    choice = ask(shop, refine=by_type(major={"minimumReleaseAge": "7 days"}))
    assert [(one.tag, one.pending is None) for one in choice.picks] == [("2.0.0", False), ("1.2.4", True)]


def test_refining_sees_the_candidate():
    seen = []

    def refine(candidate):
        seen.append((candidate.update_type, candidate.new_value, candidate.new_version))
        return Options({})

    ask(Shop("v1.2.3-alpine v1.3.0-alpine"), "v1.2.3-alpine", refine=refine)
    assert seen == [("minor", "v1.3.0-alpine", "1.3.0")]


# Properties

_versions = st.builds(
    "{}{}.{}.{}{}".format,
    st.sampled_from(["", "v"]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["", "-rc.1", "-rc.2", "-alpine", "-4", "-5"]),
)


@given(_versions, st.lists(_versions, max_size=25), st.booleans(), st.booleans())
def test_what_is_offered_is_compatible_and_higher(current, tags, ignore_unstable, separate):
    shop = Shop(" ".join([current, *tags]))
    choice = ask(shop, current, ignoreUnstable=ignore_unstable, separateMinorPatch=separate)
    docker = scheme("docker")
    for pick in choice.picks:
        assert docker.compatible(current, pick.tag)
        assert docker.compare(current, pick.tag) == -1
        assert docker.kind(current, pick.tag) == pick.kind
        assert not ignore_unstable or docker.stable(pick.tag) or not docker.stable(current)
    chosen = {pick.tag for pick in choice.picks}
    for candidate in choice.candidates:
        assert (candidate.reason is None) == (candidate.tag in chosen)


def test_choice_is_a_value():
    choice = ask(Shop("1.2.3 1.3.0"))
    assert replace(choice, notes=("x",)).notes == ("x",)
    with pytest.raises(AttributeError):
        choice.notes = ()


@pytest.mark.parametrize(
    ("current", "tags", "expected"),
    [
        ("alpine-v16.6.0", "alpine-v16.7.0 ubuntu-v16.8.0", "alpine-v16.7.0"),
        ("release-1.2", "release-1.3", "release-1.3"),
        ("jdk-17.0.5-slim", "jdk-17.0.9-slim jdk-17.0.9-full", "jdk-17.0.9-slim"),
    ],
)
def test_the_note_for_a_prefixed_version_gives_an_expression_that_works(current, tags, expected):
    shop = Shop(tags)
    choice = ask(shop, current)
    assert picks(choice) == []
    versioning = choice.notes[0].partition("set versioning to ")[2].strip("'").replace("\\\\", "\\")
    assert [tag for _, tag in picks(ask(shop, current, versioning=versioning))] == [expected]


def test_long_term_editions_lead_to_long_term_editions():
    shop = Shop("20.9.0-alpine 20.10.0-alpine 21.1.0-alpine 22.0.0-alpine 23.0.0-alpine")
    found = [("major", "22.0.0-alpine"), ("minor", "20.10.0-alpine")]
    assert picks(ask(shop, "20.9.0-alpine", versioning="node")) == found
    assert picks(ask(Shop("21.1.0 21.2.0 22.0.0 23.0.0"), "21.1.0", versioning="node")) == [
        ("major", "22.0.0"),
        ("minor", "21.2.0"),
    ]
    ubuntu = Shop("22.04 22.10 23.10 24.04 24.10 25.04")
    assert picks(ask(ubuntu, "22.04", versioning="ubuntu")) == [("major", "24.04")]
    assert picks(ask(ubuntu, "22.04")) == [("major", "25.04"), ("minor", "22.10")]


# A part of the tag


def test_extract_version_reads_a_part_and_writes_the_whole_tag():
    shop = Shop("release-1.2.3 release-1.3.0 release-1.3.0-rc1 1.9.0 nightly-9.9.9")
    choice = ask(shop, "release-1.2.3", extractVersion="^release-(?<version>.+)$")
    assert picks(choice) == [("minor", "release-1.3.0")]
    assert choice.picks[0].version == "1.3.0"
    assert reason(choice, "1.9.0") == "it is not a version"
    assert shop.asked[0] == "release-1.3.0"


def test_extract_version_where_the_file_holds_the_version_alone():
    shop = Shop("v1.2.3 v1.3.0")
    choice = ask(shop, "1.2.3", digest="sha256:v1.2.3", extractVersion="^v(?<version>.+)$")
    assert [(pick.tag, pick.digest) for pick in choice.picks] == [("1.3.0", "sha256:v1.3.0")]
    assert set(shop.asked) <= {"v1.2.3", "v1.3.0", "sha256:v1.2.3"}


def test_version_compatibility_must_stay_the_same():
    shop = Shop("1.2.3_alpine 1.3.0_alpine 1.4.0_debian 1.5.0")
    expression = "^(?<version>[^_]+)(?:_(?<compatibility>.+))?$"
    assert picks(ask(shop, "1.2.3_alpine", versionCompatibility=expression)) == [("minor", "1.3.0_alpine")]
    assert picks(ask(shop, "1.2.3_alpine", versionCompatibility=expression, allowedVersions="<1.3")) == []


def test_a_part_that_cannot_be_read_is_an_error_that_says_where():
    with pytest.raises(ConfigurationError, match=r"extractVersion .* has no group 'version'") as caught:
        ask(Shop("1.2.3"), extractVersion="^v(.*)$")
    assert (caught.value.file, caught.value.line) == ("renovate.json", 7)


# Ties


def test_of_equal_versions_the_one_that_is_written_like_the_current_is_taken():
    tags = "18-alpine 18-slim 20.1 20.1-slim 20.1-alpine 20.1-alpine3.20 20.1-bookworm"
    assert picks(ask(Shop(tags), "18-alpine", versioning="semver-coerced", separateMajorMinor=False)) == [
        ("major", "20.1")
    ]
    tags = "18-alpine 18.1 18.1-slim 18.1-alpine 18.1-alpine3.20 18.1-bookworm"
    assert picks(ask(Shop(tags), "18-alpine", versioning="semver-coerced")) == [("minor", "18.1-alpine")]
    assert picks(ask(Shop("1.2.3 v1.3.0 1.3.0 v1.3.0"), "1.2.3", versioning="helm")) == [("minor", "1.3.0")]


def test_a_replacement_s_name_may_be_a_template():
    choice = choose(
        replace(dependency("3.9"), package_name="k8s.gcr.io/pause", dep_name="k8s.gcr.io/pause"),
        Options({"replacementNameTemplate": "{{{replace '^k8s\\.gcr\\.io/' 'registry.k8s.io/' packageName}}}"}),
        ["3.9"],
        now=NOW,
        info=Shop("3.9").info,
    )
    assert [(pick.kind, pick.name, pick.tag) for pick in choice.picks] == [
        ("replacement", "registry.k8s.io/pause", "3.9")
    ]


def test_dates_without_a_century_are_no_majors():
    assert picks(ask(Shop("221118 231128 240915"), "221118")) == [("minor", "240915")]
