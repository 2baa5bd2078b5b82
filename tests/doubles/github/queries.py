"""GraphQL values: what a repository, a pull request, a commit look like there, and the queries for them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tests.doubles.github import merging
from tests.doubles.github.refusals import GraphQLRefusal
from tests.doubles.github.render import stamp
from tests.doubles.github.state import Identity, Pull

if TYPE_CHECKING:
    from graphql import GraphQLResolveInfo

    Info = GraphQLResolveInfo[Any]

    from tests.doubles.github.double import GitHub
    from tests.doubles.github.repository import Repository


def context(info: "Info") -> tuple["GitHub", Identity]:
    """The double and who asks."""
    github, identity = info.context
    return github, identity


def actor(github: "GitHub", login: str) -> dict[str, Any]:
    number = github.user_id(login)
    plain = login.removesuffix("[bot]")
    bot = plain != login
    return {
        "__typename": "Bot" if bot else "User",
        "id": f"{'BOT' if bot else 'U'}_{number}",
        "login": plain,
        "avatarUrl": f"{github.html_url}/images/error/{number}.gif",
        "resourcePath": f"/apps/{plain}" if bot else f"/{plain}",
        "url": f"{github.html_url}/apps/{plain}" if bot else f"{github.html_url}/{plain}",
        "databaseId": number,
        "name": plain,
    }


def connection(nodes: Sequence[Any]) -> Callable[..., dict[str, Any]]:
    """Resolves a connection's ``first``/``after``; cursors are positions."""

    def resolve(info: "Info", **arguments: Any) -> dict[str, Any]:
        after = int(arguments.get("after") or 0)
        before = int(arguments["before"]) - 1 if arguments.get("before") else len(nodes)
        chosen = list(range(after, before))
        if arguments.get("first") is None and arguments.get("last") is None:
            raise GraphQLRefusal(
                "You must provide a `first` or `last` value to properly paginate the connection.",
                "MISSING_PAGINATION_BOUNDARIES",
            )
        if arguments.get("first") is not None:
            chosen = chosen[: arguments["first"]]
        if arguments.get("last") is not None:
            chosen = chosen[-arguments["last"] :]
        end = chosen[-1] + 1 if chosen else after
        return {
            "nodes": [nodes[index] for index in chosen],
            "edges": [{"cursor": str(index + 1), "node": nodes[index]} for index in chosen],
            "totalCount": len(nodes),
            "pageInfo": {
                "hasNextPage": end < len(nodes),
                "hasPreviousPage": bool(chosen) and chosen[0] > 0,
                "startCursor": str(chosen[0] + 1) if chosen else None,
                "endCursor": str(end) if chosen else None,
            },
        }

    return resolve


def commit(github: "GitHub", repository: "Repository", oid: str) -> dict[str, Any]:
    info = repository.git.info(oid)
    subject, _, rest = info.message.partition("\n")
    url = f"{github.html_url}/{repository.full_name}/commit/{oid}"

    def rollup(info: "Info", **_: Any) -> dict[str, Any] | None:
        found = set(merging.outcomes(repository, oid).values())
        if not found:
            return None
        state = "FAILURE" if "failure" in found else "PENDING" if "pending" in found else "SUCCESS"
        return {"id": f"SCR_{oid}", "state": state}

    return {
        "__typename": "Commit",
        "id": f"C_{repository.id}_{oid}",
        "oid": oid,
        "abbreviatedOid": oid[:7],
        "message": info.message,
        "messageHeadline": subject,
        "messageBody": rest.lstrip("\n"),
        "url": url,
        "commitUrl": url,
        "committedDate": info.committer[2],
        "authoredDate": info.author[2],
        "parents": connection(
            [{"__typename": "Commit", "oid": one, "id": f"C_{repository.id}_{one}"} for one in info.parents]
        ),
        "statusCheckRollup": rollup,
        "repository": lambda info, **_: repository_value(github, repository),
    }


def ref(github: "GitHub", repository: "Repository", name: str) -> dict[str, Any] | None:
    oid = repository.git.refs(name).get(name)
    if oid is None:
        return None
    return {
        "__typename": "Ref",
        "id": f"REF_{repository.id}_{name}",
        "name": name.split("/", 2)[2],
        "prefix": "/".join(name.split("/", 2)[:2]) + "/",
        "target": lambda info, **_: commit(github, repository, oid),
        "repository": lambda info, **_: repository_value(github, repository),
    }


def pull_value(github: "GitHub", repository: "Repository", pull: Pull) -> dict[str, Any]:
    judged = merging.assess(repository, pull)
    armed = pull.auto_merge
    page = f"{github.html_url}/{repository.full_name}/pull/{pull.number}"
    wanted = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}
    state = "MERGED" if pull.merged else pull.state.upper()
    entry = None
    if pull.queued is not None:
        entry = {
            "__typename": "MergeQueueEntry",
            "id": f"MQE_{pull.id}",
            "position": 1,
            "state": "QUEUED",
            "enqueuedAt": stamp(pull.queued),
            "enqueuer": actor(github, pull.queued_by or "ghost"),
            "jump": False,
            "solo": False,
            "pullRequest": lambda info, **_: pull_value(github, repository, pull),
        }
    return {
        "__typename": "PullRequest",
        "id": f"PR_{pull.id}",
        "databaseId": pull.id,
        "number": pull.number,
        "title": pull.title,
        "body": pull.body or "",
        "state": state,
        "url": page,
        "permalink": page,
        "isDraft": pull.draft,
        "merged": pull.merged,
        "mergedAt": stamp(pull.merged_at),
        "closed": pull.state == "closed",
        "closedAt": stamp(pull.closed),
        "createdAt": stamp(pull.created),
        "updatedAt": stamp(pull.updated),
        "author": actor(github, pull.user),
        "baseRefName": pull.base,
        "baseRefOid": pull.base_sha,
        "headRefName": pull.head,
        "headRefOid": pull.head_sha,
        "headRef": lambda info, **_: ref(github, repository, f"refs/heads/{pull.head}"),
        "baseRef": lambda info, **_: ref(github, repository, f"refs/heads/{pull.base}"),
        "mergeable": wanted[judged.mergeable],
        "mergeStateStatus": "HAS_HOOKS" if judged.state == "has_hooks" else judged.state.upper(),
        "mergeCommit": lambda info, **_: commit(github, repository, pull.merge_sha) if pull.merge_sha else None,
        "isInMergeQueue": pull.queued is not None,
        "isMergeQueueEnabled": _queue(repository, pull),
        "mergeQueueEntry": entry,
        "viewerCanEnableAutoMerge": repository.settings.allow_auto_merge and armed is None and pull.state == "open",
        "viewerCanDisableAutoMerge": armed is not None,
        "viewerCanUpdateBranch": pull.state == "open",
        "labels": connection([label(repository, name) for name in pull.labels]),
        "commits": lambda info, **arguments: connection(
            [
                {"__typename": "PullRequestCommit", "id": f"PRC_{oid}", "commit": commit(github, repository, oid)}
                for oid in reversed(repository.git.log(f"{pull.base_sha}..{pull.head_sha}"))
            ]
        )(info, **arguments),
        "repository": lambda info, **_: repository_value(github, repository),
        "autoMergeRequest": None
        if armed is None
        else {
            "enabledAt": stamp(armed.enabled),
            "enabledBy": actor(github, armed.by),
            "mergeMethod": armed.method.upper(),
            "commitHeadline": armed.title,
            "commitBody": armed.message,
            "pullRequest": lambda info, **_: pull_value(github, repository, pull),
        },
    }


def label(repository: "Repository", name: str) -> dict[str, Any]:
    found = repository.labels[name]
    return {
        "__typename": "Label",
        "id": f"LA_{repository.id}_{found.id}",
        "name": found.name,
        "color": found.color,
        "description": found.description,
    }


def _queue(repository: "Repository", pull: Pull) -> bool:
    protection = repository.protection.get(pull.base)
    return protection is not None and protection.queue


def repository_value(github: "GitHub", repository: "Repository") -> dict[str, Any]:
    settings = repository.settings

    def pull_request(info: "Info", number: int) -> dict[str, Any]:
        if number not in repository.pulls:
            raise GraphQLRefusal(f"Could not resolve to a PullRequest with the number of {number}.", "NOT_FOUND")
        return pull_value(github, repository, repository.pulls[number])

    def pull_requests(info: "Info", **arguments: Any) -> dict[str, Any]:
        found = list(repository.pulls.values())
        if arguments.get("states"):
            found = [pull for pull in found if ("MERGED" if pull.merged else pull.state.upper()) in arguments["states"]]
        for name, field in (("headRefName", "head"), ("baseRefName", "base")):
            if arguments.get(name):
                found = [pull for pull in found if getattr(pull, field) == arguments[name]]
        return connection([pull_value(github, repository, pull) for pull in found])(info, **arguments)

    def merge_queue(info: "Info", branch: str | None = None) -> dict[str, Any] | None:
        name = branch or repository.default_branch
        protection = repository.protection.get(name)
        if protection is None or not protection.queue:
            return None
        entries = [
            pull_value(github, repository, pull)["mergeQueueEntry"] for pull in repository.pulls.values() if pull.queued
        ]
        return {
            "__typename": "MergeQueue",
            "id": f"MQ_{repository.id}_{name}",
            "url": f"{github.html_url}/{repository.full_name}/queue/{name}",
            "entries": connection(entries),
        }

    def qualified(info: "Info", qualifiedName: str) -> dict[str, Any] | None:
        name = qualifiedName if qualifiedName.startswith("refs/") else f"refs/heads/{qualifiedName}"
        return ref(github, repository, name)

    def an_object(info: "Info", oid: str | None = None, expression: str | None = None) -> Any:
        found = repository.git.resolve(oid or expression or "")
        return None if found is None else commit(github, repository, found)

    return {
        "__typename": "Repository",
        "id": f"R_{repository.id}",
        "databaseId": repository.id,
        "name": repository.name,
        "nameWithOwner": repository.full_name,
        "url": f"{github.html_url}/{repository.full_name}",
        "isPrivate": settings.private,
        "isArchived": settings.archived,
        "autoMergeAllowed": settings.allow_auto_merge,
        "mergeCommitAllowed": settings.allow_merge_commit,
        "squashMergeAllowed": settings.allow_squash_merge,
        "rebaseMergeAllowed": settings.allow_rebase_merge,
        "deleteBranchOnMerge": settings.delete_branch_on_merge,
        "defaultBranchRef": lambda info, **_: ref(github, repository, f"refs/heads/{repository.default_branch}"),
        "owner": {**actor(github, repository.owner), "__typename": "Organization"},
        "viewerDefaultMergeMethod": (merging.presets(settings) or ["merge"])[0].upper(),
        "viewerPermission": "WRITE",
        "pullRequest": pull_request,
        "pullRequests": pull_requests,
        "mergeQueue": merge_queue,
        "ref": qualified,
        "object": an_object,
    }


def find_pull(github: "GitHub", node: str) -> tuple["Repository", Pull]:
    """The pull request with a node id."""
    for repository in github.repositories.values():
        for pull in repository.pulls.values():
            if f"PR_{pull.id}" == node:
                return repository, pull
    raise GraphQLRefusal(f"Could not resolve to a node with the global id of '{node}'", "NOT_FOUND")


def find_repository(github: "GitHub", name: str) -> "Repository":
    repository = github.repositories.get(name.lower())
    if repository is None:
        raise GraphQLRefusal(f"Could not resolve to a Repository with the name '{name}'.", "NOT_FOUND")
    return repository


def _repository(root: object, info: "Info", owner: str, name: str, **_: Any) -> dict[str, Any]:
    github, _identity = context(info)
    return repository_value(github, find_repository(github, f"{owner}/{name}"))


def _node(root: object, info: "Info", id: str) -> dict[str, Any]:  # noqa: A002 - GitHub's name
    github, _ = context(info)
    for repository in github.repositories.values():
        if id == f"R_{repository.id}":
            return repository_value(github, repository)
    return pull_value(github, *find_pull(github, id))


def _nodes(root: object, info: "Info", ids: list[str]) -> list[dict[str, Any]]:
    return [_node(root, info, id=one) for one in ids]


def _viewer(root: object, info: "Info") -> dict[str, Any]:
    github, identity = context(info)
    return {**actor(github, identity.login), "__typename": "User", "login": identity.login}


def _rate_limit(root: object, info: "Info", **_: Any) -> dict[str, Any]:
    return {"limit": 5000, "cost": 1, "remaining": 4999, "used": 1, "nodeCount": 0, "resetAt": "2030-01-01T00:00:00Z"}


QUERIES: dict[str, Callable[..., Any]] = {
    "repository": _repository,
    "node": _node,
    "nodes": _nodes,
    "viewer": _viewer,
    "rateLimit": _rate_limit,
}
