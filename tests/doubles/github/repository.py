"""A repository of the double: its settings, what it remembers, and what people and CI do to it in a test."""

import functools
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tests.doubles.github import merging
from tests.doubles.github.bare import BareRepository, Person
from tests.doubles.github.state import (
    AutoMerge,
    CheckRun,
    Comment,
    Files,
    Issue,
    Label,
    Milestone,
    Protection,
    Pull,
    Review,
    Settings,
    Status,
    WorkflowRun,
    now,
)

if TYPE_CHECKING:
    import threading

_LABELS = (("bug", "d73a4a"), ("documentation", "0075ca"), ("enhancement", "a2eeef"))
_APPROVED = "APPROVED"
_MONA = Person("Mona Lisa", "mona@example.com")


_Method = TypeVar("_Method", bound=Callable[..., Any])


def _alone(method: _Method) -> _Method:
    """The method holds the double's lock: no request is half-way when a test changes something."""

    @functools.wraps(method)
    def locked(self: "Repository", *arguments: Any, **options: Any) -> Any:
        with self.lock:
            return method(self, *arguments, **options)

    return cast("_Method", locked)


class Repository:
    """Everything about one repository. Tests read and change it directly; clients reach it through the server."""

    def __init__(
        self, full_name: str, number: int, path: Path, branch: str, files: Files, lock: "threading.RLock"
    ) -> None:
        self.lock = lock
        self.full_name = full_name
        self.id = number
        self.owner, _, self.name = full_name.partition("/")
        self.default_branch = branch
        self.git = BareRepository(path)
        self.git.create(branch, files)
        self.settings = Settings()
        self.protection: dict[str, Protection] = {}
        self.issues: dict[int, Issue] = {}
        """Number → issue or pull request."""
        self.comments: dict[int, Comment] = {}
        self.labels = {name: Label(index, name, color) for index, (name, color) in enumerate(_LABELS, 1)}
        self.milestones: dict[int, Milestone] = {}
        self.check_runs: dict[int, CheckRun] = {}
        self.statuses: list[Status] = []
        self.runs: list[WorkflowRun] = []
        self.collaborators = {self.owner, "octocat", "robot", "hubot"}
        self.teams = {"platform"}
        self.verified: set[str] = set()
        """Commits that GitHub signed: made through its API by an app, with no author given."""
        self.pusher = "pat"
        """The kind of token behind plain git pushes, which do not say whose they are."""
        self._ids = itertools.count(1_000 * number + 1)
        self._seen: dict[str, str] = {}
        self.look()

    @property
    def path(self) -> Path:
        """The bare repository: push to it, clone it."""
        return self.git.path

    @property
    def remote(self) -> str:
        """The same as an address for ``git remote add``."""
        return self.path.as_uri()

    @property
    def pulls(self) -> dict[int, Pull]:
        """Number → pull request."""
        return {number: issue for number, issue in self.issues.items() if isinstance(issue, Pull)}

    def comments_on(self, number: int) -> list[Comment]:
        """An issue's or pull request's comments, oldest first."""
        return [comment for comment in self.comments.values() if comment.number == number]

    def branches(self) -> dict[str, str]:
        """Branch → commit."""
        return {ref.removeprefix("refs/heads/"): oid for ref, oid in self.git.refs("refs/heads/").items()}

    def files(self, revision: str | None = None) -> dict[str, bytes]:
        """Path → content at a branch or commit; the default branch unless told."""
        commit = self.git.resolve(revision or self.default_branch)
        if commit is None:
            raise KeyError(revision)
        return {
            entry.path: self.git.content(entry.oid)
            for entry in self.git.entries(commit, recursive=True)
            if entry.kind == "blob"
        }

    # What tests do.

    def protect(
        self,
        branch: str = "main",
        *,
        checks: tuple[str, ...] | list[str] = (),
        reviews: int = 0,
        strict: bool = False,
        queue: bool = False,
        ruleset: bool = False,
        linear_history: bool = False,
    ) -> Protection:
        """Require these before something gets into the branch."""
        self.protection[branch] = Protection(
            tuple(checks), reviews, strict, queue, ruleset=ruleset, linear_history=linear_history
        )
        return self.protection[branch]

    @_alone
    def push(
        self,
        branch: str,
        files: "dict[str, str | bytes | None]",
        *,
        message: str = "Somebody's change",
        start: str | None = None,
        author: Person = _MONA,
    ) -> str:
        """A commit by somebody else on a branch, made where it is missing; None as content deletes. Its hash."""
        old = self.branches().get(branch)
        parent = old or self.git.resolve(start or self.default_branch)
        assert parent is not None
        changes: list[tuple[str, str, str | None]] = []
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            changes.append(("100644", path, None if data is None else self.git.blob(data)))
        commit = self.git.commit(self.git.tree(parent, changes), [parent], message, author)
        self.git.set_ref(f"refs/heads/{branch}", commit, old)
        self.settle()
        return commit

    @_alone
    def report(self, revision: str, name: str, conclusion: str | None = "success") -> CheckRun:
        """CI tells a check's outcome for a branch or commit; None: it has begun. Armed pull requests may merge."""
        sha = self.git.resolve(revision)
        if sha is None:
            raise KeyError(revision)
        run = next((run for run in self.latest_checks(sha) if run.name == name), None)
        if run is None or run.status == "completed":
            run = CheckRun(self.next_id(), sha, name, "github-actions")
            self.check_runs[run.id] = run
        run.status, run.conclusion = ("in_progress", None) if conclusion is None else ("completed", conclusion)
        run.completed = now() if conclusion is not None else None
        self.settle()
        return run

    @_alone
    def approve(self, number: int, user: str = "octocat", state: str = _APPROVED) -> Review:
        """Somebody's review of a pull request's head as it is now."""
        self.settle()
        pull = self.pulls[number]
        review = Review(self.next_id(), user, state, pull.head_sha)
        pull.reviews.append(review)
        if user in pull.reviewers:
            pull.reviewers.remove(user)
        self.settle()
        return review

    @_alone
    def approve_runs(self, number: int) -> None:
        """A person lets the workflow runs of a GITHUB_TOKEN's pull request go: its checks come into being."""
        head = self.pulls[number].head_sha
        for run in self.runs:
            if run.sha == head and run.conclusion == "action_required":
                run.conclusion = None
                self._begin(run.name, head)
        self.settle()

    @_alone
    def close(self, number: int, user: str = "octocat") -> None:
        """A person closes an issue or a pull request."""
        merging.close(self.issues[number], user)

    @_alone
    def run_merge_queue(self, *, passed: bool = True) -> list[int]:
        """The queue's checks end: its pull requests merge in order, or leave it. Their numbers."""
        done = []
        for pull in sorted((pull for pull in self.pulls.values() if pull.queued), key=lambda pull: pull.number):
            queued_by, pull.queued, pull.queued_by = pull.queued_by, None, None
            if passed and self.git.merge_tree(pull.base_sha, pull.head_sha) is not None:
                merging.perform(self, pull, merging.presets(self.settings)[0], queued_by or "github-merge-queue[bot]")
            done.append(pull.number)
        return done

    # What the server needs as well.

    def next_id(self) -> int:
        return next(self._ids)

    def next_number(self) -> int:
        return max(self.issues, default=0) + 1

    def open_pulls(self) -> Iterator[Pull]:
        return (pull for pull in self.pulls.values() if pull.state == "open")

    def latest_checks(self, sha: str) -> list[CheckRun]:
        """The last run of each check of each app."""
        return list({(run.app, run.name): run for run in self.check_runs.values() if run.sha == sha}.values())

    def latest_statuses(self, sha: str) -> list[Status]:
        return list({status.context: status for status in self.statuses if status.sha == sha}.values())

    @_alone
    def look(self) -> None:
        """Notice what was pushed: heads move, a deleted head closes, a head that its base has is merged."""
        refs = self.branches()
        if refs == self._seen:
            return
        self._seen = refs
        for pull in list(self.open_pulls()):
            base, head = refs.get(pull.base), refs.get(pull.head)
            if base is None:
                merging.close(pull, "ghost")
                continue
            if head is not None and head != pull.head_sha:
                pull.head_sha, pull.updated, pull.queued = head, now(), None
                if self.git.is_ancestor(head, pull.base_sha):
                    merging.close(pull, "octocat")  # nothing is left of it, as after a reset to the base
                    continue
                self.start_workflows(pull, self.pusher)
            moved, pull.base_sha = pull.base_sha != base, base
            if moved and self.git.is_ancestor(pull.head_sha, base):
                merging.mark_merged(pull, base, "octocat")
            elif head is None:
                merging.close(pull, "octocat")

    @_alone
    def settle(self) -> None:
        """Everything that GitHub does by itself: notice pushes, merge what is armed and ready."""
        self.look()
        for pull in list(self.open_pulls()):
            armed: AutoMerge | None = pull.auto_merge
            if armed is None or pull.queued:
                continue
            state = merging.assess(self, pull).state
            if state not in ("clean", "unstable"):
                continue
            protection = self.protection.get(pull.base)
            if protection is not None and protection.queue:
                pull.queued, pull.queued_by = now(), armed.by
            else:
                merging.perform(self, pull, armed.method, armed.by, armed.title, armed.message)
            self.look()

    def start_workflows(self, pull: Pull, kind: str) -> None:
        """What a new head of a pull request starts: by GITHUB_TOKEN only runs that wait for an approval."""
        actor = "github-actions[bot]" if kind == "actions" else "robot"
        for name in self.settings.workflows:
            run = WorkflowRun(self.next_id(), name, pull.head_sha, pull.head, actor)
            self.runs.append(run)
            if kind == "actions":
                run.status, run.conclusion = "completed", "action_required"
            else:
                self._begin(name, pull.head_sha)

    def _begin(self, name: str, sha: str) -> None:
        run = CheckRun(self.next_id(), sha, name, "github-actions")
        self.check_runs[run.id] = run
