"""Schedules in words: ``after 10pm and before 5am every weekday``, ``on the first day of the month``.

The language is that of later.js (https://breejs.github.io/later/parsers.html#text) as far as Renovate's
documentation uses it, with days named by the day it is: "after 10pm and before 5am every weekday" is open on
Monday from 00:00 to 05:00 and from 22:00 to 24:00.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.window import DAY, Window

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_FINE = frozenset({"minute", "minutes", "second", "seconds", "hour", "hours", "at"})
_FORMS = {
    "every month": "before 5am on the first day of the month",
    "monthly": "before 5am on the first day of the month",
}
"""Short forms that Renovate knows."""

_EXAMPLE = "write it like 'before 5am on monday', 'after 10pm every weekday', 'every weekend' or '* 0-3 * * 1'"
_WORD = re.compile(r"\d{1,2}(?::\d{2})?\s*(?:am|pm)\b|\d{1,2}:\d{2}|\d{1,4}(?:st|nd|rd|th)?|[a-z]+|\S", re.ASCII)


def parse(entry: str) -> Window:
    """Parse one entry. Raises ConfigurationError that quotes what cannot be read, and gives an example."""
    text = entry.strip().lower()
    return _Reader(entry, _FORMS.get(text, text)).read()


class _Reader:
    """Reads one entry from left to right, collecting what the day must be and the hours."""

    def __init__(self, entry: str, text: str) -> None:
        self._entry = entry
        self._words = _WORD.findall(text[:500])
        self._at = 0
        self._after: int | None = None
        self._before: int | None = None
        self._weekdays: set[int] = set()
        self._month_days: set[int] = set()
        self._months: set[int] = set()
        self._nth_weekdays: set[tuple[int, int]] = set()
        self._weeks: int | None = None
        self._constrained = False

    def read(self) -> Window:
        """The window of the whole entry."""
        while self._at < len(self._words):
            self._clause()
        if not (self._constrained or self._after is not None or self._before is not None):
            raise self._error("it names no day, month or time")
        return Window(self._on(), self._spans())

    def _clause(self) -> None:
        word = self._next()
        if word in ("and", ",", "or"):
            return
        if word in ("after", "before"):
            self._time(word)
        elif word == "between":
            self._time("after")
            self._expect("and")
            self._time("before")
        elif word == "every":
            self._every()
        elif word in ("on", "of", "in", "during"):
            self._on_clause()
        elif word in _FINE:
            raise self._error(f"{word!r} is too fine: the smallest unit is a span of hours")
        else:
            raise self._error(f"{word!r} is not understood here")

    # Times of day

    def _time(self, which: str) -> None:
        text = self._next()
        found = re.fullmatch(r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?", text)
        named = {"noon": 12 * 60, "midnight": DAY if which == "before" else 0}
        if text in named:
            minutes = named[text]
        elif found and (found[2] or found[3]):
            hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
            if minute > 59 or hour > (12 if half else 24) or (half and not hour):
                raise self._error(f"{text!r} is not a time of day")
            minutes = (hour % 12 + (12 if half == "pm" else 0) if half else hour) * 60 + minute
            if minutes > DAY:
                raise self._error(f"{text!r} is not a time of day")
        else:
            raise self._error(f"{text!r} is no time of day (5am, 17:00)" if text else f"no time follows {which!r}")
        known = self._after if which == "after" else self._before
        if known is not None:
            raise self._error(f"{which!r} stands twice; list the times as entries of their own")
        if which == "after":
            self._after = minutes
        else:
            self._before = minutes

    def _spans(self) -> tuple[tuple[int, int], ...]:
        after, before = self._after or 0, DAY if self._before is None else self._before
        if after == before or before == 0:
            raise self._error("it is never open")
        if after < before:
            return ((after, before),)
        return ((0, before), (after, DAY))

    # Days

    def _every(self) -> None:
        word = self._next()
        if word == "weekday":
            self._add(self._weekdays, range(5))
        elif word == "weekend":
            self._add(self._weekdays, (5, 6))
        elif word == "day":
            self._constrained = True
        elif word == "month":
            self._constrained = self._constrained or bool(self._months)
        elif _day(word) is not None or _month(word) is not None:
            self._at -= 1
            self._names()
        elif word in _FINE:
            raise self._error(f"{word!r} is too fine: the smallest unit is a span of hours")
        else:
            self._every_nth(word)

    def _every_nth(self, word: str) -> None:
        number = int(match[0]) if (match := re.match(r"\d{1,4}", word)) else 0
        following = self._next()
        if following in _FINE:
            raise self._error(f"{following!r} are too fine: the smallest unit is a span of hours")
        unit = following.rstrip("s")
        if not number or unit not in ("day", "week", "month") or number > {"day": 31, "week": 53, "month": 12}[unit]:
            raise self._error(f"'every {word} {unit}'".rstrip() + " is not understood")
        if unit == "month":
            self._add(self._months, range(1, 13, number))
        elif unit == "day":
            self._add(self._month_days, range(1, 32, number))
        else:
            self._weeks = number

    def _on_clause(self) -> None:
        self._skip("the")
        word = self._peek()
        if _ordinal(word) is not None:
            self._ordinals()
        elif word in ("weekday", "weekdays", "weekend", "weekends"):
            self._next()
            self._add(self._weekdays, range(5) if word.startswith("weekday") else (5, 6))
        elif word in ("month", "year"):  # "of the month"
            self._next()
        else:
            self._names()

    def _names(self) -> None:
        """``friday and saturday``, ``monday through friday``, ``january, april and july``."""
        read = 0
        while True:
            word = self._peek()
            index, names = _day(word), self._weekdays
            base, size = 0, 7
            if index is None:
                index, names, base, size = _month(word), self._months, 1, 12
            if index is None:
                break
            self._next()
            read += 1
            last = index
            if self._peek() in ("through", "thru", "to"):
                self._next()
                end = (_day if size == 7 else _month)(self._next())
                if end is None:
                    raise self._error("a range of days or months has no end")
                last = end
            self._add(names, (base + (index - base + step) % size for step in range((last - index) % size + 1)))
            if self._peek() in ("and", ",", "or") and _named(self._peek(1)):
                self._next()
        if not read:
            raise self._error(f"{self._peek()!r} is no day and no month" if self._peek() else "it ends too early")

    def _ordinals(self) -> None:
        """``first day``, ``1st and 15th day``, ``1st through 7th day``, ``first monday``."""
        numbers: list[int] = []
        while (number := _ordinal(self._peek())) is not None:
            self._next()
            if self._peek() in ("through", "thru", "to"):
                self._next()
                last = _ordinal(self._next())
                if last is None or last < number:
                    raise self._error("a range of days has no end")
                numbers += range(number, last + 1)
            else:
                numbers.append(number)
            if self._peek() in ("and", ",", "or") and _ordinal(self._peek(1)) is not None:
                self._next()
        weekday = _day(self._peek())
        if weekday is not None:
            self._next()
            if not all(number in (-1, 1, 2, 3, 4, 5) for number in numbers):
                raise self._error("a month has at most five of each weekday")
            self._constrained = True
            self._nth_weekdays.update((number, weekday) for number in numbers)
        else:
            if self._peek() in ("day", "days"):
                self._next()
            if not all(number == -1 or 1 <= number <= 31 for number in numbers):
                raise self._error("a month has days 1 to 31")
            self._add(self._month_days, numbers)

    def _on(self) -> Callable[[date], bool]:
        weekdays, month_days, months = frozenset(self._weekdays), frozenset(self._month_days), frozenset(self._months)
        nth, weeks = frozenset(self._nth_weekdays), self._weeks

        def on(day: date) -> bool:
            length = monthrange(day.year, day.month)[1]
            return (
                (not weekdays or day.weekday() in weekdays)
                and (not months or day.month in months)
                and (not month_days or day.day in month_days or (-1 in month_days and day.day == length))
                and (not nth or any(_is_nth(day, which, weekday, length) for which, weekday in nth))
                and (weeks is None or (day.isocalendar().week - 1) % weeks == 0)
            )

        return on

    # Words

    def _add(self, to: set[int], values: Iterable[int]) -> None:
        to.update(values)
        self._constrained = True

    def _peek(self, ahead: int = 0) -> str:
        return self._words[self._at + ahead] if self._at + ahead < len(self._words) else ""

    def _next(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _skip(self, word: str) -> None:
        if self._peek() == word:
            self._at += 1

    def _expect(self, word: str) -> None:
        if self._next() != word:
            raise self._error(f"{word!r} is missing")

    def _error(self, what: str) -> ConfigurationError:
        return ConfigurationError(f"schedule {self._entry!r} is invalid: {what}", remedy=_EXAMPLE)


def _named(word: str) -> bool:
    return _day(word) is not None or _month(word) is not None


def _day(word: str) -> int | None:
    return _index(word.removesuffix("s") if word not in ("tues", "thurs") else word, _DAYS)


def _month(word: str) -> int | None:
    found = _index(word, _MONTHS)
    return None if found is None else found + 1


def _index(word: str, names: tuple[str, ...]) -> int | None:
    """``mon``, ``monday``: at least three letters of a name."""
    if len(word) < 3:
        return None
    return next((index for index, name in enumerate(names) if name.startswith(word)), None)


def _ordinal(word: str) -> int | None:
    if word in _ORDINALS:
        return _ORDINALS[word]
    found = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)", word)
    return int(found[1]) if found else None


def _is_nth(day: date, which: int, weekday: int, length: int) -> bool:
    if day.weekday() != weekday:
        return False
    return day.day + 7 > length if which == -1 else (day.day - 1) // 7 + 1 == which
