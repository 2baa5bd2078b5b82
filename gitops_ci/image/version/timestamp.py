"""Dates and timestamps in tags: ``20240101``, ``2024-01-15``, ``20240101T120000Z``, ``1700000000``.

An all-digit commit id must not look like one, so every part has to be plausible: a year from 1990 to 2099,
a month, a day; Unix time between 2001 and 2099.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_UNIX = (1_000_000_000, 4_102_444_800)


class Stamp(NamedTuple):
    """A timestamp found in a tag."""

    start: int
    end: int
    value: tuple[int, ...]
    form: str
    """``20240101`` is ``date8``, ``2024-01-15`` is ``date-``: only stamps of one form are compared."""


def year(text: str) -> bool:
    """Whether digits are a year."""
    return len(text) == 4 and "1990" <= text <= "2099"


def is_one(digits: str) -> bool:
    """Whether digits alone are a date (8), a date with time (12, 14), or Unix time in s (10) or ms (13)."""
    if not (digits.isdigit() and digits.isascii()):
        return False
    size = len(digits)
    if size in (8, 12, 14):
        clock = digits[8:]
        return _date(digits[:4], digits[4:6], digits[6:8]) and (
            not clock or (clock[:2] < "24" and clock[2:4] < "60" and clock[4:6] < "61")
        )
    if size in (10, 13):
        return _UNIX[0] <= int(digits) // (1000 if size == 13 else 1) < _UNIX[1]
    return False


def is_short(digits: str) -> bool:
    """Whether digits may be a date without its century: ``240115``."""
    if len(digits) != 6 or not digits.isdigit() or digits < "10":
        return False
    return _date(f"20{digits[:2]}", digits[2:4], digits[4:])


def _date(years: str, months: str, days: str = "01") -> bool:
    return year(years) and "01" <= months <= "12" and "01" <= days <= "31"


@lru_cache(maxsize=1)
def _finder() -> re.Pattern[str]:
    return re.compile(
        r"(?<![0-9A-Za-z])(?:"
        r"(?P<years>\d{4})(?P<separator>[-_])(?P<months>\d\d)"
        r"(?:(?P=separator)(?P<days>\d\d)(?:T(?P<clock>\d\d[-_]\d\d(?:[-_]\d\d)?)Z?)?)?"
        r"|(?P<day>\d{8})[Tt](?P<time>\d{4,6})[Zz]?"
        r"|(?P<digits>\d{8,14})"
        r")(?![0-9A-Za-z])"
    )


def find(text: str, start: int = 0) -> Stamp | None:
    """The first timestamp that stands by itself in a tag."""
    # Cut rather than started later: the pattern looks at the character before.
    for found in _finder().finditer(text[start:]):
        begin, end = found.start() + start, found.end() + start
        if found["digits"]:
            if is_one(found["digits"]):
                return Stamp(begin, end, (int(found["digits"]),), f"date{len(found['digits'])}")
        elif found["day"]:
            if is_one(found["day"]):
                return Stamp(begin, end, (int(found["day"]), int(found["time"])), "dateT")
        elif _date(found["years"], found["months"], found["days"] or "01"):
            parts = [found["years"], found["months"], *([found["days"]] if found["days"] else [])]
            clock = (found["clock"] or "").replace("_", "-")
            numbers = (*map(int, parts), *(int(part) for part in clock.split("-") if part))
            form = f"date-{'' if found['days'] else 'm'}{'T' if clock else ''}"
            return Stamp(begin, end, numbers, form)
    return None
