"""The dependency dashboard's text: what waits, what stands, what was declined, each with a box to tick."""

from collections.abc import Callable, Mapping, Sequence

from gitops_ci.forge.change import Dashboard, Proposal, Standing
from gitops_ci.report import markdown
from gitops_ci.update.plan import Plan, Planned
from gitops_ci.update.text import step

_INTRO = (
    "Every image update that is known. Tick a box and it is done in the next run of `gitops-ci update`; "
    "ticking needs write access to this repository."
)
_MAX_ROWS = 200


def dashboard(
    plan: Plan,
    proposals: Sequence[Proposal],
    merges: Sequence[Proposal],
    options: Mapping[str, object],
    standing: Sequence[Standing],
) -> Dashboard | None:
    """The issue as it should be; None where there should be none.

    There is one with ``dependencyDashboard``, and where something waits for an approval that only a box can give.
    """
    sections = [
        _section("Waiting for approval", "approve", plan, lambda one: _why(one).startswith("waits for approval")),
        _section("Limited", "unlimit", plan, lambda one: "Limit" in _why(one) or "in its group" in _why(one)),
        _section(
            "Outside their schedule", "unschedule", plan, lambda one: _why(one).startswith("outside its schedule")
        ),
        _open(plan, proposals, merges, standing),
        _declined(plan, proposals, standing),
        _held(plan),
        _failures(plan),
    ]
    shown = [section for section in sections if section]
    approving = bool(sections[0])
    if options.get("dependencyDashboard") is not True and not approving:
        return None
    if not shown and options.get("dependencyDashboardAutoclose") is True:
        return None
    header, footer = options.get("dependencyDashboardHeader"), options.get("dependencyDashboardFooter")
    labels = options.get("dependencyDashboardLabels")
    title = options.get("dependencyDashboardTitle")
    parts = [header if isinstance(header, str) else _INTRO, *(shown or ["Everything is up to date."])]
    if isinstance(footer, str):
        parts.append(footer)
    return Dashboard(
        title if isinstance(title, str) and title.strip() else "Dependency Dashboard",
        "\n\n".join(parts) + "\n",
        tuple(label for label in labels if isinstance(label, str)) if isinstance(labels, list) else (),
    )


def _why(one: Planned) -> str:
    return one.waiting or ""


def _box(kind: str, branch: str, text: str) -> str:
    """One box. The branch stands in a comment, which a name with spaces or brackets would leave."""
    if any(mark in branch for mark in " <>\t\n") or "--" in branch:
        return f"- {text}"
    return f" - [ ] <!-- {kind}-branch={branch} -->{text}"


def _listed(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    more = [f" - and {len(lines) - _MAX_ROWS} more"] if len(lines) > _MAX_ROWS else []
    return "\n".join([f"## {title}", "", *lines[:_MAX_ROWS], *more])


def _section(title: str, kind: str, plan: Plan, belongs: Callable[[Planned], bool]) -> str:
    lines = [
        _box(kind, one.change.branch, f"{markdown.escape(one.change.title)}: {markdown.escape(_why(one))}")
        for one in plan.waiting
        if belongs(one)
    ]
    if len(lines) > 1 and kind in ("approve", "unlimit"):
        lines.append(f" - [ ] <!-- {kind}-all -->All of them")
    return _listed(title, lines)


def _open(plan: Plan, proposals: Sequence[Proposal], merges: Sequence[Proposal], standing: Sequence[Standing]) -> str:
    titles = {one.change.branch: one.change.title for one in plan.planned}
    results = {one.branch: one for one in proposals}
    waits = {one.branch: one for one in merges}
    lines = []
    for one in standing:
        merged = waits.get(one.branch)
        if one.state != "open" or one.branch not in titles or (merged is not None and merged.state == "merged"):
            continue
        text = markdown.link(titles[one.branch], one.url)
        result = results.get(one.branch)
        if one.by_hand:
            text += ": somebody else pushed to it, so it is left alone; ticking discards that"
        elif result is not None and result.state == "failed":
            text += f": {markdown.escape(result.error or 'failed')}"
        elif merged is not None and merged.error:
            text += f": {markdown.escape(merged.error)}"
        lines.append(_box("rebase", one.branch, text))
    lines += [
        f" - {markdown.escape(titles.get(one.branch, one.branch))}: {markdown.escape(one.error or 'failed')}"
        for one in proposals
        if one.state == "failed" and not any(each.branch == one.branch and each.state == "open" for each in standing)
    ]
    if len(lines) > 1:
        lines.append(" - [ ] <!-- rebase-all -->Rebase all of them")
    return _listed("Open (tick to rebase or retry)", lines)


def _declined(plan: Plan, proposals: Sequence[Proposal], standing: Sequence[Standing]) -> str:
    """What was closed and would be proposed otherwise."""
    from gitops_ci.update.group import group

    waiting = [update for update in plan.held if (update.pending or "").startswith("its proposal ")]
    lines = [
        _box(
            "retry",
            one.branch,
            markdown.escape(", ".join(f"{each.dependency.dep_name} {step(each)}" for each in one.updates)),
        )
        for one in group(waiting)
    ]
    titles = {one.change.branch: one.change.title for one in plan.planned}
    lines += [
        _box("retry", one.branch, markdown.link(titles.get(one.branch, one.branch), one.url))
        for one in proposals
        if one.state == "closed-earlier"
    ]
    return _listed("Closed, not proposed again (tick to propose it anyway)", list(dict.fromkeys(lines)))


def _held(plan: Plan) -> str:
    rows = [
        [markdown.code(one.dependency.dep_name), markdown.escape(step(one)), markdown.escape(one.pending or "")]
        for one in plan.held
        if not (one.pending or "").startswith("its proposal ")
    ][:_MAX_ROWS]
    return "## Held back\n\n" + markdown.table(("Image", "Update", "Why"), rows) if rows else ""


def _failures(plan: Plan) -> str:
    rows = [[markdown.code(one.image), markdown.escape(one.reason)] for one in plan.failures][:_MAX_ROWS]
    return "## Not looked up\n\n" + markdown.table(("Image", "Why"), rows) if rows else ""
