"""``automergeType: branch``: a branch without a pull request, to which the base moves once its checks are green."""

import time
from collections.abc import Callable
from typing import NamedTuple

from gitops_ci.errors import GitopsError
from gitops_ci.forge.change import Change, Proposal
from gitops_ci.forge.github import commits, merging
from gitops_ci.forge.github.checks import checks
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.commits import Move
from gitops_ci.forge.github.problems import Refusal
from gitops_ci.forge.github.texts import message
from gitops_ci.git.push import LostRace


class Pushed(NamedTuple):
    """A branch of this run that has no pull request."""

    tip: str
    parent: str


def wanted(change: Change) -> bool:
    """Whether a change travels without a pull request."""
    return change.merge.automerge and change.merge.automerge_type == "branch" and change.pending is None


def standing(client: Client, change: Change, tip: str, paths: set[str]) -> Pushed | None:
    """The branch as an earlier run left it, if that is what this change asks for."""
    with client.told(f"reading the commit of {change.branch}"):
        commit = client.repository.get_commit(tip)
        same = commit.commit.message.strip() == message(change.commit_message).strip()
        files = {file.filename for file in commit.files}
        parents = [parent.sha for parent in commit.parents]
    return Pushed(tip, parents[0]) if same and files == paths and len(parents) == 1 else None


class BranchMerger:
    """Moves bases to branches. ``rebuild`` builds one anew on the newest base
    (LostRace where somebody else pushed to it), ``open_pull`` asks people instead."""

    def __init__(
        self,
        client: Client,
        rebuild: Callable[[Change, Pushed], Pushed],
        open_pull: Callable[[Change, Pushed], str],
        *,
        budget: float,
    ) -> None:
        self.client = client
        self._rebuild = rebuild
        self._open_pull = open_pull
        self._until = time.monotonic() + budget

    def run(self, change: Change, pushed: Pushed, closed: str | None) -> Proposal:
        """``merged``, or ``waiting`` with the reason."""
        branch = change.branch
        try:
            while True:
                if closed is not None:
                    return Proposal(branch, "waiting", commit=pushed.tip, error=closed)
                found = checks(self.client, pushed.tip)
                if not change.merge.ignore_tests and found.state == "failed":
                    return self._ask(change, pushed, f"checks failed: {', '.join(found.names[:5])}")
                if not change.merge.ignore_tests and found.state != "passed":
                    if self._wait():
                        continue
                    why = "checks are running" if found.names else "no check has reported yet"
                    return Proposal(branch, "waiting", commit=pushed.tip, error=why)
                if commits.tip(self.client, change.base) != pushed.parent:
                    pushed = self._rebuild(change, pushed)
                    continue
                try:
                    base = Move(change.base, pushed.parent, pushed.tip, force=False)
                    commits.move(self.client, [base, Move(branch, pushed.tip, None)])
                except LostRace:
                    if commits.tip(self.client, branch) != pushed.tip:
                        raise
                    if not self._wait():
                        return Proposal(branch, "waiting", commit=pushed.tip, error="its base moves all the time")
                    continue  # the base moved: seen above
                except Refusal as error:
                    return self._ask(change, pushed, str(error))
                return Proposal(branch, "merged", commit=pushed.tip)
        except LostRace:
            return Proposal(branch, "waiting", error="somebody else pushed to it")
        except GitopsError as error:
            return Proposal(branch, "failed", error=str(error))

    def _ask(self, change: Change, pushed: Pushed, why: str) -> Proposal:
        return Proposal(change.branch, "waiting", self._open_pull(change, pushed), pushed.tip, why)

    def _wait(self) -> bool:
        if time.monotonic() + merging.POLL > self._until:
            return False
        time.sleep(merging.POLL)
        return True
