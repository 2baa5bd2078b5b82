"""When something may happen: Renovate's ``schedule`` and ``automergeSchedule``.

An entry is cron (``* 0-3 * * 1``) or words (``before 5am on monday``); several entries are alternatives. An
entry that cannot be read is an error: it never means "always".
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.duration import duration
from gitops_ci.update.window import Window
from gitops_ci.update.window import next_open as _next_open

_ALWAYS = frozenset({"", "at any time"})


def is_open(schedule: Sequence[str], *, timezone: str | None, now: datetime) -> bool:
    """Whether any entry is open now. No entries mean always. ``timezone`` None is UTC; ``now`` must be aware.

    Raises ConfigurationError for an entry or a time zone that nobody knows.
    """
    local = _aware(now).astimezone(zone(timezone))
    windows = _windows(schedule)
    return windows is None or any(window.contains(local) for window in windows)


def next_open(schedule: Sequence[str], timezone: str | None, now: datetime) -> datetime | None:
    """The first instant from now on at which the schedule is open, in its own time zone.

    It is ``now`` itself where it is open now, and None where it does not open within eight years.
    """
    windows = _windows(schedule)
    where = zone(timezone)
    return _aware(now).astimezone(where) if windows is None else _next_open(windows, where, _aware(now))


def check(schedule: Sequence[str]) -> None:
    """Raise ConfigurationError, saying what is wrong, unless every entry can be read."""
    _windows(schedule)


@lru_cache(maxsize=64)
def zone(name: str | None) -> ZoneInfo:
    """The time zone of that IANA name; None is UTC. ConfigurationError for an unknown one, with the nearest."""
    if name is None:
        return ZoneInfo("UTC")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a name; a directory ("America")
        raise ConfigurationError(f"unknown time zone {name!r}", remedy=_nearest(name)) from None


def _nearest(name: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    known = {one.lower(): one for one in available_timezones()}
    found = get_close_matches(name.lower(), known, n=1, cutoff=0.6)
    return f"did you mean {known[found[0]]!r}?" if found else "use an IANA name like 'Europe/Berlin'"


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("a time without a time zone cannot be compared with a schedule")
    return now


def _windows(schedule: Sequence[str]) -> tuple[Window, ...] | None:
    """The windows of all entries; None for "always"."""
    entries = [schedule] if isinstance(schedule, str) else schedule
    windows = tuple(_window(entry) for entry in entries)
    return None if not windows or None in windows else tuple(window for window in windows if window is not None)


def _window(entry: str) -> Window | None:
    if not isinstance(entry, str):
        raise ConfigurationError(f"schedule {entry!r} is not text", remedy="write it like 'before 5am on monday'")
    return _parsed(entry.strip())


@lru_cache(maxsize=256)
def _parsed(entry: str) -> Window | None:
    if entry.lower() in _ALWAYS:
        return None
    from gitops_ci.update import cron, later

    return cron.parse(entry) if cron.looks_like(entry) else later.parse(entry)


__all__ = ["check", "duration", "is_open", "next_open", "zone"]
