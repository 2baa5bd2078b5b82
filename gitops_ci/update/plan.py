"""Plan: what an update run would do, worked out before anything is written.

uses → dependencies → options (rules) → look-up, each image once → choice → updates → options once more, now
that the kind of update is known → groups → gates (holds, answers, schedules, approval, limits) → edits → changes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from gitops_ci.config.settings import Hold
from gitops_ci.finding import Finding
from gitops_ci.forge.change import Change, MergePolicy, Standing
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update import waits
from gitops_ci.update.edits import FileChange, Read, edit
from gitops_ci.update.fields import flag, text, texts
from gitops_ci.update.group import Group, group, without_rivals
from gitops_ci.update.keys import is_set, keys
from gitops_ci.update.lookup import Failure, Found, Skipped, look_up
from gitops_ci.update.model import Decision, Update
from gitops_ci.update.question import Lookup, PolicyFor, RuleSet
from gitops_ci.update.text import automerges, body, commit_message, proposal_title, title


@dataclass(frozen=True, slots=True)
class Context:
    """What a plan depends on besides the files and the rules."""

    now: datetime
    base_branch: str = ""
    repository: str | None = None
    """``owner/name``."""
    several_bases: bool = False
    """Other branches are updated by the same run: names and titles say which one is meant."""
    semantic: bool = False
    """The history's commits have semantic titles (``semanticCommits: auto``)."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One change, ready or waiting."""

    change: Change
    group: Group
    files: tuple[FileChange, ...]
    waiting: str | None = None
    """Why it is not proposed in this run."""
    stands: bool = False
    """Its branch is there from an earlier run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was found out and decided."""

    planned: tuple[Planned, ...] = ()
    held: tuple[Update, ...] = ()
    """Updates that are known and not proposed; ``pending`` says why."""
    failures: tuple[Failure, ...] = ()
    """Look-ups that failed: their images are neither up to date nor not."""
    skipped: tuple[Skipped, ...] = ()
    refused: tuple[Finding, ...] = ()
    """Places that an update should change and cannot."""
    findings: tuple[Finding, ...] = ()
    """Unreadable files, configuration warnings, expired holds."""
    decisions: tuple[Decision, ...] = ()
    uses: int = 0
    images: int = 0
    files: int = 0
    up_to_date: int = 0
    """Uses."""
    requests: Mapping[str, int] = field(default_factory=dict)
    """Requests to each registry host."""
    wanted: frozenset[str] = frozenset()
    """Branches that some update still asks for, proposed in this run or not."""

    @property
    def changes(self) -> tuple[Planned, ...]:
        """What is proposed now."""
        return tuple(planned for planned in self.planned if planned.waiting is None)

    @property
    def waiting(self) -> tuple[Planned, ...]:
        """What is proposed later."""
        return tuple(planned for planned in self.planned if planned.waiting is not None)


def plan(
    uses: Sequence[ImageUse],
    *,
    all_uses: Sequence[ImageUse] | None = None,
    rules: RuleSet,
    lookup: Lookup,
    read: Read,
    context: Context,
    policy_for: PolicyFor | None = None,
    holds: Sequence[Hold] = (),
    standing: Sequence[Standing] = (),
    explain: Callable[[str], bool] = lambda _: False,
    prepare: Callable[[int], None] = lambda _: None,
    advance: Callable[[int], None] = lambda _: None,
) -> Plan:
    """Work out what to change for these uses.

    ``all_uses`` is every use of the same files (default: ``uses``), for edits that reach more than one use.
    ``prepare`` is told how many images are looked up, ``advance`` each time one is done. Raises
    ConfigurationError for rules, schedules or templates that cannot be read; what fails outside is in the plan.
    """
    found = look_up(
        uses,
        rules=rules,
        lookup=lookup,
        now=context.now,
        base_branch=context.base_branch or None,
        repository=context.repository,
        policy_for=policy_for,
        explain=explain,
        prepare=prepare,
        advance=advance,
    )
    uses_of: dict[str, list[ImageUse]] = {}
    for use in all_uses if all_uses is not None else uses:
        uses_of.setdefault(use.file, []).append(use)
    state = _State(found, uses_of, read, context, tuple(holds), tuple(standing))
    return state.build(len(uses))


class _State:
    """The second half of planning, from updates to changes."""

    def __init__(
        self,
        found: Found,
        uses_of: Mapping[str, Sequence[ImageUse]],
        read: Read,
        context: Context,
        holds: tuple[Hold, ...],
        standing: tuple[Standing, ...],
    ) -> None:
        self.found = found
        self.uses_of = uses_of
        self.read = read
        self.context = context
        self.holds = holds
        self.branches = {proposal.branch: proposal.sets for proposal in standing if proposal.state == "open"}
        self.answers = waits.declined(standing)
        self.limits = waits.Limits(standing, context.now)
        self.held: list[Update] = []
        self.refused: list[Finding] = []

    def build(self, count: int) -> Plan:
        several = self.context.several_bases
        groups = group([update for update in self.found.updates if update.pending is None], several_bases=several)
        self.held += [update for update in self.found.updates if update.pending is not None]
        wanted = {one.branch for one in groups}
        # A branch that only waits for its age or a hold is still asked for.
        wanted |= {one.branch for one in group(self.held, several_bases=several)}
        planned: list[Planned] = []
        # What stands already comes first: it needs no room under a limit.
        for one in sorted(groups, key=lambda each: (each.branch not in self.branches, waits.priority(each))):
            made = self._plan(one)
            if made is not None:
                planned.append(made)
        return Plan(
            planned=tuple(planned),
            held=tuple(self.held),
            failures=self.found.failures,
            skipped=self.found.skipped,
            refused=tuple(dict.fromkeys(self.refused)),
            decisions=self.found.decisions,
            uses=count,
            images=self.found.images,
            files=len(self.uses_of),
            up_to_date=self.found.up_to_date,
            wanted=frozenset(wanted),
        )

    def _plan(self, whole: Group) -> Planned | None:
        stands = whole.branch in self.branches
        left: list[Update] = []
        for update in whole.updates:
            free, declined = waits.drop_declined(update, self.answers)
            if declined is not None:
                self.held.append(declined)
            if free is None:
                continue
            kept = waits.hold(free, self.holds, self.context.now)
            if kept is not None:
                self.held.append(replace(free, pending=kept))
                continue
            left.append(free)
        left, waiting = self._scheduled(left, self.branches.get(whole.branch, ()))
        if not left:
            return None
        edited = edit(without_rivals(left), self.uses_of, self.read)
        self.refused += edited.refused
        if not edited.edits:
            return None
        small = replace(whole, updates=edited.updates)
        if waiting is None:
            waiting = waits.approval(small) if not stands else None
        if waiting is None and not stands:
            waiting = waits.size(small) or self.limits.admit(small)
        return Planned(self._change(small, edited.edits, edited.files), small, edited.files, waiting, stands)

    def _scheduled(self, updates: list[Update], standing: tuple[str, ...]) -> tuple[list[Update], str | None]:
        """The updates whose schedule is open; if it is open for none, all of them, and why they wait.

        ``standing`` is what the branch sets already.
        """
        closed: list[tuple[Update, str]] = []
        free: list[Update] = []
        for update in updates:
            reason = waits.schedule(update.options, self.context.now)
            # What stands is kept up to date outside its schedule too, unless that is switched off; what is new
            # on a branch waits all the same.
            if reason is None or (flag(update.options, "updateNotScheduled", True) and is_set(update, standing)):
                free.append(update)
            else:
                closed.append((update, reason))
        if free or not closed:
            self.held += [replace(update, pending=reason) for update, reason in closed]
            return free, None
        return [update for update, _ in closed], closed[0][1]

    def _change(self, one: Group, edits: tuple[Edit, ...], files: tuple[FileChange, ...]) -> Change:
        options = one.updates[0].options
        base = self.context.base_branch
        commit_title = title(one, semantic=self.context.semantic)
        policy = merge_policy(one)
        return Change(
            branch=one.branch,
            base=base,
            title=proposal_title(
                one, commit_title, base=self.context.base_branch if self.context.several_bases else None
            ),
            body=body(one, {file.file: file.lines for file in files}, policy),
            commit_message=commit_message(one, commit_title),
            edits=edits,
            labels=_union(one, "labels", "addLabels"),
            reviewers=_union(one, "reviewers", "additionalReviewers", without="ignoreReviewers"),
            assignees=_union(one, "assignees"),
            merge=policy,
            rebase_when=text(options, "rebaseWhen", "auto"),
            recreate_when=text(options, "recreateWhen", "auto"),
            sets=keys(one.updates),
        )


def merge_policy(one: Group) -> MergePolicy:
    """When a group may merge by itself: only if every update may, and then by the strictest of their words."""
    options = [update.options for update in one.updates]
    first = options[0]
    schedules = [entry for option in options for entry in texts(option, "automergeSchedule")]
    return MergePolicy(
        automerge=automerges(one),
        automerge_type=text(first, "automergeType", "pr"),
        strategy=text(first, "automergeStrategy", "auto"),
        schedule=tuple(dict.fromkeys(entry for entry in schedules if entry != "at any time")),
        platform=all(flag(option, "platformAutomerge", True) for option in options),
        ignore_tests=all(flag(option, "ignoreTests") for option in options),
        timezone=text(first, "timezone") or None,
    )


def _union(one: Group, *names: str, without: str | None = None) -> tuple[str, ...]:
    left_out = {entry for update in one.updates for entry in texts(update.options, without)} if without else set()
    every = (entry for name in names for update in one.updates for entry in texts(update.options, name))
    return tuple(dict.fromkeys(entry for entry in every if entry not in left_out))
