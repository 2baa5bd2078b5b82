"""Labels, milestone, assignees and reviewers of a new pull request."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from gitops_ci.finding import Finding
from gitops_ci.forge.change import Change
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.problems import Refusal
from gitops_ci.forge.github.pulls import login

if TYPE_CHECKING:
    from github.PullRequest import PullRequest

MAX_LABEL = 50


def dress(client: Client, pull: "PullRequest", change: Change) -> list[Finding]:
    """Set what the change asks for. What GitHub refuses (a person who may not review) is a warning, not a failure."""
    found: list[Finding] = []

    def tried(what: str, attempt: Callable[[], object]) -> bool:
        try:
            client.write(what, attempt)
        except Refusal as error:
            found.append(Finding("not-set", f"{change.branch}: {error.what}", remedy=error.remedy))
            return False
        return True

    add_labels(client, pull, change.labels, tried)
    if change.assignees:
        names = [name.removeprefix("@") for name in change.assignees]
        tried(f"assigning pull request {pull.number}", lambda: pull.add_to_assignees(*names))
    if change.milestone is not None:
        number = change.milestone

        def milestone() -> None:
            issue = pull.as_issue()
            issue.edit(milestone=client.repository.get_milestone(number))

        tried(f"setting milestone {number}", milestone)
    _ask(pull, change, tried)
    return found


def add_labels(
    client: Client, pull: "PullRequest", labels: tuple[str, ...], tried: Callable[[str, Callable[[], object]], bool]
) -> None:
    """Add labels; GitHub makes those that are not there."""
    wanted = [" ".join(label.split())[:MAX_LABEL] for label in labels]
    have = {label.name for label in pull.labels}
    missing = [label for label in dict.fromkeys(wanted) if label and label not in have]
    if missing:
        tried(f"labelling pull request {pull.number}", lambda: pull.add_to_labels(*missing))


def _ask(pull: "PullRequest", change: Change, tried: Callable[[str, Callable[[], object]], bool]) -> None:
    """Request reviews: ``name``, ``team:name`` and ``org/team`` as in Renovate."""
    author = login(pull)
    teams = [
        name.removeprefix("@").removeprefix("team:").rpartition("/")[2] for name in change.reviewers if _team(name)
    ]
    people = [name.removeprefix("@") for name in change.reviewers if not _team(name)]
    people = [name for name in people if name.lower() != author.lower()]
    if not people and not teams:
        return
    number = pull.number
    if len(people) + len(teams) == 1:
        tried(
            f"asking {(people or teams)[0]} to review pull request {number}",
            lambda: pull.create_review_request(reviewers=people, team_reviewers=teams),
        )
        return
    # GitHub refuses all of them for one that it does not know, so one by one.
    for name in people:
        tried(
            f"asking {name} to review pull request {number}",
            lambda name=name: pull.create_review_request(reviewers=[name]),  # type: ignore[misc]
        )
    for name in teams:
        tried(
            f"asking team {name} to review pull request {number}",
            lambda name=name: pull.create_review_request(team_reviewers=[name]),  # type: ignore[misc]
        )


def _team(name: str) -> bool:
    return name.startswith("team:") or "/" in name
