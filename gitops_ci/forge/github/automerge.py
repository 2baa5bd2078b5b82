"""Automerge as a state machine: what is known of a pull request in, the next step out. Pure.

The order of the questions is the meaning: what forbids a merge comes before what allows one, and a step of
GitHub's own (auto-merge, the queue) is only taken where it cannot merge what we would not.
"""

from typing import NamedTuple

from gitops_ci.forge.github.checks import Checks

METHODS = ("squash", "merge", "rebase")
_STRATEGIES = {
    "squash": "squash",
    "merge-commit": "merge",
    "rebase": "rebase",
    "rebase-merge": "rebase",
    "fast-forward": "rebase",
}


class Facts(NamedTuple):
    """What is known of one pull request right now."""

    state: str
    """``open``, ``merged``, ``closed``."""
    head: str
    mergeable: bool | None
    """None while GitHub computes it."""
    mergeable_state: str
    """GitHub's: ``clean``, ``unstable``, ``has_hooks``, ``blocked``, ``behind``, ``dirty``, ``draft``, ``unknown``."""
    checks: Checks
    native: bool
    """GitHub's own auto-merge is on."""
    queued: bool = False
    """We put it into the merge queue in this run."""
    foreign: bool = False
    """Somebody else pushed to it."""
    automerge: bool = True
    closed_until: str | None = None
    """Why automergeSchedule does not allow a merge now."""
    pending: str | None = None
    """Why its minimum age does not."""
    ignore_tests: bool = False
    platform: bool = True
    refused: frozenset[str] = frozenset()
    """What GitHub refused in this run: ``native``, ``native-clean``, ``native-unstable``, ``queue``, ``direct``."""
    base_queue: bool = False
    """The base branch takes merges only through its queue."""


class Step(NamedTuple):
    """The next thing to do."""

    action: str
    """``done``, ``wait``, ``recheck`` (soon), ``rebase``, ``merge``, ``native``, ``stop-native``, ``enqueue``."""
    why: str = ""


def decide(facts: Facts) -> Step:
    """The next step for one pull request."""
    if facts.state != "open":
        return Step("done", facts.state)
    forbidden = _forbidden(facts)
    if forbidden is not None:
        # Else GitHub would merge it the moment its own requirements are met: outside the schedule, or with red checks.
        return Step("stop-native", forbidden) if facts.native else Step("wait", forbidden)
    if facts.mergeable_state == "draft":
        return Step("wait", "it is a draft")
    if facts.mergeable is False or facts.mergeable_state == "dirty":
        return Step("rebase", "it conflicts with its base")
    if facts.mergeable_state == "behind":
        return Step("rebase", "it is behind its base, which must be contained")
    if facts.mergeable is None or facts.mergeable_state == "unknown":
        return Step("recheck", "GitHub has not worked out yet whether it can be merged")
    if facts.queued:
        return Step("wait", "it is in the merge queue")
    return _ready(facts) if facts.ignore_tests else _by_checks(facts)


def _forbidden(facts: Facts) -> str | None:
    if not facts.automerge:
        return "merged by a person"
    if facts.foreign:
        return "somebody else pushed to it"
    if facts.closed_until is not None:
        return facts.closed_until
    if facts.pending is not None:
        return facts.pending
    if facts.checks.state == "failed" and not facts.ignore_tests:
        return f"checks failed: {', '.join(facts.checks.names[:5])}"
    return None


def _by_checks(facts: Facts) -> Step:
    checks = facts.checks
    if checks.state == "passed":
        return _ready(facts)
    waiting = f"checks are running: {', '.join(checks.names[:5])}" if checks.names else "no check has reported yet"
    if facts.native:
        return Step("wait", f"{waiting}; GitHub merges it when its requirements are met")
    # With a requirement that is not met, GitHub's auto-merge waits as we would. Without one it would merge at once.
    if facts.mergeable_state == "blocked" and facts.platform and "native" not in facts.refused:
        return Step("native", waiting)
    if checks.state == "none":
        waiting += "; without checks it only merges with ignoreTests: true"
    return Step("recheck", waiting)


def _ready(facts: Facts) -> Step:
    if facts.base_queue:
        return Step("enqueue") if "queue" not in facts.refused else Step("wait", "the merge queue refused it")
    if facts.mergeable_state in ("clean", "has_hooks", "unstable"):
        return Step("merge") if "direct" not in facts.refused else Step("wait", "GitHub refused to merge it")
    if facts.native:
        return Step("wait", "GitHub merges it when its requirements are met")
    if facts.platform and "native" not in facts.refused:
        return Step("native", "the base branch's rules are not met yet")
    return Step("wait", "the base branch's rules are not met: a review, or a required check")


def method(strategy: str, allowed: tuple[str, ...]) -> str | None:
    """GitHub's merge method for an automergeStrategy; ``auto`` takes the first that the repository allows.

    None where the one that is asked for is not allowed. GitHub has no fast-forward; a rebase comes nearest.
    """
    wanted = _STRATEGIES.get(strategy)
    if wanted is None:
        return next((one for one in METHODS if one in allowed), None)
    return wanted if wanted in allowed else None
