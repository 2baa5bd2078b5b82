"""How a foreign policy ranks tags: Argo CD Image Updater's update strategies, Flux's ImagePolicy.

Sources: https://argocd-image-updater.readthedocs.io/en/stable/basics/update-strategies/ and
https://fluxcd.io/flux/components/image/imagepolicies/. Both read semantic versions strictly here, three
numbers and an optional ``v``, so that an all-digit commit id or a date is never a major version.
"""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from gitops_ci.errors import ConfigurationError, RegistryError
from gitops_ci.image.version.value import pre_key
from gitops_ci.update.choice import Ledger
from gitops_ci.update.gates import Gates
from gitops_ci.update.model import SelectionPolicy

STRATEGIES = ("semver", "newest-build", "alphabetical", "numerical", "digest")

_NUMBER = re.compile(r"[+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_REFERENCE = re.compile(r"\$(?:\$|(\w+)|\{(\w+)\})", re.ASCII)


class Ranking(NamedTuple):
    """Tags that a policy would take, the best first, of equals the later in the registry's list first."""

    tags: tuple[str, ...]
    error: str | None = None


class _Ranked(NamedTuple):
    tag: str
    key: Any
    """Comparable within one policy."""


def rank(policy: SelectionPolicy, current: str | None, gates: Gates, ledger: Ledger) -> Ranking:
    """Rank the tags that are better than the current one; the ledger says why the others are not.

    Raises ConfigurationError for an unknown strategy or a range that cannot be read, RegistryError from
    ``newest-build``, which must ask for every tag.
    """
    values = _filtered(policy, ledger)
    make_key = _key(policy, current, gates, ledger)
    ranked: list[_Ranked] = []
    unreadable: list[str] = []
    for tag, value in values:
        try:
            ranked.append(_Ranked(tag, make_key(tag, value)))
        except _UnfitError as reason:
            ledger.drop(tag, policy.origin, str(reason))
            unreadable.append(value)
    if policy.strategy == "numerical" and unreadable:
        for one in ranked:
            ledger.drop(one.tag, policy.origin, "the policy fails as a whole")
        problem = f"the numerical policy fails: {unreadable[0]!r} is not a number; narrow the tags it looks at"
        return Ranking((), problem)
    ranked.reverse()
    ranked.sort(key=lambda one: one.key, reverse=not policy.descending)
    return Ranking(_better(policy, current, ranked, make_key, ledger))


class _UnfitError(Exception):
    """A tag that the policy's order cannot place; the text says why."""


def _filtered(policy: SelectionPolicy, ledger: Ledger) -> list[tuple[str, str]]:
    """(tag, compared value) of the tags that ``allow`` and ``ignore`` leave, in the registry's order."""
    extract = _extractor(policy, ledger)
    found: list[tuple[str, str]] = []
    for tag in ledger.tags:
        value = extract(tag)
        if value is None:
            ledger.drop(tag, policy.origin, f"the policy's pattern {policy.allow} does not match")
        elif (glob := _ignored(policy, tag)) is not None:
            ledger.drop(tag, policy.origin, f"the policy ignores {glob}")
        else:
            found.append((tag, value))
    return found


def _ignored(policy: SelectionPolicy, tag: str) -> str | None:
    return next((glob for glob in policy.ignore if fnmatchcase(tag, glob)), None)


def _extractor(policy: SelectionPolicy, ledger: Ledger | None) -> Callable[[str], str | None]:
    """What of a tag is compared; None for a tag that ``allow`` does not match."""
    if not policy.allow:
        return lambda tag: tag
    from gitops_ci.image.version.pattern import compile_pattern

    try:
        pattern = compile_pattern(policy.allow)
    except ConfigurationError as problem:
        if ledger is not None:
            ledger.note(f"{policy.origin.detail}: {problem.what}: it matches no tag")
        return lambda tag: None
    template = policy.extract

    def extract(tag: str) -> str | None:
        found = pattern.search(tag)
        if found is None:
            return None
        return _expand(template, found) if template else tag

    return extract


def _expand(template: str, found: Any) -> str:  # noqa: ANN401 - a google-re2 match
    """Go's Regexp.Expand: ``$1``, ``$name``, ``${name}``, ``$$``; an unknown group is empty."""

    def group(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError):
            return ""

    return _REFERENCE.sub(group, template)


def _key(policy: SelectionPolicy, current: str | None, gates: Gates, ledger: Ledger) -> Callable[[str, str], Any]:
    """The order of the policy: raises _UnfitError for a tag that has no place in it."""
    if policy.strategy == "semver":
        return _semver_key(policy, current)
    if policy.strategy == "alphabetical":
        return lambda tag, value: value
    if policy.strategy == "numerical":
        return _numerical_key
    if policy.strategy == "newest-build":
        return lambda tag, value: _created_key(tag, gates)
    raise ConfigurationError(
        f"{policy.origin.detail}: unknown update strategy {policy.strategy!r}",
        file=policy.origin.source,
        line=policy.origin.line,
        remedy=f"known are {', '.join(STRATEGIES)}",
    )


def _semver_key(policy: SelectionPolicy, current: str | None) -> Callable[[str, str], Any]:
    from gitops_ci.image.version import range as ranges
    from gitops_ci.image.version.semver import parts

    try:
        # Without a constraint anything goes, but nobody is led from a release to a pre-release.
        now = parts(current) if current else None
        bounds = ranges.parse(policy.constraint or (">=0.0.0-0" if now and now[1] else "*"), "masterminds")
    except ConfigurationError as problem:
        raise ConfigurationError(
            f"{policy.origin.detail}: {problem.what}",
            file=policy.origin.source,
            line=policy.origin.line,
            remedy=problem.remedy,
        ) from None

    def key(tag: str, value: str) -> Any:  # noqa: ANN401 - a tuple for comparing
        found = parts(value)
        if found is None:
            raise _UnfitError("it is not a semantic version of three numbers")
        release, pre = found
        if tag != current and not bounds.matches(release, pre):
            raise _UnfitError(f"it is not in the policy's range {policy.constraint or 'of releases'}")
        return release, pre_key(pre)

    return key


def _numerical_key(_tag: str, value: str) -> int | float:
    if not _NUMBER.fullmatch(value):
        raise _UnfitError(f"{value!r} is not a number")
    return int(value) if value.lstrip("+-").isdigit() else float(value)


def _created_key(tag: str, gates: Gates) -> Any:  # noqa: ANN401 - a time for comparing
    try:
        created = gates.released(gates.info(tag))
    except RegistryError as problem:
        if problem.status != 404:
            raise
        created = None
    if created is None:
        raise _UnfitError("its creation time is unknown, and the policy goes by it")
    return created


def _better(
    policy: SelectionPolicy,
    current: str | None,
    ranked: list[_Ranked],
    make_key: Callable[[str, str], Any],
    ledger: Ledger,
) -> tuple[str, ...]:
    """Those strictly better than the current tag: a policy never takes an image back."""
    mine = _current_key(policy, current, make_key)
    if mine is None:
        if not ranked or policy.force or policy.strategy == "newest-build" or not _is_version(current):
            return tuple(one.tag for one in ranked)
        for one in ranked:
            ledger.drop(one.tag, policy.origin, f"the policy cannot tell whether it is above the current {current}")
        ledger.note(
            f"the policy cannot read the current tag {current!r} and leaves it alone; "
            "set it by hand once, or allow the policy to force the update"
        )
        return ()
    better: list[str] = []
    for one in ranked:
        if one.tag == current:
            ledger.drop(one.tag, policy.origin, "it is the current tag")
        elif one.key < mine if policy.descending else one.key > mine:
            better.append(one.tag)
        else:
            ledger.drop(one.tag, policy.origin, f"the policy does not place it above the current {current}")
    return tuple(better)


def _is_version(tag: str | None) -> bool:
    """``latest``, a name or a commit id cannot be taken back; ``1.2`` under a policy for three numbers can."""
    from gitops_ci.image.version import scheme

    return tag is not None and scheme("docker").parse(tag) is not None


def _current_key(policy: SelectionPolicy, current: str | None, make_key: Callable[[str, str], Any]) -> Any:  # noqa: ANN401
    """Where the current tag stands in the policy's order; None if nowhere."""
    value = _extractor(policy, None)(current) if current else None
    if current is None or value is None:
        return None
    try:
        return make_key(current, value)
    except _UnfitError:
        return None
