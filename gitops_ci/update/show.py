"""An update run as a person reads it in a terminal or a log."""

from collections.abc import Mapping, Sequence

from gitops_ci.forge.change import Proposal
from gitops_ci.report import terminal
from gitops_ci.report.diff import unified
from gitops_ci.update.fields import target
from gitops_ci.update.model import Update
from gitops_ci.update.plan import Plan, Planned
from gitops_ci.update.run import Outcome
from gitops_ci.update.text import origin_text, step

_STATE_STYLE = {
    "created": "bold green", "updated": "bold green", "merged": "green", "unchanged": "dim", "superseded": "dim",
    "closed-earlier": "yellow", "edited-by-hand": "yellow", "failed": "bold red", "planned": "bold cyan",
}  # fmt: skip
_MERGE = {"merged": "green", "automerge": "green", "waiting": "yellow", "failed": "bold red"}
_STATE_WORDS = {
    "closed-earlier": "closed earlier, not proposed again",
    "edited-by-hand": "somebody else pushed to it, left alone",
}


def show(outcome: Outcome, *, dry_run: bool) -> None:
    """What changes, then what waits, is held, failed or was refused, then one closing line.

    A plan shows each change with its exact difference; a run shows all of them in one table.
    """
    plan = outcome.plan
    states = {proposal.branch: proposal for proposal in outcome.proposals}
    if dry_run:
        for planned in plan.changes:
            _planned(planned)
    else:
        _proposed(plan.changes, states)
    _waiting(plan.waiting)
    _held(plan.held)
    _failures(plan)
    for proposal in outcome.retired:
        terminal.line(f"✕ {proposal.branch}: {_words(proposal)}", _STATE_STYLE.get(proposal.state, ""))
    for merge in outcome.merges:
        terminal.line(
            f"⇢ {merge.branch}: {merge.state}" + (f", {merge.error}" if merge.error else ""),
            _MERGE.get(merge.state, ""),
        )
    _skipped(plan)
    terminal.findings([*plan.findings, *plan.refused])
    for note in outcome.notes:
        terminal.note(note)
    terminal.line(closing(outcome, dry_run=dry_run), "bold")


def closing(outcome: Outcome, *, dry_run: bool) -> str:
    """One line that sums it up."""
    plan = outcome.plan
    parts = []
    if dry_run:
        parts.append(_count(len(plan.changes), "change") + " would be proposed")
    else:
        states = [proposal.state for proposal in outcome.proposals]
        for state in ("created", "updated", "unchanged", "merged", "closed-earlier", "edited-by-hand", "failed"):
            if state in states:
                parts.append(f"{states.count(state)} {state}")
        retired = sum(proposal.state in ("merged", "superseded") for proposal in outcome.retired)
        if retired:
            parts.append(f"{retired} no longer needed")
        merged = sum(proposal.state == "merged" for proposal in outcome.merges)
        if merged:
            parts.append(f"{merged} merged by itself")
        if not parts:
            parts.append("nothing to propose")
    if plan.waiting:
        parts.append(f"{len(plan.waiting)} waiting")
    if plan.held:
        parts.append(f"{_count(len(plan.held), 'update')} held back")
    if plan.refused:
        parts.append(f"{_count(len(plan.refused), 'place')} refused")
    if plan.failures:
        parts.append(f"{_count(len({failure.image for failure in plan.failures}), 'image')} not looked up")
    requests = sum(plan.requests.values())
    seen = f"{_count(plan.uses, 'use')} of {_count(plan.images, 'image')} in {_count(plan.files, 'file')}"
    seen += f", {plan.up_to_date} up to date"
    asked = f", {_count(requests, 'request')}" if requests else ""
    return f"{', '.join(parts)}  ({seen}{asked})"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _planned(planned: Planned) -> None:
    change = planned.change
    terminal.line(f"● {change.title}", _STATE_STYLE["planned"])
    branch = "updates its branch" if planned.stands else "new branch"
    terminal.line(f"  {change.branch} → {change.base}   {branch}, {_merging(planned)}", "dim")
    _updates(planned.group.updates)
    for file in planned.files:
        terminal.diff(unified(file.file, file.before, file.after))
    terminal.line()


def _proposed(changes: Sequence[Planned], states: Mapping[str, Proposal]) -> None:
    """One row for each update; those of one branch stand together, with its fate in the first of them."""
    rows: list[tuple[object, ...]] = []
    for planned in changes:
        proposal = states.get(planned.change.branch)
        fate = f"{_words(proposal)}, {_merging(planned)}" if proposal is not None else "not proposed"
        for update in planned.group.updates:
            before, after = _from_to(update)
            rows.append((update.dependency.dep_name, _where(update), before, after, planned.change.branch, fate))
            fate = "〃"
    if rows:
        terminal.table(("image", "where", "from", "to", "branch", "what became of it"), rows)
        terminal.line()
    for proposal in states.values():
        if proposal.error is not None:
            terminal.error(f"{proposal.branch}: {proposal.error}")


def _merging(planned: Planned) -> str:
    return "merges by itself" if planned.change.merge.automerge else "merged by a person"


def _words(proposal: Proposal) -> str:
    return _STATE_WORDS.get(proposal.state, proposal.state)


def _updates(updates: Sequence[Update]) -> None:
    placed = any(update.dependency.application or update.dependency.environment for update in updates)
    columns = ["image", *(["where"] if placed else []), "from", "to", "kind", "uses", "released", "decided by"]
    terminal.table(columns, [_row(update, placed) for update in updates], right=("uses",))


def _row(update: Update, placed: bool) -> list[object]:
    before, after = _from_to(update)
    return [
        update.dependency.dep_name,
        *([_where(update)] if placed else []),
        before,
        after,
        update.kind,
        len(update.uses),
        update.released.strftime("%Y-%m-%d") if update.released else None,
        "; ".join(origin_text(origin) for origin in update.decided_by[:2]) or "defaults",
    ]


def _from_to(update: Update) -> tuple[str, str]:
    before, _, after = step(update).rpartition("→ ")
    return before.strip(" →"), after or target(update)


def _where(update: Update) -> str:
    return "/".join(part for part in (update.dependency.environment, update.dependency.application) if part)


def _waiting(waiting: Sequence[Planned]) -> None:
    if not waiting:
        return
    terminal.line("Waiting", "bold yellow")
    terminal.table(("change", "branch", "why"), [(one.change.title, one.change.branch, one.waiting) for one in waiting])
    terminal.line()


def _held(held: Sequence[Update]) -> None:
    if not held:
        return
    terminal.line("Held back", "bold yellow")
    rows = [(update.dependency.dep_name, _where(update), step(update), update.pending) for update in held]
    terminal.table(("image", "where", "update", "why"), rows)
    terminal.line()


def _failures(plan: Plan) -> None:
    if not plan.failures:
        return
    terminal.line("Not looked up", "bold red")
    terminal.table(
        ("image", "uses", "why"), [(one.image, len(one.uses), one.reason) for one in plan.failures], right=("uses",)
    )
    terminal.line()


def _skipped(plan: Plan) -> None:
    reasons: dict[str, int] = {}
    for skipped in plan.skipped:
        reasons[skipped.reason] = reasons.get(skipped.reason, 0) + 1
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        terminal.line(f"  {_count(count, 'use')} not considered: {reason}", "dim")
