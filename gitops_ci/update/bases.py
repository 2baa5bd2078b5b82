"""Several base branches in one run: ``baseBranchPatterns``, and what the runs over them come to together."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from gitops_ci.errors import ConfigurationError
from gitops_ci.finding import Finding
from gitops_ci.update.pattern import PatternError, compile_regex, regular_expression

if TYPE_CHECKING:
    from gitops_ci.update.run import Outcome


class Bases(NamedTuple):
    """The branches to update, and what is worth knowing about the patterns."""

    names: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def select(
    patterns: Sequence[str], branches: Sequence[str], default: str | None, *, prefix: str, file: str | None
) -> Bases:
    """The branches that names, ``$default`` and ``/regular expressions/`` mean, in the patterns' order.

    An expression never means a branch that starts with ``prefix``, a proposal's own. Raises ConfigurationError for
    an expression that cannot be used, and where no branch is left.
    """
    found: dict[str, None] = {}
    findings: list[Finding] = []
    for pattern in patterns:
        expression = regular_expression(pattern)
        if expression is None:
            name = default if pattern == "$default" else pattern
            matching = [name] if name in branches and name is not None else []
        else:
            try:
                search = compile_regex(*expression)
            except PatternError as error:
                raise ConfigurationError(f"baseBranchPatterns: {error.args[0]}", file=file) from None
            own = (branch for branch in branches if not prefix or not branch.startswith(prefix))
            matching = sorted(branch for branch in own if search(branch))
        if not matching:
            message = f"the remote has no branch {pattern!r} (baseBranchPatterns)"
            findings.append(Finding("missing-base-branch", message, file, remedy="create it, or correct the pattern"))
        found.update(dict.fromkeys(matching))
    if not found:
        raise ConfigurationError(
            f"the remote has no branch that baseBranchPatterns names: {', '.join(patterns)}",
            file=file,
            remedy="correct the patterns, or name a branch with --base",
        )
    return Bases(tuple(found), tuple(findings))


def joined(outcomes: Sequence["Outcome"]) -> "Outcome":
    """The runs over several bases as one."""
    first, plans = outcomes[0], [outcome.plan for outcome in outcomes]
    plan = replace(
        plans[-1],  # its requests are those of the whole run
        planned=tuple(one for plan in plans for one in plan.planned),
        held=tuple(one for plan in plans for one in plan.held),
        failures=tuple(dict.fromkeys(one for plan in plans for one in plan.failures)),
        skipped=tuple(dict.fromkeys(one for plan in plans for one in plan.skipped)),
        refused=tuple(dict.fromkeys(one for plan in plans for one in plan.refused)),
        findings=tuple(dict.fromkeys(one for plan in plans for one in plan.findings)),
        decisions=tuple(one for plan in plans for one in plan.decisions),
        uses=sum(plan.uses for plan in plans),
        images=max(plan.images for plan in plans),
        files=sum(plan.files for plan in plans),
        up_to_date=sum(plan.up_to_date for plan in plans),
        wanted=frozenset(branch for plan in plans for branch in plan.wanted),
    )
    return replace(
        first,
        plan=plan,
        base=", ".join(outcome.base for outcome in outcomes if outcome.base),
        proposals=tuple(one for outcome in outcomes for one in outcome.proposals),
        retired=tuple(one for outcome in outcomes for one in outcome.retired),
        merges=tuple(one for outcome in outcomes for one in outcome.merges),
        notes=tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes)),
    )
