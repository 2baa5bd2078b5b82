"""The checks of a candidate that need the registry: its platforms, and its age.

``info`` is asked only for candidates that would otherwise be chosen, newest first, and once each.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gitops_ci.errors import RegistryError, UnreadableImageError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.update.choice import Ledger
from gitops_ci.update.model import Dependency, Options, Origin
from gitops_ci.update.preferences import Preferences

_PLATFORMS = Origin("registry", "platforms")
_MISSING = Origin("registry", "manifest")

_EARLIEST_YEAR = 2001
"""Reproducible builds set the creation time to 1970, 1980 or the year 1: such a time says nothing."""

_SKEW = timedelta(hours=1)
"""How far a builder's clock may be ahead."""


class Verdict(NamedTuple):
    """What the registry's answer means for one candidate."""

    passed: bool
    info: ImageInfo | None = None
    young: str | None = None
    """Passed but for its age: the reason for people."""


class Gates:
    """The checks for one dependency."""

    def __init__(
        self,
        dependency: Dependency,
        now: datetime,
        info: Callable[[str], ImageInfo],
        digest: Callable[[str], str] | None,
        platforms: tuple[str, ...],
        ledger: Ledger,
    ) -> None:
        self._dependency = dependency
        self._now = now
        self._ask = info
        self._ask_digest = digest
        self._ledger = ledger
        self._known: dict[str, ImageInfo] = {}
        self._platforms: frozenset[str] | None = frozenset(map(_canonical, platforms)) or None
        self._platforms_known = bool(platforms)

    def examine(self, tag: str, options: Options, wanted: Preferences) -> Verdict:
        """Check one candidate; writes into the ledger why it was left out.

        Raises RegistryError, but for 404 and for what is no image.
        """
        checks_platforms = self._dependency.datasource == "docker"
        if not (checks_platforms or wanted.minimum_release_age):
            return Verdict(True)
        try:
            found = self.info(tag)
        except UnreadableImageError as problem:
            self._ledger.drop(tag, _MISSING, problem.what)
            return Verdict(False)
        except RegistryError as problem:
            if problem.status != 404:
                raise
            self._ledger.drop(tag, _MISSING, "the registry lists it but has nothing under that name")
            return Verdict(False)
        if checks_platforms and (lacking := self.lacking(found)):
            self._ledger.drop(tag, _PLATFORMS, lacking)
            return Verdict(False)
        return Verdict(True, found, self.young(found, options, wanted))

    def info(self, reference: str) -> ImageInfo:
        """What the registry knows, asked once."""
        found = self._known.get(reference)
        if found is None:
            found = self._known[reference] = self._ask(reference)
        return found

    def digest(self, tag: str) -> str:
        """The digest that a tag names, by the cheapest means."""
        if tag in self._known or self._ask_digest is None:
            return self.info(tag).digest
        return self._ask_digest(tag)

    def lacking(self, candidate: ImageInfo) -> str | None:
        """Why a candidate would not run where the current image runs; None if it would, as far as is known."""
        needed = self._needed()
        if not needed:
            return None
        offered = frozenset(map(_canonical, candidate.platforms))
        missing = sorted(needed - offered)
        if not missing:
            return None
        if not offered:
            return f"it does not say its platforms, the current image has {', '.join(missing)}"
        return f"it lacks the platform{'s' * (len(missing) > 1)} {', '.join(missing)} of the current image"

    def young(self, found: ImageInfo, options: Options, wanted: Preferences) -> str | None:
        """Why an image has not reached its minimum age; None if it has, or need not."""
        minimum = wanted.minimum_release_age
        if not minimum:
            return None
        stated = options.values.get("minimumReleaseAge")
        created = self.released(found)
        if created is None:
            if wanted.minimum_release_age_behaviour == "timestamp-optional":
                self._ledger.note(
                    "its age is unknown and minimumReleaseAgeBehaviour is timestamp-optional: not waited for"
                )
                return None
            return (
                f"its creation time is unknown, and minimumReleaseAge is {stated}; "
                "set minimumReleaseAgeBehaviour to timestamp-optional for this image to propose it without waiting"
            )
        age = self._now - created
        if age >= minimum:
            return None
        ripe = (created + minimum).astimezone(self._now.tzinfo)
        return f"released {_words(age)} ago, minimumReleaseAge is {stated}: waits until {ripe:%Y-%m-%d %H:%M %Z}"

    def released(self, found: ImageInfo | None) -> datetime | None:
        """The creation time, if it can be believed: neither a reproducible build's epoch nor in the future."""
        created = stated_time(found)
        return created if created is not None and created <= self._now + _SKEW else None

    def _needed(self) -> frozenset[str]:
        """The platforms an update must have: those asked for, else the current image's."""
        if not self._platforms_known:
            self._platforms_known = True
            self._platforms = self._current()
        return self._platforms or frozenset()

    def _current(self) -> frozenset[str]:
        reference = self._dependency.current_digest or self._dependency.current_value or "latest"
        try:
            return frozenset(map(_canonical, self.info(reference).platforms)) - {"unknown/unknown"}
        except UnreadableImageError as problem:
            # Old images must not be kept old by being old.
            self._ledger.note(f"the current image cannot be read ({problem.what}): platforms were not compared")
            return frozenset()
        except RegistryError as problem:
            if problem.status != 404:
                raise
            self._ledger.note(f"the registry has the current image ({reference}) no more: platforms were not compared")
            return frozenset()


def stated_time(found: ImageInfo | None) -> datetime | None:
    """When an image says it was created; None where it says nothing, or a reproducible build's epoch."""
    created = found.created if found is not None else None
    if created is None or created.year < _EARLIEST_YEAR:
        return None
    return created if created.tzinfo is not None else created.replace(tzinfo=UTC)


def _canonical(platform: str) -> str:
    """``linux/arm64/v8`` is what ``linux/arm64`` means (https://github.com/containerd/platforms)."""
    return "linux/arm64" if platform == "linux/arm64/v8" else platform


def _words(age: timedelta) -> str:
    """``4 h``, ``2 days``."""
    seconds = max(0, int(age.total_seconds()))
    for size, unit in ((86_400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{seconds} s"
