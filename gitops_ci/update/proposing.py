"""The last part of a run: a plan's changes become proposals, ready ones are merged, the dashboard is written."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from gitops_ci.errors import GitopsError
from gitops_ci.finding import Finding
from gitops_ci.forge.change import Change, Forge, Proposal
from gitops_ci.update.plan import Plan


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with a plan."""

    proposals: tuple[Proposal, ...] = ()
    retired: tuple[Proposal, ...] = ()
    merges: tuple[Proposal, ...] = ()
    dashboard: str | None = None
    findings: tuple[Finding, ...] = ()


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
    dashboard: str | None = None
    findings: tuple[Finding, ...] = ()
    if whole:
        from gitops_ci.update import dashboard as texts

        try:
            dashboard = forge.show(texts.dashboard(plan, proposals, merges, options, forge.standing()))
        except GitopsError as error:
            # It fails alone: what was proposed stays proposed.
            findings = (Finding("dashboard-not-written", error.what, status="error", remedy=error.remedy),)
    told = tuple(proposal for proposal in retired if proposal.state != "unchanged")
    return Done(tuple(proposals), told, tuple(merges), dashboard, findings)


def closed(change: Change, now: datetime) -> str | None:
    """Why automergeSchedule does not allow a merge now; None where it does. Raises ConfigurationError."""
    if not change.merge.schedule:
        return None
    from gitops_ci.update.schedule import is_open, next_open

    zone = change.merge.timezone
    if is_open(change.merge.schedule, timezone=zone, now=now):
        return None
    opens = next_open(change.merge.schedule, zone, now)
    when = f", opens {opens:%a %Y-%m-%d %H:%M %Z}" if opens is not None else ""
    return f"outside automergeSchedule ({', '.join(change.merge.schedule)}){when}"
