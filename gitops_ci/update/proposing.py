"""The last part of a run: a plan's changes become proposals, ready ones are merged, the dashboard is written."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from gitops_ci.errors import GitopsError
from gitops_ci.finding import Finding
from gitops_ci.forge.change import Forge, Proposal
from gitops_ci.update.automerge import closed
from gitops_ci.update.plan import Plan


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with a plan."""

    proposals: tuple[Proposal, ...] = ()
    retired: tuple[Proposal, ...] = ()
    merges: tuple[Proposal, ...] = ()


def propose(
    forge: Forge,
    plan: Plan,
    *,
    options: Mapping[str, object],
    base: str | None,
    whole: bool,
    now: datetime,
    progress: Callable[[int, str], AbstractContextManager[Callable[[int], None]]],
) -> Done:
    """Carry a plan out. ``options`` are the configuration's own; with ``whole`` the plan speaks for everything, so
    that what it does not ask for is withdrawn. Raises ConfigurationError; what fails outside is in the result."""
    author = options.get("gitAuthor")
    if isinstance(author, str) and "<" in author:
        forge.commit_as(author)
    forge.settle()
    changes = [planned.change for planned in plan.changes]
    with progress(len(changes), "proposing changes") as advance:
        proposals = forge.propose_all(changes, advance)
    retired = []
    if whole and not plan.failures:
        for standing in forge.standing():
            if standing.state == "open" and standing.base == base and standing.branch not in plan.wanted:
                retired.append(forge.retire(standing.branch))
    merges = forge.merge(changes, lambda change: closed(change, now))
    told = tuple(proposal for proposal in retired if proposal.state != "unchanged")
    return Done(tuple(proposals), told, tuple(merges))


def show(
    forge: Forge, plan: Plan, proposals: Sequence[Proposal], merges: Sequence[Proposal], options: Mapping[str, object]
) -> tuple[str | None, tuple[Finding, ...]]:
    """Write the dashboard of a whole run, over all its bases; its address, and why it could not be written."""
    from gitops_ci.update.dashboard import dashboard

    try:
        return forge.show(dashboard(plan, proposals, merges, options, forge.standing())), ()
    except GitopsError as error:
        # It fails alone: what was proposed stays proposed.
        return None, (Finding("dashboard-not-written", error.what, status="error", remedy=error.remedy),)
