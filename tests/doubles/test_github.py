"""The GitHub double: the behaviours that our tests build on, asked through PyGithub."""

from github import Auth, Github

from tests.doubles.github import GitHub
from tests.support.github import github

__all__ = ["github"]


def client(double: GitHub, kind: str = "app") -> Github:
    return Github(
        base_url=double.url,
        auth=Auth.Token(double.token(kind)),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


def test_a_pull_request_of_a_pushed_branch_is_merged_into_real_git(github: GitHub) -> None:
    repository = github.repository("acme/gitops", {"apps/api.yaml": "image: api:1\n"})
    repository.push("bump", {"apps/api.yaml": "image: api:2\n"})

    remote = client(github).get_repo("acme/gitops")
    pull = remote.create_pull(base="main", head="bump", title="Bump api", body="why")
    assert pull.merge(sha=pull.head.sha, merge_method="squash").merged

    assert repository.files() == {"apps/api.yaml": b"image: api:2\n"}
    assert github.pulls[1].merged
