"""The matchers of packageRules, each compiled once into a test on a dependency.

What is None in a dependency is not known, and no matcher on it matches, negated ones included.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from gitops_ci.update.model import UPDATE_TYPES, Dependency
from gitops_ci.update.options import MANAGERS
from gitops_ci.update.pattern import PatternError, Patterns, compile_regex, regular_expression

Test = Callable[[Dependency, str], bool]
"""A test on a dependency and the versioning in force for it."""


class Matcher(NamedTuple):
    """One compiled matcher."""

    name: str
    fields: tuple[str, ...]
    """What it reads of a dependency: the key under which a decision may be remembered."""
    test: Test
    warning: str | None = None
    """Why it can never match, where that is so."""


class MatcherError(ValueError):
    """A matcher that cannot be used: the reason, and the pattern it is about."""

    def __init__(self, reason: str, pattern: object = None) -> None:
        super().__init__(reason)
        self.pattern = pattern


def build(name: str, value: object, now: datetime) -> Matcher:
    """Compile one matcher. Raises :class:`MatcherError`."""
    try:
        return _BUILDERS[name](name, value, now)
    except PatternError as error:
        raise MatcherError(str(error.args[0]), error.args[1] if len(error.args) > 1 else value) from None


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _never(name: str, why: str) -> Matcher:
    return Matcher(name, (), lambda dependency, versioning: False, why)


def _field(field: str) -> Callable[[str, object, datetime], Matcher]:
    """A list of patterns on one text of a dependency."""

    def make(name: str, value: object, now: datetime) -> Matcher:
        texts = _texts(value)
        if not texts:
            return _never(name, f"an empty {name} matches nothing")
        for text in texts:
            if not text:
                raise MatcherError(f"{name} holds an empty pattern", text)
        _check_names(name, texts)
        patterns = Patterns(texts)
        remembered, matches = patterns.remembered, patterns.matches

        def test(dependency: Dependency, versioning: str) -> bool:
            found = getattr(dependency, field)
            if found is None:
                return False
            known = remembered.get(found)
            return matches(found) if known is None else known

        def test_chart(dependency: Dependency, versioning: str) -> bool:
            found = getattr(dependency, field)
            if dependency.datasource != "helm" or found is None:
                return test(dependency, versioning)
            # "charts.example.com/stable/redis": rules written for Renovate know the chart's own name alone.
            return patterns.matches_any((found, found.rpartition("/")[2]))

        return Matcher(name, (field,), test_chart if field in ("package_name", "dep_name") else test)

    return make


def _check_names(name: str, texts: Sequence[str]) -> None:
    """Update types are a closed set: a name outside of it is a slip of the pen."""
    if name != "matchUpdateTypes":
        return
    for text in texts:
        plain = text.removeprefix("!")
        if plain.isalpha() and plain not in _UPDATE_TYPES:
            raise MatcherError(f"{plain!r} is no type of update; known are {', '.join(UPDATE_TYPES)}", text)


_UPDATE_TYPES = frozenset({*UPDATE_TYPES, "bump", "lockFileMaintenance", "lockfileUpdate"})


def _categories(name: str, value: object, now: datetime) -> Matcher:
    texts = _texts(value)
    if not texts:
        return _never(name, f"an empty {name} matches nothing")
    patterns = Patterns(texts)
    known = {manager: patterns.matches_any(categories) for manager, categories in MANAGERS.items()}
    return Matcher(name, ("manager",), lambda dependency, versioning: known.get(dependency.manager, False))


def _one(field: str) -> Callable[[str, object, datetime], Matcher]:
    """A single pattern on one text."""

    def make(name: str, value: object, now: datetime) -> Matcher:
        if not isinstance(value, str) or not value:
            raise MatcherError(f"{name} is empty", value)
        return _field(field)(name, [value], now)

    return make


def _current_version(name: str, value: object, now: datetime) -> Matcher:
    """``/re/`` or ``!/re/`` on the version (or the tag), else a range in the words of the versioning in force."""
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise MatcherError(f"{name} is empty", value)
    fields = ("current_version", "current_value")
    expression = regular_expression(text.removeprefix("!"))
    if expression is not None:
        search = compile_regex(*expression)
        wanted = not text.startswith("!")

        def by_expression(dependency: Dependency, versioning: str) -> bool:
            found = dependency.current_version or dependency.current_value
            return found is not None and search(found) is wanted

        return Matcher(name, fields, by_expression)

    def by_range(dependency: Dependency, versioning: str) -> bool:
        found = dependency.current_version or dependency.current_value
        if found is None:
            return False
        if found == text:
            return True
        from gitops_ci.image.version import scheme

        return scheme(versioning).matches(found, text)

    _check_range(text)
    return Matcher(name, fields, by_range)


def _check_range(text: str) -> None:
    """A plain tag is compared as it is; whatever else is no range was meant to be one."""
    from gitops_ci.image.version.range import valid

    if not valid(text) and not re.fullmatch(r"[\w.+-]+", text):
        raise MatcherError(f"{text!r} is no version, no range and no /regular expression/", text)


_AGE = re.compile(r"(<=|>=|<|>)\s*(\S.*)")


def _current_age(name: str, value: object, now: datetime) -> Matcher:
    """``> 1 year``: how long ago the current version was released."""
    from gitops_ci.errors import ConfigurationError
    from gitops_ci.update.schedule import duration

    found = _AGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise MatcherError(f"{name} {value!r} is no comparison with a duration; write it like '> 1 year'", value)
    operator = found[1]
    try:
        age = duration(found[2])
    except ConfigurationError as error:
        raise MatcherError(error.what, value) from None

    def test(dependency: Dependency, versioning: str) -> bool:
        released = dependency.current_age
        if released is None:
            return False
        passed = now - (released if released.tzinfo else released.replace(tzinfo=UTC))
        if operator[0] == ">":
            return passed > age or (operator == ">=" and passed == age)
        return passed < age or (operator == "<=" and passed == age)

    return Matcher(name, ("current_age",), test)


def _breaking(name: str, value: object, now: datetime) -> Matcher:
    return Matcher(name, ("is_breaking",), lambda dependency, versioning: dependency.is_breaking is value)


def _confidence(name: str, value: object, now: datetime) -> Matcher:
    return _never(name, "matchConfidence asks a service of Renovate's makers: a rule with it never matches here")


_JSONATA_FIELDS: Mapping[str, str] = {
    "packageName": "package_name",
    "depName": "dep_name",
    "datasource": "datasource",
    "manager": "manager",
    "packageFile": "file",
    "currentValue": "current_value",
    "currentVersion": "current_version",
    "currentDigest": "current_digest",
    "depType": "dep_type",
    "updateType": "update_type",
    "newValue": "new_value",
    "newVersion": "new_version",
    "sourceUrl": "source_url",
    "baseBranch": "base_branch",
    "repository": "repository",
    "isBreaking": "is_breaking",
    "application": "application",
    "environment": "environment",
}


def _jsonata(name: str, value: object, now: datetime) -> Matcher:
    from gitops_ci.update.jsonata import compile_jsonata

    texts = _texts(value)
    if not texts:
        return _never(name, f"an empty {name} matches nothing")
    tests = []
    for text in texts:
        try:
            tests.append(compile_jsonata(text))
        except PatternError as error:
            raise MatcherError(str(error), text) from None

    def test(dependency: Dependency, versioning: str) -> bool:
        fields: dict[str, object] = {"versioning": versioning, "categories": list(MANAGERS.get(dependency.manager, ()))}
        for word, field in _JSONATA_FIELDS.items():
            found = getattr(dependency, field)
            if found is not None:
                fields[word] = found
        if dependency.registry_url is not None:
            fields["registryUrls"] = [dependency.registry_url]
        if dependency.current_age is not None:
            fields["currentVersionTimestamp"] = dependency.current_age.isoformat()
            fields["currentVersionAgeInDays"] = (now - dependency.current_age).days
        for word, update_type in (
            ("isMajor", "major"),
            ("isMinor", "minor"),
            ("isPatch", "patch"),
            ("isDigest", "digest"),
        ):
            fields[word] = dependency.update_type == update_type
        return any(test(fields) for test in tests)

    read = [*_JSONATA_FIELDS.values(), "registry_url"]
    if any("currentVersionTimestamp" in text or "currentVersionAgeInDays" in text for text in texts):
        read.append("current_age")
    return Matcher(name, tuple(read), test)


_BUILDERS: Mapping[str, Callable[[str, object, datetime], Matcher]] = {
    "matchPackageNames": _field("package_name"),
    "matchDepNames": _field("dep_name"),
    "matchDatasources": _field("datasource"),
    "matchManagers": _field("manager"),
    "matchCategories": _categories,
    "matchFileNames": _field("file"),
    "matchDepTypes": _field("dep_type"),
    "matchUpdateTypes": _field("update_type"),
    "matchCurrentValue": _one("current_value"),
    "matchNewValue": _one("new_value"),
    "matchCurrentVersion": _current_version,
    "matchCurrentAge": _current_age,
    "matchSourceUrls": _field("source_url"),
    "matchRegistryUrls": _field("registry_url"),
    "matchBaseBranches": _field("base_branch"),
    "matchRepositories": _field("repository"),
    "matchJsonata": _jsonata,
    "matchConfidence": _confidence,
    "matchIsBreaking": _breaking,
}
