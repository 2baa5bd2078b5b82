"""The operations that the double answers, one module for each of GitHub's own categories."""

from importlib import import_module

_MODULES = (
    "repositories",
    "git_data",
    "contents",
    "pulls",
    "reviews",
    "issues",
    "labels",
    "comments",
    "checks",
    "accounts",
)


def register() -> None:
    """Fill ``call.HANDLERS``."""
    for name in _MODULES:
        import_module(f"tests.doubles.github.routes.{name}")
