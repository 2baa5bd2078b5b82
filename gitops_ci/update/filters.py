"""Which tags may follow the current one, by a version scheme and the rules: everything short of asking the registry."""

from gitops_ci.errors import ConfigurationError
from gitops_ci.image.version import Scheme
from gitops_ci.image.version.value import Shape, Version
from gitops_ci.update import preferences
from gitops_ci.update.choice import Ledger
from gitops_ci.update.model import Options, Origin
from gitops_ci.update.preferences import Preferences


def newer(current: Version, scheme: Scheme, options: Options, wanted: Preferences, ledger: Ledger) -> list[Version]:
    """Versions above the current one that the rules allow, the highest first; of equals the one most like the
    current tag, then the later in the list."""
    above = [version for version in compatible(current, scheme, ledger) if version.key > current.key]
    kept = allowed(above, current, scheme, options, wanted, ledger)
    kept.reverse()
    kept.sort(key=scheme.rank(current), reverse=True)  # keeps the order of equals
    return kept


def check(scheme: Scheme, options: Options, wanted: Preferences) -> None:
    """Raise ConfigurationError for an allowedVersions that cannot be read, whether or not there is a candidate."""
    if wanted.allowed_versions and "{{" not in wanted.allowed_versions:
        try:
            scheme.check(wanted.allowed_versions)
        except ConfigurationError as problem:
            raise preferences.error(options, "allowedVersions", problem.what, problem.remedy) from None


def older(current: Version, scheme: Scheme, options: Options, wanted: Preferences, ledger: Ledger) -> list[Version]:
    """What a rollback may go to: compatible, below the current one and allowed, the highest first."""
    tags = (scheme.parse(tag) for tag in reversed(ledger.tags))
    below = [one for one in tags if one is not None and one.shape == current.shape and one.key < current.key]
    fitting = [one for one in below if one.stable or not wanted.ignore_unstable]
    if wanted.allowed_versions:
        fitting = [one for one in fitting if _matches(scheme, one.tag, current, options, wanted)]
    fitting.sort(key=_key, reverse=True)
    return fitting


def compatible(current: Version, scheme: Scheme, ledger: Ledger) -> list[Version]:
    """Tags that could follow at all; writes down why the others could not."""
    by = Origin("versioning", scheme.name)
    reasons: dict[Shape, str] = {}
    found: list[Version] = []
    shape, key = current.shape, current.key
    not_above = f"it is not above the current {current.tag}"
    parse = scheme.parse
    for tag in ledger.tags:
        version = parse(tag)
        if version is None:
            ledger.drop(tag, by, "it is not a version")
        elif version.shape != shape:
            reason = reasons.get(version.shape)
            if reason is None:
                reason = reasons[version.shape] = scheme.difference(current, version)
            ledger.drop(tag, by, reason)
        elif version.key > key:
            found.append(version)
        elif tag == current.tag:
            ledger.drop(tag, by, "it is the current tag")
        else:
            ledger.drop(tag, by, not_above)
    return found


def allowed(
    versions: list[Version],
    current: Version,
    scheme: Scheme,
    options: Options,
    wanted: Preferences,
    ledger: Ledger,
) -> list[Version]:
    """Apply allowedVersions, ignoreUnstable and maxMajorIncrement."""
    kept: list[Version] = []
    for version in versions:
        if wanted.allowed_versions and not _matches(scheme, version.tag, current, options, wanted):
            reason = f"allowedVersions is {wanted.allowed_versions}"
            ledger.drop(version.tag, preferences.origin(options, "allowedVersions"), reason)
        elif wanted.ignore_unstable and not version.stable and not _same_line(current, version):
            reason = "it is a pre-release, and the current tag is not one of the same version"
            ledger.drop(version.tag, preferences.origin(options, "ignoreUnstable"), reason)
        elif _leaps(current, version, wanted.max_major_increment) and scheme.kind_of(current, version) == "major":
            reason = f"its major version is more than {wanted.max_major_increment} above the current one"
            ledger.drop(version.tag, preferences.origin(options, "maxMajorIncrement"), reason)
        else:
            kept.append(version)
    return kept


def bucket(kind: str, version: Version, wanted: Preferences) -> str:
    """Of each bucket one version is offered: without ``separateMinorPatch`` a minor hides the patches."""
    if not wanted.separate_major_minor:
        return "latest"
    if kind == "major":
        return f"major {version.major}" if wanted.separate_multiple_major else "major"
    if kind == "minor" and wanted.separate_multiple_minor:
        return f"minor {version.release[:2]}"
    return kind if wanted.separate_minor_patch else "non-major"


def permits(tag: str, current: str | None, scheme: Scheme, options: Options, wanted: Preferences) -> bool:
    """Whether allowedVersions lets a tag through that was chosen by other means."""
    if not wanted.allowed_versions:
        return True
    return _matches(scheme, tag, scheme.parse(current) if current else None, options, wanted)


def _key(version: Version) -> tuple[object, ...]:
    return version.key


def _same_line(current: Version, version: Version) -> bool:
    """From 1.0.0-rc.1 to 1.0.0-rc.2, but not to 1.1.0-beta.1; from Node.js 21 to any other 21."""
    if current.stable:
        return False
    depth = 3 if current.pre else 1
    return current.release[:depth] == version.release[:depth]


def _leaps(current: Version, version: Version, limit: int) -> bool:
    return limit > 0 and version.shape.family in ("version", "calendar") and version.major - current.major > limit


def _matches(scheme: Scheme, tag: str, current: Version | None, options: Options, wanted: Preferences) -> bool:
    expression = wanted.allowed_versions or ""
    if "{{" in expression and current is not None:
        expression = _filled(expression, current)
    try:
        return scheme.matches(tag, expression)
    except ConfigurationError as problem:
        raise preferences.error(options, "allowedVersions", problem.what, problem.remedy) from None


def _filled(expression: str, current: Version) -> str:
    """allowedVersions may speak of the current version: ``<={{major}}.{{minor}}``."""
    numbers = (*current.release, 0, 0)
    values = {"major": numbers[0], "minor": numbers[1], "patch": numbers[2], "currentVersion": current.text}
    for name, value in values.items():
        for form in (f"{{{{{{{name}}}}}}}", f"{{{{{name}}}}}"):
            expression = expression.replace(form, str(value))
    return expression
