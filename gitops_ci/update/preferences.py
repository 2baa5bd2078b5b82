"""The options that choosing looks at, read out of :class:`Options` once, with their types checked."""

from datetime import timedelta
from typing import NamedTuple

from gitops_ci.errors import ConfigurationError
from gitops_ci.update.duration import duration
from gitops_ci.update.model import Options, Origin

DEFAULT_VERSIONING = {"docker": "docker", "helm": "helm"}
"""By datasource."""


class Preferences(NamedTuple):
    """Renovate's words, and its defaults."""

    versioning: str | None = None
    extract_version: str | None = None
    version_compatibility: str | None = None
    allowed_versions: str | None = None
    ignore_unstable: bool = True
    minimum_release_age: timedelta = timedelta()
    minimum_release_age_behaviour: str = "timestamp-required"
    internal_checks_filter: str = "strict"
    separate_major_minor: bool = True
    separate_minor_patch: bool = False
    separate_multiple_major: bool = False
    separate_multiple_minor: bool = False
    max_major_increment: int = 500
    pin_digests: bool = False
    rollback_prs: bool = False
    range_strategy: str = "auto"
    replacement_name: str | None = None
    replacement_name_template: str | None = None
    replacement_version: str | None = None
    enabled: bool = True


_KEYS = {
    "versioning": "versioning",
    "extractVersion": "extract_version",
    "versionCompatibility": "version_compatibility",
    "allowedVersions": "allowed_versions",
    "ignoreUnstable": "ignore_unstable",
    "minimumReleaseAge": "minimum_release_age",
    "minimumReleaseAgeBehaviour": "minimum_release_age_behaviour",
    "internalChecksFilter": "internal_checks_filter",
    "separateMajorMinor": "separate_major_minor",
    "separateMinorPatch": "separate_minor_patch",
    "separateMultipleMajor": "separate_multiple_major",
    "separateMultipleMinor": "separate_multiple_minor",
    "maxMajorIncrement": "max_major_increment",
    "pinDigests": "pin_digests",
    "rollbackPrs": "rollback_prs",
    "rangeStrategy": "range_strategy",
    "replacementName": "replacement_name",
    "replacementNameTemplate": "replacement_name_template",
    "replacementVersion": "replacement_version",
    "enabled": "enabled",
}

_WORDS = {
    "minimumReleaseAgeBehaviour": ("timestamp-required", "timestamp-optional"),
    "internalChecksFilter": ("strict", "flexible", "none"),
}
_DEFAULTS = Preferences()


def read(options: Options) -> Preferences:
    """Read the options; null and missing ones are defaults. Raises ConfigurationError for a wrong type."""
    found: dict[str, object] = {}
    for key, field in _KEYS.items():
        value = options.values.get(key)
        if value is None or value == "":
            continue
        default = getattr(_DEFAULTS, field)
        if isinstance(default, timedelta):
            found[field] = _age(options, key, value)
        elif isinstance(default, bool | int) and type(value) is not type(default):
            raise error(options, key, f"must be {'true or false' if isinstance(default, bool) else 'a number'}")
        elif not isinstance(default, bool | int) and not isinstance(value, str):
            raise error(options, key, "must be text")
        elif key in _WORDS and value not in _WORDS[key]:
            raise error(options, key, f"is {value!r}", f"write one of {', '.join(_WORDS[key])}")
        else:
            found[field] = value
    return _DEFAULTS._replace(**found)  # type: ignore[arg-type]  # checked above, key by key


def origin(options: Options, key: str) -> Origin:
    """Where an option was set."""
    return options.origins.get(key) or Origin("default", key)


def origins(options: Options, *keys: str) -> tuple[Origin, ...]:
    """Where those of the options that are no defaults were set, without doubles."""
    return tuple(dict.fromkeys(options.origins[key] for key in keys if key in options.origins))


def error(options: Options, key: str, what: str, remedy: str | None = None) -> ConfigurationError:
    """An error about one option that names where it was set."""
    where = options.origins.get(key)
    detail = f"{where.detail}: " if where else ""
    return ConfigurationError(
        f"{detail}{key} {what}",
        file=where.source if where else None,
        line=where.line if where else None,
        remedy=remedy,
    )


def _age(options: Options, key: str, value: object) -> timedelta:
    if not isinstance(value, str):
        raise error(options, key, "must be text", "write a number with a unit: '3 days'")
    try:
        return duration(value)
    except ConfigurationError as problem:
        raise error(options, key, f"is no duration: {value!r}", problem.remedy) from None
