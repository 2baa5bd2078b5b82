"""Cron schedules, read as Renovate reads them: minutes must be ``*``, and day of month and weekday both hold."""

from datetime import date, datetime, time, timedelta
from itertools import pairwise

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.window import Window

_FIRST = frozenset("*0123456789@")


def looks_like(entry: str) -> bool:
    """Whether text is meant as cron rather than as words."""
    return entry[:1] in _FIRST


def parse(entry: str) -> Window:
    """Parse ``* 0-3 * * 1``. Raises ConfigurationError for minutes other than ``*`` and for what is no cron."""
    from cronsim import CronSim, CronSimError

    fields = entry.split()
    if len(fields) != 5:
        raise ConfigurationError(
            f"schedule {entry!r} has {len(fields)} fields, cron has five",
            remedy="write minute, hour, day of month, month, weekday: '* 0-3 * * 1'",
        )
    minute, hour, day, month, weekday = fields
    if minute != "*":
        raise ConfigurationError(
            f"schedule {entry!r} names minutes",
            remedy=f"the smallest unit is the hour: write '* {hour} {day} {month} {weekday}'",
        )
    try:
        CronSim(entry, datetime(2024, 1, 1))
        hours = _hours(hour)
    except CronSimError as error:
        raise ConfigurationError(
            f"schedule {entry!r} is not a cron expression ({str(error).lower()})",
            remedy="write it like '* 0-3 * * 1' (over midnight: '* 22-23,0-4 * * *')",
        ) from None
    # Cron proper takes either of the two days when both are given. Renovate wants both, and so would people
    # who write "* * 1-7 * 1" for the first Monday.
    by_date = _Midnights(f"0 0 {day} {month} *")
    by_weekday = _Midnights(f"0 0 * {month} {weekday}")
    return Window(lambda on: by_date(on) and by_weekday(on), hours)


def _hours(field: str) -> tuple[tuple[int, int], ...]:
    """The hours of the field as spans of minutes, neighbours joined."""
    from cronsim import CronSim

    start = datetime(2024, 1, 1)
    open_hours: list[int] = []
    for found in CronSim(f"0 {field} * * *", start - timedelta(minutes=1)):
        if found.date() != start.date():
            break
        open_hours.append(found.hour)
    breaks = [0, *(i for i, (one, two) in enumerate(pairwise(open_hours), 1) if two != one + 1), len(open_hours)]
    return tuple((open_hours[a] * 60, (open_hours[b - 1] + 1) * 60) for a, b in pairwise(breaks))


class _Midnights:
    """Whether midnight of a day is in a cron expression. Remembers the last answer, days are asked in a row."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._last = (date.min, date.min)

    def __call__(self, day: date) -> bool:
        asked, found = self._last
        if not asked <= day <= found:
            from cronsim import CronSim

            before = datetime.combine(day, time()) - timedelta(minutes=1)
            try:
                found = next(CronSim(self._expression, before)).date()
            except StopIteration:  # a date that never comes
                found = date.max
            self._last = (day, found)
        return day == found


__all__ = ["looks_like", "parse"]
