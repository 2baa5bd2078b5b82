"""Narrowing a run: exact names and globs, as ``--environment``, ``--application`` and ``--explain`` take them."""

from collections.abc import Sequence

from gitops_ci.image.reference import split_name


def fits(name: str | None, patterns: Sequence[str]) -> bool:
    """Whether a name is one of these, or matches one as a glob. ``nginx`` is ``docker.io/library/nginx``."""
    if name is None:
        return False
    for pattern in patterns:
        if pattern == name:
            return True
        if any(character in pattern for character in "*?["):
            from wcmatch import glob

            if glob.globmatch(name, pattern, flags=glob.GLOBSTAR | glob.DOTGLOB):
                return True
        elif split_name(pattern) == split_name(name):
            return True
    return False
