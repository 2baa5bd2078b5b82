"""Faults: what goes wrong outside, when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.doubles.github.refusals import MESSAGES, SECONDARY


@dataclass
class Fault:
    """One ordered failure; GitHub.fail makes them."""

    operation: str
    status: int
    times: int
    headers: dict[str, str]
    after_effect: bool
    message: str | None
    body: object
    drop: bool
    delay: float
    skip: int
    when: Callable[[str, dict[str, str], Any], bool] | None
    used: int = 0
    """How often it struck."""

    def strikes(self, operation: str, path: str, query: dict[str, str], body: object) -> bool:
        """Whether it is this request's turn; counts."""
        if self.used >= self.times or not fnmatchcase(operation, self.operation):
            return False
        if self.when is not None and not self.when(path, query, body):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.used += 1
        return True

    def answer(self) -> tuple[int, object, dict[str, str]]:
        """Status, body and headers."""
        if self.body is not None:
            return self.status, self.body, self.headers
        message = self.message or MESSAGES.get(self.status, "Server Error")
        limited = self.status in (403, 429) and self.message is None
        documentation = SECONDARY if limited else "https://docs.github.com/rest"
        body = {"message": message, "documentation_url": documentation, "status": str(self.status)}
        return self.status, body, self.headers
