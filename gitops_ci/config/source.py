"""Source: one piece of update configuration that knows its file and where each value of it stands."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gitops_ci.errors import ConfigurationError
from gitops_ci.finding import Finding

Path = tuple[str | int, ...]
"""Keys and list indexes from the root of the configuration."""
Position = tuple[int, int]
"""Line and column, 1-based, in characters."""


def _nowhere(path: Path) -> Position | None:
    return None


class Source(NamedTuple):
    """A configuration in Renovate's words, and how to point into it."""

    name: str
    """What people are told: ``renovate.json``, ``.gitops-ci.yaml``, ``preset config:recommended``."""
    config: Mapping[str, object]
    file: str | None = None
    """Relative to the root; None for what comes from no file of the checkout."""
    position: Callable[[Path], Position | None] = _nowhere
    """Where the value of a path stands, or the nearest parent of it that stands somewhere."""

    def line(self, path: Path) -> int | None:
        """The line of a path, if it is known."""
        found = self.position(path)
        return found[0] if found else None

    def error(self, path: Path, what: str, *, remedy: str | None = None) -> ConfigurationError:
        """An error that points at a path."""
        line, column = self.position(path) or (None, None)
        return ConfigurationError(what, file=self.file or self.name, line=line, column=column, remedy=remedy)

    def finding(
        self,
        rule: str,
        path: Path,
        message: str,
        *,
        status: str = "warn",
        severity: str = "medium",
        remedy: str | None = None,
    ) -> Finding:
        """A finding that points at a path."""
        line, column = self.position(path) or (None, None)
        return Finding(rule, message, self.file or self.name, line, column, status, severity, remedy=remedy)


def render(path: Path) -> str:
    """``packageRules[3].matchPackageNames[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
