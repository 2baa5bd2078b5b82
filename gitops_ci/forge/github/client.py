"""One GitHub repository through PyGithub, with retries that never do a thing twice.

Reads are repeated by the library. A write is repeated here, because only the caller can say how to see whether
the one that got no answer was carried out all the same: GitHub answers 502 to POSTs that it has done.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from gitops_ci.forge.github.access import Access
from gitops_ci.forge.github.problems import message, refusal

if TYPE_CHECKING:
    from github import Github
    from github.Auth import Auth
    from github.Repository import Repository

    from gitops_ci.forge.github.problems import Refusal

ATTEMPTS = 4
FIRST_WAIT = 1.0
"""Seconds; doubled each time, with jitter."""
SECONDARY_WAIT = 60.0
"""Seconds to wait after a limit that does not say how long, as GitHub asks for."""
MAX_WAIT = 180.0
"""Seconds; a limit that lasts longer ends the request instead of the job's minutes."""
WRITE_PACE = 1.0
"""Seconds between writes, as GitHub asks for (80 a minute)."""
BOT = "github-actions[bot]"

T = TypeVar("T")


class Client:
    """A logged-in connection to one repository."""

    def __init__(self, found: Access, name: str) -> None:
        self.access = found
        self.name = name
        self._secrets = tuple(part for part in (found.token, found.private_key) if part)

    @cached_property
    def github(self) -> "Github":
        """The library's entry point, logged in. An App's token is made for this repository alone."""
        from github import Auth, Github
        from github.GithubRetry import GithubRetry

        retry = GithubRetry(
            total=ATTEMPTS,
            backoff_factor=FIRST_WAIT / 2,
            status_forcelist=[429, 500, 502, 503, 504],
            allowed_methods={"GET", "HEAD"},
            secondary_rate_wait=SECONDARY_WAIT,
            max_rate_limit_wait=MAX_WAIT,
        )
        found = self.access
        auth = Auth.Token(found.token) if found.token is not None else self._app()
        return Github(
            auth=auth,
            base_url=found.api_url,
            per_page=100,
            timeout=30,
            retry=retry,
            seconds_between_requests=None,
            seconds_between_writes=WRITE_PACE or None,
            user_agent="gitops-ci",
        )

    def _app(self) -> "Auth":
        from github import Auth, GithubIntegration

        owner, _, name = self.name.partition("/")
        with self.told(f"logging in as App {self.access.app_id}"):
            app = Auth.AppAuth(str(self.access.app_id), str(self.access.private_key))
            installation = GithubIntegration(auth=app, base_url=self.access.api_url).get_repo_installation(owner, name)
            return app.get_installation_auth(installation.id)

    @cached_property
    def repository(self) -> "Repository":
        """The repository, asked once."""
        with self.told(f"reading {self.name}"):
            return self.github.get_repo(self.name)

    @cached_property
    def login(self) -> str:
        """Who the token is: ``octocat``, ``github-actions[bot]``, ``my-app[bot]``."""
        with self.told("asking who the token belongs to"):
            _, data = self.github.requester.graphql_query("query { viewer { login } }", {})
        return str(data["data"]["viewer"]["login"])

    @property
    def is_bot(self) -> bool:
        """The token is an installation's: what it commits without naming an author is signed by GitHub."""
        return self.login.endswith("[bot]")

    @property
    def workflow_token(self) -> bool:
        """The token is the workflow's own GITHUB_TOKEN."""
        return self.login == BOT

    def web(self, path: str) -> str:
        """An address for people."""
        return f"{self.access.server_url}/{self.name}/{path}"

    @contextmanager
    def told(self, doing: str) -> Iterator[None]:
        """Any error in it becomes one :class:`Refusal`."""
        try:
            yield
        except _errors() as error:
            raise self.refusal(doing, error) from None

    def refusal(self, doing: str, error: Exception) -> "Refusal":
        """The error for people."""
        return refusal(doing, error, self._secrets)

    def write(self, doing: str, attempt: Callable[[], T], look: Callable[[], T | None] = lambda: None) -> T:
        """Do it; after a failure that leaves open whether it was done, ``look`` first and then try again.

        Raises Refusal.
        """
        wait = FIRST_WAIT
        for left in range(ATTEMPTS - 1, -1, -1):
            try:
                return attempt()
            except _errors() as error:
                pause = _pause(error, wait)
                if pause is None or pause > MAX_WAIT or not left:
                    if pause is not None and (found := self._look(doing, look)) is not None:
                        return found
                    raise self.refusal(doing, error) from None
            time.sleep(pause)
            wait *= 2
            found = self._look(doing, look)
            if found is not None:
                return found
        raise AssertionError("attempts must be positive")

    def _look(self, doing: str, look: Callable[[], T | None]) -> T | None:
        with self.told(doing):
            return look()

    def post(self, doing: str, path: str, values: dict[str, object]) -> dict[str, object]:
        """A POST below the repository that makes nothing visible (blobs, trees, commits), so it may be repeated."""

        def attempt() -> dict[str, object]:
            _, data = self.github.requester.requestJsonAndCheck("POST", f"{self.repository.url}/{path}", input=values)
            return cast("dict[str, object]", data)

        return self.write(doing, attempt)

    def mutate(
        self,
        doing: str,
        name: str,
        values: dict[str, object],
        output: str,
        look: Callable[[], dict[str, object] | None] = lambda: None,
    ) -> dict[str, object]:
        """A GraphQL mutation; the selected fields of its result."""

        def attempt() -> dict[str, object]:
            _, data = self.github.requester.graphql_named_mutation(name, values, output)
            return cast("dict[str, object]", data or {})

        return self.write(doing, attempt, look)


def _errors() -> tuple[type[Exception], ...]:
    from github import GithubException
    from requests import RequestException

    # PyGithub asserts that an address in an answer is on the API's own host.
    return (GithubException, RequestException, AssertionError)


def _pause(error: Exception, wait: float) -> float | None:
    """Seconds until another attempt is worth it; None where it is not."""
    status = getattr(error, "status", None)
    if isinstance(error, AssertionError):
        return None
    if status is None or status in (500, 502, 503, 504):
        return wait * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret
    said = message(error).lower()
    if status == 429 or (status in (400, 403) and ("rate limit" in said or "rate_limited" in said)):
        return _told_wait(getattr(error, "headers", None) or {})
    return None


def _told_wait(headers: dict[str, str]) -> float:
    lower = {str(name).lower(): str(value) for name, value in headers.items()}
    after = lower.get("retry-after", "")
    if after.isdecimal():
        return float(after)
    reset = lower.get("x-ratelimit-reset", "")
    if lower.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(float(reset) - time.time(), 0) + 1
    return SECONDARY_WAIT
