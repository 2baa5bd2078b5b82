"""Globs of paths and image names, with the rules of Renovate's: ``*`` within one component, ``**`` across, dot files
included, letters' case not. The library is imported only when a pattern really is one."""

from collections.abc import Callable, Sequence

_MAGIC = frozenset("*?[]{}!")


def is_glob(text: str) -> bool:
    """Whether a text has any character that means something in a glob."""
    return not _MAGIC.isdisjoint(text)


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """A function that says whether one of the patterns matches a whole path or name. ``*`` alone matches all."""
    literal = frozenset(pattern for pattern in patterns if not is_glob(pattern))
    magic = [pattern for pattern in patterns if is_glob(pattern)]
    if not magic:
        return literal.__contains__
    if any(pattern in ("*", "**") for pattern in magic):
        return lambda text: True
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.DOTGLOB | glob.BRACE | glob.IGNORECASE | glob.FORCEUNIX
    compiled = glob.compile([pattern for pattern in magic], flags=flags, limit=1000)
    return lambda text: text in literal or bool(compiled.match(text))
