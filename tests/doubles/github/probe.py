"""The same questions for any GitHub: what the double answers is compared with what others answer."""

import base64
from typing import Any, NamedTuple

import requests


class Step(NamedTuple):
    name: str
    status: int
    keys: frozenset[str]
    """Of the answer, or of its first item."""


class _Probe:
    def __init__(self, url: str, token: str, full_name: str) -> None:
        self.root, self.repository = url, f"{url}/repos/{full_name}"
        self.owner = full_name.partition("/")[0]
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"
        self.steps: list[Step] = []

    def ask(self, name: str, method: str, path: str, body: object = None, **options: Any) -> Any:
        """One step; ``path`` below the repository unless it is a whole address."""
        url = path if path.startswith("http") else self.repository + path
        answer = self.session.request(method, url, json=body, timeout=10, **options)
        value = answer.json() if answer.content else None
        first = value[0] if isinstance(value, list) and value else value
        keys = frozenset(first) if isinstance(first, dict) and answer.status_code < 400 else frozenset()
        self.steps.append(Step(name, answer.status_code, keys))
        return value if isinstance(value, dict) else {"items": value}


def probe(url: str, token: str, full_name: str) -> list[Step]:
    """Ask everything. The repository needs a branch main with a commit on it."""
    asked = _Probe(url, token, full_name)
    _git(asked)
    _pulls(asked)
    _issues(asked)
    _contents(asked)
    _merge(asked)
    return asked.steps


def _git(asked: _Probe) -> None:
    ask = asked.ask
    ask("repository", "GET", "")
    ask("no such repository", "GET", f"{asked.root}/repos/{asked.owner}/nothing-here")
    ask("a wrong token", "GET", "", headers={"Authorization": "Bearer wrong"})
    head = ask("ref", "GET", "/git/ref/heads/main")["object"]["sha"]
    ask("no such ref", "GET", "/git/ref/heads/nothing-here")
    old = ask("commit", "GET", f"/git/commits/{head}")
    blob = ask("new blob", "POST", "/git/blobs", {"content": "image: api:2\n", "encoding": "utf-8"})["sha"]
    ask("blob", "GET", f"/git/blobs/{blob}")
    entry = {"path": "apps/api.yaml", "mode": "100644", "type": "blob", "sha": blob}
    tree = ask("new tree", "POST", "/git/trees", {"base_tree": old["tree"]["sha"], "tree": [entry]})["sha"]
    ask("tree", "GET", f"/git/trees/{tree}", params={"recursive": "1"})
    new = ask("new commit", "POST", "/git/commits", {"message": "Bump", "tree": tree, "parents": [head]})["sha"]
    ask("new ref", "POST", "/git/refs", {"ref": "refs/heads/bump", "sha": new})
    ask("the same ref again", "POST", "/git/refs", {"ref": "refs/heads/bump", "sha": new})
    ask("ref to nothing", "POST", "/git/refs", {"ref": "refs/heads/x", "sha": "1" * 40})
    ask("backwards", "PATCH", "/git/refs/heads/bump", {"sha": head})
    ask("branch", "GET", "/branches/bump")
    ask("no such branch", "GET", "/branches/nothing-here")
    ask("no protection", "GET", "/branches/main/protection")
    ask("matching refs", "GET", "/git/matching-refs/heads/bu")
    ask("new status", "POST", f"/statuses/{new}", {"state": "success", "context": "ci"})
    ask("combined status", "GET", f"/commits/{new}/status")
    ask("commits", "GET", "/commits", params={"sha": "bump"})


def _pulls(asked: _Probe) -> None:
    ask = asked.ask
    new = {"title": "Bump", "head": "bump", "base": "main", "body": "why"}
    ask("new pull request", "POST", "/pulls", new)
    ask("the same again", "POST", "/pulls", new)
    ask("of no branch", "POST", "/pulls", {**new, "head": "nothing-here"})
    ask("without commits", "POST", "/pulls", {**new, "head": "main"})
    ask("pull request", "GET", "/pulls/1")
    ask("no such pull request", "GET", "/pulls/99")
    ask("pull requests", "GET", "/pulls", params={"head": f"{asked.owner}:bump", "state": "open"})
    ask("another title", "PATCH", "/pulls/1", {"title": "Bump api"})
    ask("files", "GET", "/pulls/1/files")
    ask("its commits", "GET", "/pulls/1/commits")
    ask("reviews", "GET", "/pulls/1/reviews")
    ask("not merged yet", "GET", "/pulls/1/merge")


def _issues(asked: _Probe) -> None:
    ask = asked.ask
    issue = ask("new issue", "POST", "/issues", {"title": "Dashboard", "body": "- [ ] x"})["number"]
    ask("issue", "GET", f"/issues/{issue}")
    ask("another body", "PATCH", f"/issues/{issue}", {"body": "- [x] x"})
    ask("issues", "GET", "/issues")
    ask("new label", "POST", "/labels", {"name": "images", "color": "0075ca"})
    ask("the same label again", "POST", "/labels", {"name": "images", "color": "0075ca"})
    ask("add a label", "POST", "/issues/1/labels", {"labels": ["images"]})
    ask("labels", "GET", "/issues/1/labels")
    ask("take it away", "DELETE", "/issues/1/labels/images")
    ask("take it away again", "DELETE", "/issues/1/labels/images")
    comment = ask("new comment", "POST", "/issues/1/comments", {"body": "<!-- marker -->one"})["id"]
    ask("comments", "GET", "/issues/1/comments")
    ask("other words", "PATCH", f"/issues/comments/{comment}", {"body": "<!-- marker -->two"})
    ask("no comment any more", "DELETE", f"/issues/comments/{comment}")
    ask("it is gone", "GET", f"/issues/comments/{comment}")
    ask("close", "PATCH", f"/issues/{issue}", {"state": "closed"})


def _contents(asked: _Probe) -> None:
    ask = asked.ask
    ask("no such file", "GET", "/contents/nothing-here")
    new = {"message": "Add", "content": base64.b64encode(b"one\n").decode()}
    made = ask("new file", "PUT", "/contents/new.txt", new)
    ask("file", "GET", "/contents/new.txt")
    ask("over it without its hash", "PUT", "/contents/new.txt", new)
    ask("over it with another hash", "PUT", "/contents/new.txt", {**new, "sha": "1" * 40})
    sha = (made.get("content") or {}).get("sha")
    ask("over it", "PUT", "/contents/new.txt", {**new, "content": base64.b64encode(b"two\n").decode(), "sha": sha})


def _merge(asked: _Probe) -> None:
    ask = asked.ask
    ask("merge of another head", "PUT", "/pulls/1/merge", {"sha": "1" * 40})
    ask("merge", "PUT", "/pulls/1/merge", {"merge_method": "squash"})
    ask("merge again", "PUT", "/pulls/1/merge", {"merge_method": "squash"})
    ask("merged now", "GET", "/pulls/1/merge")
    ask("the branch goes", "DELETE", "/git/refs/heads/bump")
    ask("it is gone already", "DELETE", "/git/refs/heads/bump")
