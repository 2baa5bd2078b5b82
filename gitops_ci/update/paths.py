"""ignorePaths and includePaths: which files are left out, and who said so."""

from collections.abc import Callable

from gitops_ci.update.model import Options, Origin
from gitops_ci.update.pattern import compile_glob


class Paths:
    """The two lists of a run, compiled once.

    As in Renovate: a file is ignored if an entry is part of its path, or matches it as a glob (case counts); where
    there are includePaths, a file must equal or match one of them.
    """

    def __init__(self, options: Options) -> None:
        self._origins = options.origins
        self._ignored = _compile(options.values["ignorePaths"])
        self._included = _compile(options.values["includePaths"])

    def ignored(self, path: str) -> Origin | None:
        """Who leaves a file out, with the pattern in ``detail``; None if it is looked at."""
        for pattern, test in self._ignored:
            if pattern in path or test(path):
                return self._origin("ignorePaths", f" {pattern}")
        if self._included and not any(pattern == path or test(path) for pattern, test in self._included):
            return self._origin("includePaths")
        return None

    def _origin(self, name: str, detail: str = "") -> Origin:
        found = self._origins.get(name) or Origin("defaults", name)
        return Origin(found.source, name + detail, found.line)


def _compile(patterns: object) -> tuple[tuple[str, Callable[[str], bool]], ...]:
    texts = [item for item in patterns if isinstance(item, str) and item] if isinstance(patterns, list) else []
    return tuple((text, compile_glob(text, ignore_case=False)) for text in texts)
