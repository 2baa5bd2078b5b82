"""When a change that may merge by itself may do so: automergeSchedule."""

from datetime import datetime

from gitops_ci.forge.change import Change


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
