"""How the tags of one dependency are read: by its version scheme, whole or in part."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version import Scheme, scheme
from gitops_ci.update import preferences
from gitops_ci.update.model import Dependency, Options
from gitops_ci.update.preferences import Preferences

_T = TypeVar("_T")


class Reading(NamedTuple):
    """A scheme and the tags it is used on."""

    scheme: Scheme
    tags: tuple[str, ...]
    originals: Mapping[str, str] = {}
    """The registry's tags by what extractVersion made of them, where that is what stands in the file."""
    note: str | None = None

    def of_original(self, ask: Callable[[str], _T]) -> Callable[[str], _T]:
        """A question to the registry under the registry's own name of a tag."""
        return lambda tag: ask(self.originals.get(tag, tag))


def read(dependency: Dependency, options: Options, wanted: Preferences, tags: tuple[str, ...]) -> Reading:
    """Choose the scheme.

    With ``extractVersion`` the file may hold the whole tag, which is what an image needs, or only the version
    in it, as in a line that a custom manager reads; what is written is of the same kind. Raises
    ConfigurationError for an unknown scheme and for expressions that cannot be used.
    """
    name = wanted.versioning or preferences.DEFAULT_VERSIONING.get(dependency.datasource, "docker")
    extract, compatibility = wanted.extract_version, wanted.version_compatibility
    current = dependency.current_value
    if (extract is None and compatibility is None) or current is None:
        return Reading(scheme(name), tags)
    from gitops_ci.image.version.extract import PartScheme, part_scheme

    def part(extract: str | None, compatibility: str | None) -> PartScheme:
        try:
            return part_scheme(name, extract, compatibility)
        except ConfigurationError as problem:
            key = "extractVersion" if problem.what.startswith("extractVersion") else "versionCompatibility"
            raise preferences.error(options, key, problem.what.removeprefix(f"{key} "), problem.remedy) from None

    whole = part(extract, compatibility)
    if whole.parse(current) is not None:
        return Reading(whole, tags)
    if compatibility is not None and part(extract, None).parse(current) is not None:
        note = f"versionCompatibility {compatibility!r} does not fit {current!r}: it was left out"
        return Reading(part(extract, None), tags, note=note)
    if extract is None:
        return Reading(whole, tags)
    originals: dict[str, str] = {}
    for tag in tags:
        text = whole.extracted(tag)
        if text is not None:
            originals[text] = tag  # of equals the later in the registry's list
    return Reading(part(None, compatibility), tuple(originals), originals)
