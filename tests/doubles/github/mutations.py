"""The GraphQL mutations that the double knows."""

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.doubles.github import merging
from tests.doubles.github.bare import GitRefused, Person
from tests.doubles.github.queries import actor, commit, context, find_pull, find_repository, pull_value, ref
from tests.doubles.github.refusals import GraphQLRefusal, Refusal
from tests.doubles.github.state import AutoMerge, now

if TYPE_CHECKING:
    from tests.doubles.github.queries import Info

_Input = dict[str, Any]
_FORBIDDEN = "Resource not accessible by integration"


def _may_write(info: "Info") -> None:
    _, identity = context(info)
    if identity.kind == "read":
        raise GraphQLRefusal(_FORBIDDEN, "FORBIDDEN")


def _pull_payload(info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002 - GitHub's name
    github, identity = context(info)
    repository, pull = find_pull(github, input["pullRequestId"])
    return {
        "clientMutationId": input.get("clientMutationId"),
        "actor": actor(github, identity.login),
        "pullRequest": pull_value(github, repository, pull),
    }


def enable_auto_merge(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    github, identity = context(info)
    repository, pull = find_pull(github, input["pullRequestId"])
    protection = repository.protection.get(pull.base)
    if not repository.settings.allow_auto_merge:
        raise GraphQLRefusal("Pull request Auto merge is not allowed for this repository")
    if pull.state != "open":
        raise GraphQLRefusal("Pull request is closed")
    if input.get("expectedHeadOid") not in (None, pull.head_sha):
        raise GraphQLRefusal("Head branch was modified. Review and try the merge again.", "STALE_DATA")
    if protection is None:
        raise GraphQLRefusal("Pull request Protected branch rules not configured for this branch")
    method = (input.get("mergeMethod") or "MERGE").lower()
    if not protection.queue:
        _check_method(repository, pull, method)
    state = merging.assess(repository, pull).state
    if state in ("clean", "unstable", "dirty", "draft"):
        raise GraphQLRefusal(f"Pull request Pull request is in {state} status")
    pull.auto_merge = AutoMerge(method, identity.login, input.get("commitHeadline"), input.get("commitBody"), now())
    return _pull_payload(info, input)


def _check_method(repository: Any, pull: Any, method: str) -> None:
    try:
        merging.check_method(repository, pull, method)
    except Refusal as refusal:
        raise GraphQLRefusal(f"Merge method {refusal}") from None


def disable_auto_merge(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    _, pull = find_pull(context(info)[0], input["pullRequestId"])
    if pull.auto_merge is None:
        raise GraphQLRefusal("Can't disable auto-merge for this pull request")
    pull.auto_merge = None
    return _pull_payload(info, input)


def enqueue(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    github, identity = context(info)
    repository, pull = find_pull(github, input["pullRequestId"])
    protection = repository.protection.get(pull.base)
    if protection is None or not protection.queue:
        raise GraphQLRefusal("Merge queue is not enabled for this branch")
    if input.get("expectedHeadOid") not in (None, pull.head_sha):
        raise GraphQLRefusal("Head branch was modified. Review and try the merge again.", "STALE_DATA")
    if pull.queued:
        raise GraphQLRefusal("Pull request is already in the queue")
    judged = merging.assess(repository, pull)
    if judged.state not in ("clean", "unstable", "behind"):
        raise GraphQLRefusal(judged.reason or "Pull request is not mergeable")
    pull.queued, pull.queued_by = now(), identity.login
    payload = _pull_payload(info, input)
    return {
        "clientMutationId": payload["clientMutationId"],
        "mergeQueueEntry": payload["pullRequest"]["mergeQueueEntry"],
    }


def dequeue(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    repository, pull = find_pull(context(info)[0], input["id"])
    if pull.queued is None:
        raise GraphQLRefusal("Pull request is not in the queue")
    entry = pull_value(context(info)[0], repository, pull)["mergeQueueEntry"]
    pull.queued = pull.queued_by = None
    return {"clientMutationId": input.get("clientMutationId"), "mergeQueueEntry": entry}


def merge(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    github, identity = context(info)
    repository, pull = find_pull(github, input["pullRequestId"])
    try:
        merging.merge(
            repository,
            pull,
            (input.get("mergeMethod") or "MERGE").lower(),
            identity.login,
            sha=input.get("expectedHeadOid"),
            title=input.get("commitHeadline"),
            message=input.get("commitBody"),
        )
    except Refusal as refusal:
        raise GraphQLRefusal(str(refusal)) from None
    return _pull_payload(info, input)


def update_branch(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    github, identity = context(info)
    repository, pull = find_pull(github, input["pullRequestId"])
    try:
        merging.update_branch(repository, pull, identity.login, input.get("expectedHeadOid"))
    except Refusal as refusal:
        raise GraphQLRefusal(str(refusal)) from None
    repository.look()
    return _pull_payload(info, input)


def draft(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    find_pull(context(info)[0], input["pullRequestId"])[1].draft = True
    return _pull_payload(info, input)


def ready(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    _may_write(info)
    find_pull(context(info)[0], input["pullRequestId"])[1].draft = False
    return _pull_payload(info, input)


def create_commit(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    """A commit that GitHub signs, on an existing branch that must be where the caller expects it."""
    _may_write(info)
    github, identity = context(info)
    branch = input["branch"]
    if not branch.get("repositoryNameWithOwner") or not branch.get("branchName"):
        raise GraphQLRefusal("A branch needs a repository and a name, or an id", "UNPROCESSABLE")
    repository = find_repository(github, branch["repositoryNameWithOwner"])
    name = f"refs/heads/{branch['branchName'].removeprefix('refs/heads/')}"
    old = repository.git.refs(name).get(name)
    if old is None:
        raise GraphQLRefusal(f'A branch named "{branch["branchName"]}" does not exist', "NOT_FOUND")
    expected = input["expectedHeadOid"]
    if expected != old:
        raise GraphQLRefusal(
            f'Expected branch to point to "{expected}" but it did not. Pull and try again.', "STALE_DATA"
        )
    modes = {entry.path: entry.mode for entry in repository.git.entries(old, recursive=True)}
    changes: list[tuple[str, str, str | None]] = []
    wanted = input.get("fileChanges") or {}
    for gone in wanted.get("deletions") or ():
        if gone["path"] not in modes:
            raise GraphQLRefusal(
                f"A path was requested for deletion which does not exist as of commit oid `{old}`", "UNPROCESSABLE"
            )
        changes.append(("0", gone["path"], None))
    for added in wanted.get("additions") or ():
        oid = repository.git.blob(base64.b64decode(added["contents"]))
        changes.append((modes.get(added["path"], "100644"), added["path"], oid))
    message = input["message"]["headline"]
    if input["message"].get("body"):
        message += f"\n\n{input['message']['body']}"
    login = identity.login
    author = Person(login, f"{github.user_id(login)}+{login}@users.noreply.github.com")
    try:
        tree = repository.git.tree(old, changes)
        made = repository.git.commit(tree, [old], message, author, Person("GitHub", "noreply@github.com"))
        repository.git.set_ref(name, made, old)
    except GitRefused as error:
        raise GraphQLRefusal(str(error)) from None
    repository.verified.add(made)
    return {
        "clientMutationId": input.get("clientMutationId"),
        "commit": commit(github, repository, made),
        "ref": ref(github, repository, name),
    }


def update_refs(root: object, info: "Info", input: _Input) -> dict[str, Any]:  # noqa: A002
    """Several refs at once, all or none, each only if it is where ``beforeOid`` says (all zeros: not there)."""
    _may_write(info)
    github, _ = context(info)
    repository = next(one for one in github.repositories.values() if f"R_{one.id}" == input["repositoryId"])
    nothing = "0" * 40
    refs = repository.git.refs("refs/heads/")
    moves: list[tuple[str, str | None, str | None]] = []
    for wanted in input["refUpdates"]:
        old = refs.get(wanted["name"])
        before = wanted.get("beforeOid")
        if before is not None and before != (old or nothing):
            raise GraphQLRefusal(f"Reference {wanted['name']} does not point to {before}", "STALE_DATA")
        new = None if wanted["afterOid"] == nothing else wanted["afterOid"]
        if new is not None and repository.git.resolve(new) is None:
            raise GraphQLRefusal(f"Object {new} does not exist", "UNPROCESSABLE")
        if old and new and not wanted.get("force") and repository.git.count(old, new):
            raise GraphQLRefusal("Update is not a fast forward", "UNPROCESSABLE")
        moves.append((wanted["name"], new, old))
    for name, new, old in moves:
        if new != old:
            repository.git.set_ref(name, new, old)
    return {"clientMutationId": input.get("clientMutationId")}


MUTATIONS: dict[str, Callable[..., Any]] = {
    "updateRefs": update_refs,
    "enablePullRequestAutoMerge": enable_auto_merge,
    "disablePullRequestAutoMerge": disable_auto_merge,
    "enqueuePullRequest": enqueue,
    "dequeuePullRequest": dequeue,
    "mergePullRequest": merge,
    "updatePullRequestBranch": update_branch,
    "convertPullRequestToDraft": draft,
    "markPullRequestReadyForReview": ready,
    "createCommitOnBranch": create_commit,
}
