"""Values that some later step would refuse: schedules, durations, time zones, versionings, patterns.

They are tried while the configuration is read, where the position is still known.
"""

from collections.abc import Callable, Iterator, Mapping

from gitops_ci.config.source import Path, Source, render
from gitops_ci.errors import ConfigurationError
from gitops_ci.finding import Finding
from gitops_ci.update.pattern import PatternError, Patterns, compile_glob, compile_regex, regular_expression
from gitops_ci.update.words import words

FOREIGN_VERSIONINGS = words(
    """
    apk aws-eks-addon aws-machine-image azure-rest-api bazel-module cargo composer conan deb devbox distro elixir git
    glasskube go go-mod-directive gradle hashicorp hermit hex homebrew ivy kubernetes-api lambda-node maven mise nixpkgs
    nuget package perl poetry python rez rpm ruby rust-release-channel same-major swift typst unity3d unity3d-packages
    """
)
"""Of Renovate, for packages that are no images."""

_MAX_DEPTH = 60


def check_values(source: Source) -> tuple[Finding, ...]:
    """Try every value that has a form of its own. Raises ConfigurationError at the first that is none."""
    return tuple(_block(source, source.config, ()))


def _block(source: Source, config: Mapping[str, object], path: Path) -> Iterator[Finding]:
    for name, value in config.items():
        here = (*path, name)
        try:
            if name in _CHECKS:
                _CHECKS[name](value)
            elif name == "versioning" and isinstance(value, str):
                yield from _versioning(source, value, here)
        except ConfigurationError as error:
            raise source.error(here, f"{render(here)}: {error.what}", remedy=error.remedy) from None
        except PatternError as error:
            where = _index(value, error)
            raise source.error((*here, *where), f"{render((*here, *where))}: {error.args[0]}") from None
        if len(path) > _MAX_DEPTH:
            return
        if isinstance(value, dict) and name not in ("registryAliases", "prBodyDefinitions"):
            yield from _block(source, value, here)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _block(source, item, (*here, index))


def _index(value: object, error: PatternError) -> Path:
    if isinstance(value, list) and len(error.args) > 1 and error.args[1] in value:
        return (value.index(error.args[1]),)
    return ()


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _schedule(value: object) -> None:
    from gitops_ci.update.schedule import check

    check(_texts(value))


def _duration(value: object) -> None:
    from gitops_ci.update.duration import duration

    if isinstance(value, str):
        duration(value)


def _timezone(value: object) -> None:
    from gitops_ci.update.schedule import zone

    if isinstance(value, str):
        zone(value)


def _versioning(source: Source, name: str, path: Path) -> Iterator[Finding]:
    from gitops_ci.image.version import scheme

    if name in FOREIGN_VERSIONINGS:
        yield source.finding(
            "no-effect-on-images",
            path,
            f"versioning {name!r} is not for images and is left out",
            status="skip",
            severity="info",
        )
    elif "{{" not in name:
        scheme(name)


def _allowed(value: object) -> None:
    """``/re/``, ``!/re/``, a range, or a version."""
    if not isinstance(value, str) or "{{" in value:
        return
    expression = regular_expression(value.removeprefix("!"))
    if expression is not None:
        compile_regex(*expression)
        return
    import re

    from gitops_ci.image.version.range import valid

    if not valid(value) and not re.fullmatch(r"[\w.+-]+", value):
        raise ConfigurationError(
            f"{value!r} is no range and no /regular expression/", remedy="write it like '<2.0.0' or '!/-rc/'"
        )


def _regex(value: object) -> None:
    if isinstance(value, str) and "{{" not in value:
        compile_regex(value)


def _regexes(value: object) -> None:
    for text in _texts(value):
        try:
            compile_regex(text)
        except PatternError as error:
            raise PatternError(str(error.args[0]), text) from None


def _paths(value: object) -> None:
    for text in _texts(value):
        try:
            compile_glob(text, ignore_case=False)
        except PatternError as error:
            raise PatternError(str(error.args[0]), text) from None


def _patterns(value: object) -> None:
    Patterns(_texts(value))


_CHECKS: Mapping[str, Callable[[object], None]] = {
    "schedule": _schedule,
    "automergeSchedule": _schedule,
    "minimumReleaseAge": _duration,
    "timezone": _timezone,
    "allowedVersions": _allowed,
    "extractVersion": _regex,
    "versionCompatibility": _regex,
    "matchStrings": _regexes,
    "ignorePaths": _paths,
    "includePaths": _paths,
    "managerFilePatterns": _patterns,
    "baseBranchPatterns": _patterns,
}
