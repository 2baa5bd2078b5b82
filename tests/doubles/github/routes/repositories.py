"""Repositories, branches, their protection, and commits."""

from typing import Any

from tests.doubles.github import diffs
from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, not_found
from tests.doubles.github.render import Render
from tests.doubles.github.state import Protection


@operation("repos/get")
def get(call: Call) -> Answer:
    value = Render(call.github, call.repository).repository()
    if call.identity.is_app:
        # GitHub leaves the merge settings out for tokens without the permission to administrate.
        value["permissions"] = {"admin": False, "maintain": False, "push": True, "triage": False, "pull": True}
    return Answer(200, value)


@operation("repos/list-branches")
def list_branches(call: Call) -> Answer:
    render = Render(call.github, call.repository)
    protected = call.repository.protection
    branches = sorted(call.repository.branches().items())
    if "protected" in call.query:
        branches = [one for one in branches if (one[0] in protected) == (call.query["protected"] == "true")]

    def value(branch: tuple[str, str]) -> dict[str, Any]:
        name, oid = branch
        return {
            "name": name,
            "commit": {"sha": oid, "url": f"{render.url}/commits/{oid}"},
            "protected": name in protected,
        }

    return call.page(branches, value)


@operation("repos/get-branch")
def get_branch(call: Call) -> Answer:
    name = call.parameters["branch"]
    oid = call.repository.branches().get(name)
    if oid is None:
        raise Refusal(404, "Branch not found")
    render = Render(call.github, call.repository)
    protection = call.repository.protection.get(name)
    value = render.example("branch-get")
    url = f"{render.url}/branches/{name}"
    value.update(
        name=name,
        commit=commit_rest(call, oid),
        _links={"self": url, "html": f"{render.html}/tree/{name}"},
        protected=protection is not None,
        protection_url=url + "/protection",
        protection={
            "enabled": protection is not None and not protection.ruleset,
            "required_status_checks": {
                "enforcement_level": "non_admins" if protection and protection.checks else "off",
                "contexts": list(protection.checks) if protection else [],
                "checks": [{"context": check, "app_id": None} for check in (protection.checks if protection else ())],
            },
        },
    )
    return Answer(200, value)


@operation("repos/get-branch-protection")
def get_branch_protection(call: Call) -> Answer:
    name = call.parameters["branch"]
    if name not in call.repository.branches():
        raise Refusal(404, "Branch not found")
    call.need("pat", "app")
    protection = call.repository.protection.get(name)
    if protection is None or protection.ruleset:
        raise Refusal(404, "Branch not protected")
    return Answer(200, _protection(call, f"{Render(call.github, call.repository).url}/branches/{name}", protection))


def _protection(call: Call, branch_url: str, protection: Protection) -> dict[str, Any]:
    url = f"{branch_url}/protection"
    value: dict[str, Any] = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": protection.enforce_admins},
        "required_linear_history": {"enabled": protection.linear_history},
        "allow_force_pushes": {"enabled": False},
        "allow_deletions": {"enabled": False},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
    }
    if protection.checks:
        value["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": protection.strict,
            "contexts": list(protection.checks),
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": check, "app_id": None} for check in protection.checks],
        }
    if protection.reviews:
        value["required_pull_request_reviews"] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "require_last_push_approval": False,
            "required_approving_review_count": protection.reviews,
        }
    return value


@operation("repos/get-branch-rules")
def get_branch_rules(call: Call) -> Answer:
    protection = call.repository.protection.get(call.parameters["branch"])
    rules: list[dict[str, Any]] = []
    if protection is not None and protection.ruleset:
        if protection.checks:
            checks = [{"context": check} for check in protection.checks]
            rules.append(
                {
                    "type": "required_status_checks",
                    "parameters": {
                        "required_status_checks": checks,
                        "strict_required_status_checks_policy": protection.strict,
                    },
                }
            )
        if protection.reviews:
            rules.append(
                {
                    "type": "pull_request",
                    "parameters": {
                        "required_approving_review_count": protection.reviews,
                        "dismiss_stale_reviews_on_push": False,
                        "require_code_owner_review": False,
                        "require_last_push_approval": False,
                        "required_review_thread_resolution": False,
                    },
                }
            )
    if protection is not None and protection.queue:
        rules.append({"type": "merge_queue"})
    if protection is not None and protection.linear_history and protection.ruleset:
        rules.append({"type": "required_linear_history"})
    whence = {"ruleset_source_type": "Repository", "ruleset_source": call.repository.full_name, "ruleset_id": 42}
    return call.page(rules, lambda rule: {**rule, **whence})


@operation("repos/get-collaborator-permission-level")
def get_collaborator_permission_level(call: Call) -> Answer:
    login = call.parameters["username"]
    if login not in call.repository.collaborators:
        raise Refusal(404, f"{login} is not a user")
    render = Render(call.github, call.repository)
    permissions = {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True}
    user = {**render.user(login), "permissions": permissions, "role_name": "write"}
    return Answer(200, {"permission": "write", "role_name": "write", "user": user})


def commit_rest(call: Call, oid: str, *, with_files: bool = False) -> dict[str, Any]:
    """A commit as the repository's API tells it (the git database has another shape)."""
    from tests.doubles.github.routes.git_data import commit_value

    render = Render(call.github, call.repository)
    inner = commit_value(call, oid)
    url = f"{render.url}/commits/{oid}"
    parents = [
        {"sha": one["sha"], "url": f"{render.url}/commits/{one['sha']}", "html_url": one["html_url"]}
        for one in inner["parents"]
    ]
    value: dict[str, Any] = {
        "url": url,
        "sha": oid,
        "node_id": f"C_{oid}",
        "html_url": inner["html_url"],
        "comments_url": f"{url}/comments",
        "commit": {
            "url": inner["url"],
            "author": inner["author"],
            "committer": inner["committer"],
            "message": inner["message"],
            "tree": inner["tree"],
            "comment_count": 0,
            "verification": inner["verification"],
        },
        "author": _account(call, inner["author"]),
        "committer": _account(call, inner["committer"]),
        "parents": parents,
    }
    if with_files:
        start = parents[0]["sha"] if parents else call.repository.git.text("hash-object", "-t", "tree", "/dev/null")
        changed = diffs.files(call.repository.git, start, oid)
        value["files"] = [diffs.value(render, file, oid) for file in changed]
        added, gone = sum(file.additions for file in changed), sum(file.deletions for file in changed)
        value["stats"] = {"additions": added, "deletions": gone, "total": added + gone}
    return value


def _account(call: Call, person: dict[str, str]) -> dict[str, Any] | None:
    """The account that an address belongs to; GitHub's own addresses name it, others belong to nobody here."""
    local, _, host = person["email"].partition("@")
    if host != "users.noreply.github.com":
        return None
    return Render(call.github, call.repository).user(local.rpartition("+")[2])  # type: ignore[no-any-return]  # JSON


@operation("repos/list-commits")
def list_commits(call: Call) -> Answer:
    git = call.repository.git
    start = git.resolve(call.query.get("sha", call.repository.default_branch))
    if start is None:
        raise not_found()
    path = ["--", call.query["path"]] if call.query.get("path") else []
    return call.page(git.log(start, *path), lambda oid: commit_rest(call, oid))


@operation("repos/get-commit")
def get_commit(call: Call) -> Answer:
    name = call.parameters["ref"]
    oid = call.repository.git.resolve(name)
    if oid is None:
        raise Refusal(422, f"No commit found for SHA: {name}")
    return Answer(200, commit_rest(call, oid, with_files=True))
