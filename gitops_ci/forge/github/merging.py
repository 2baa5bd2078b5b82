"""Carries out what ``automerge.decide`` says, one pull request after the other, until nothing moves any more.

A merge moves the base, so the others are looked at again: rebased where GitHub asks for it, rechecked, and merged in
the same run. Waiting for checks is bounded by one budget for the whole run.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from gitops_ci.errors import GitopsError
from gitops_ci.forge.change import Change, Proposal
from gitops_ci.forge.github import comments
from gitops_ci.forge.github.automerge import Facts, Step, decide, method
from gitops_ci.forge.github.checks import Checks, checks
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.problems import Refusal
from gitops_ci.forge.github.pulls import Known, known, native

if TYPE_CHECKING:
    from github.PullRequest import PullRequest

POLL = 10.0
"""Seconds between two looks at running checks."""
_STEPS = 12
"""Steps for one pull request in one round; more means that two parties undo each other's work."""

Rebase = Callable[[Change], Proposal]
Closed = Callable[[Change], str | None]


class Merging(NamedTuple):
    """A pull request on its way."""

    change: Change
    number: int
    refused: frozenset[str] = frozenset()
    base_queue: bool = False
    queued: bool = False
    remedies: tuple[str, ...] = ()
    rebased: bool = False


class Merger:
    """The merging of one run."""

    def __init__(self, client: Client, rebase: Rebase, closed: Closed, *, budget: float) -> None:
        self.client = client
        self._rebase = rebase
        self._closed = closed
        self._until = time.monotonic() + budget

    def run(self, changes: Sequence[tuple[Change, int]]) -> list[Proposal]:
        """Merge what may be merged. One result each, in order: ``merged``, ``automerge`` (GitHub will do it),
        ``waiting`` with the reason, ``failed``."""
        results: dict[int, Proposal] = {}
        left = [Merging(change, number) for change, number in changes]
        while left:
            again: list[Merging] = []
            progress = False
            for one in left:
                result, later = self._one(one)
                results[one.number] = result
                if later is not None:
                    again.append(later)
                progress |= result.state == "merged"
            left = again
            if not left or (not progress and not self._pause()):
                break
        return [results[number] for _, number in changes]

    def _pause(self) -> bool:
        if time.monotonic() + POLL > self._until:
            return False
        time.sleep(POLL)
        return True

    def _one(self, one: Merging) -> tuple[Proposal, Merging | None]:
        """Step until it rests. The second value is there when another look may help."""
        branch = one.change.branch
        try:
            for _ in range(_STEPS):
                pull = self._pull(one.number)
                facts = self._facts(one, pull)
                step = decide(facts)
                if step.action in ("done", "wait", "recheck"):
                    return self._rest(one, pull, facts, step)
                one = self._take(one, pull, step)
        except GitopsError as error:
            return Proposal(branch, "failed", error=str(error)), None
        return Proposal(branch, "waiting", error="it changes faster than it can be merged"), None

    def _rest(self, one: Merging, pull: "PullRequest", facts: Facts, step: Step) -> tuple[Proposal, Merging | None]:
        branch, url = one.change.branch, pull.html_url
        if step.action == "done":
            state = facts.state if facts.state == "merged" else "closed"
            return Proposal(branch, state, url, pull.merge_commit_sha if state == "merged" else None), None
        if facts.native or facts.queued:
            return Proposal(branch, "automerge", url, facts.head, step.why), None
        why = "; ".join(dict.fromkeys([step.why, *one.remedies]))
        return Proposal(branch, "waiting", url, facts.head, why), one if step.action == "recheck" else None

    def _pull(self, number: int) -> "PullRequest":
        with self.client.told(f"reading pull request {number}"):
            return self.client.repository.get_pull(number)

    def _facts(self, one: Merging, pull: "PullRequest") -> Facts:
        found: Known | None = known(self.client, pull)
        state = "open" if pull.state == "open" else "merged" if pull.merged else "closed"
        policy = one.change.merge
        return Facts(
            state=state,
            head=pull.head.sha,
            mergeable=pull.mergeable,
            mergeable_state=pull.mergeable_state or "unknown",
            checks=checks(self.client, pull.head.sha) if state == "open" else Checks("none"),
            native=native(pull),
            queued=one.queued,
            foreign=found is None or found.foreign,
            automerge=policy.automerge,
            closed_until=self._closed(one.change),
            pending=one.change.pending,
            ignore_tests=policy.ignore_tests,
            platform=policy.platform,
            refused=one.refused,
            base_queue=one.base_queue,
        )

    def _take(self, one: Merging, pull: "PullRequest", step: Step) -> Merging:
        if step.action == "rebase":
            if one.rebased and self._pull(one.number).head.sha != pull.head.sha:
                return one
            made = self._rebase(replace(one.change, rebase_when="behind-base-branch"))
            if made.state == "failed":
                raise Refusal(made.error or "rebasing failed", status=None, said="")
            if made.state in ("unchanged", "edited-by-hand", "closed-earlier"):
                # GitHub has not noticed yet that the branch moved.
                self._breathe()
            return one._replace(rebased=True)
        if step.action == "stop-native":
            self._stop_native(pull)
            return one
        wanted = method(one.change.merge.strategy, self._allowed())
        if wanted is None:
            name = one.change.merge.strategy
            raise Refusal(
                f"automergeStrategy {name} is not allowed in this repository",
                status=None,
                said="",
                remedy="allow it in Settings → General → Pull Requests, or change automergeStrategy",
            )
        if step.action == "merge":
            if one.change.merge.automerge_type == "pr-comment":
                comments.stick(self.client, one.number, "automerge", one.change.merge.comment)
                return one._replace(refused=one.refused | {"direct", "native"})
            return self._merge(one, pull, wanted)
        if step.action == "native":
            return self._native(one, pull, wanted)
        return self._enqueue(one, pull)

    def _breathe(self) -> None:
        if not self._pause():
            raise Refusal("it cannot be rebased yet", status=None, said="", remedy="the next run tries again")

    def _allowed(self) -> tuple[str, ...]:
        values = self.client.repository.raw_data
        names = {
            "squash": "allow_squash_merge",
            "merge": "allow_merge_commit",
            "rebase": "allow_rebase_merge",
        }
        # GitHub shows these settings only to those who may write; what is not shown is tried.
        return tuple(name for name, key in names.items() if values.get(key, True))

    def _merge(self, one: Merging, pull: "PullRequest", wanted: str) -> Merging:
        from github.GithubObject import NotSet

        title = f"{pull.title} (#{pull.number})"

        def look() -> bool | None:
            return True if self._pull(one.number).merged else None

        try:
            self.client.write(
                f"merging pull request {one.number}",
                lambda: (
                    pull.merge(
                        merge_method=wanted, sha=pull.head.sha, commit_title=title if wanted == "squash" else NotSet
                    ).merged
                ),
                look,
            )
        except Refusal as error:
            if error.says("merge queue"):
                return one._replace(base_queue=True)
            if error.status == 409 or error.says("base branch was modified", "head branch was modified"):
                return one  # looked at anew: a foreign commit stops it, our own is merged
            if error.status in (403, 405, 422):
                remedy = str(error)
                return one._replace(refused=one.refused | {"direct"}, remedies=(*one.remedies, remedy))
            raise
        if one.change.merge.prune:
            self._delete(pull)
        return one

    def _delete(self, pull: "PullRequest") -> None:
        """Tidy up; a repository that deletes merged branches by itself was quicker."""
        from gitops_ci.forge.github.commits import Move, move

        try:
            move(self.client, [Move(pull.head.ref, pull.head.sha, None)])
        except GitopsError:
            return

    def _native(self, one: Merging, pull: "PullRequest", wanted: str) -> Merging:
        try:
            self.client.mutate(
                f"turning on auto-merge for pull request {one.number}",
                "enablePullRequestAutoMerge",
                {"pullRequestId": pull.node_id, "mergeMethod": wanted.upper(), "expectedHeadOid": pull.head.sha},
                "clientMutationId",
            )
        except Refusal as error:
            refused = one.refused | {"native"}
            if error.says("clean status", "unstable status"):
                return one._replace(refused=refused)  # its requirements are met by now: looked at anew, then merged
            if error.says("head sha", "expected head", "head oid"):
                return one
            if error.status in (400, 403, 422):
                return one._replace(refused=refused, remedies=(*one.remedies, str(error)))
            raise
        return one

    def _stop_native(self, pull: "PullRequest") -> None:
        self.client.mutate(
            f"turning off auto-merge for pull request {pull.number}",
            "disablePullRequestAutoMerge",
            {"pullRequestId": pull.node_id},
            "clientMutationId",
        )

    def _enqueue(self, one: Merging, pull: "PullRequest") -> Merging:
        try:
            self.client.mutate(
                f"putting pull request {one.number} into the merge queue",
                "enqueuePullRequest",
                {"pullRequestId": pull.node_id, "expectedHeadOid": pull.head.sha},
                "clientMutationId",
            )
        except Refusal as error:
            if error.says("already queued", "already in the queue", "already enqueued"):
                return one._replace(queued=True)
            return one._replace(refused=one.refused | {"queue"}, remedies=(*one.remedies, str(error)))
        return one._replace(queued=True)
