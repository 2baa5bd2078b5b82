"""Comments on issues and pull requests."""

from datetime import datetime

from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import invalid, not_accessible
from tests.doubles.github.render import Render
from tests.doubles.github.state import Comment, now

_LIMIT = 65_536


@operation("issues/list-comments")
def list_comments(call: Call) -> Answer:
    found = call.repository.comments_on(call.issue().number)
    if "since" in call.query:
        since = datetime.fromisoformat(call.query["since"])
        found = [comment for comment in found if comment.updated >= since]
    return call.page(found, Render(call.github, call.repository).comment)


@operation("issues/create-comment")
def create_comment(call: Call) -> Answer:
    issue = call.issue()
    _check(call.body["body"])
    comment = Comment(call.repository.next_id(), issue.number, call.identity.login, call.body["body"])
    call.repository.comments[comment.id] = comment
    return Answer(201, Render(call.github, call.repository).comment(comment))


def _check(body: str) -> None:
    if len(body) > _LIMIT:
        raise invalid("IssueComment", "data", "unprocessable", f"Body is too long (maximum is {_LIMIT} characters)")
    if not body.strip():
        raise invalid("IssueComment", "data", "unprocessable", "Body cannot be blank")


def _comment(call: Call) -> Comment:
    return call.wanted(call.repository.comments, "comment_id")


@operation("issues/get-comment")
def get_comment(call: Call) -> Answer:
    return Answer(200, Render(call.github, call.repository).comment(_comment(call)))


@operation("issues/update-comment")
def update_comment(call: Call) -> Answer:
    comment = _comment(call)
    if call.identity.is_app and comment.user != call.identity.login and not comment.user.endswith("[bot]"):
        raise not_accessible()
    _check(call.body["body"])
    comment.body, comment.updated = call.body["body"], now()
    return Answer(200, Render(call.github, call.repository).comment(comment))


@operation("issues/delete-comment")
def delete_comment(call: Call) -> Answer:
    del call.repository.comments[_comment(call).id]
    return Answer(204)
