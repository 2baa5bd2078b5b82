"""Every error this package raises on purpose, as one tree.

An error says what happened, where (file, line, column: 1-based), and what to do about it. The command
line prints exactly that and exits with the error's ``exit_code``; nobody sees a traceback.

Exit codes: 0 done; 1 findings, or a gate refused; 2 wrong usage or configuration; 3 something outside
failed (a registry, a forge, git, a cluster, a scanner).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

DONE = 0
REFUSED = 1
USAGE = 2
OUTSIDE = 3


class GitopsError(Exception):
    """The root. ``str()`` of it is the one line that people read."""

    exit_code = USAGE

    def __init__(
        self,
        what: str,
        *,
        file: str | None = None,
        line: int | None = None,
        column: int | None = None,
        remedy: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.file = file
        self.line = line
        self.column = column
        self.remedy = remedy

    @property
    def where(self) -> str | None:
        """``file:line:column`` as far as it is known."""
        if self.file is None:
            return None
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.file is not None else self.what
        return f"{text}; {self.remedy}" if self.remedy else text


class UsageError(GitopsError):
    """The command was called wrongly: options that contradict, an image that nobody uses."""


class ConfigurationError(GitopsError):
    """A configuration file, ours or a foreign one, says something it cannot say."""


class ConfigurationErrors(ConfigurationError):
    """All that is wrong with a configuration, told at once: ``str()`` has one line for each, in the file's order."""

    def __init__(self, errors: Iterable[ConfigurationError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.line or 0, error.column or 0)))
        first = self.errors[0]
        super().__init__(first.what, file=first.file, line=first.line, column=first.column, remedy=first.remedy)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class ReferenceError(GitopsError):  # noqa: A001 - the field's own term; only ever used qualified
    """Text that is no image reference."""


class ManifestError(GitopsError):
    """A file of the checkout that cannot be read as what it claims to be."""

    exit_code = REFUSED


class RefusedError(GitopsError):
    """A gate: the request is understood and deliberately not carried out."""

    exit_code = REFUSED


class OutsideError(GitopsError):
    """Something that is not ours failed."""

    exit_code = OUTSIDE


class RegistryError(OutsideError):
    """A registry did not answer, or not with what was asked. ``status`` is the HTTP status if there was one."""

    def __init__(self, what: str, *, status: int | None = None, remedy: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status


class UnreadableImageError(RegistryError):
    """A registry gave what it has, and it is no image that can be read: Docker's schema 1, garbage."""


class GitError(OutsideError):
    """A git command failed, or a push lost its race too often."""


class ForgeError(OutsideError):
    """The forge (GitHub, or the local one) refused or failed."""
