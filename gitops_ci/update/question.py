"""The values of a look-up: who is asked, what is asked, and for which uses one answer holds."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from gitops_ci.image.registry import ImageInfo
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.choice import Choice
from gitops_ci.update.model import Dependency, Options, SelectionPolicy

_CHOICE_OPTIONS = (
    "versioning", "versionCompatibility", "extractVersion", "allowedVersions", "ignoreUnstable", "respectLatest",
    "followTag", "maxMajorIncrement", "minimumReleaseAge", "minimumReleaseAgeBehaviour", "internalChecksFilter",
    "separateMajorMinor", "separateMinorPatch", "separateMultipleMajor", "separateMultipleMinor", "pinDigests",
    "rollbackPrs", "rangeStrategy", "replacementName", "replacementNameTemplate", "replacementVersion", "enabled",
)  # fmt: skip


class RuleSet(Protocol):
    """What decides about options: :class:`gitops_ci.update.rules.Rules`."""

    def options(self, dependency: Dependency) -> Options:
        """The options in force for one dependency."""

    def needs_age(self, dependency: Dependency) -> bool:
        """Whether the options depend on when the dependency's current version was released."""


class Lookup(Protocol):
    """What answers about images and charts. Every method raises RegistryError; safe to call from threads."""

    def tags(self, datasource: str, name: str) -> tuple[str, ...]:
        """All tags, or all versions of a chart."""

    def digest(self, datasource: str, name: str, tag: str) -> str:
        """The digest that a tag names now."""

    def info(self, datasource: str, name: str, reference: str) -> ImageInfo:
        """Creation time, platforms, labels."""


PolicyFor = Callable[[ImageUse], SelectionPolicy | None]


class Asked(NamedTuple):
    """One use with its dependency and the options that it is looked up with."""

    use: ImageUse
    dependency: Dependency
    options: Options


class Answer(NamedTuple):
    """What came of a look-up, for the uses that share it."""

    asked: list[Asked]
    choice: Choice | None
    error: str | None


@dataclass
class Question:
    """All uses whose options are the same before the kind of update is known."""

    asked: list[Asked]
    policy: SelectionPolicy | None
    answers: list[Answer] = field(default_factory=list)


def choice_key(options: Options) -> tuple[object, ...]:
    """Equal for options between which choosing can see no difference."""
    values, origins = options.values, options.origins
    parts: list[object] = []
    for name in _CHOICE_OPTIONS:
        value = values.get(name)
        parts.append(value if value is None or isinstance(value, (str, int)) else repr(value))
        if name in origins:
            parts.append(origins[name])
    return tuple(parts)


def refined(asked: Asked, options: Options) -> Options:
    """Options with what the place itself says about its versions, where no rule says it."""
    use = asked.use
    own = {"versioning": use.versioning, "extractVersion": use.extract_version}
    said = {name: value for name, value in own.items() if value is not None and name not in options.origins}
    return replace(options, values={**options.values, **said}) if said else options


def because(options: Options, name: str, word: str) -> str:
    """``disabled by renovate.json packageRules[2]``: a word, and who set the option."""
    origin = options.origins.get(name)
    return f"{word} by {origin.source} {origin.detail}" if origin is not None else word
