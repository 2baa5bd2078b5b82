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
MAX_IN_SET = 300
"""Characters of an expression that may join a set: a set only runs as a DFA, which must stay small."""

Test = Callable[[str], bool]


class PatternError(ValueError):
    """A pattern that cannot be read. ``args`` are the reason and, where a list was read, the pattern."""


class Patterns:
    """A list of patterns: at least one positive matches, if there are any, and no negated one does.

    Plain names are looked up; all expressions of a list are one RE2 set, asked once for each new value.
    """

    __slots__ = ("_negative_ids", "_plain", "_set", "_tests", "empty", "positive", "remembered")

    def __init__(self, patterns: Sequence[str]) -> None:
        """Raises :class:`PatternError`."""
        self.empty = not patterns
        self.positive = False
        """There is a positive pattern among them."""
        self._plain: dict[str, bool] = {}
        self._tests: list[tuple[bool, Test]] = []
        self._negative_ids: set[int] = set()
        self.remembered: dict[str, bool] = {}
        self._set = None
        expressions: list[tuple[bool, str]] = []
        for pattern in patterns:
            inner = pattern.removeprefix("!")
            negative = inner != pattern
            self.positive |= not negative
            try:
                compiled = _compile(inner, ignore_case=True)
            except PatternError as error:
                raise PatternError(str(error), pattern) from None
            if compiled is None:
                self._plain[inner.lower()] = negative or self._plain.get(inner.lower(), False)
            elif isinstance(compiled, str):
                expressions.append((negative, compiled))
            else:
                self._tests.append((negative, compiled))
        if expressions:
            import re2

            self._set = re2.Set.SearchSet(_options())
            for index, (negative, expression) in enumerate(expressions):
                self._set.Add(expression)
                if negative:
                    self._negative_ids.add(index)
            self._set.Compile()

    def matches(self, value: str) -> bool:
        """Whether the list matches a value. An empty list matches nothing."""
        found = self.remembered.get(value)
        if found is None:
            found = self.matches_any((value,))
            if len(self.remembered) < MAX_REMEMBERED:
                self.remembered[value] = found
        return found

    def matches_any(self, values: Sequence[str]) -> bool:
        """The same for something with several values: one of them is enough, and one is enough to be excluded."""
        if self.empty or not values:
            return False
        matched = not self.positive
        for value in values:
            plain = self._plain.get(value.lower())
            if plain:
                return False
            matched = matched or plain is False
            if self._set is not None:
                hits = self._set.Match(encodable(value)) or ()
                if not self._negative_ids.isdisjoint(hits):
                    return False
                matched = matched or bool(hits)
            for negative, test in self._tests:
                if (negative or not matched) and test(value):
                    if negative:
                        return False
                    matched = True
        return matched


def regular_expression(text: str) -> tuple[str, bool] | None:
    """``(pattern, ignore case)`` of ``/pattern/`` or ``/pattern/i``; None for what is written otherwise."""
    if len(text) > 1 and text[0] == "/":
        if text.endswith("/"):
            return text[1:-1], False
        if text.endswith("/i") and len(text) > 2:
            return text[1:-2], True
    return None


def compile_regex(pattern: str, ignore_case: bool = False) -> Test:
    """Search by a regular expression of RE2 (https://github.com/google/re2/wiki/Syntax). Raises PatternError."""
    import re2

    try:
        search = re2.compile(f"(?i:{pattern})" if ignore_case else pattern, _options()).search
    except re2.error as error:
        raise PatternError(f"the regular expression cannot be used: {_reason(error)}") from None
    return lambda value: search(encodable(value)) is not None


def encodable(value: str) -> str:
    """A text that RE2 can read: half a surrogate pair, from a file name that is not UTF-8, becomes U+FFFD."""
    return value if value.isascii() else value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def compile_glob(text: str, *, ignore_case: bool = True) -> Test:
    """A glob on a whole name or path. Raises :class:`PatternError`."""
    if text.startswith("!"):
        inner = compile_glob(text[1:], ignore_case=ignore_case)
        return lambda value: not inner(value)
    compiled = _compile_glob(text, ignore_case)
    if compiled is None:
        folded = text.lower() if ignore_case else text
        return (lambda value: value.lower() == folded) if ignore_case else (lambda value: value == folded)
    if not isinstance(compiled, str):
        return compiled
    return compile_regex(compiled)


def _compile(text: str, *, ignore_case: bool) -> str | Test | None:
    """An expression to search for, a test, or None for a plain name that needs neither."""
    expression = regular_expression(text)
    if expression is None:
        return compile_glob(text) if text.startswith("!") else _compile_glob(text, ignore_case)
    search = compile_regex(*expression)
    pattern, ignoring = expression
    # Sets give up, without a word, where their DFA grows too large: counted and long ones are asked by themselves.
    if "{" in pattern or len(pattern) > MAX_IN_SET:
        return search
    return f"(?i:{pattern})" if ignoring else pattern


def _compile_glob(text: str, ignore_case: bool) -> str | Test | None:
    if len(text) > MAX_LENGTH:
        raise PatternError(f"the pattern has {len(text)} characters, {MAX_LENGTH} are allowed")
    if text in ("*", "**"):
        return lambda value: True
    if not any(special in text for special in "*?[{(\\") and not text.endswith("/"):
        return None
    if "!(" in text:
        return _with_wcmatch(text, ignore_case)
    import bracex

    from gitops_ci.update.glob import translate

    try:
        expanded = bracex.expand(text, keep_escapes=True, limit=MAX_EXPANSIONS)
    except bracex.ExpansionLimitException:
        raise PatternError(f"the braces stand for more than {MAX_EXPANSIONS} patterns") from None
    alternatives = "|".join(dict.fromkeys(translate(one) for one in expanded))
    expression = rf"(?{'i' if ignore_case else ''}s:\A(?:{alternatives})\z)"
    search = compile_regex(expression)
    return expression if len(expression) <= MAX_IN_SET else search


def _options() -> object:
    import re2

    options = re2.Options()
    options.log_errors = False
    return options


def _reason(error: Exception) -> str:
    reason = error.args[0] if error.args else error
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    hint = " (there is no look-ahead or look-behind in RE2)" if "(?!" in text or "(?=" in text or "(?<" in text else ""
    return text + hint


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
