"""Check runs, commit statuses, and what Actions may do."""

from datetime import datetime
from typing import Any

from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, not_accessible
from tests.doubles.github.render import Render, stamp
from tests.doubles.github.state import CheckRun, Status, WorkflowRun, now

_ANNOTATIONS = 50


@operation("checks/create")
def create(call: Call) -> Answer:
    if not call.identity.is_app:
        raise Refusal(403, "You must authenticate via a GitHub App.")
    sha = call.body["head_sha"]
    if call.repository.git.kind(sha) != "commit":
        raise Refusal(422, f"No commit found for SHA: {sha}")
    run = CheckRun(call.repository.next_id(), sha, call.body["name"], call.identity.login.removesuffix("[bot]"))
    _change(run, call.body)
    call.repository.check_runs[run.id] = run
    return Answer(201, Render(call.github, call.repository).check_run(run))


@operation("checks/update")
def update(call: Call) -> Answer:
    run = call.wanted(call.repository.check_runs, "check_run_id")
    if call.identity.login.removesuffix("[bot]") != run.app:
        raise not_accessible()
    _change(run, call.body)
    return Answer(200, Render(call.github, call.repository).check_run(run))


def _change(run: CheckRun, body: dict[str, Any]) -> None:
    output = body.get("output") or {}
    annotations = output.get("annotations", [])
    if len(annotations) > _ANNOTATIONS:
        raise Refusal(
            422, f"Invalid request.\n\nNo more than {_ANNOTATIONS} items are allowed; {len(annotations)} were supplied."
        )
    run.annotations += annotations
    for name in ("title", "summary", "text"):
        if name in output:
            if len(output[name]) > 65_535 and name != "title":
                raise Refusal(
                    422, f"Invalid request.\n\nOnly 65535 characters are allowed; {len(output[name])} were supplied."
                )
            setattr(run, name, output[name])
    for name in ("name", "details_url", "external_id", "status"):
        if name in body:
            setattr(run, name, body[name])
    if "started_at" in body:
        run.started = datetime.fromisoformat(body["started_at"])
    if body.get("conclusion"):
        run.status, run.conclusion = "completed", body["conclusion"]
        run.completed = datetime.fromisoformat(body["completed_at"]) if "completed_at" in body else now()
    elif body.get("status") in ("queued", "in_progress"):
        run.conclusion = run.completed = None
    run.actions = body.get("actions", run.actions)


@operation("checks/get")
def get(call: Call) -> Answer:
    run = call.wanted(call.repository.check_runs, "check_run_id")
    return Answer(200, Render(call.github, call.repository).check_run(run))


@operation("checks/list-annotations")
def list_annotations(call: Call) -> Answer:
    run = call.wanted(call.repository.check_runs, "check_run_id")
    blank = {"start_column": None, "end_column": None, "title": None, "raw_details": None}
    href = f"{Render(call.github, call.repository).html}/blob/{run.sha}"
    return call.page(run.annotations, lambda one: {**blank, "blob_href": f"{href}/{one['path']}", **one})


@operation("checks/list-for-ref")
def list_for_ref(call: Call) -> Answer:
    sha = _commit(call)
    runs = call.repository.latest_checks(sha)
    if call.query.get("filter") == "all":
        runs = [run for run in call.repository.check_runs.values() if run.sha == sha]
    for name, field in (("check_name", "name"), ("status", "status")):
        if name in call.query:
            runs = [run for run in runs if getattr(run, field) == call.query[name]]
    render = Render(call.github, call.repository)
    return call.page(runs, render.check_run, lambda found, total: {"total_count": total, "check_runs": found})


def _commit(call: Call) -> str:
    name = call.parameters["ref"]
    sha = call.repository.git.resolve(name.removeprefix("heads/"))
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {name}")
    return sha


@operation("repos/create-commit-status")
def create_commit_status(call: Call) -> Answer:
    body, repository, sha = call.body, call.repository, call.parameters["sha"]
    if repository.git.kind(sha) != "commit":
        raise Refusal(422, f"No commit found for SHA: {sha}")
    if len(body.get("description") or "") > 140:
        errors: list[dict[str, Any] | str] = [
            {"resource": "Status", "code": "custom", "field": "description",
             "message": "description is too long (maximum is 140 characters)"}
        ]  # fmt: skip
        raise Refusal(422, "Validation Failed", errors=errors)
    status = Status(
        repository.next_id(),
        sha,
        body.get("context", "default"),
        body["state"],
        call.identity.login,
        body.get("description"),
        body.get("target_url"),
    )
    repository.statuses.append(status)
    return Answer(201, Render(call.github, repository).status(status))


@operation("repos/list-commit-statuses-for-ref")
def list_commit_statuses_for_ref(call: Call) -> Answer:
    sha = _commit(call)
    found = [status for status in reversed(call.repository.statuses) if status.sha == sha]
    return call.page(found, Render(call.github, call.repository).status)


@operation("repos/get-combined-status-for-ref")
def get_combined_status_for_ref(call: Call) -> Answer:
    sha = _commit(call)
    render = Render(call.github, call.repository)
    latest = call.repository.latest_statuses(sha)
    states = {status.state for status in latest}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    example = render.example("combined-commit-status")

    def simple(status: Status) -> dict[str, Any]:
        value = {key: item for key, item in render.status(status).items() if key != "creator"}
        return {**value, "avatar_url": f"{call.github.html_url}/images/error/x.gif"}

    def wrap(found: list[Any], total: int) -> dict[str, Any]:
        return {
            "state": state,
            "statuses": found,
            "sha": sha,
            "total_count": total,
            "repository": {**example["repository"], **render.identity()},
            "commit_url": f"{render.url}/commits/{sha}",
            "url": f"{render.url}/commits/{sha}/status",
        }

    return call.page(latest, simple, wrap)


@operation("actions/get-github-actions-default-workflow-permissions-repository")
def get_default_workflow_permissions(call: Call) -> Answer:
    call.need("pat", "app")
    may = call.repository.settings.actions_may_create_pull_requests
    return Answer(200, {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": may})


@operation("actions/get-github-actions-permissions-repository")
def get_actions_permissions(call: Call) -> Answer:
    call.need("pat", "app")
    return Answer(200, {"enabled": True, "allowed_actions": "all"})


@operation("actions/list-workflow-runs-for-repo")
def list_workflow_runs(call: Call) -> Answer:
    runs = list(reversed(call.repository.runs))
    for name, field in (("head_sha", "sha"), ("branch", "branch"), ("actor", "actor")):
        if name in call.query:
            runs = [run for run in runs if getattr(run, field) == call.query[name]]
    if "status" in call.query:
        runs = [run for run in runs if call.query["status"] in (run.status, run.conclusion)]
    render = Render(call.github, call.repository)
    example = render.example("workflow-run-paginated")["workflow_runs"][0]

    def value(run: WorkflowRun) -> dict[str, Any]:
        return {
            **example,
            "id": run.id,
            "node_id": f"WFR_{run.id}",
            "name": run.name,
            "display_title": run.name,
            "head_branch": run.branch,
            "head_sha": run.sha,
            "event": "pull_request",
            "status": run.status,
            "conclusion": run.conclusion,
            "actor": render.user(run.actor),
            "triggering_actor": render.user(run.actor),
            "created_at": stamp(run.created),
            "updated_at": stamp(run.created),
            "run_started_at": stamp(run.created),
            "url": f"{render.url}/actions/runs/{run.id}",
            "html_url": f"{render.html}/actions/runs/{run.id}",
            "pull_requests": [],
        }

    return call.page(runs, value, lambda found, total: {"total_count": total, "workflow_runs": found})
