"""Why an update, or a whole change, may not be proposed yet: holds, earlier answers, schedules, approval, limits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from gitops_ci.config.settings import Hold
from gitops_ci.forge.change import Standing
from gitops_ci.update.fields import flag, number, text, texts
from gitops_ci.update.group import Group
from gitops_ci.update.keys import key
from gitops_ci.update.model import Options, Update

AT_ANY_TIME = ("at any time",)


def declined(standing: Iterable[Standing]) -> dict[str, str]:
    """What people declined earlier: key (see ``update.keys``) → why it is not proposed once more."""
    found: dict[str, str] = {}
    for proposal in standing:
        if proposal.state == "open" and not proposal.declined:
            continue
        for one in proposal.declined:
            found.setdefault(one, f"its proposal {proposal.branch} was closed, or merged and taken back by hand")
    return found


def hold(update: Update, holds: Sequence[Hold], now: datetime) -> str | None:
    """The hold that keeps an update, in words. One hold on any of its uses keeps all of it."""
    from gitops_ci.update.holds import find_for

    for use in update.uses:
        found = find_for(holds, use, now)
        if found is not None:
            until = f" until {found.until:%Y-%m-%d %H:%M} UTC" if found.until is not None else ""
            return f"held{until}: {found.reason}"
    return None


def drop_declined(update: Update, answers: Mapping[str, str]) -> tuple[Update | None, Update | None]:
    """Split an update into what may be proposed and what people declined earlier (either may be None)."""
    if not answers or text(update.options, "recreateWhen", "auto") == "always":
        return update, None
    refused = tuple(use for use in update.uses if key(use, update) in answers)
    if not refused:
        return update, None
    reason = answers[key(refused[0], update)]
    left = tuple(use for use in update.uses if use not in refused)
    held = replace(update, uses=refused, pending=reason)
    return (replace(update, uses=left) if left else None), held


def schedule(options: Options, now: datetime) -> str | None:
    """Why the schedule does not allow it now, with the next opening; None while it is open.

    Raises ConfigurationError for a schedule that cannot be read: it is never "always".
    """
    entries = texts(options, "schedule") or AT_ANY_TIME
    if entries == AT_ANY_TIME:
        return None
    from gitops_ci.update.schedule import is_open, next_open

    timezone = text(options, "timezone") or None
    if is_open(entries, timezone=timezone, now=now):
        return None
    opens = next_open(entries, timezone, now)
    when = f", opens {opens:%a %Y-%m-%d %H:%M %Z}" if opens is not None else ", does not open again"
    return f"outside its schedule ({', '.join(entries)}){when}"


def approval(group: Group) -> str | None:
    """Why a change waits for a person before it is even proposed. One update that needs it is enough."""
    for update in group.updates:
        if flag(update.options, "dependencyDashboardApproval"):
            return "waits for approval (dependencyDashboardApproval)"
        if text(update.options, "prCreation", "immediate") == "approval":
            return "waits for approval (prCreation)"
    return None


def size(group: Group) -> str | None:
    """minimumGroupSize: a named group waits until it has enough updates."""
    have = len({(update.dependency.dep_name, update.new_tag, update.new_digest) for update in group.updates})
    return f"waits for {group.option_limit} updates in its group, has {have}" if have < group.option_limit else None


class Limits:
    """prHourlyLimit, prConcurrentLimit and branchConcurrentLimit, counted from what stands at the forge.

    A limit counts only where a configuration states it: Renovate's defaults are those of a bot that comes by
    every hour, and would leave most of a daily run waiting. 0 is "no limit", as in Renovate.
    """

    def __init__(self, standing: Iterable[Standing], now: datetime) -> None:
        standing = list(standing)
        hour = now - timedelta(hours=1)
        self._open = sum(proposal.state == "open" for proposal in standing)
        self._recent = sum(proposal.created > hour for proposal in standing)

    def admit(self, group: Group) -> str | None:
        """Count one more new proposal, or say which limit keeps it back."""
        hourly = _stated(group, "prHourlyLimit")
        concurrent = _stated(group, "branchConcurrentLimit")
        concurrent_name = "branchConcurrentLimit"
        if (pull := _stated(group, "prConcurrentLimit")) is not None and (concurrent is None or pull < concurrent):
            concurrent, concurrent_name = pull, "prConcurrentLimit"
        if hourly is not None and self._recent >= hourly:
            return f"prHourlyLimit {hourly} is reached"
        if concurrent is not None and self._open >= concurrent:
            return f"{concurrent_name} {concurrent} is reached ({self._open} open)"
        self._open += 1
        self._recent += 1
        return None


def _stated(group: Group, name: str) -> int | None:
    values = [number(update.options, name) for update in group.updates if name in update.options.origins]
    stated = [value for value in values if value is not None and value > 0]
    return min(stated) if stated else None


def priority(group: Group) -> tuple[int, str]:
    """Which new changes come first when a limit does not let all of them through."""
    return (-max(number(update.options, "prPriority") or 0 for update in group.updates), group.branch)
