"""Which uses a request means: by image, application, environment."""

from collections.abc import Callable, Sequence

from gitops_ci.manifest.globs import is_glob, matcher
from gitops_ci.manifest.use import ImageUse


def image(pattern: str) -> Callable[[ImageUse], bool]:
    """A use whose name is ``pattern`` as written, or matches it as a glob.

    A kustomize entry that renames an image is also meant by the name that it replaces.
    """
    if not is_glob(pattern):
        return lambda use: use.name == pattern or use.original_name == pattern
    matches = matcher((pattern,))

    def meant(use: ImageUse) -> bool:
        names = (use.name, use.original_name) if use.original_name is not None else (use.name,)
        return pattern in names or any(matches(name) for name in names)  # ``[::1]:5000/x`` is a name as well

    return meant


def owned(applications: Sequence[str], environments: Sequence[str]) -> Callable[[ImageUse], bool]:
    """A use of one of these applications in one of these environments; none given means any."""

    def matches(use: ImageUse) -> bool:
        return (not applications or use.application in applications) and (
            not environments or use.environment in environments
        )

    return matches
