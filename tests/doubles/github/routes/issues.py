"""Issues: list, create, read, change, assign."""

from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, check_length, invalid, not_found
from tests.doubles.github.render import Render
from tests.doubles.github.routes.labels import known
from tests.doubles.github.routes.pulls import change
from tests.doubles.github.state import Issue


@operation("issues/list-for-repo")
def list_for_repo(call: Call) -> Answer:
    query = call.query
    issues = list(call.repository.issues.values())
    state = query.get("state", "open")
    if state != "all":
        issues = [issue for issue in issues if issue.state == state]
    if query.get("labels"):
        wanted = {name.lower() for name in query["labels"].split(",")}
        issues = [issue for issue in issues if wanted <= {name.lower() for name in issue.labels}]
    if query.get("creator"):
        issues = [issue for issue in issues if issue.user == query["creator"]]
    if query.get("assignee") == "none":
        issues = [issue for issue in issues if not issue.assignees]
    elif query.get("assignee", "*") != "*":
        issues = [issue for issue in issues if query["assignee"] in issue.assignees]
    if query.get("milestone", "*") not in ("*", "none"):
        issues = [issue for issue in issues if str(issue.milestone) == query["milestone"]]
    name = "updated" if query.get("sort") == "updated" else "created"
    issues.sort(key=lambda issue: (getattr(issue, name), issue.number), reverse=query.get("direction") != "asc")
    return call.page(issues, Render(call.github, call.repository).issue)


@operation("issues/create")
def create(call: Call) -> Answer:
    repository, body = call.repository, call.body
    if not repository.settings.has_issues:
        raise Refusal(410, "Issues has been disabled in this repository.")
    check_length("Issue", body.get("body"))
    issue = Issue(
        repository.next_id(), repository.next_number(), call.identity.login, str(body["title"]), body.get("body")
    )
    repository.issues[issue.number] = issue
    _arrange(call, issue)
    return Answer(201, Render(call.github, repository).issue(issue))


@operation("issues/get")
def get(call: Call) -> Answer:
    return Answer(200, Render(call.github, call.repository).issue(call.issue()))


@operation("issues/update")
def update(call: Call) -> Answer:
    issue = call.issue()
    check_length("Issue", call.body.get("body"))
    change(call, issue)
    if "state_reason" in call.body:
        issue.state_reason = call.body["state_reason"]
    _arrange(call, issue)
    return Answer(200, Render(call.github, call.repository).issue(issue))


def _arrange(call: Call, issue: Issue) -> None:
    """Labels, people and the milestone of a new or changed issue."""
    body = call.body
    if "labels" in body:
        names = [label if isinstance(label, str) else label["name"] for label in body["labels"] or []]
        issue.labels = known(call.repository, names)
    if "assignees" in body:
        issue.assignees = _possible(call, body["assignees"] or [])
    if "milestone" in body:
        number = body["milestone"]
        if number is not None and int(number) not in call.repository.milestones:
            raise invalid("Issue", "milestone")
        issue.milestone = None if number is None else int(number)


def _possible(call: Call, logins: list[str]) -> list[str]:
    """GitHub leaves out, without a word, whom one cannot assign."""
    return [login for login in dict.fromkeys(logins) if login in call.repository.collaborators]


@operation("issues/add-assignees")
def add_assignees(call: Call) -> Answer:
    issue = call.issue()
    issue.assignees = list(dict.fromkeys([*issue.assignees, *_possible(call, call.body.get("assignees", []))]))[:10]
    return Answer(201, Render(call.github, call.repository).issue(issue))


@operation("issues/remove-assignees")
def remove_assignees(call: Call) -> Answer:
    issue = call.issue()
    issue.assignees = [login for login in issue.assignees if login not in call.body.get("assignees", [])]
    return Answer(200, Render(call.github, call.repository).issue(issue))


@operation("issues/check-user-can-be-assigned")
def check_user_can_be_assigned(call: Call) -> Answer:
    if call.parameters["assignee"] not in call.repository.collaborators:
        raise not_found()
    return Answer(204)
