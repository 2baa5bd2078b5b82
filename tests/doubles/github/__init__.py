"""A GitHub for tests, on localhost. See docs in ``double.GitHub``; every answer is checked against GitHub's own
description (``description/``), commits are real git, and tests/doubles/test_github_honesty.py keeps it honest.

    with GitHub.start(tmp_path) as github:
        repository = github.repository("acme/gitops", {"apps/api.yaml": "image: api:1\\n"})
        repository.protect("main", checks=["ci"])
        client = Github(base_url=github.url, auth=Auth.Token(github.token("app")), retry=None,
                        seconds_between_requests=None, seconds_between_writes=None)
        ...
        github.check()
"""

from tests.doubles.github.double import GitHub, Request
from tests.doubles.github.repository import Repository

__all__ = ["GitHub", "Repository", "Request"]
