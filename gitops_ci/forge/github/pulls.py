"""Pull requests as they stand, and the few ways in which we write them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from gitops_ci.forge.change import Change, Standing
from gitops_ci.forge.github import marker as markers
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.marker import Marker
from gitops_ci.forge.github.texts import subject

if TYPE_CHECKING:
    from github.Issue import Issue
    from github.IssueComment import IssueComment
    from github.PullRequest import PullRequest

MAX_CLOSED = 1000
"""Closed pull requests looked at for what people declined; older ones are asked for by their branch when needed."""
_TRUSTED = ("OWNER", "MEMBER", "COLLABORATOR")


class Known(NamedTuple):
    """A pull request of this repository's own branches, with what we wrote into it."""

    pull: "PullRequest"
    branch: str
    base: str
    state: str
    """``open``, ``closed``, ``merged``, ``superseded``."""
    head: str
    created: datetime
    marker: Marker | None
    """None: it is not ours."""

    @property
    def foreign(self) -> bool:
        """Somebody else opened it, or pushed to its branch."""
        return self.marker is None or self.head not in self.marker.tips

    def standing(self) -> Standing:
        """As every forge says it."""
        sets = self.marker.sets if self.marker is not None else ()
        return Standing(
            self.branch,
            self.base,
            self.state,
            self.created,
            sets,
            declined=sets if self.state in ("closed", "merged") else (),
            by_hand=self.state == "open" and self.foreign,
            url=self.pull.html_url,
        )


def known(client: Client, pull: "PullRequest") -> Known | None:
    """A pull request as we see it; None for one from a fork: its author wrote branch, title and body alike."""
    # The fork may be gone, and then there is none; the library's types do not know that.
    origin = str(getattr(pull.head.repo, "full_name", ""))
    if origin.lower() != client.name.lower():
        return None
    found = markers.read(pull.body)
    if found is not None and not _trusted(client, pull):
        found = None
    if pull.merged_at is not None:
        state = "merged"
    elif pull.state == "open":
        state = "open"
    else:
        state = "superseded" if found is not None and found.withdrawn else "closed"
    created = pull.created_at if pull.created_at.tzinfo is not None else pull.created_at.replace(tzinfo=UTC)
    return Known(pull, pull.head.ref, pull.base.ref, state, pull.head.sha, created, found)


def _trusted(client: Client, pull: "PullRequest") -> bool:
    """Whether the author can write here anyway: only then may the body speak for us."""
    author = login(pull)
    return bool(author) and (author == client.login or pull.user.type == "Bot" or pull.author_association in _TRUSTED)


def native(pull: "PullRequest") -> bool:
    """GitHub's own auto-merge is on."""
    return bool(pull.auto_merge)


def login(thing: "PullRequest | IssueComment | Issue") -> str:
    """Who made it; empty for an account that is gone."""
    return str(getattr(thing.user, "login", ""))


def every(client: Client) -> tuple[list[Known], bool]:
    """All open pull requests and the latest closed ones, newest first; and whether these were all there are."""
    found: list[Known] = []
    complete = True
    with client.told("listing pull requests"):
        for pull in client.repository.get_pulls(state="open", sort="created", direction="desc"):
            if (one := known(client, pull)) is not None:
                found.append(one)
        closed = client.repository.get_pulls(state="closed", sort="created", direction="desc")
        for number, pull in enumerate(closed):
            if number >= MAX_CLOSED:
                complete = False
                break
            if (one := known(client, pull)) is not None:
                found.append(one)
    return found, complete


def of_branch(client: Client, branch: str) -> list[Known]:
    """Every pull request that this branch ever had, newest first."""
    owner = client.name.partition("/")[0]
    with client.told(f"looking for pull requests of {branch}"):
        pulls = client.repository.get_pulls(state="all", head=f"{owner}:{branch}", sort="created", direction="desc")
        found = [known(client, pull) for pull in pulls]
    return [one for one in found if one is not None and one.branch == branch]


def open_one(client: Client, change: Change, marker: Marker) -> Known:
    """Open a pull request; one that is there already (a request without an answer, a second run) is taken."""
    title, body = subject(change.title), markers.body(change.body, marker)
    doing = f"opening a pull request for {change.branch}"

    def look() -> "PullRequest | None":
        there = [one.pull for one in of_branch(client, change.branch) if one.state == "open"]
        return there[0] if there else None

    def attempt() -> "PullRequest":
        from github import GithubException

        try:
            return client.repository.create_pull(
                base=change.base, head=change.branch, title=title, body=body, draft=change.draft
            )
        except GithubException as error:
            found = look() if error.status == 422 else None
            if found is None:
                raise
            return found

    pull = client.write(doing, attempt, look)
    made = known(client, pull)
    assert made is not None, "a branch of this repository"
    return made._replace(marker=made.marker or marker)


def edit(
    client: Client, one: Known, *, marker: Marker, change: Change | None = None, state: str | None = None
) -> Known:
    """Write title, text and marker (without ``change`` only the marker, a person's words stay), or close it."""
    from github.GithubObject import NotSet

    if change is not None:
        title, text = subject(change.title), change.body
    else:
        title, text = None, (one.pull.body or "").rpartition("<!-- gitops-ci:1 ")[0] or one.pull.body or ""
    client.write(
        f"editing pull request {one.pull.number}",
        lambda: one.pull.edit(title=title or NotSet, body=markers.body(text, marker), state=state or NotSet),
    )
    return one._replace(marker=marker)
