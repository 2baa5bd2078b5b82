"""An update run as JSON (``--report``, ``--format json``) and as Markdown for a job summary.

The JSON's schema is ``gitops_ci/report/schemas/update.schema.json``.
"""

from gitops_ci.finding import Finding
from gitops_ci.manifest.use import ImageUse
from gitops_ci.report import markdown
from gitops_ci.report.diff import unified
from gitops_ci.update.model import Decision, Origin, Update
from gitops_ci.update.plan import Planned
from gitops_ci.update.run import Outcome
from gitops_ci.update.show import closing
from gitops_ci.update.text import origin_text, step

VERSION = 1


def as_json(outcome: Outcome, *, dry_run: bool) -> dict[str, object]:
    """The whole run, in JSON's own types."""
    plan = outcome.plan
    proposals = {proposal.branch: proposal for proposal in outcome.proposals}
    changes = []
    for planned in plan.planned:
        proposal = proposals.get(planned.change.branch)
        state = "waiting" if planned.waiting is not None else proposal.state if proposal is not None else "planned"
        values = _change(planned, state)
        values["commit"] = proposal.commit if proposal is not None else None
        values["url"] = proposal.url if proposal is not None else None
        values["error"] = proposal.error if proposal is not None else None
        changes.append(values)
    return {
        "version": VERSION,
        "dry-run": dry_run,
        "base": outcome.base,
        "remote": outcome.remote,
        "exit-code": outcome.exit_code,
        "counts": {
            "files": plan.files,
            "uses": plan.uses,
            "images": plan.images,
            "up-to-date": plan.up_to_date,
            "changes": len(plan.changes),
            "waiting": len(plan.waiting),
            "held": len(plan.held),
            "refused": len(plan.refused),
            "failed": len({failure.image for failure in plan.failures}),
        },
        "requests": dict(sorted(plan.requests.items())),
        "changes": changes,
        "held": [{**_update(update), "reason": update.pending} for update in plan.held],
        "failures": [
            {"image": one.image, "reason": one.reason, "uses": [_place(use) for use in one.uses]}
            for one in plan.failures
        ],
        "skipped": [{**_place(one.use), "image": one.use.name, "reason": one.reason} for one in plan.skipped],
        "retired": [{"branch": one.branch, "state": one.state, "error": one.error} for one in outcome.retired],
        "merges": [{"branch": one.branch, "state": one.state, "reason": one.error} for one in outcome.merges],
        "findings": [_finding(finding) for finding in (*plan.findings, *plan.refused)],
        "decisions": [_decision(decision) for decision in plan.decisions],
        "notes": list(outcome.notes),
    }


def summary(outcome: Outcome, *, dry_run: bool) -> str:
    """Markdown for ``$GITHUB_STEP_SUMMARY``."""
    plan = outcome.plan
    proposals = {proposal.branch: proposal.state for proposal in outcome.proposals}
    parts = ["## Image updates\n", f"{markdown.escape(closing(outcome, dry_run=dry_run))}\n"]
    rows = []
    for planned in plan.planned:
        state = proposals.get(planned.change.branch, "planned")
        state = f"waiting: {markdown.escape(planned.waiting)}" if planned.waiting is not None else state
        images = "<br>".join(
            f"{markdown.code(update.dependency.dep_name)} {markdown.escape(step(update))}"
            for update in planned.group.updates[:10]
        )
        rows.append([markdown.escape(planned.change.title), markdown.code(planned.change.branch), images, state])
    if rows:
        parts.append(markdown.table(("Change", "Branch", "Images", "State"), rows))
    if plan.held:
        parts.append("### Held back\n")
        parts.append(
            markdown.table(
                ("Image", "Update", "Why"),
                [
                    [
                        markdown.code(one.dependency.dep_name),
                        markdown.escape(step(one)),
                        markdown.escape(one.pending or ""),
                    ]
                    for one in plan.held
                ],
            )
        )
    if plan.failures:
        parts.append("### Not looked up\n")
        parts.append(
            markdown.table(
                ("Image", "Why"), [[markdown.code(one.image), markdown.escape(one.reason)] for one in plan.failures]
            )
        )
    problems = [finding for finding in (*plan.refused, *plan.findings) if finding.status in ("fail", "error")]
    if problems:
        parts.append("### Needs a person\n")
        rows = [
            [markdown.code(f"{one.file}:{one.line}" if one.line else one.file or ""), markdown.escape(one.message)]
            for one in problems
        ]
        parts.append(markdown.table(("Where", "What"), rows))
    return "\n".join(parts)


def _change(planned: Planned, state: str) -> dict[str, object]:
    change = planned.change
    return {
        "branch": change.branch,
        "base": change.base,
        "title": change.title,
        "body": change.body,
        "commit-message": change.commit_message,
        "state": state,
        "reason": planned.waiting,
        "application": planned.group.application,
        "environment": planned.group.environment,
        "group": planned.group.name,
        "automerge": change.merge.automerge,
        "labels": list(change.labels),
        "reviewers": list(change.reviewers),
        "assignees": list(change.assignees),
        "updates": [_update(update) for update in planned.group.updates],
        "files": [
            {
                "file": file.file,
                "lines": list(file.lines),
                "diff": unified(file.file, file.before, file.after).decode("utf-8", "replace"),
            }
            for file in planned.files
        ],
    }


def _update(update: Update) -> dict[str, object]:
    dependency = update.dependency
    return {
        "image": dependency.dep_name,
        "package": dependency.package_name,
        "datasource": dependency.datasource,
        "application": dependency.application,
        "environment": dependency.environment,
        "kind": update.kind,
        "current-tag": update.current_tag,
        "current-digest": update.current_digest,
        "new-tag": update.new_tag,
        "new-digest": update.new_digest,
        "new-name": update.new_name,
        "released": update.released.isoformat() if update.released is not None else None,
        "source-url": update.source_url,
        "decided-by": [_origin(origin) for origin in update.decided_by],
        "uses": [_place(use) for use in update.uses],
    }


def _decision(decision: Decision) -> dict[str, object]:
    use = decision.uses[0]
    return {
        "image": use.name,
        "tag": use.tag,
        "digest": use.digest,
        "uses": [_place(one) for one in decision.uses],
        "candidates": [
            {
                "tag": one.tag,
                "dropped-by": _origin(one.dropped_by) if one.dropped_by is not None else None,
                "reason": one.reason,
            }
            for one in decision.candidates
        ],
        "updates": [
            {"kind": one.kind, "new-tag": one.new_tag, "new-digest": one.new_digest} for one in decision.updates
        ],
        "notes": list(decision.notes),
        "error": decision.error,
    }


def _origin(origin: Origin) -> dict[str, object]:
    return {"source": origin.source, "detail": origin.detail, "line": origin.line, "text": origin_text(origin)}


def _place(use: ImageUse) -> dict[str, object]:
    return {"file": use.file, "line": use.line, "column": use.column, "path": use.path}


def _finding(finding: Finding) -> dict[str, object]:
    return {name: getattr(finding, name) for name in Finding._fields}
