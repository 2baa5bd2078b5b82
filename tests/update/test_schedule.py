"""Schedules in cron and in words, across clock changes, and durations."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.schedule import check, duration, is_open, next_open, zone

BERLIN = "Europe/Berlin"


def at(text, timezone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone))


@pytest.mark.parametrize(
    ("entry", "open_at", "closed_at"),
    [
        # 2026-03-23 is a Monday.
        ("before 5am on monday", "2026-03-23T00:00 2026-03-23T04:59", "2026-03-23T05:00 2026-03-24T04:00"),
        ("before 5:00am", "2026-03-24T04:59", "2026-03-24T05:00"),
        ("before 5:30am", "2026-03-24T05:29", "2026-03-24T05:30"),
        (
            "after 10pm and before 5am every weekday",
            "2026-03-23T00:30 2026-03-23T22:00 2026-03-27T23:59",
            "2026-03-23T12:00 2026-03-28T00:30 2026-03-29T23:00",
        ),
        ("after 10pm every weekday", "2026-03-23T22:00", "2026-03-23T21:59 2026-03-28T22:00"),
        ("after 10pm", "2026-03-28T22:00", "2026-03-28T21:00"),
        ("on friday and saturday", "2026-03-27T00:00 2026-03-28T23:59", "2026-03-26T23:59 2026-03-29T00:00"),
        ("every weekend", "2026-03-28T12:00 2026-03-29T12:00", "2026-03-27T12:00"),
        ("every weekday", "2026-03-27T12:00", "2026-03-28T12:00"),
        ("on the first day of the month", "2026-04-01T12:00", "2026-04-02T12:00"),
        ("before 3am on the first day of the month", "2026-04-01T02:59", "2026-04-01T03:00 2026-04-02T01:00"),
        ("on the last day of the month", "2026-02-28T12:00 2026-03-31T12:00 2028-02-29T12:00", "2028-02-28T12:00"),
        ("on the 15th day of the month before 12pm", "2026-03-15T11:59", "2026-03-15T12:00 2026-03-16T11:00"),
        (
            "on the 1st through 7th day of the month and on monday",
            "2026-04-06T00:00",
            "2026-04-07T00:00 2026-04-13T00:00",
        ),
        ("on the first monday of the month", "2026-04-06T00:00", "2026-04-13T00:00"),
        ("every 3 months on the first day of the month", "2026-04-01T01:00 2026-01-01T01:00", "2026-05-01T01:00"),
        ("every 2 weeks on wednesday", "2026-01-14T01:00", "2026-01-07T01:00 2026-01-15T01:00"),
        ("after 6pm on monday through thursday", "2026-03-26T18:00", "2026-03-27T18:00"),
        ("on friday through monday", "2026-03-27T00:00 2026-03-30T00:00", "2026-03-31T00:00"),
        ("after 9:00 and before 17:00 every weekday", "2026-03-23T09:00 2026-03-23T16:59", "2026-03-23T17:00"),
        ("between 9am and 5pm on monday", "2026-03-23T16:59", "2026-03-23T17:00"),
        ("in january and july", "2026-07-15T12:00", "2026-06-15T12:00"),
        ("on the first day of january", "2027-01-01T00:00", "2027-02-01T00:00"),
        ("monthly", "2026-04-01T04:59", "2026-04-01T05:00"),
        ("every month", "2026-04-01T04:59", "2026-04-01T05:00"),
        ("Before 5AM on Monday", "2026-03-23T04:00", "2026-03-23T05:00"),
        ("before 12pm", "2026-03-23T11:59", "2026-03-23T12:00"),
        ("after 12am and before 1am", "2026-03-23T00:30", "2026-03-23T01:00"),
        ("* 0-3 * * 1", "2026-03-23T00:00 2026-03-23T03:59", "2026-03-23T04:00 2026-03-24T00:00"),
        ("* 0-4,22-23 * * 1-5", "2026-03-23T22:30 2026-03-27T04:30", "2026-03-23T21:59 2026-03-28T01:00"),
        ("* * * * 0,6", "2026-03-28T12:00 2026-03-29T12:00", "2026-03-27T12:00"),
        ("* * * * 7", "2026-03-29T12:00", "2026-03-28T12:00"),
        ("* * * * MON-FRI", "2026-03-27T12:00", "2026-03-28T12:00"),
        ("* */6 * * *", "2026-03-27T06:59 2026-03-27T12:00", "2026-03-27T07:00"),
        ("* 0-3 1 */3 *", "2026-04-01T03:59", "2026-05-01T03:59"),
        # Day of month and weekday must both hold: the first Monday.
        ("* * 1-7 * 1", "2026-04-06T12:00", "2026-04-01T12:00 2026-04-13T12:00"),
        ("* * 29 2 *", "2028-02-29T12:00", "2026-02-28T12:00"),
        ("at any time", "2026-03-23T12:00", ""),
        ("", "2026-03-23T12:00", ""),
    ],
)
def test_open_and_closed(entry, open_at, closed_at):
    for moment in open_at.split():
        assert is_open([entry], timezone=BERLIN, now=at(moment)), moment
    for moment in closed_at.split():
        assert not is_open([entry], timezone=BERLIN, now=at(moment)), moment


def test_no_entry_means_always_and_several_are_alternatives():
    noon = at("2026-03-23T12:00")
    assert is_open([], timezone=None, now=noon)
    assert is_open(["before 5am", "after 11am on monday"], timezone=BERLIN, now=noon)
    assert not is_open(["before 5am", "after 1pm"], timezone=BERLIN, now=noon)
    assert is_open(["before 5am", "at any time"], timezone=BERLIN, now=noon)


def test_the_time_zone_is_utc_unless_given():
    now = datetime(2026, 3, 23, 4, 30, tzinfo=UTC)  # 05:30 in Berlin
    assert is_open(["before 5am"], timezone=None, now=now)
    assert not is_open(["before 5am"], timezone=BERLIN, now=now)


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ("sometimes", "'sometimes' is not understood"),
        ("every 5 minutes", "too fine"),
        ("every 2 hours", "too fine"),
        ("at 5am", "too fine"),
        ("every 0 weeks", "not understood"),
        ("every 13 months", "not understood"),
        ("before 5", "'5' is no time of day"),
        ("before 25pm", "not a time of day"),
        ("before 13am", "not a time of day"),
        ("before 5:60", "not a time of day"),
        ("after", "no time follows"),
        ("after 5am and after 6am", "stands twice"),
        ("after 5am and before 5am", "never open"),
        ("before 12am", "never open"),
        ("on funday", "'funday' is no day"),
        ("on", "ends too early"),
        ("on the 32nd day of the month", "days 1 to 31"),
        ("on the sixth monday", "no day and no month"),
        ("on the 6th monday of the month", "at most five"),
        ("every 2 weeks", "no day, month or time"),
        ("before 5am on monday except january", "'except' is not understood"),
        ("5 0 * * 1", "write '* 0 * * 1'"),
        ("*/5 * * * *", "names minutes"),
        ("0 5 * * *", "names minutes"),
        ("* 25 * * *", "bad hour"),
        ("* 22-3 * * *", "22-23,0-4"),
        ("* * * *", "4 fields"),
        ("* * * * * *", "6 fields"),
        ("* * 30 2 *", "not a cron expression"),
        ("@daily", "1 fields"),
    ],
)
def test_an_invalid_schedule_is_an_error_and_never_means_always(entry, part):
    with pytest.raises(ConfigurationError) as error:
        is_open(["before 5am", entry], timezone=None, now=datetime(2026, 3, 23, 1, tzinfo=UTC))
    assert part in str(error.value)
    assert entry in str(error.value)
    assert "write" in str(error.value)
    with pytest.raises(ConfigurationError):
        check([entry])


def test_a_schedule_that_is_no_text_is_an_error():
    with pytest.raises(ConfigurationError, match="is not text"):
        check([5])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Europe/Berlim", "did you mean 'Europe/Berlin'"),
        ("europe/berlin", "did you mean 'Europe/Berlin'"),
        ("../../etc/passwd", "IANA"),
        ("America", "America/"),
        ("", "IANA"),
    ],
)
def test_an_unknown_time_zone_is_an_error(name, hint):
    with pytest.raises(ConfigurationError) as error:
        is_open(["before 5am"], timezone=name, now=datetime(2026, 3, 23, tzinfo=UTC))
    assert hint in str(error.value)


def test_a_time_without_a_zone_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="time zone"):
        is_open(["before 5am"], timezone=None, now=datetime(2026, 3, 23))


@pytest.mark.parametrize(
    ("entry", "now", "opens"),
    [
        ("before 5am on monday", "2026-03-27T17:30+01:00", "2026-03-30T00:00+02:00"),
        ("after 8am on monday", "2026-03-27T17:40+01:00", "2026-03-30T08:00+02:00"),
        ("* 0-3 * * 1", "2026-03-23T04:00+01:00", "2026-03-30T00:00+02:00"),
        ("every weekend", "2026-03-28T12:34+01:00", "2026-03-28T12:34+01:00"),
        ("* * 29 2 *", "2026-03-01T00:00+01:00", "2028-02-29T00:00+01:00"),
        ("on the last day of the month", "2026-03-30T12:00+02:00", "2026-03-31T00:00+02:00"),
        # 02:00 to 03:00 is missing on 2026-03-29: what starts in it starts when it is over …
        ("after 2am and before 4am", "2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00"),
        # … and what lies in it altogether does not happen that day.
        ("after 2am and before 3am", "2026-03-29T01:30+01:00", "2026-03-30T02:00+02:00"),
        ("* 2 * * 0", "2026-03-29T01:30+01:00", "2026-04-05T02:00+02:00"),
        # 02:00 to 03:00 comes twice on 2026-10-25.
        ("after 2am and before 3am", "2026-10-25T01:00+02:00", "2026-10-25T02:00+02:00"),
        ("after 2am and before 2:30am", "2026-10-25T02:45+02:00", "2026-10-25T02:00+01:00"),
        ("before 2:30am", "2026-10-25T02:45+02:00", "2026-10-25T02:00+01:00"),
    ],
)
def test_next_opening(entry, now, opens):
    found = next_open([entry], BERLIN, datetime.fromisoformat(now))
    # In UTC: Python calls times in a repeated hour unequal to everything in another zone.
    assert found.astimezone(UTC) == datetime.fromisoformat(opens).astimezone(UTC)
    assert found.tzinfo == ZoneInfo(BERLIN)


def test_next_opening_without_a_schedule_is_now():
    now = datetime(2026, 3, 23, tzinfo=UTC)
    assert next_open([], None, now) == now


def test_next_opening_that_never_comes():
    assert next_open(["on the 31st day of february"], None, datetime(2026, 3, 23, tzinfo=UTC)) is None


_times = st.sampled_from(["1am", "1:30am", "2am", "2:15am", "2:30am", "3am", "3:30am", "11pm"])
_entries = st.one_of(
    st.builds("before {}".format, _times),
    st.builds("after {}".format, _times),
    st.tuples(_times, _times)
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: f"after {two[0]} and before {two[1]}"),
    st.builds("* {} * * *".format, st.integers(0, 23)),
)
_zones = st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])
_nights = st.sampled_from(
    ["2026-03-08", "2026-03-29", "2026-04-05", "2026-09-06", "2026-10-04", "2026-10-25", "2026-11-01"]
)


@settings(max_examples=60, deadline=None)
@given(_entries, _zones, _nights, st.integers(-300, 900))
def test_next_opening_is_the_first_open_minute(entry, name, night, offset):
    now = datetime.fromisoformat(night).replace(tzinfo=UTC) + timedelta(minutes=offset)
    found = next_open([entry], name, now)
    assert found is not None
    minute = now
    while not is_open([entry], timezone=name, now=minute):
        minute += timedelta(minutes=1)
        assert minute <= now + timedelta(days=3)
    assert found.astimezone(UTC) == minute


def test_zone_default():
    assert zone(None) == ZoneInfo("UTC")


# Durations


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 days", timedelta(days=3)),
        ("1 day", timedelta(days=1)),
        ("1 week", timedelta(weeks=1)),
        ("12 hours", timedelta(hours=12)),
        ("2h", timedelta(hours=2)),
        ("3d", timedelta(days=3)),
        ("90m", timedelta(minutes=90)),
        ("30s", timedelta(seconds=30)),
        ("1 day 12 hours", timedelta(hours=36)),
        ("1d12h", timedelta(hours=36)),
        ("1 day and 1 hour", timedelta(hours=25)),
        ("1.5 days", timedelta(hours=36)),
        ("2 months", timedelta(days=60)),
        ("1 year", timedelta(days=365.25)),
        ("14 Days", timedelta(days=14)),
        ("0 days", timedelta()),
    ],
)
def test_duration(text, expected):
    assert duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "3", "x", "days", "-1 day", "3 fortnights", "3 days x", "1e9 days", "99999999999 days"]
)
def test_what_is_no_duration_is_an_error_with_an_example(text):
    with pytest.raises(ConfigurationError, match="3 days"):
        duration(text)


def test_a_duration_beyond_all_bounds_is_an_error():
    with pytest.raises(ConfigurationError):
        duration("999999999 years")
    with pytest.raises(ConfigurationError):
        duration("99999 years " * 100)


_words = st.sampled_from(
    [
        "before",
        "after",
        "between",
        "and",
        "or",
        ",",
        "on",
        "the",
        "of",
        "in",
        "every",
        "at",
        "first",
        "last",
        "1st",
        "31st",
        "5th",
        "99th",
        "day",
        "days",
        "month",
        "months",
        "week",
        "weeks",
        "monday",
        "mon",
        "fri",
        "saturdays",
        "january",
        "jan",
        "through",
        "to",
        "weekday",
        "weekend",
        "5am",
        "12pm",
        "17:00",
        "24:00",
        "99:99",
        "midnight",
        "noon",
        "2",
        "0",
        "13",
        "*",
        "*",
        "*",
        "*",
        "0-3",
        "1-5",
        "L",
        "5#2",
        "*/7",
        "60",
        "99",
        "-",
        "#",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_words, max_size=9).map(" ".join))
def test_any_words_are_a_schedule_or_an_error_that_says_so(entry):
    now = datetime(2026, 3, 23, tzinfo=UTC)
    try:
        opens = next_open([entry], None, now)
    except ConfigurationError as error:
        assert entry.strip() in str(error)  # either outcome is fine, nothing else is
    else:
        assert opens is None or opens >= now
        assert opens is None or is_open([entry], timezone=None, now=opens)
