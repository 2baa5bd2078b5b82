"""Which uses a request means: by image, application, environment."""

from collections.abc import Callable

from gitops_ci.manifest.globs import is_glob, matcher
from gitops_ci.manifest.use import ImageUse


def image(pattern: str) -> Callable[[ImageUse], bool]:
    """A use whose name is ``pattern`` as written, or matches it as a glob.

    A kustomize entry that renames an image is also meant by the name that it replaces.
    """
    if not is_glob(pattern):
        return lambda use: use.name == pattern or use.original_name == pattern
    matches = matcher((pattern,))
    return lambda use: matches(use.name) or (use.original_name is not None and matches(use.original_name))


def owned(application: str | None, environment: str | None) -> Callable[[ImageUse], bool]:
    """A use of this application in this environment; None means any."""

    def matches(use: ImageUse) -> bool:
        return (application is None or use.application == application) and (environment is None or use.environment == environment)

    return matches
