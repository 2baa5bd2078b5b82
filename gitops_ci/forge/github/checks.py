"""What the checks of a commit say, and the pending check that shows a minimum age."""

from typing import NamedTuple

from gitops_ci.forge.github.client import Client

CONTEXT = "gitops-ci/minimum-age"
_BAD = ("failure", "cancelled", "timed_out", "action_required", "startup_failure", "stale", "error")


class Checks(NamedTuple):
    """All checks and statuses of one commit together, ours left out."""

    state: str
    """``none`` (nothing has reported), ``pending``, ``failed``, ``passed``."""
    names: tuple[str, ...] = ()
    """Those that failed, or are not finished."""


def checks(client: Client, sha: str) -> Checks:
    """Ask for check runs and statuses of a commit. Raises Refusal; what is not known is not good."""
    failed: list[str] = []
    waiting: list[str] = []
    seen = 0
    with client.told(f"reading the checks of {sha[:12]}"):
        commit = client.repository.get_commit(sha)
        for run in commit.get_check_runs():
            seen += 1
            if run.status != "completed":
                waiting.append(run.name)
            elif run.conclusion in _BAD:
                failed.append(run.name)
        for status in commit.get_combined_status().statuses:
            if status.context == CONTEXT:
                continue
            seen += 1
            if status.state == "pending":
                waiting.append(status.context)
            elif status.state != "success":
                failed.append(status.context)
    if failed:
        return Checks("failed", tuple(failed))
    if waiting:
        return Checks("pending", tuple(waiting))
    return Checks("passed" if seen else "none")


def show_age(client: Client, sha: str, pending: str | None) -> None:
    """Say on the commit that the minimum age is not reached, or that it is."""
    state = "success" if pending is None else "pending"
    words = "The minimum release age is reached" if pending is None else pending
    description = words if len(words) <= 140 else words[:139] + "…"

    def attempt() -> None:
        client.repository.get_commit(sha).create_status(state=state, description=description, context=CONTEXT)

    client.write(f"setting the status of {sha[:12]}", attempt)
