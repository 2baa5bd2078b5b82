"""Window: when something is open, as days of the calendar and hours of the day in local time.

Both kinds of schedule and, later, freeze windows come down to this. Daylight saving needs no special case in
the question "is it open now": local time says so. Finding the next opening does: an hour may be missing from
a day, or come twice.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
"""Minutes of a day by the clock on the wall."""

_HORIZON = 366 * 8 + 2
"""Days looked ahead for the next opening: 29 February may be eight years away."""


class Window(NamedTuple):
    """Open on the days for which ``on`` is true, within any of the spans."""

    on: Callable[[date], bool]
    spans: tuple[tuple[int, int], ...] = ((0, DAY),)
    """Minutes since midnight, start included, end not."""

    def contains(self, local: datetime) -> bool:
        """Whether it is open at a local time."""
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.spans) and self.on(local.date())


def next_open(windows: Sequence[Window], zone: ZoneInfo, now: datetime) -> datetime | None:
    """The first instant from now on (now itself included) at which any window is open, in the zone's time.

    None when there is none within eight years. ``now`` must be aware.
    """
    now = now.astimezone(_UTC)
    local = now.astimezone(zone)
    if _is_open(windows, local, local.date()):
        return local
    for ahead in range(_HORIZON):
        day = local.date() + timedelta(days=ahead)
        spans = [span for window in windows if window.on(day) for span in window.spans]
        if not spans:
            continue
        openings = [
            instant
            for instant in (*_starts(day, spans, zone), *_clock_changes(day, zone))
            if instant >= now and _is_open(windows, instant.astimezone(zone), day)
        ]
        if openings:
            return min(openings).astimezone(zone)
    return None


def _is_open(windows: Sequence[Window], local: datetime, day: date) -> bool:
    return local.date() == day and any(window.contains(local) for window in windows)


def _starts(day: date, spans: Sequence[tuple[int, int]], zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which spans start; twice where the hour comes twice."""
    for start, _ in spans:
        wall = datetime.combine(day, time(start // 60, start % 60))
        for fold in (0, 1):
            yield wall.replace(tzinfo=zone, fold=fold).astimezone(_UTC)


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """The instants of a day at which the clock on the wall jumps: time may jump right into a span."""
    low = datetime.combine(day, time(), zone).astimezone(_UTC) - timedelta(hours=2)
    high = low + timedelta(hours=29)
    offset = low.astimezone(zone).utcoffset()
    if offset == high.astimezone(zone).utcoffset():
        return
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 2
        middle = middle.replace(second=0, microsecond=0)
        if middle == low:
            break
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    yield high


_UTC = ZoneInfo("UTC")
