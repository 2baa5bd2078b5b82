"""GitHub: starts the double, makes repositories and tokens, and says what it was asked."""

import itertools
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.doubles.github import description
from tests.doubles.github.apps import App
from tests.doubles.github.faults import Fault
from tests.doubles.github.repository import Repository
from tests.doubles.github.state import Comment, Files, Identity, Issue, Pull

if TYPE_CHECKING:
    from tests.doubles.github.server import Server, UnixServer

_LOGINS = {
    "pat": "robot",
    "app": "acme-bot[bot]",
    "actions": "github-actions[bot]",
    "read": "robot",
    "expired": "robot",
}
_PREFIXES = {"pat": "ghp_", "app": "ghs_", "actions": "ghs_", "read": "github_pat_", "expired": "ghp_"}


class Request(NamedTuple):
    """One request as the double saw it, and how it was answered."""

    method: str
    path: str
    """Without the prefix of an enterprise server and with ``/repositories/{id}`` spelled out; no query."""
    operation: str | None
    """GitHub's operationId (``pulls/create``), or ``graphql/FIELD``."""
    query: dict[str, str]
    body: Any
    identity: Identity | None
    headers: dict[str, str]
    """Names in lower case."""
    status: int | None
    """None: the connection was closed without an answer."""


class GitHub:
    """One GitHub on localhost, for one test. Use it as a context manager, or call ``stop``."""

    def __init__(self, root: Path, *, enterprise: bool = False) -> None:
        from tests.doubles.github.server import Handler, Server

        self.root = root
        self.description = description.load()
        self.repositories: dict[str, Repository] = {}
        """Full name in lower case → repository."""
        self.identities: dict[str, Identity] = {}
        self.users: dict[str, int] = {}
        """Login → number; made as they are first seen."""
        self.requests: list[Request] = []
        self.violations: list[str] = []
        """Where a request or an answer was not what GitHub describes. A test with any of them is wrong."""
        self.faults: list[Fault] = []
        self.app = App("acme-bot")
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        server = Server(("localhost", 0), Handler)
        self.html_url = f"http://localhost:{server.server_port}"
        self.prefix = "/api/v3" if enterprise else ""
        self.url = self.html_url + self.prefix
        """The base address of the REST API."""
        self.graphql_url = self.html_url + ("/api/graphql" if enterprise else "/graphql")
        self._running: list[tuple[Server | UnixServer, threading.Thread]] = []
        self._sockets: list[Path] = []
        self._run(server)

    @classmethod
    def start(cls, root: Path, *, enterprise: bool = False) -> Self:
        """Start one that keeps its repositories below ``root``. ``enterprise``: below ``/api/v3``, as GHES is."""
        return cls(root / "github", enterprise=enterprise)

    def stop(self) -> None:
        """End it; the repositories stay on the disk."""
        for server, thread in self._running:
            server.shutdown()
            server.server_close()
            thread.join()
        for directory in self._sockets:
            shutil.rmtree(directory, ignore_errors=True)

    def _run(self, server: "Server | UnixServer") -> None:
        server.github = self
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        self._running.append((server, thread))

    def unix_socket(self) -> Path:
        """Listen on a socket in the file system as well; its path."""
        from tests.doubles.github.server import Handler, UnixServer

        directory = Path(tempfile.mkdtemp(prefix="github-"))  # not below root: a socket's path must be short
        self._sockets.append(directory)
        self._run(UnixServer(str(directory / "socket"), Handler))
        return directory / "socket"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def repository(
        self, full_name: str = "acme/gitops", files: Files | None = None, branch: str = "main"
    ) -> Repository:
        """The repository of that name, made when it is missing with one commit that holds ``files``."""
        key = full_name.lower()
        with self.lock:
            if key not in self.repositories:
                path = self.root / f"{full_name}.git"
                files = {"README.md": "# GitOps\n"} if files is None else files
                self.repositories[key] = Repository(full_name, next(self._numbers), path, branch, files, self.lock)
            return self.repositories[key]

    def token(self, kind: str = "pat", login: str | None = None) -> str:
        """A new token: ``pat``, ``app`` (an installation's), ``actions`` (GITHUB_TOKEN), ``read``, ``expired``."""
        with self.lock:
            token = f"{_PREFIXES[kind]}{next(self._numbers):036d}"
            self.identities[token] = Identity(kind, login or _LOGINS[kind], token)
            return token

    def user_id(self, login: str) -> int:
        return self.users.setdefault(login, 5000 + len(self.users))

    def fail(
        self,
        operation: str = "*",
        status: int = 502,
        *,
        times: int = 1,
        headers: Mapping[str, str] | None = None,
        after_effect: bool = False,
        message: str | None = None,
        body: object = None,
        drop: bool = False,
        delay: float = 0.0,
        skip: int = 0,
        when: Callable[[str, dict[str, str], Any], bool] | None = None,
    ) -> Fault:
        """Answer the next ``times`` requests for an operation (GitHub's operationId, globs allowed) with a failure.

        ``after_effect``: the operation is carried out first, only its answer is lost. ``drop``: no answer at all.
        ``skip``: so many pass first. ``when(path, query, body)`` chooses. GraphQL's names are ``graphql/FIELD``;
        with status 200 and a message that is an entry of ``errors``.
        """
        fault = Fault(
            operation, status, times, dict(headers or {}), after_effect, message, body, drop, delay, skip, when
        )
        self.faults.append(fault)
        return fault

    def environment(self, token: str, full_name: str = "acme/gitops") -> dict[str, str]:
        """What a workflow's steps find in their environment about this GitHub."""
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": self.url,
            "GITHUB_GRAPHQL_URL": self.graphql_url,
            "GITHUB_SERVER_URL": self.html_url,
            "GITHUB_REPOSITORY": full_name,
            "GITHUB_TOKEN": token,
        }

    @property
    def pulls(self) -> dict[int, Pull]:
        """Number → pull request, of the only repository."""
        return self._only().pulls

    @property
    def issues(self) -> dict[int, Issue]:
        """Number → issue that is no pull request, of the only repository."""
        return {number: issue for number, issue in self._only().issues.items() if not isinstance(issue, Pull)}

    @property
    def comments(self) -> list[Comment]:
        """Every comment of the only repository, oldest first."""
        return list(self._only().comments.values())

    def asked(self, operation: str) -> list[Request]:
        """The requests for one operation, in order."""
        return [request for request in self.requests if request.operation == operation]

    def check(self) -> None:
        """Raise AssertionError with everything that GitHub's description does not allow."""
        assert not self.violations, "against GitHub's description:\n" + "\n".join(self.violations)

    def _only(self) -> Repository:
        (repository,) = self.repositories.values()
        repository.settle()
        return repository
