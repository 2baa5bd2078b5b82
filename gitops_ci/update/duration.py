"""Durations in words: ``3 days``, ``1 week``, ``2h``, ``1 day 12 hours``."""

import re
from datetime import timedelta

from gitops_ci.errors import ConfigurationError

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
    "month": timedelta(days=30),
    "year": timedelta(days=365, hours=6),
}
_SHORT = {
    "s": "second",
    "sec": "second",
    "m": "minute",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "d": "day",
    "w": "week",
    "wk": "week",
    "mo": "month",
    "y": "year",
    "yr": "year",
}
# Five digits: 99999 years is more than anyone waits, and still a timedelta.
_PIECE = re.compile(r"(\d{1,5}(?:\.\d{1,5})?)\s*([A-Za-z]+)[\s,]*(?:and\s+)?", re.ASCII)


def duration(text: str) -> timedelta:
    """Parse a duration. Months are 30 days, years 365.25. Raises ConfigurationError with an example."""
    total = timedelta()
    rest = text.strip()[:100]
    at = 0
    while at < len(rest):
        piece = _PIECE.match(rest, at)
        unit = _unit(piece[2]) if piece else None
        if piece is None or unit is None:
            break
        total += float(piece[1]) * _UNITS[unit] if "." in piece[1] else int(piece[1]) * _UNITS[unit]
        at = piece.end()
    if not rest or at < len(rest):
        raise ConfigurationError(
            f"{text!r} is not a duration", remedy="write a number with a unit: '3 days', '12 hours', '1 week', '90m'"
        )
    return total


def _unit(word: str) -> str | None:
    lowered = "mo" if word == "M" else word.lower()
    for name in (lowered, lowered.removesuffix("s")):
        if name in _UNITS:
            return name
        if name in _SHORT:
            return _SHORT[name]
    return None
