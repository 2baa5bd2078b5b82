"""Times as our configuration writes them: durations, ends of holds, ends of freeze windows."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PIECE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d|w)")
_WEEKLY = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([0-9]{2}):([0-9]{2})")


def duration(text: str) -> timedelta:
    """``2h``, ``1h30m``, ``90d``. ValueError for anything else, and for more than Python can hold."""
    if not re.fullmatch(rf"(?:{_PIECE.pattern})+", text):
        raise ValueError(f"{text!r} is no duration such as 2h")
    try:
        return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in _PIECE.findall(text)), timedelta())
    except OverflowError:
        raise ValueError(f"{text} is longer than can be counted") from None


def until(text: str) -> datetime:
    """The first instant, in UTC, at which something no longer holds.

    A date holds to the end of that day in UTC; an instant without an offset is in UTC. ValueError for
    days that no calendar has.
    """
    try:
        found = datetime.fromisoformat(text)
        if len(text) == 10:
            found += timedelta(days=1)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{text} is no date of the calendar") from None


def moment(text: str) -> str:
    """``weekly`` or ``date``: the kind of one end of a freeze window. ValueError where no such time exists."""
    weekly = _WEEKLY.fullmatch(text)
    if weekly is None:
        until(text)
        return "date"
    if int(weekly[2]) > 23 or int(weekly[3]) > 59:
        raise ValueError(f"{text!r} is no time of the day")
    return "weekly"
