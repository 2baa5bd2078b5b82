"""What the double remembers besides git: pull requests, issues, comments, checks, and a repository's settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple


def now() -> datetime:
    """GitHub tells whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


class Identity(NamedTuple):
    """Who a token speaks for."""

    kind: str
    """``pat``, ``app`` (an installation), ``actions`` (GITHUB_TOKEN), ``read`` or ``expired``."""
    login: str
    token: str

    @property
    def is_app(self) -> bool:
        return self.login.endswith("[bot]")


@dataclass
class Review:
    id: int
    user: str
    state: str
    """``APPROVED``, ``CHANGES_REQUESTED``, ``COMMENTED``, ``DISMISSED``."""
    commit: str
    body: str = ""
    submitted: datetime = field(default_factory=now)


@dataclass
class AutoMerge:
    """Native automerge, armed by somebody."""

    method: str
    """``merge``, ``squash`` or ``rebase``."""
    by: str
    title: str | None = None
    message: str | None = None
    enabled: datetime = field(default_factory=now)


@dataclass
class Comment:
    id: int
    number: int
    user: str
    body: str
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)


@dataclass
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str | None = None


@dataclass
class Milestone:
    id: int
    number: int
    title: str
    state: str = "open"
    description: str | None = None
    created: datetime = field(default_factory=now)


@dataclass
class Issue:
    """An issue; a pull request is one too."""

    id: int
    number: int
    user: str
    title: str
    body: str | None = None
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    milestone: int | None = None
    locked: bool = False
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    closed: datetime | None = None
    closed_by: str | None = None


@dataclass
class Pull(Issue):
    head: str = ""
    base: str = ""
    head_sha: str = ""
    """Last seen; follows the branch while the pull request is open."""
    base_sha: str = ""
    draft: bool = False
    merged: bool = False
    merged_at: datetime | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    auto_merge: AutoMerge | None = None
    reviewers: list[str] = field(default_factory=list)
    team_reviewers: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    queued: datetime | None = None
    """When it entered the merge queue."""
    queued_by: str | None = None
    maintainer_can_modify: bool = False
    looked_at: tuple[str, str] | None = None
    """Base and head whose mergeability was asked for before: the first look at a new pair can say "unknown"."""


@dataclass
class CheckRun:
    id: int
    sha: str
    name: str
    app: str
    status: str = "queued"
    conclusion: str | None = None
    details_url: str | None = None
    external_id: str = ""
    started: datetime | None = field(default_factory=now)
    completed: datetime | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: list[dict[str, object]] = field(default_factory=list)
    actions: list[dict[str, object]] = field(default_factory=list)


@dataclass
class Status:
    id: int
    sha: str
    context: str
    state: str
    user: str
    description: str | None = None
    target_url: str | None = None
    created: datetime = field(default_factory=now)


@dataclass
class WorkflowRun:
    """A run that a push to a pull request's branch started."""

    id: int
    name: str
    sha: str
    branch: str
    actor: str
    status: str = "queued"
    conclusion: str | None = None
    """``action_required`` while it waits for somebody's approval: no check exists until then."""
    created: datetime = field(default_factory=now)


@dataclass
class Protection:
    """What a branch requires before something gets in."""

    checks: tuple[str, ...] = ()
    reviews: int = 0
    strict: bool = False
    """The head must be up to date with the base."""
    queue: bool = False
    """Only through the merge queue."""
    enforce_admins: bool = True
    linear_history: bool = False
    ruleset: bool = False
    """Kept by a ruleset: ``GET …/rules/branches/{branch}`` tells it, ``GET …/protection`` says 404."""


@dataclass
class Settings:
    """A repository's settings, as GitHub presets them for a new repository (automerge is off)."""

    allow_auto_merge: bool = False
    allow_merge_commit: bool = True
    allow_squash_merge: bool = True
    allow_rebase_merge: bool = True
    allow_update_branch: bool = False
    delete_branch_on_merge: bool = False
    has_issues: bool = True
    archived: bool = False
    private: bool = False
    actions_may_create_pull_requests: bool = True
    """"Allow GitHub Actions to create and approve pull requests"; GitHub's preset is off."""
    late_mergeability: bool = False
    """The first look at a pull request after a push says ``mergeable: null`` and ``unknown``, as GitHub's does."""
    workflows: tuple[str, ...] = ()
    """Checks that a pull request's workflow brings: they exist, queued, from the first push on."""


Files = Mapping[str, str | bytes]
