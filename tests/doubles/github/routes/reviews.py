"""Who shall review, and reviews."""

from typing import Any

from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal
from tests.doubles.github.render import Render
from tests.doubles.github.state import Review


@operation("pulls/list-requested-reviewers")
def list_requested_reviewers(call: Call) -> Answer:
    pull, render = call.pull(), Render(call.github, call.repository)
    users = [render.user(login) for login in pull.reviewers]
    return Answer(200, {"users": users, "teams": [render.team(slug) for slug in pull.team_reviewers]})


@operation("pulls/request-reviewers")
def request_reviewers(call: Call) -> Answer:
    repository, pull = call.repository, call.pull()
    users, teams = call.body.get("reviewers", []), call.body.get("team_reviewers", [])
    if pull.user in users:
        raise Refusal(422, "Review cannot be requested from pull request author.")
    if not repository.collaborators.issuperset(users) or not repository.teams.issuperset(teams):
        raise Refusal(
            422,
            "Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a"
            f" collaborator of the {repository.full_name} repository.",
        )
    pull.reviewers += [login for login in users if login not in pull.reviewers]
    pull.team_reviewers += [slug for slug in teams if slug not in pull.team_reviewers]
    return Answer(201, _simple(call))


@operation("pulls/remove-requested-reviewers")
def remove_requested_reviewers(call: Call) -> Answer:
    pull = call.pull()
    pull.reviewers = [login for login in pull.reviewers if login not in call.body.get("reviewers", [])]
    pull.team_reviewers = [slug for slug in pull.team_reviewers if slug not in call.body.get("team_reviewers", [])]
    return Answer(200, _simple(call))


def _simple(call: Call) -> dict[str, Any]:
    return Render(call.github, call.repository).pull(call.pull(), full=False)


@operation("pulls/list-reviews")
def list_reviews(call: Call) -> Answer:
    pull, render = call.pull(), Render(call.github, call.repository)
    return call.page(pull.reviews, lambda review: render.review(pull, review))


@operation("pulls/create-review")
def create_review(call: Call) -> Answer:
    pull = call.pull()
    state = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}.get(
        call.body.get("event", ""), "PENDING"
    )
    own = pull.user == call.identity.login
    if state == "APPROVED" and own:
        raise Refusal(422, "Unprocessable Entity", errors=["Can not approve your own pull request"])
    may = call.identity.kind != "actions" or call.repository.settings.actions_may_create_pull_requests
    if state == "APPROVED" and not may:
        raise Refusal(422, "Unprocessable Entity", errors=["GitHub Actions is not permitted to approve pull requests."])
    commit = call.body.get("commit_id", pull.head_sha)
    review = Review(call.repository.next_id(), call.identity.login, state, commit, call.body.get("body", ""))
    pull.reviews.append(review)
    return Answer(200, Render(call.github, call.repository).review(pull, review))
