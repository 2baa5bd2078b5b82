"""Who one is: users, the app and its installation, rate limits."""

from datetime import timedelta
from typing import Any

from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, not_accessible, not_found
from tests.doubles.github.render import app, stamp, user
from tests.doubles.github.state import now


@operation("users/get-authenticated")
def get_authenticated(call: Call) -> Answer:
    if call.identity.is_app:
        raise not_accessible()
    return Answer(200, _full(call, call.identity.login))


@operation("users/get-by-username")
def get_by_username(call: Call) -> Answer:
    login = call.parameters["username"]
    if login not in call.github.users and not any(
        login in repository.collaborators for repository in call.github.repositories.values()
    ):
        raise not_found()
    return Answer(200, _full(call, login))


def _full(call: Call, login: str) -> dict[str, Any]:
    value: dict[str, Any] = call.description.example("public-user-default-response")
    value.update(user(call.github, login), name=login, email=None)
    return value


@operation("apps/get-authenticated")
def get_app(call: Call) -> Answer:
    return Answer(200, app(call.github))


@operation("apps/get-repo-installation")
def get_repo_installation(call: Call) -> Answer:
    github, owner = call.github, call.repository.owner
    url = f"{github.url}/app/installations/{github.app.installation_id}"
    value = call.description.example("installation")
    value.update(
        id=github.app.installation_id,
        app_id=github.app.id,
        app_slug=github.app.slug,
        account=user(github, owner),
        access_tokens_url=f"{url}/access_tokens",
        repositories_url=f"{github.url}/installation/repositories",
        html_url=f"{github.html_url}/organizations/{owner}/settings/installations/{github.app.installation_id}",
    )
    return Answer(200, value)


@operation("apps/create-installation-access-token")
def create_installation_access_token(call: Call) -> Answer:
    if call.parameters["installation_id"] != str(call.github.app.installation_id):
        raise not_found()
    known = {repository.name for repository in call.github.repositories.values()}
    if not known.issuperset(call.body.get("repositories", ())):
        raise Refusal(
            422, "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    value = {
        "token": call.github.token("app", f"{call.github.app.slug}[bot]"),
        "expires_at": stamp(now() + timedelta(hours=1)),
        "permissions": call.body.get("permissions", {"contents": "write", "pull_requests": "write", "issues": "write"}),
        "repository_selection": "selected" if "repositories" in call.body else "all",
    }
    return Answer(201, value)


@operation("rate-limit/get")
def get_rate_limit(call: Call) -> Answer:
    return Answer(200, call.description.example("rate-limit-overview"))
