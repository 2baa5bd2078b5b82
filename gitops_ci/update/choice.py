"""What the choosing of an update comes to: the picks, and what became of every tag that was seen."""

from dataclasses import dataclass
from datetime import datetime

from gitops_ci.update.model import Candidate, Origin


@dataclass(frozen=True, slots=True)
class Pick:
    """One update that the rules allow."""

    kind: str
    """One of :data:`gitops_ci.update.model.UPDATE_TYPES`."""
    tag: str
    """As it will be written. For ``digest`` and ``pinDigest`` the tag that is there already."""
    version: str
    """The version for people: ``1.2.4`` of ``v1.2.4-alpine``; the tag where it is none."""
    digest: str | None = None
    """Known for a pick that is not pending, where the use has a digest or shall get one."""
    name: str | None = None
    """The new image name of a ``replacement``."""
    origins: tuple[Origin, ...] = ()
    """The settings, other than defaults, that decided."""
    released: datetime | None = None
    """When the image was created, as far as it was asked for and says so."""
    pending: str | None = None
    """Why it may not be proposed yet, for people."""
    unproven: str | None = None
    """Why, though it may be proposed, it must not merge by itself yet: too young, and
    ``internalChecksFilter`` is not ``strict``."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome for one dependency."""

    candidates: tuple[Candidate, ...]
    """Every tag seen, in the registry's order; those picked have ``dropped_by`` None."""
    picks: tuple[Pick, ...]
    """At most one per kind and bucket; the version updates first, the highest of them first."""
    notes: tuple[str, ...] = ()
    """What people should know: why nothing could be chosen, what could not be checked."""
    error: str | None = None
    """Why the choice failed: the image is then neither updated nor up to date."""
    unversioned: bool = False
    """The current tag is no version and its digest is not followed: whether it is up to date cannot be said."""


class Ledger:
    """Writes down what became of each tag while the choice is made."""

    def __init__(self, tags: tuple[str, ...]) -> None:
        self.tags = tags
        self.notes: list[str] = []
        self.unversioned = False
        self._dropped: dict[str, tuple[Origin, str]] = {}

    def drop(self, tag: str, by: Origin, reason: str) -> None:
        """Leave a tag out. The last reason stands."""
        self._dropped[tag] = (by, reason)

    def keep(self, tag: str) -> None:
        """Take a tag back in."""
        self._dropped.pop(tag, None)

    def note(self, text: str) -> None:
        """Say something once."""
        if text not in self.notes:
            self.notes.append(text)

    def choice(self, picks: list[Pick], error: str | None = None) -> Choice:
        """The finished choice."""
        dropped = self._dropped
        candidates = tuple(Candidate(tag, *dropped[tag]) if tag in dropped else Candidate(tag) for tag in self.tags)
        return Choice(candidates, tuple(picks), tuple(self.notes), error, self.unversioned and not picks)
