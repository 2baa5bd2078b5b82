"""``--explain IMAGE``: what was seen, which rule or filter dropped each candidate, which decided, who else spoke."""

from collections.abc import Mapping

from gitops_ci.report import terminal
from gitops_ci.update.model import Decision, Origin, Update
from gitops_ci.update.run import Outcome
from gitops_ci.update.text import origin_text, step

_SHOWN = 40
"""Candidates of one kind of reason that are listed; the report has all."""


def explain(outcome: Outcome) -> None:
    """Print every decision of the run."""
    for decision in outcome.plan.decisions:
        _decision(decision, outcome)
    decided = {use for decision in outcome.plan.decisions for use in decision.uses}
    for skipped in outcome.plan.skipped:
        if skipped.use in decided:
            continue
        terminal.line(f"{skipped.use.name}  {skipped.use.file}:{skipped.use.line}", "bold")
        terminal.line(f"  not considered: {skipped.reason}", "yellow")


def _decision(decision: Decision, outcome: Outcome) -> None:
    use = decision.uses[0]
    current = str(use.reference).removeprefix(use.name) or " (no tag)"
    terminal.line(f"{use.name}{current}", "bold")
    for one in decision.uses[:_SHOWN]:
        place = " ".join(part for part in (one.environment, one.application) if part)
        terminal.line(f"  {one.file}:{one.line}  {one.path}  [{one.format}{', ' + place if place else ''}]", "dim")
    if len(decision.uses) > _SHOWN:
        terminal.line(f"  … and {len(decision.uses) - _SHOWN} more", "dim")
    terminal.line()
    if decision.error is not None:
        terminal.line(f"  could not be looked up: {decision.error}", "red")
    _configuration(decision, outcome)
    _candidates(decision)
    if not decision.updates and decision.error is None:
        terminal.line("  no update", "yellow")
    for update in decision.updates:
        terminal.line(f"  → {update.kind}: {step(update)}", "bold green")
        for origin in update.decided_by:
            terminal.line(f"      decided by {origin_text(origin)}")
        _fate(update, outcome)
    for note in decision.notes:
        terminal.line(f"  note: {note}", "dim")
    terminal.line()


def _configuration(decision: Decision, outcome: Outcome) -> None:
    """Who spoke about this image; where several did, the one nearest to it comes first and wins."""
    spoken = outcome.foreign.explain(decision.uses[0]) if outcome.foreign is not None else ()
    for number, statement in enumerate(spoken):
        word = "policy" if number == 0 else "policy (loses, farther from the image)"
        terminal.line(
            f"  {word}: {origin_text(statement.policy.origin)}: {statement.policy.strategy}",
            "" if number == 0 else "dim",
        )
    options: dict[str, tuple[object, Origin]] = {}
    for update in decision.updates:
        for name, origin in update.options.origins.items():
            options[name] = (update.options.values.get(name), origin)
    if options:
        rows = [(name, _written(value), origin_text(origin)) for name, (value, origin) in sorted(options.items())]
        terminal.table(("option", "value", "set by"), rows)
        terminal.line()


def _written(value: object) -> str:
    """A value as a configuration would have it; texts without their quotes."""
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, (tuple, set)) else str(value)


def _candidates(decision: Decision) -> None:
    if not decision.candidates:
        return
    rows: list[tuple[str, str, str]] = []
    counts: dict[str, int] = {}
    chosen = {update.new_tag for update in decision.updates}
    for candidate in decision.candidates:
        by = origin_text(candidate.dropped_by) if candidate.dropped_by is not None else ""
        reason = candidate.reason or ("chosen" if candidate.tag in chosen else "fits, not needed")
        counts[by + reason] = counts.get(by + reason, 0) + 1
        if counts[by + reason] <= _SHOWN:
            rows.append((candidate.tag, reason, by))
    terminal.table(("candidate", "what became of it", "by"), rows)
    hidden = len(decision.candidates) - len(rows)
    if hidden:
        terminal.line(f"  … and {hidden} more, dropped for the same reasons (--report FILE has all)", "dim")
    terminal.line()


def _fate(update: Update, outcome: Outcome) -> None:
    keys = {(use.file, use.document, use.path) for use in update.uses}
    for planned in outcome.plan.planned:
        for one in planned.group.updates:
            if one.kind == update.kind and keys & {(use.file, use.document, use.path) for use in one.uses}:
                words = f"waits: {planned.waiting}" if planned.waiting is not None else f"in “{planned.change.title}”"
                terminal.line(f"      {words}  ({planned.change.branch})")
    for one in outcome.plan.held:
        if one.kind == update.kind and keys & {(use.file, use.document, use.path) for use in one.uses}:
            terminal.line(f"      not proposed: {one.pending}", "yellow")
