"""The GitHub double: the behaviours that other tests build on, asked through PyGithub."""

import time
from typing import Any

import jwt
import pytest
import requests
from github import Auth, Github, GithubException, GithubIntegration, InputGitTreeElement
from github.PullRequest import PullRequest

from tests.doubles.github import GitHub, Repository

QUICK: dict[str, Any] = {"retry": None, "seconds_between_requests": None, "seconds_between_writes": None}


def client(double: GitHub, kind: str = "app") -> Github:
    return Github(base_url=double.url, auth=Auth.Token(double.token(kind)), **QUICK)


@pytest.fixture
def repository(github: GitHub) -> Repository:
    return github.repository("acme/gitops", {"apps/api.yaml": "image: api:1\n", "apps/web.yaml": "image: web:1\n"})


def propose(github: GitHub, branch: str = "bump", kind: str = "app") -> PullRequest:
    """A pull request for a branch with one change; the branch is pushed when it is missing."""
    (repository,) = github.repositories.values()
    if branch not in repository.branches():
        repository.push(branch, {f"apps/{branch.replace('/', '-')}.yaml": "image: new:2\n"})
    return client(github, kind).get_repo("acme/gitops").create_pull(base="main", head=branch, title="Bump", body="why")


def refused(error: "pytest.ExceptionInfo[GithubException]") -> str:
    """Status and words of a refusal."""
    data = error.value.data
    first = (data.get("errors") or [{}])[0]
    return f"{error.value.status} {first.get('message', data.get('message')) if isinstance(first, dict) else first}"


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_merging_changes_the_real_branch(github: GitHub, repository: Repository, method: str) -> None:
    repository.push("bump", {"apps/api.yaml": "image: api:2\n"}, message="One")
    repository.push("bump", {"apps/api.yaml": "image: api:3\n"}, message="Two")
    repository.push("main", {"README.md": "meanwhile\n"})
    pull = propose(github)

    result = pull.merge(sha=pull.head.sha, merge_method=method)

    assert result.merged and result.sha == repository.branches()["main"]
    assert repository.files()["apps/api.yaml"] == b"image: api:3\n"
    assert repository.files()["README.md"] == b"meanwhile\n"
    parents = len(repository.git.info(result.sha).parents)
    new = repository.git.count(result.sha, "main~1" if method == "squash" else "bump")
    assert (parents, new) == {"merge": (2, 2), "squash": (1, 1), "rebase": (1, 3)}[method]


def test_a_merge_with_a_head_that_moved_is_refused(github: GitHub, repository: Repository) -> None:
    pull = propose(github)
    seen = pull.head.sha
    repository.push("bump", {"apps/api.yaml": "image: api:3\n"})
    with pytest.raises(GithubException) as error:
        pull.merge(sha=seen)
    assert refused(error) == "409 Head branch was modified. Review and try the merge again."
    assert not github.pulls[1].merged


def test_the_same_branch_is_proposed_once(github: GitHub, repository: Repository) -> None:
    propose(github)
    with pytest.raises(GithubException) as error:
        propose(github)
    assert refused(error) == "422 A pull request already exists for acme:bump."


def test_a_branch_without_commits_of_its_own_is_not_proposed(github: GitHub, repository: Repository) -> None:
    repository.git.set_ref("refs/heads/same", repository.branches()["main"])
    with pytest.raises(GithubException) as error:
        propose(github, "same")
    assert refused(error) == "422 No commits between main and same"


def test_mergeable_state_follows_checks_reviews_and_the_base(github: GitHub, repository: Repository) -> None:
    pull = propose(github)

    def state() -> str:
        pull.update()
        return pull.mergeable_state

    assert state() == "clean"
    repository.report("bump", "optional", "failure")
    assert state() == "unstable"
    repository.protect(checks=["ci"], reviews=1, strict=True)
    assert state() == "blocked"
    repository.report("bump", "ci")
    assert state() == "blocked"
    repository.approve(1)
    assert state() == "unstable"
    repository.report("bump", "optional")
    assert state() == "clean"
    repository.push("main", {"README.md": "meanwhile\n"})
    assert state() == "behind"
    assert pull.update_branch(expected_head_sha=pull.head.sha)
    assert state() == "blocked", "the new head has no checks yet"
    repository.report("bump", "ci")
    assert state() == "clean"
    repository.push("main", {"apps/bump.yaml": "image: other:9\n"})
    assert (state(), pull.mergeable) == ("dirty", False)


def test_mergeability_comes_late_where_the_test_wants_it(github: GitHub, repository: Repository) -> None:
    pull = propose(github)
    repository.settings.late_mergeability = True
    pull.update()
    assert (pull.mergeable, pull.mergeable_state) == (None, "unknown")
    pull = client(github).get_repo("acme/gitops").get_pull(1)
    assert (pull.mergeable, pull.mergeable_state) == (True, "clean")


def test_automerge_waits_for_the_required_check_and_then_merges(github: GitHub, repository: Repository) -> None:
    pull = propose(github)

    def refusal() -> str:
        with pytest.raises(GithubException) as error:
            pull.enable_automerge("SQUASH")
        return refused(error)

    assert refusal() == "400 Pull request Auto merge is not allowed for this repository"
    repository.settings.allow_auto_merge = True
    assert refusal() == "400 Pull request Protected branch rules not configured for this branch"
    repository.protect(checks=["ci"])
    repository.report("bump", "ci")
    assert refusal() == "400 Pull request Pull request is in clean status"
    repository.push("bump", {"apps/api.yaml": "image: api:3\n"})
    pull.enable_automerge("SQUASH")
    assert pull.raw_data and client(github).get_repo("acme/gitops").get_pull(1).raw_data["auto_merge"]
    repository.report("bump", "ci", "failure")
    assert not github.pulls[1].merged
    repository.report("bump", "ci")
    assert github.pulls[1].merged_by == "acme-bot[bot]"


def test_a_merge_queue_is_the_only_way_in(github: GitHub, repository: Repository) -> None:
    repository.protect(checks=["ci"], queue=True)
    pull = propose(github)
    repository.report("bump", "ci")
    with pytest.raises(GithubException) as error:
        pull.merge()
    assert refused(error) == "405 Changes must be made through the merge queue"
    asking = {"pullRequestId": pull.node_id, "expectedHeadOid": pull.head.sha}
    _, data = pull.requester.graphql_named_mutation("enqueuePullRequest", asking, "mergeQueueEntry { position state }")
    assert data["mergeQueueEntry"]["state"] == "QUEUED"
    assert repository.run_merge_queue() == [1]
    assert github.pulls[1].merged


def test_a_deleted_branch_closes_its_pull_request(github: GitHub, repository: Repository) -> None:
    propose(github)
    repository.git.set_ref("refs/heads/bump", None)
    assert client(github).get_repo("acme/gitops").get_pull(1).state == "closed"
    assert not github.pulls[1].merged


def test_a_branch_that_the_base_took_over_counts_as_merged(github: GitHub, repository: Repository) -> None:
    propose(github)
    repository.git.set_ref("refs/heads/main", repository.branches()["bump"])
    repository.git.set_ref("refs/heads/bump", None)
    assert client(github).get_repo("acme/gitops").get_pull(1).merged


def test_the_files_of_a_pull_request_are_those_of_git_diff(github: GitHub, repository: Repository) -> None:
    repository.push(
        "bump", {"apps/api.yaml": "image: api:2\n", "apps/web.yaml": None, "new file.txt": "a\nb", "x.bin": b"\0\1"}
    )
    files = {file.filename: file for file in propose(github).get_files()}
    assert {name: file.status for name, file in files.items()} == {
        "apps/api.yaml": "modified",
        "apps/web.yaml": "removed",
        "new file.txt": "added",
        "x.bin": "added",
    }
    for name, file in files.items():
        whole = repository.git.text("diff", "main...bump", "--", name)
        assert (file.patch or "") == whole[whole.find("\n@@") + 1 :] if "\n@@" in whole else not file.patch


def test_pull_requests_of_the_workflow_token_wait_for_an_approval(github: GitHub, repository: Repository) -> None:
    repository.settings.workflows = ("ci",)
    by_app, by_token = propose(github, "one"), propose(github, "two", "actions")
    remote = client(github).get_repo("acme/gitops")

    def checks(pull: PullRequest) -> list[str]:
        return [run.status for run in remote.get_commit(pull.head.sha).get_check_runs()]

    assert checks(by_app) == ["queued"] and checks(by_token) == []
    runs = remote.get_workflow_runs(head_sha=by_token.head.sha)
    assert [(run.status, run.conclusion) for run in runs] == [("completed", "action_required")]
    repository.approve_runs(by_token.number)
    assert checks(by_token) == ["queued"]


def test_the_setting_that_forbids_the_workflow_token_to_propose(github: GitHub, repository: Repository) -> None:
    repository.settings.actions_may_create_pull_requests = False
    with pytest.raises(GithubException) as error:
        propose(github, kind="actions")
    assert refused(error) == "403 GitHub Actions is not permitted to create or approve pull requests."
    assert propose(github, kind="app").number == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [("expired", "401 Bad credentials"), ("read", "403 Resource not accessible by integration")],
)
def test_tokens_that_may_not_write(github: GitHub, repository: Repository, kind: str, words: str) -> None:
    repository.push("bump", {"a": "b"})
    with pytest.raises(GithubException) as error:
        propose(github, kind=kind)
    assert refused(error) == words
    assert not github.pulls


def test_an_app_gets_a_token_only_with_its_own_key(github: GitHub, repository: Repository) -> None:
    good = Auth.AppAuth(github.app.id, github.app.private_key)
    integration = GithubIntegration(auth=good, base_url=github.url, **QUICK)
    installation = integration.get_repo_installation("acme", "gitops")
    token = integration.get_access_token(installation.id).token
    assert Github(base_url=github.url, auth=Auth.Token(token), **QUICK).get_repo("acme/gitops").name == "gitops"
    forged = jwt.encode({"iss": "4711", "exp": int(time.time()) + 60}, "no key of the app's" * 2, algorithm="HS256")
    headers = {"Authorization": f"Bearer {forged}"}
    assert requests.get(f"{github.url}/app", headers=headers, timeout=10).status_code == 401


def test_commits_by_an_app_are_verified_unless_it_names_an_author(github: GitHub, repository: Repository) -> None:
    remote = client(github).get_repo("acme/gitops")
    head = remote.get_git_commit(remote.get_git_ref("heads/main").object.sha)
    tree = remote.create_git_tree([InputGitTreeElement("a", "100755", "blob", content="x")], base_tree=head.tree)
    from github import InputGitAuthor

    signed = remote.create_git_commit("One", tree, [head])
    plain = remote.create_git_commit("Two", tree, [head], author=InputGitAuthor("Mona", "mona@example.com"))
    assert (signed.verification.verified, plain.verification.verified) == (True, False)
    assert [entry.mode for entry in remote.get_git_tree(signed.tree.sha).tree if entry.path == "a"] == ["100755"]


def test_create_commit_on_branch_needs_the_head_it_expects(github: GitHub, repository: Repository) -> None:
    remote = client(github).get_repo("acme/gitops")
    old = repository.branches()["main"]

    def commit(expected: str) -> dict[str, Any]:
        change = {"additions": [{"path": "apps/api.yaml", "contents": "aW1hZ2U6IGFwaTo5Cg=="}], "deletions": []}
        asking = {
            "branch": {"repositoryNameWithOwner": "acme/gitops", "branchName": "main"},
            "expectedHeadOid": expected,
            "message": {"headline": "Bump"},
            "fileChanges": change,
        }
        _, data = remote.requester.graphql_named_mutation("createCommitOnBranch", asking, "commit { oid }")
        return data

    assert commit(old)["commit"]["oid"] == repository.branches()["main"]
    assert repository.files()["apps/api.yaml"] == b"image: api:9\n"
    with pytest.raises(GithubException) as error:
        commit(old)
    assert refused(error) == f'400 Expected branch to point to "{old}" but it did not. Pull and try again.'


def test_refs_move_forward_only_and_protected_ones_only_by_pull_requests(
    github: GitHub, repository: Repository
) -> None:
    remote = client(github).get_repo("acme/gitops")
    old, new = repository.branches()["main"], repository.push("bump/api", {"a": "b"})
    ref = remote.get_git_ref("heads/bump/api")
    with pytest.raises(GithubException) as error:
        ref.edit(old)
    assert refused(error) == "422 Update is not a fast forward"
    repository.protect(reviews=1)
    with pytest.raises(GithubException):
        remote.get_git_ref("heads/main").edit(new)
    assert repository.branches()["main"] == old


def test_lists_are_paged_by_links_that_name_the_repository_by_number(github: GitHub, repository: Repository) -> None:
    pull = propose(github)
    for number in range(70):
        pull.create_issue_comment(f"comment {number}")
    comments = pull.get_issue_comments()
    assert [comment.body for comment in comments] == [f"comment {number}" for number in range(70)]
    assert comments.totalCount == 70
    pages = [request for request in github.asked("issues/list-comments") if request.query.get("page")]
    assert pages and all(request.path.startswith("/repos/acme/gitops/issues/1/") for request in pages)


def test_people_and_labels(github: GitHub, repository: Repository) -> None:
    pull = propose(github)
    pull.add_to_labels("Bug", "images")
    pull.add_to_assignees("octocat", "a-stranger")
    pull.create_review_request(["hubot"], ["platform"])
    with pytest.raises(GithubException) as error:
        pull.create_review_request(["a-stranger"])
    assert refused(error).startswith("422 Reviews may only be requested from collaborators.")
    kept = github.pulls[1]
    assert (kept.labels, kept.assignees, kept.reviewers) == (["bug", "images"], ["octocat"], ["hubot"])


def test_an_enterprise_server_has_its_own_addresses(tmp_path_factory: pytest.TempPathFactory) -> None:
    with GitHub.start(tmp_path_factory.mktemp("ghes"), enterprise=True) as double:
        double.repository("acme/gitops").settings.allow_auto_merge = True
        pull = propose(double)
        assert double.url.endswith("/api/v3") and pull.url.startswith(double.url)
        assert double.pulls[1].number == 1
        with pytest.raises(GithubException, match="Protected branch"):
            pull.enable_automerge()
        double.check()
