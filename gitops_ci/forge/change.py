"""Change: a named set of edits with all that a proposal needs."""

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Proposal:
    """What became of a change."""

    branch: str
    state: str
    """``created``, ``updated``, ``unchanged``, ``closed-earlier``, ``edited-by-hand``, ``merged``, ``failed``."""
    url: str | None = None
    commit: str | None = None
    error: str | None = None
