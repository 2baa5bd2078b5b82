"""A GitHub double, a clone of a repository on it, and an application of two images there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitops_ci.forge.change import Change, MergePolicy, Opening
from gitops_ci.forge.github import client, forge, merging
from gitops_ci.git.objects import Signature
from gitops_ci.git.repository import Repository
from gitops_ci.manifest.edit import Edit
from tests.doubles.github import GitHub
from tests.support import repositories

NAME = "acme/gitops"
FILES = {
    "apps/api.yaml": "# first\nimage: api:1.0\n# middle 1\n# middle 2\n# middle 3\nsidecar: log:1.0\n",
    "apps/web.yaml": "image: web:1.0\n",
}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No waiting for limits that the double does not have."""
    monkeypatch.setattr(client, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(client, "SECONDARY_WAIT", 0.02)
    monkeypatch.setattr(client, "WRITE_PACE", 0)
    monkeypatch.setattr(merging, "POLL", 0.05)
    monkeypatch.setattr(forge, "MERGE_BUDGET", 1.0)


class Place:
    """One repository on the double, and its clone."""

    def __init__(self, github: GitHub, directory: Path, monkeypatch: pytest.MonkeyPatch):
        self.github = github
        self.repository = github.repository(NAME, FILES)
        self.clone = directory / "clone"
        repositories.git(directory, "clone", "-q", self.repository.remote, str(self.clone))
        self.monkeypatch = monkeypatch
        monkeypatch.setenv("GITHUB_API_URL", github.url)
        monkeypatch.setenv("GITHUB_SERVER_URL", github.html_url)
        monkeypatch.setenv("GITHUB_REPOSITORY", NAME)
        self.login("app")

    def login(self, kind: str) -> str:
        token = self.github.token(kind)
        self.monkeypatch.setenv("GITHUB_TOKEN", token)
        return token

    def forge(self):
        """A new run: everything is looked at anew."""
        repository = Repository(str(self.clone))
        made = forge.open_forge(repository, "origin", Opening(Signature("Bot <bot@example.com>", datetime.now(UTC))))
        made.refresh()
        made.base_commit("main")
        return made

    def change(self, what: str = "api", to: str = "1.1", **values) -> Change:
        """``api:1.0`` to another tag, on a branch of its own."""
        file, name = {
            "api": ("apps/api.yaml", "api"),
            "log": ("apps/api.yaml", "log"),
            "web": ("apps/web.yaml", "web"),
        }[what]
        text = self.repository.files()[file]
        at = text.index(f"{name}:".encode()) + len(name) + 1
        old = text[at:].split(b"\n")[0]
        title = values.pop("title", f"Update {name} to {to}")
        made = Change(
            branch=f"renovate/{name}",
            base="main",
            title=title,
            body=f"This changes **{name}**.",
            commit_message=f"{title}\n",
            edits=(Edit(file, at, old, to.encode()),),
            sets=(f"{file}={name}:{to}",),
        )
        return replace(made, **values)

    def automerging(self, what: str = "api", to: str = "1.1", **policy) -> Change:
        return self.change(what, to, merge=MergePolicy(automerge=True, **policy))

    def pull(self, branch: str = "renovate/api"):
        """The newest pull request of a branch."""
        self.repository.settle()
        return max((one for one in self.repository.pulls.values() if one.head == branch), key=lambda one: one.number)

    def head(self, branch: str, file: str = "apps/api.yaml") -> bytes:
        return self.repository.files(branch)[file]


@pytest.fixture
def place(tmp_path, monkeypatch) -> Iterator[Place]:
    for name in ("GITHUB_ACTIONS", "GH_TOKEN", "GITOPS_CI_APP_ID", "GITOPS_CI_APP_PRIVATE_KEY"):
        monkeypatch.delenv(name, raising=False)
    with GitHub.start(tmp_path) as github:
        yield Place(github, tmp_path, monkeypatch)
        github.check()
