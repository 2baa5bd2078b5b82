"""GraphQL, by graphql-core over GitHub's own schema; only what is listed here is resolved.

A field that the schema has and the double does not know shows as an error of graphql-core's, and is a violation.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.doubles.github import description
from tests.doubles.github.call import Answer
from tests.doubles.github.refusals import GraphQLRefusal, bad_credentials
from tests.doubles.github.state import Identity

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from tests.doubles.github.double import GitHub


@functools.cache
def schema() -> "GraphQLSchema":
    """GitHub's schema with our resolvers."""
    from graphql import build_schema

    from tests.doubles.github.mutations import MUTATIONS
    from tests.doubles.github.queries import QUERIES

    built = build_schema(description.graphql_source(), assume_valid=True, no_location=True)
    for root, resolvers in ((built.mutation_type, MUTATIONS), (built.query_type, QUERIES)):
        assert root is not None
        for name, resolve in resolvers.items():
            root.fields[name].resolve = resolve
    for name in ("Node", "Actor", "GitObject", "RepositoryOwner"):
        built.get_type(name).resolve_type = lambda value, info, kind: value["__typename"]  # type: ignore[union-attr]  # interfaces all
    return built


def prepare(github: "GitHub", body: Any, identity: Identity | None) -> tuple[str, Callable[[], Answer]]:
    """``graphql/FIELD`` of the first root field, and what carries the query out."""
    import graphql

    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return "graphql", lambda: Answer(400, {"message": "A query attribute must be specified and must be a string."})
    name = "graphql"
    try:
        document = graphql.parse(body["query"])
    except graphql.GraphQLError as error:
        message = error.message
        return name, lambda: Answer(200, {"errors": [{"message": message}]})
    for definition in document.definitions:
        if isinstance(definition, graphql.OperationDefinitionNode):
            first = definition.selection_set.selections[0]
            if isinstance(first, graphql.FieldNode):
                name = f"graphql/{first.name.value}"

    def work() -> Answer:
        if identity is None or identity.kind in ("unknown", "expired", "jwt"):
            return Answer(401, bad_credentials().body)
        if wrong := graphql.validate(schema(), document):
            github.violations += [f"{name}: {error.message}" for error in wrong]
            return Answer(200, {"errors": [{"message": error.message} for error in wrong]})
        for repository in github.repositories.values():
            repository.look()
        result = graphql.execute_sync(
            schema(),
            document,
            context_value=(github, identity),
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
        )
        for repository in github.repositories.values():
            repository.settle()
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_error(github, name, error) for error in result.errors]
        return Answer(200, answer)

    return name, work


def _error(github: "GitHub", name: str, error: Any) -> dict[str, Any]:
    cause = error.original_error
    if not isinstance(cause, GraphQLRefusal):
        github.violations.append(f"{name}: {error.message} at {error.path}: {cause!r}")
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    kind = cause.kind if isinstance(cause, GraphQLRefusal) else "INTERNAL"
    return {"type": kind, "path": error.path, "locations": places, "message": error.message}
