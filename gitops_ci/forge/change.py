"""Change: a named set of edits with all that a proposal needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gitops_ci.manifest.edit import Edit


@dataclass(frozen=True, slots=True)
class MergePolicy:
    """When a change may merge by itself, in Renovate's words."""

    automerge: bool = False
    automerge_type: str = "pr"
    strategy: str = "auto"
    schedule: tuple[str, ...] = ()
    platform: bool = True
    ignore_tests: bool = False
    timezone: str | None = None
    """For ``schedule``."""


@dataclass(frozen=True, slots=True)
class Change:
    """One branch, one commit, one proposal."""

    branch: str
    base: str
    title: str
    """Also the commit's first line."""
    body: str
    """Markdown."""
    commit_message: str
    edits: tuple[Edit, ...]
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    merge: MergePolicy = MergePolicy()
    rebase_when: str = "auto"
    recreate_when: str = "auto"
    sets: tuple[str, ...] = ()
    """What it sets, one text for each place (``update.keys.key``): a proposal that somebody closed, or reverted
    after its merge, is recognised by these."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What became of a change."""

    branch: str
    state: str
    """``created``, ``updated``, ``unchanged``, ``closed-earlier``, ``edited-by-hand``, ``merged``, ``superseded``,
    ``failed``; after merging also ``waiting``."""
    url: str | None = None
    commit: str | None = None
    error: str | None = None
    """What failed, or why it waits."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A proposal that the forge knows from earlier runs."""

    branch: str
    base: str
    state: str
    """``open``, ``closed`` (by somebody, without a merge), ``merged``, ``superseded`` (withdrawn by us)."""
    created: datetime
    """When the proposal was opened: what prHourlyLimit counts."""
    sets: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    """Everything that was closed or merged on this branch: what shall not be proposed once more."""
    by_hand: bool = False
    """Somebody else pushed to the branch: it is left alone."""
    url: str | None = None


class Forge(Protocol):
    """What every forge can do. The registry of them is ``gitops_ci.forge.FORGES``."""

    def refresh(self) -> None:
        """Look at the remote anew: base commits and standing proposals. Raises OutsideError."""

    def base_commit(self, base: str) -> str:
        """The commit a base branch is at, its objects present here."""

    def standing(self) -> tuple[Standing, ...]:
        """Every proposal known, open or not."""

    def propose(self, change: Change) -> Proposal:
        """Create or update one proposal. Never raises for what goes wrong outside: the state says ``failed``."""

    def propose_all(self, changes: Sequence[Change], advance: Callable[[int], None] = ...) -> list[Proposal]:
        """The same for many changes; what goes wrong for one does not touch the others. ``advance`` counts."""

    def merge(self, changes: Sequence[Change], closed: Callable[[Change], str | None]) -> list[Proposal]:
        """Merge what may be merged by itself; the proposals of which something is to be told.

        ``closed`` says why a change's automergeSchedule does not allow it now, None where it does.
        """

    def settle(self) -> None:
        """Write down what people did to earlier proposals, where the forge does not do that by itself."""

    def retire(self, branch: str) -> Proposal:
        """Withdraw an open proposal that is no longer wanted, unless somebody else worked on it."""
