"""Renovate's patterns: ``/re/``, ``/re/i``, else a glob; ``!`` in front negates; ``*`` matches all.

Globs mean what minimatch means by them with ``dot`` and ``nocase``. They are compiled to RE2, as the regular
expressions are, so that no pattern can take more than linear time: a backtracking matcher would let one line of
configuration hang a run. Braces are expanded by bracex; ``!(…)`` inside of a glob, which no RE2 can express,
goes to wcmatch with few wildcards allowed.
"""

from collections.abc import Callable, Sequence

MAX_LENGTH = 2000
MAX_EXPANSIONS = 1000
MAX_REMEMBERED = 4096

Test = Callable[[str], bool]


class PatternError(ValueError):
    """A pattern that cannot be read. ``str()`` of it is the reason."""


class Patterns:
    """A list of patterns: at least one positive matches, if there are any, and no negated one does."""

    __slots__ = ("_negative", "_positive", "_remembered", "empty")

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises :class:`PatternError`, whose ``args`` are the reason and the pattern."""
        positive: list[Test] = []
        negative: list[Test] = []
        for pattern in patterns:
            inner = pattern.removeprefix("!")
            try:
                (positive if inner == pattern else negative).append(compile_pattern(inner))
            except PatternError as error:
                raise PatternError(str(error), pattern) from None
        self.empty = not patterns
        self._positive = tuple(positive)
        self._negative = tuple(negative)
        self._remembered: dict[str, bool] = {}

    def matches(self, value: str) -> bool:
        """Whether the list matches a value. An empty list matches nothing."""
        found = self._remembered.get(value)
        if found is None:
            found = self._decide(value)
            if len(self._remembered) < MAX_REMEMBERED:
                self._remembered[value] = found
        return found

    def matches_any(self, values: Sequence[str]) -> bool:
        """The same for something with several values: one of them is enough, and one is enough to be excluded."""
        if self.empty or not values:
            return False
        if any(test(value) for test in self._negative for value in values):
            return False
        return not self._positive or any(test(value) for test in self._positive for value in values)

    def _decide(self, value: str) -> bool:
        return self.matches_any((value,))


def regular_expression(text: str) -> tuple[str, bool] | None:
    """``(pattern, ignore case)`` of ``/pattern/`` or ``/pattern/i``; None for what is written otherwise."""
    if len(text) > 1 and text[0] == "/":
        if text.endswith("/"):
            return text[1:-1], False
        if text.endswith("/i") and len(text) > 2:
            return text[1:-2], True
    return None


def compile_pattern(text: str) -> Test:
    """One pattern without its negation. Raises :class:`PatternError`."""
    if len(text) > MAX_LENGTH:
        raise PatternError(f"the pattern has {len(text)} characters, {MAX_LENGTH} are allowed")
    expression = regular_expression(text)
    if expression is not None:
        return compile_regex(*expression)
    if text in ("*", "**"):
        return lambda value: True
    return compile_glob(text)


def compile_regex(pattern: str, ignore_case: bool = False) -> Test:
    """Search by a regular expression of RE2 (https://github.com/google/re2/wiki/Syntax). Raises PatternError."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        search = re2.compile(pattern, options).search
    except re2.error as error:
        raise PatternError(f"the regular expression cannot be used: {_reason(error)}") from None
    return lambda value: search(value) is not None


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    hint = " (there is no look-ahead or look-behind in RE2)" if "(?!" in text or "(?=" in text or "(?<" in text else ""
    return text + hint


def compile_glob(text: str, *, ignore_case: bool = True) -> Test:
    """A glob on a whole name or path. Raises :class:`PatternError`."""
    if text.startswith("!"):
        inner = compile_glob(text[1:], ignore_case=ignore_case)
        return lambda value: not inner(value)
    if not any(special in text for special in "*?[{(\\/"):
        folded = text.lower() if ignore_case else text
        return (lambda value: value.lower() == folded) if ignore_case else (lambda value: value == folded)
    if "!(" in text:
        return _with_wcmatch(text, ignore_case)
    import bracex
    import re2

    from gitops_ci.update.glob import translate

    try:
        expanded = bracex.expand(text, keep_escapes=True, limit=MAX_EXPANSIONS)
    except bracex.ExpansionLimitException:
        raise PatternError(f"the braces stand for more than {MAX_EXPANSIONS} patterns") from None
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.case_sensitive = not ignore_case
    try:
        match = re2.compile("|".join(f"(?:{translate(one)})" for one in expanded), options).fullmatch
    except re2.error as error:
        raise PatternError(f"the glob cannot be used: {_reason(error)}") from None
    return lambda value: match(_single_slashes(value)) is not None


def _single_slashes(value: str) -> str:
    while "//" in value:
        value = value.replace("//", "/")
    return value


def _with_wcmatch(text: str, ignore_case: bool) -> Test:
    from wcmatch import glob

    if sum(text.count(special) for special in "*?+@!") - text.count("**") > 5:
        raise PatternError("a glob with !(…) may have five wildcards")
    flags = glob.EXTGLOB | glob.GLOBSTAR | glob.DOTGLOB | glob.BRACE | (glob.IGNORECASE if ignore_case else glob.CASE)
    try:
        matcher = glob.compile(text, flags=flags, limit=MAX_EXPANSIONS)
    except (ValueError, RuntimeError) as error:
        raise PatternError(f"the glob cannot be used: {error}") from None
    return lambda value: len(value) <= MAX_LENGTH and bool(matcher.match(value))
