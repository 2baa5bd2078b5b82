"""Pull requests: propose, read, change, merge."""

from tests.doubles.github import diffs, merging
from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, check_length, custom, invalid, not_found
from tests.doubles.github.render import Render
from tests.doubles.github.routes.repositories import commit_rest
from tests.doubles.github.state import Issue, Pull, now


@operation("pulls/list")
def list_pulls(call: Call) -> Answer:
    query = call.query
    pulls = list(call.repository.pulls.values())
    state = query.get("state", "open")
    if state != "all":
        pulls = [pull for pull in pulls if pull.state == state]
    if "head" in query:  # without "owner:" GitHub takes no notice of it
        owner, colon, branch = query["head"].partition(":")
        if colon:
            pulls = [pull for pull in pulls if owner == call.repository.owner and pull.head == branch]
    if "base" in query:
        pulls = [pull for pull in pulls if pull.base == query["base"]]
    keys = {"created": "created", "updated": "updated"}
    name = keys.get(query.get("sort", "created"), "created")
    backwards = query.get("direction", "asc" if "sort" in query and query["sort"] != "created" else "desc") == "desc"
    pulls.sort(key=lambda pull: (getattr(pull, name), pull.number), reverse=backwards)
    render = Render(call.github, call.repository)
    return call.page(pulls, lambda pull: render.pull(pull, full=False))


@operation("pulls/create")
def create(call: Call) -> Answer:
    repository, body = call.repository, call.body
    if call.identity.kind == "actions" and not repository.settings.actions_may_create_pull_requests:
        raise Refusal(403, "GitHub Actions is not permitted to create or approve pull requests.")
    branches = repository.branches()
    owner, colon, head = body["head"].rpartition(":")
    base = body["base"]
    if head not in branches or (colon and owner.lower() != repository.owner.lower()):
        raise invalid("PullRequest", "head")
    if base not in branches:
        raise invalid("PullRequest", "base")
    if any(pull.head == head and pull.base == base for pull in repository.open_pulls()):
        raise custom("PullRequest", f"A pull request already exists for {repository.owner}:{head}.")
    if repository.git.count(branches[head], branches[base]) == 0:
        raise custom("PullRequest", f"No commits between {base} and {head}")
    title = body.get("title")
    if not title:
        raise invalid("PullRequest", "title", "missing_field")
    check_length("PullRequest", body.get("body"))
    if len(title) > 256:
        raise invalid("Issue", "title", "custom", "title is too long (maximum is 256 characters)")
    pull = Pull(
        repository.next_id(),
        repository.next_number(),
        call.identity.login,
        title,
        body.get("body"),
        head=head,
        base=base,
        head_sha=branches[head],
        base_sha=branches[base],
        draft=body.get("draft", False),
        maintainer_can_modify=body.get("maintainer_can_modify", False),
    )
    repository.issues[pull.number] = pull
    repository.start_workflows(pull, call.identity.kind)
    return Answer(201, Render(call.github, repository).pull(pull))


@operation("pulls/get")
def get(call: Call) -> Answer:
    return Answer(200, Render(call.github, call.repository).pull(call.pull()))


@operation("pulls/update")
def update(call: Call) -> Answer:
    repository, pull, body = call.repository, call.pull(), call.body
    check_length("PullRequest", body.get("body"))
    base = body.get("base")
    if base is not None and base != pull.base:
        if base not in repository.branches():
            raise invalid("PullRequest", "base")
        pull.base, pull.base_sha = base, repository.branches()[base]
    if body.get("state") == "open" and pull.state == "closed":
        _reopen(call, pull)
    change(call, pull)
    if "maintainer_can_modify" in body:
        pull.maintainer_can_modify = body["maintainer_can_modify"]
    return Answer(200, Render(call.github, repository).pull(pull))


def _reopen(call: Call, pull: Pull) -> None:
    branches = call.repository.branches()
    if pull.merged:
        raise invalid(
            "PullRequest", "state", "invalid", "state cannot be changed. The pull request cannot be reopened."
        )
    if pull.head not in branches:
        raise invalid(
            "PullRequest", "state", "invalid", f"state cannot be changed. The {pull.head} branch has been deleted."
        )
    if any(other.head == pull.head and other.base == pull.base for other in call.repository.open_pulls()):
        raise custom("PullRequest", f"A pull request already exists for {call.repository.owner}:{pull.head}.")
    pull.head_sha, pull.base_sha = branches[pull.head], branches[pull.base]


def change(call: Call, issue: Issue) -> None:
    """Title, body and state; issues and pull requests share it."""
    body = call.body
    if body.get("title") is not None:
        issue.title = str(body["title"])
    if "body" in body:
        issue.body = body["body"]
    if body.get("state") == "closed" and issue.state == "open":
        merging.close(issue, call.identity.login)
    elif body.get("state") == "open" and issue.state == "closed":
        issue.state, issue.closed, issue.closed_by = "open", None, None
    issue.updated = now()


@operation("pulls/merge")
def merge(call: Call) -> Answer:
    body = call.body
    sha = merging.merge(
        call.repository,
        call.pull(),
        body.get("merge_method", "merge"),
        call.identity.login,
        sha=body.get("sha"),
        title=body.get("commit_title"),
        message=body.get("commit_message"),
    )
    return Answer(200, {"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


@operation("pulls/check-if-merged")
def check_if_merged(call: Call) -> Answer:
    if not call.pull().merged:
        raise not_found()
    return Answer(204)


@operation("pulls/update-branch")
def update_branch(call: Call) -> Answer:
    pull = call.pull()
    merging.update_branch(call.repository, pull, call.identity.login, call.body.get("expected_head_sha"))
    url = f"{Render(call.github, call.repository).html}/pull/{pull.number}"
    return Answer(202, {"message": "Updating pull request branch.", "url": url})


@operation("pulls/list-files")
def list_files(call: Call) -> Answer:
    pull = call.pull()
    render = Render(call.github, call.repository)
    files = diffs.files(call.repository.git, _start(call, pull), pull.head_sha)
    return call.page(files, lambda file: diffs.value(render, file, pull.head_sha))


@operation("pulls/list-commits")
def list_commits(call: Call) -> Answer:
    pull = call.pull()
    oids = call.repository.git.log(f"{_start(call, pull)}..{pull.head_sha}", "--reverse")
    return call.page(oids, lambda oid: commit_rest(call, oid))


def _start(call: Call, pull: Pull) -> str:
    """Where the branch left its base; of what is merged, as it was before the merge."""
    base = pull.base_sha
    if pull.merged and pull.merge_sha is not None:
        base = call.repository.git.info(pull.merge_sha).parents[0]
    return call.repository.git.text("merge-base", base, pull.head_sha)
