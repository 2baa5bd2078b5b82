"""GitHub's own description of its API: which operation a path means and what its bodies look like.

``openapi.json`` and ``schema.graphql`` are trimmed from the MIT-licensed npm packages ``@octokit/openapi`` and
``@octokit/graphql-schema`` by ``trim.py``, which makes them again.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import jsonschema_rs

_HERE = Path(__file__).resolve().parent
# Names that hold slashes, up to the words with which GitHub goes on behind them.
_SEVERAL_SEGMENTS = {
    "path": ".*",
    "branch": r"(?:(?!/protection(?:/|$)).)+",
    "ref": r"(?:(?!/(?:branches-where-head|check-suites|comments|pulls)$).)+",
}
_PAGING = ("page", "per_page")  # clients send them everywhere, and GitHub says nothing
# What GitHub takes although its description says otherwise; PyGithub sends both, and gh does too.
_TAKEN_ANYWAY: dict[tuple[str, str], dict[str, Any]] = {
    ("issues/add-labels", "request"): {"type": "array", "items": {"type": "string"}},
    ("issues/set-labels", "request"): {"type": "array", "items": {"type": "string"}},
}


class Operation(NamedTuple):
    """One operation of GitHub's REST API."""

    name: str
    """GitHub's operationId, as in ``pulls/create``."""
    method: str
    pattern: re.Pattern[str]
    node: dict[str, Any]
    """What the description says about it."""


class Route(NamedTuple):
    operation: Operation
    parameters: dict[str, str]


class Description:
    """Reads the trimmed description once; validators are compiled when they are first needed."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.components = _modern(document["components"])
        # Described as a string; GitHub really says null for a label without a description.
        label = self.components["schemas"]["pull-request-simple"]["properties"]["labels"]["items"]
        label["properties"]["description"] = {"type": ["string", "null"]}
        self._examples = {name: json.dumps(value) for name, value in document["components"]["examples"].items()}
        self._validators: dict[tuple[str, str], jsonschema_rs.Validator | None] = {}
        self.operations: dict[str, Operation] = {}
        for path, methods in document["paths"].items():
            for method, node in methods.items():
                node = _modern(node)
                described = [self._resolved(parameter) for parameter in node.get("parameters", ())]
                numbers = {one["name"] for one in described if one["schema"].get("type") == "integer"}
                pattern = re.compile(_pattern(path, numbers))
                operation = Operation(node["operationId"], method.upper(), pattern, node)
                self.operations[operation.name] = operation
        self._order = sorted(
            self.operations.values(), key=lambda one: (one.pattern.groups, -len(one.pattern.pattern), one.name)
        )

    def route(self, method: str, path: str) -> Route | None:
        """The operation that a (still percent-encoded) path means. HEAD is answered as GET."""
        method = "GET" if method == "HEAD" else method
        path = path.replace("/git/refs/", "/git/ref/", 1) if method == "GET" else path  # the older spelling lives on
        for operation in self._order:
            if operation.method == method and (match := operation.pattern.fullmatch(path)):
                return Route(operation, {name: unquote(value) for name, value in match.groupdict().items()})
        return None

    def example(self, name: str, replacements: tuple[tuple[str, str], ...] = ()) -> Any:
        """A fresh copy of GitHub's example of that name, texts in it replaced."""
        return json.loads(_replaced(self._examples[name], replacements))

    def request_problems(self, operation: Operation, body: object) -> list[str]:
        """Where a request's body is not what GitHub describes."""
        return self._problems(operation, "request", body)

    def response_problems(self, operation: Operation, status: int, body: object) -> list[str]:
        """Where an answer is not what GitHub describes for that status."""
        if str(status) not in operation.node["responses"] and status < 400:
            return [f"GitHub describes no answer {status}"]
        return self._problems(operation, str(status), body)

    def query_problems(self, operation: Operation, query: dict[str, str]) -> list[str]:
        """Parameters of a query that GitHub does not know, or values that it does not take."""
        known = {}
        for parameter in operation.node.get("parameters", ()):
            parameter = self._resolved(parameter)
            if parameter["in"] == "query":
                known[parameter["name"]] = parameter["schema"]
        problems = []
        for name, value in query.items():
            if name not in known and name in _PAGING:
                continue
            if name not in known:
                problems.append(f"query: GitHub knows no parameter {name!r} here")
            elif "enum" in known[name] and value not in known[name]["enum"]:
                problems.append(f"query: {name}={value!r} is none of {known[name]['enum']}")
            elif known[name].get("type") == "integer" and not value.isdecimal():
                problems.append(f"query: {name}={value!r} is no number")
        return problems

    def _problems(self, operation: Operation, part: str, body: object) -> list[str]:
        key = (operation.name, part)
        if key not in self._validators:
            self._validators[key] = self._validator(operation, part)
        validator = self._validators[key]
        if validator is None:
            return []
        return [
            f"{part}: /{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in validator.iter_errors(body)
        ]

    def _validator(self, operation: Operation, part: str) -> "jsonschema_rs.Validator | None":
        if part == "request":
            node = operation.node.get("requestBody", {})
        else:
            node = self._resolved(operation.node["responses"].get(part, {}))
        schema = node.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        if part[0] in "45" and "oneOf" in schema:  # GitHub's kinds of errors overlap, so that most fit several
            schema = {"anyOf": schema["oneOf"]}
        if extra := _TAKEN_ANYWAY.get((operation.name, part)):
            schema = {"anyOf": [schema, extra]}
        return jsonschema_rs.Draft202012Validator({**schema, "components": self.components})

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            node = self.components[kind][name]
        return node


@functools.cache
def load() -> Description:
    """The description beside this file."""
    return Description(json.loads((_HERE / "openapi.json").read_text(encoding="utf-8")))


@functools.cache
def graphql_source() -> str:
    """The trimmed GraphQL schema."""
    return (_HERE / "schema.graphql").read_text(encoding="utf-8")


@functools.lru_cache(256)
def _replaced(text: str, replacements: tuple[tuple[str, str], ...]) -> str:
    for old, new in replacements:
        text = text.replace(old, new)
    return text


def _pattern(path: str, numbers: set[str]) -> str:
    def parameter(match: re.Match[str]) -> str:
        name = match[1]
        plain = r"\d+" if name in numbers else "[^/]+"
        return f"(?P<{name}>{_SEVERAL_SEGMENTS.get(name, plain)})"

    return re.sub(r"\\\{(\w+)\\\}", parameter, re.escape(path))


def _modern(node: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` in the words of JSON Schema 2020-12."""
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _modern(value) for key, value in node.items()}
    if node.pop("nullable", None) is not True:
        return node
    if "type" not in node:
        return {"anyOf": [node, {"type": "null"}]}
    if "enum" in node and None not in node["enum"]:
        node["enum"] = [*node["enum"], None]
    return {**node, "type": [node["type"], "null"]}
