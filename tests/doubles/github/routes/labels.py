"""Labels and milestones."""

from typing import TYPE_CHECKING

from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, invalid, not_found
from tests.doubles.github.render import Render
from tests.doubles.github.state import Label, Milestone

if TYPE_CHECKING:
    from tests.doubles.github.repository import Repository


def known(repository: "Repository", names: list[str]) -> list[str]:
    """The labels' own spelling; GitHub makes those that are missing."""
    spelled = {name.lower(): name for name in repository.labels}
    chosen = []
    for name in names:
        if not name.strip() or len(name) > 50:
            raise invalid("Label", "name", "invalid")
        if name.lower() not in spelled:
            repository.labels[name] = Label(repository.next_id(), name)
            spelled[name.lower()] = name
        chosen.append(spelled[name.lower()])
    return list(dict.fromkeys(chosen))


@operation("issues/list-labels-on-issue")
def list_labels_on_issue(call: Call) -> Answer:
    render = Render(call.github, call.repository)
    return call.page(call.issue().labels, lambda name: render.label(call.repository.labels[name]))


def _named(call: Call) -> list[str]:
    """The forms that the API takes: a list, or an object with one; of names, or of objects with one."""
    items = call.raw_body if isinstance(call.raw_body, list) else call.body.get("labels", [])
    return [item if isinstance(item, str) else item["name"] for item in items]


@operation("issues/add-labels")
def add_labels(call: Call) -> Answer:
    issue = call.issue()
    issue.labels = list(dict.fromkeys([*issue.labels, *known(call.repository, _named(call))]))
    return Answer(200, Render(call.github, call.repository).labels(issue.labels))


@operation("issues/set-labels")
def set_labels(call: Call) -> Answer:
    issue = call.issue()
    issue.labels = known(call.repository, _named(call))
    return Answer(200, Render(call.github, call.repository).labels(issue.labels))


@operation("issues/remove-label")
def remove_label(call: Call) -> Answer:
    issue, name = call.issue(), call.parameters["name"]
    if name not in issue.labels:
        raise Refusal(404, "Label does not exist")
    issue.labels.remove(name)
    return Answer(200, Render(call.github, call.repository).labels(issue.labels))


@operation("issues/list-labels-for-repo")
def list_labels_for_repo(call: Call) -> Answer:
    return call.page(list(call.repository.labels.values()), Render(call.github, call.repository).label)


@operation("issues/get-label")
def get_label(call: Call) -> Answer:
    label = call.repository.labels.get(call.parameters["name"])
    if label is None:
        raise not_found()
    return Answer(200, Render(call.github, call.repository).label(label))


@operation("issues/create-label")
def create_label(call: Call) -> Answer:
    repository, name = call.repository, call.body["name"]
    if name.lower() in {one.lower() for one in repository.labels}:
        raise invalid("Label", "name", "already_exists")
    label = Label(
        repository.next_id(), name, call.body.get("color", "ededed").lstrip("#"), call.body.get("description")
    )
    repository.labels[name] = label
    return Answer(201, Render(call.github, repository).label(label))


@operation("issues/list-milestones")
def list_milestones(call: Call) -> Answer:
    state = call.query.get("state", "open")
    found = [one for one in call.repository.milestones.values() if state in ("all", one.state)]
    return call.page(found, Render(call.github, call.repository).milestone)


@operation("issues/get-milestone")
def get_milestone(call: Call) -> Answer:
    milestone = call.wanted(call.repository.milestones, "milestone_number")
    return Answer(200, Render(call.github, call.repository).milestone(milestone))


@operation("issues/create-milestone")
def create_milestone(call: Call) -> Answer:
    repository, title = call.repository, call.body["title"]
    if any(one.title == title for one in repository.milestones.values()):
        raise invalid("Milestone", "title", "already_exists")
    number = max(repository.milestones, default=0) + 1
    milestone = Milestone(
        repository.next_id(), number, title, call.body.get("state", "open"), call.body.get("description")
    )
    repository.milestones[number] = milestone
    return Answer(201, Render(call.github, repository).milestone(milestone))
