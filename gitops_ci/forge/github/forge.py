"""GitHubForge: proposals are pull requests, written through the API alone.

The state is GitHub's own. What cannot be read off a pull request stands in a hidden comment of its body (see
``marker``), and is written before the branch moves, so that a run killed at any point is carried on by the next.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gitops_ci.errors import ConfigurationError, GitopsError, OutsideError
from gitops_ci.finding import Finding
from gitops_ci.forge.change import Change, Dashboard, Opening, Proposal, Standing, Wishes
from gitops_ci.forge.contents import fingerprint, moved, new_files
from gitops_ci.forge.github import branches, commits, dashboard, people, pulls, token
from gitops_ci.forge.github.access import access, repository_name
from gitops_ci.forge.github.branches import BranchMerger, Pushed
from gitops_ci.forge.github.checks import show_age
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.commits import Built, Move
from gitops_ci.forge.github.marker import Marker
from gitops_ci.forge.github.merging import Merger
from gitops_ci.forge.github.problems import Refusal
from gitops_ci.forge.github.pulls import Known
from gitops_ci.forge.github.words import told
from gitops_ci.git.commit import Base
from gitops_ci.git.push import retrying
from gitops_ci.git.repository import Repository

if TYPE_CHECKING:
    from github.Issue import Issue

MERGE_BUDGET = 300.0
"""Seconds that one run waits for checks in order to merge in the same run."""


def open_forge(repository: Repository, remote: str | None, opening: Opening) -> "GitHubForge":
    """The forge of a checkout, from the environment. Raises UsageError where there is no token."""
    found = access(opening.token_env)
    url = repository.remote_url(remote) if remote is not None else None
    return GitHubForge(repository, remote, Client(found, repository_name(url, found)))


class GitHubForge:
    """Pull requests of one repository. Look at it with :meth:`refresh` before anything else."""

    def __init__(self, repository: Repository, remote: str | None, client: Client) -> None:
        self.repository = repository
        self.remote = remote
        self.client = client
        self.author: str | None = None
        self._known: list[Known] = []
        self._complete = False
        self._bases: dict[str, str] = {}
        self._planned: dict[str, str] = {}
        self._loaded: dict[str, Base] = {}
        self._findings: list[Finding] = []
        self._pushed: dict[str, Pushed] = {}

    @property
    def default_branch(self) -> str | None:
        """The repository's."""
        return self.client.repository.default_branch

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the token cannot do, and what GitHub refused to set."""
        return tuple(dict.fromkeys([*self._of_token, *self._findings]))

    @cached_property
    def _of_token(self) -> tuple[Finding, ...]:
        return token.findings(self.client)

    def commit_as(self, identity: str) -> None:
        """Commit as this author. GitHub then signs nothing."""
        self.author = identity

    def refresh(self) -> None:
        """Read all open and the latest closed pull requests. Raises Refusal."""
        self._bases.clear()
        self._known, self._complete = pulls.every(self.client)

    def base_commit(self, base: str) -> str:
        """The commit a base branch is at, its objects present here."""
        oid = self._bases.get(base)
        if oid is None:
            oid = commits.tip(self.client, base)
            if oid is None:
                raise ConfigurationError(
                    f"{self.client.name} has no branch {base!r}", remedy="name the branch to update with --base"
                )
            if self.repository.missing([oid]):
                if self.remote is None:
                    raise OutsideError(f"the commit {oid[:12]} is not here", remedy="run in a clone of the repository")
                self.repository.fetch(self.remote, [f"refs/heads/{base}"])
            self._bases[base] = oid
            self._planned.setdefault(base, oid)
        return oid

    def standing(self) -> tuple[Standing, ...]:
        """Every pull request of ours, and open foreign ones on their branches."""
        return tuple(one.standing() for one in self._known if one.marker is not None or one.state == "open")

    def wishes(self) -> Wishes:
        """The boxes that are ticked in the dashboard issue."""
        return dashboard.wishes(self._dashboard.body or "") if self._dashboard is not None else Wishes()

    @cached_property
    def _dashboard(self) -> "Issue | None":
        return dashboard.find(self.client)

    def show(self, dashboard: Dashboard | None) -> str | None:
        """Write the dashboard issue, or close it."""
        from gitops_ci.forge.github import dashboard as issue

        if dashboard is not None:
            return issue.write(self.client, self._dashboard, dashboard)
        if self._dashboard is not None:
            issue.close(self.client, self._dashboard)
        return None

    def propose(self, change: Change) -> Proposal:
        """Create or update one pull request; what goes wrong is in the result."""
        try:
            return retrying(lambda: self._propose(change), again=self.refresh)
        except GitopsError as error:
            return Proposal(change.branch, "failed", error=str(error))

    def propose_all(self, changes: Sequence[Change], advance: Callable[[int], None] = lambda _: None) -> list[Proposal]:
        """One after the other, as GitHub asks for."""
        done = []
        for change in changes:
            done.append(self.propose(change))
            advance(1)
        return done

    def settle(self) -> None:
        """Nothing: GitHub knows by itself how a pull request ended."""

    def retire(self, branch: str) -> Proposal:
        """Close the pull request and delete its branch, unless somebody else pushed to it."""
        one = self._open(branch)
        if one is None or one.marker is None:
            return Proposal(branch, "unchanged")
        url = one.pull.html_url
        if one.foreign:
            return Proposal(branch, "edited-by-hand", url, one.head)
        try:
            # The marker says who closed it before it is closed: nobody declined anything.
            marker = replace(one.marker, withdrawn=True)
            self._replace(one, pulls.edit(self.client, one, marker=marker, state="closed")._replace(state="superseded"))
            commits.move(self.client, [Move(branch, one.head, None)])
        except GitopsError as error:
            return Proposal(branch, "failed", url, error=str(error))
        return Proposal(branch, "superseded", url, one.head)

    def merge(self, changes: Sequence[Change], closed: Callable[[Change], str | None]) -> list[Proposal]:
        """Carry out automerge for the changes whose pull requests are open and ours."""
        wanted = []
        merged = []
        alone = BranchMerger(self.client, self._rebuild, self._open_pull, budget=MERGE_BUDGET)
        for change in changes:
            pushed = self._pushed.pop(change.branch, None)
            if pushed is not None:
                merged.append(alone.run(change, pushed, closed(change)))
                continue
            one = self._open(change.branch)
            if one is None or one.foreign or change.stop_label in _labels(one):
                continue
            if change.merge.automerge or pulls.native(one.pull):
                wanted.append((change, one.pull.number))
        if wanted:
            merged += Merger(self.client, self._rebase, closed, budget=MERGE_BUDGET).run(wanted)
        return merged

    def _rebase(self, change: Change) -> Proposal:
        try:
            self.refresh()
        except GitopsError as error:
            return Proposal(change.branch, "failed", error=str(error))
        return self.propose(change)

    def _open(self, branch: str) -> Known | None:
        return next((one for one in self._known if one.branch == branch and one.state == "open"), None)

    def _replace(self, old: Known | None, new: Known) -> None:
        self._known = [new, *(one for one in self._known if one is not old)]

    def _propose(self, change: Change) -> Proposal:
        base = change.parent or self.base_commit(change.base)
        one = self._open(change.branch)
        if one is not None:
            return self._update(change, one, base)
        earlier = [known for known in self._known if known.branch == change.branch]
        if not earlier and not self._complete:
            earlier = pulls.of_branch(self.client, change.branch)
        declined = _declined(change, earlier)
        if declined is not None:
            return Proposal(change.branch, "closed-earlier", declined.pull.html_url)
        return self._create(change, base, earlier)

    def _create(self, change: Change, base: str, earlier: Sequence[Known]) -> Proposal:
        before = commits.tip(self.client, change.branch)
        if before is not None and not change.rebase_now and not self._ours(change, before, base, earlier):
            return Proposal(change.branch, "edited-by-hand", commit=before)
        if branches.wanted(change):
            return self._push(change, base, before)
        built = self._build(change, base)
        self._move(change, built, before)
        url = self._open_pull(change, Pushed(built.oid, base))
        return Proposal(change.branch, "created", url, built.oid)

    def _push(self, change: Change, base: str, before: str | None) -> Proposal:
        """Only the branch: its merge needs no pull request."""
        there = branches.standing(self.client, change, before, self._paths(change)) if before is not None else None
        if there is not None and there.parent == base:
            self._pushed[change.branch] = there
            return Proposal(change.branch, "unchanged", commit=before)
        built = self._build(change, base)
        self._move(change, built, before)
        self._pushed[change.branch] = Pushed(built.oid, base)
        return Proposal(change.branch, "created" if before is None else "updated", commit=built.oid)

    def _rebuild(self, change: Change, pushed: Pushed) -> Pushed:
        self._bases.clear()
        base = self.base_commit(change.base)
        self._push(change, base, pushed.tip)
        return self._pushed.pop(change.branch)

    def _open_pull(self, change: Change, pushed: Pushed) -> str:
        """Open the pull request of a branch that stands, with all that belongs to it; its address."""
        marker = self._marker(change, pushed.parent, (pushed.tip,))
        if change.labels or change.reviewers or change.assignees or change.milestone is not None or change.pending:
            one = pulls.open_one(self.client, change, replace(marker, dressed=False, pending=None))
            self._replace(None, one)
            self._finish(change, one, marker)
        else:
            one = pulls.open_one(self.client, change, marker)
            self._replace(None, one)
        return one.pull.html_url

    def _update(self, change: Change, one: Known, base: str) -> Proposal:
        url = one.pull.html_url
        asked = change.rebase_now or change.rebase_label in _labels(one)
        if one.marker is None or (one.foreign and not asked):
            return Proposal(change.branch, "edited-by-hand", url, one.head)
        if change.stop_label in _labels(one):
            return Proposal(change.branch, "unchanged", url, one.head)
        # A head that is not the newest tip: a run was killed before the branch moved.
        there = one.head == one.marker.tips[-1] and one.marker.base == change.base
        same = there and one.marker.fingerprint == fingerprint(change)
        if same and not asked and not self._must_rebase(change, one, base):
            marker = self._marker(change, one.marker.parent, one.marker.tips)
            if _same_words(marker, one.marker):
                return Proposal(change.branch, "unchanged", url, one.head)
            self._finish(change, one, marker)
            return Proposal(change.branch, "updated", url, one.head)
        built = self._build(change, base)
        tips = tuple(dict.fromkeys((one.head, built.oid)))
        marker = self._marker(change, base, tips)
        # What it sets is still the old: if somebody closes it in this moment, that is what was declined.
        was = one.marker
        written = replace(marker, dressed=was.dressed, labels=was.labels, sets=was.sets, pending=None)
        # The new tip is written down before the branch has it; a run killed in between leaves a branch that is ours.
        edited = pulls.edit(self.client, one, marker=written, change=change)
        if one.marker.base != change.base:
            self.client.write("changing the base", lambda: edited.pull.edit(base=change.base))
        self._move(change, built, one.head)
        edited = edited._replace(head=built.oid)
        self._replace(one, edited)
        self._finish(change, edited, marker)
        self._unlabel(change, edited)
        return Proposal(change.branch, "updated", url, built.oid)

    def _finish(self, change: Change, one: Known, marker: Marker) -> None:
        """Labels and people (added once: what a person takes away stays away), the pending check, words and marker."""
        was = one.marker
        new = replace(change, labels=tuple(label for label in change.labels if was is None or label not in was.labels))
        if was is None or not was.dressed:
            found = people.dress(self.client, one.pull, change)
        elif new.labels:
            found = people.dress(self.client, one.pull, replace(new, reviewers=(), assignees=(), milestone=None))
        else:
            found = []
        self._findings += found
        if marker.pending != (was.pending if was is not None else None):
            show_age(self.client, one.head, marker.pending)
        spoken = was is None or was.told != marker.told
        if was == marker:
            return
        edited = pulls.edit(self.client, one, marker=marker, change=change if spoken else None)
        self._replace(one, edited)

    def _ours(self, change: Change, tip: str, base: str, earlier: Sequence[Known]) -> bool:
        """Whether a branch without a pull request is one we left: known by an earlier one, or by its one commit."""
        if tip == base or any(known.marker is not None and tip in known.marker.tips for known in earlier):
            return True
        with self.client.told(f"reading the commit of {change.branch}"):
            commit = self.client.repository.get_commit(tip)
            author = getattr(commit.author, "login", None)
            files = {file.filename for file in commit.files}
            parents = [parent.sha for parent in commit.parents]
        if author != self.client.login or len(parents) != 1 or self.repository.missing(parents):
            return False
        if not self.repository.is_ancestor(parents[0], base):
            return False
        return files <= self._paths(change)

    def _paths(self, change: Change) -> set[str]:
        prefix = self.repository.prefix
        return {prefix + edit.file for edit in change.edits} | {file.path for file in change.files}

    def _must_rebase(self, change: Change, one: Known, base: str) -> bool:
        assert one.marker is not None
        if one.marker.parent == base or change.rebase_when == "never":
            return False
        if change.rebase_when == "behind-base-branch":
            return True
        # "auto": a pull request that GitHub can merge is not rebuilt, its checks would start again for nothing.
        # Where the base must be contained, GitHub says "behind", and merging rebases.
        with self.client.told(f"reading pull request {one.pull.number}"):
            pull = self.client.repository.get_pull(one.pull.number)
        return pull.mergeable is False or pull.mergeable_state in ("dirty", "behind")

    def _build(self, change: Change, base: str) -> Built:
        planned = self._planned.get(change.base, base)
        here = change
        if planned != base and change.edits:
            here = moved(change, self._load(planned), self._load(base), self.repository.prefix)
        files = new_files(here, self._load(base), self.repository.prefix)
        return commits.build(self.client, change.branch, base, files, change.commit_message, self.author)

    def _move(self, change: Change, built: Built, before: str | None) -> None:
        moves = [Move(change.branch, before, built.oid)] if before != built.oid else []
        if built.scratch is not None:
            moves.append(Move(built.scratch, built.oid, None))
        if moves:
            commits.move(self.client, moves)

    def _load(self, commit: str) -> Base:
        if commit not in self._loaded:
            self._loaded[commit] = Base(self.repository, commit)
        return self._loaded[commit]

    def _marker(self, change: Change, parent: str, tips: tuple[str, ...]) -> Marker:
        return Marker(
            base=change.base,
            parent=parent,
            tips=tips,
            fingerprint=fingerprint(change),
            told=told(change),
            labels=change.labels,
            sets=change.sets,
            pending=change.pending,
        )

    def _unlabel(self, change: Change, one: Known) -> None:
        if change.rebase_label in _labels(one):
            try:
                self.client.write("removing a label", lambda: one.pull.remove_from_labels(change.rebase_label))
            except Refusal as error:
                self._findings.append(Finding("not-set", f"{change.branch}: {error.what}", remedy=error.remedy))


def _labels(one: Known) -> set[str]:
    return {label.name for label in one.pull.labels}


def _same_words(new: Marker, old: Marker) -> bool:
    return old.dressed and (new.told, new.labels, new.sets, new.pending) == (
        old.told,
        old.labels,
        old.sets,
        old.pending,
    )


def _declined(change: Change, earlier: Sequence[Known]) -> Known | None:
    """The pull request that answers this change already, if there is one."""
    if change.recreate_when == "always":
        return None
    ended = [one for one in earlier if one.state in ("closed", "merged")]
    answered = {key for one in ended if one.marker is not None for key in one.marker.sets}
    if change.sets and answered.issuperset(change.sets):
        return ended[0]
    # Somebody took the marker out of the text: the same title on the same branch is the same proposal.
    return next(
        (one for one in ended if one.state == "closed" and one.marker is None and _same_title(one, change)), None
    )


def _same_title(one: Known, change: Change) -> bool:
    from gitops_ci.forge.github.texts import subject

    return one.pull.title == subject(change.title)
