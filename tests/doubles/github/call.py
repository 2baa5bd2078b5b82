"""One request on its way through the double, and how an operation answers it."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from tests.doubles.github.description import Description, Operation
from tests.doubles.github.refusals import not_accessible, not_found
from tests.doubles.github.state import Identity, Issue, Pull

if TYPE_CHECKING:
    from tests.doubles.github.double import GitHub
    from tests.doubles.github.repository import Repository

_Item = TypeVar("_Item")


class Answer(NamedTuple):
    status: int
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})


Handler = Callable[["Call"], Answer]
HANDLERS: dict[str, Handler] = {}
"""GitHub's operationId → the function that answers it."""


def operation(name: str) -> Callable[[Handler], Handler]:
    """Register a function under GitHub's name for what it does."""

    def register(function: Handler) -> Handler:
        HANDLERS[name] = function
        return function

    return register


class Call:
    """What a handler needs to know, and the shapes that all of them share."""

    def __init__(
        self,
        github: "GitHub",
        operation: Operation,
        parameters: dict[str, str],
        query: dict[str, str],
        body: Any,
        identity: Identity | None,
        path: str,
    ) -> None:
        self.github = github
        self.operation = operation
        self.parameters = parameters
        self.query = query
        self.body: dict[str, Any] = body if isinstance(body, dict) else {}
        self.raw_body = body
        self._identity = identity
        self.path = path
        self._repository: Repository | None = None

    @property
    def description(self) -> Description:
        return self.github.description

    @property
    def identity(self) -> Identity:
        """Who asks; operations for an app itself never look."""
        assert self._identity is not None
        return self._identity

    @property
    def repository(self) -> "Repository":
        """The repository of the path. Refuses one that does not exist, as GitHub does for what one may not see."""
        if self._repository is None:
            name = f"{self.parameters['owner']}/{self.parameters['repo']}".lower()
            found = self.github.repositories.get(name)
            if found is None:
                raise not_found()
            self._repository = found
        return self._repository

    def need(self, *kinds: str) -> None:
        """Refuse tokens of other kinds."""
        if self.identity.kind not in kinds:
            raise not_accessible()

    def issue(self, name: str = "issue_number") -> Issue:
        return self._numbered(self.repository.issues, name)

    def pull(self) -> Pull:
        return self._numbered(self.repository.pulls, "pull_number")

    def _numbered(self, found: dict[int, _Item], name: str) -> _Item:
        text = self.parameters[name]
        if not text.isdecimal() or int(text) not in found:
            raise not_found()
        return found[int(text)]

    def wanted(self, found: dict[int, _Item], name: str) -> _Item:
        """What a path's number means. Refuses with 404."""
        return self._numbered(found, name)

    def page(
        self,
        items: Sequence[_Item],
        render: Callable[[_Item], Any],
        wrap: Callable[[list[Any], int], Any] | None = None,
    ) -> Answer:
        """One page of a list, with the ``Link`` header whose addresses name the repository by number."""
        size = min(max(int(self.query.get("per_page", 30)), 1), 100)
        number = max(int(self.query.get("page", 1)), 1)
        last = max(-(-len(items) // size), 1)
        chosen = [render(item) for item in items[(number - 1) * size : number * size]]
        links = []
        for relation, target, there in (
            ("prev", min(number - 1, last), number > 1),
            ("next", number + 1, number < last),
            ("last", last, number < last),
            ("first", 1, number > 1),
        ):
            if there:
                query = urlencode({**self.query, "per_page": size, "page": target})
                links.append(f'<{self._numbered_address()}?{query}>; rel="{relation}"')
        body = chosen if wrap is None else wrap(chosen, len(items))
        return Answer(200, body, {"Link": ", ".join(links)} if links else {})

    def _numbered_address(self) -> str:
        if "owner" not in self.parameters or "repo" not in self.parameters:
            return self.github.url + self.path
        rest = self.path.split("/", 4)[4]
        return f"{self.github.url}/repositories/{self.repository.id}/{rest}"
