"""Regular expressions from configuration: ``/re/``, ``/re/i``, ``!/re/``, and the bare ones of policies.

They run on RE2, whose time is linear in the text whatever the pattern: a hostile pattern costs nothing.
Renovate, Flux and Argo CD Image Updater use RE2 as well, so its syntax is the one people wrote.
"""

from collections.abc import Callable
from typing import Any

from gitops_ci.errors import ConfigurationError


def looks_like(expression: str) -> bool:
    """Whether text has the form of a pattern rather than of a range or glob."""
    body = expression.removeprefix("!")
    return body.startswith("/") and body.endswith(("/", "/i")) and len(body) > 2


def compile_pattern(source: str, *, ignore_case: bool = False) -> Any:  # noqa: ANN401 - google-re2 has no types
    """A compiled RE2 pattern. Raises ConfigurationError with RE2's reason."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(source, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ConfigurationError(
            f"{source!r} is not a regular expression ({reason})",
            remedy="RE2 is used: no lookahead, lookbehind or backreferences",
        ) from None


def predicate(expression: str) -> Callable[[str], bool]:
    """A test for ``/re/`` or ``!/re/``; the pattern may match anywhere in the text."""
    negated = expression.startswith("!")
    body = expression[1:] if negated else expression
    ignore_case = body.endswith("/i")
    found = compile_pattern(body[1:-2] if ignore_case else body[1:-1], ignore_case=ignore_case)
    return lambda text: (found.search(text) is not None) is not negated
