"""Globs of paths and image names, with the rules of Renovate's.

``*`` within one component, ``**`` across, dot files included, letters' case not. The library is imported only when
a pattern really is one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAGIC = frozenset("*?[]{}!")


def is_glob(text: str) -> bool:
    """Whether a text has any character that means something in a glob."""
    return not _MAGIC.isdisjoint(text)


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A function that says whether one of the patterns matches a whole path or name. ``*`` alone matches all.

    ``/…/`` (with ``i``) is a regular expression (RE2's), searched anywhere. Raises ValueError for one that RE2
    cannot run.
    """
    literal = frozenset(pattern for pattern in patterns if not is_glob(pattern) and not _is_regex(pattern))
    if len(literal) == len(set(patterns)):
        return literal.__contains__
    if any(pattern in ("*", "**") for pattern in patterns):
        return lambda text: True
    searches = [_search(pattern) for pattern in patterns if _is_regex(pattern)]
    magic = [pattern for pattern in patterns if is_glob(pattern) and not _is_regex(pattern)]
    if magic:
        from wcmatch import glob

        flags = glob.GLOBSTAR | glob.DOTGLOB | glob.BRACE | glob.IGNORECASE | glob.FORCEUNIX
        searches.append(glob.compile(magic, flags=flags, limit=1000).match)
    return lambda text: text in literal or any(search(text) for search in searches)


def compile_re2(pattern: str) -> Any:  # noqa: ANN401 - the library has no types
    """A pattern over bytes, compiled by RE2, so that no text can make it run for ever. Raises ValueError."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1  # offsets are bytes
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        message = error.args[0] if error.args else ""
        reason = message.decode(errors="replace") if isinstance(message, bytes) else message
        raise ValueError(f"{pattern!r} is no RE2 pattern: {reason}") from None


def _is_regex(pattern: str) -> bool:
    return len(pattern) > 2 and pattern.startswith("/") and pattern.removesuffix("i").endswith("/")


def _search(pattern: str) -> Callable[[str], object]:
    body = pattern.removesuffix("i")[1:-1]
    compiled = compile_re2(f"(?i){body}" if pattern.endswith("i") else body)
    return lambda text: compiled.search(text.encode("utf-8", "surrogateescape"))
