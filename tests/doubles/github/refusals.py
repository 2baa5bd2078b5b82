"""What GitHub says when it refuses. The words are those of recordings and of GitHub's own documentation."""

from typing import Any

_DOCS = "https://docs.github.com/rest"
SECONDARY = f"{_DOCS}/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"
TOO_LONG = 65_536


class Refusal(Exception):
    """An answer of 400 or above."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[dict[str, Any] | str] | None = None,
        documentation: str = _DOCS,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {"message": message, "documentation_url": documentation, "status": str(status)}
        if errors is not None:
            self.body["errors"] = errors


class GraphQLRefusal(Exception):
    """An entry of a GraphQL answer's ``errors``."""

    def __init__(self, message: str, kind: str = "UNPROCESSABLE") -> None:
        super().__init__(message)
        self.kind = kind


def not_found() -> Refusal:
    return Refusal(404, "Not Found")


def bad_credentials() -> Refusal:
    return Refusal(401, "Bad credentials")


def not_accessible() -> Refusal:
    return Refusal(403, "Resource not accessible by integration")


def invalid(resource: str, field: str, code: str = "invalid", message: str | None = None) -> Refusal:
    """422 with one entry in ``errors``."""
    error: dict[str, Any] = {"resource": resource, "field": field, "code": code}
    if message is not None:
        error["message"] = message
    return Refusal(422, "Validation Failed", errors=[error])


def custom(resource: str, message: str) -> Refusal:
    """422 whose reason is only in words."""
    error = {"resource": resource, "code": "custom", "message": message}
    return Refusal(422, "Validation Failed", errors=[error])


def check_length(resource: str, body: object) -> None:
    """Bodies of issues, pull requests and comments have a limit, counted in characters."""
    if isinstance(body, str) and len(body) > TOO_LONG:
        raise invalid(resource, "body", "custom", f"body is too long (maximum is {TOO_LONG} characters)")


MESSAGES = {
    401: "Bad credentials",
    403: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    404: "Not Found",
    429: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    500: "Server Error",
    502: "Server Error",
    503: "Service unavailable",
}
"""What a fault says when the test gives no words of its own."""
