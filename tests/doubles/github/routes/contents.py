"""Files of a branch, read and written one at a time."""

import base64
import binascii
from typing import Any

from tests.doubles.github.bare import Entry, Person
from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, not_found
from tests.doubles.github.render import Render
from tests.doubles.github.routes.git_data import check_push, commit_value


@operation("repos/get-content")
def get_content(call: Call) -> Answer:
    git = call.repository.git
    name = call.query.get("ref", call.repository.default_branch).removeprefix("refs/heads/")
    commit = git.resolve(name)
    if commit is None:
        raise Refusal(404, f"No commit found for the ref {name}")
    path = call.parameters["path"].strip("/")
    if path:
        found = git.entries(commit, path=path)
        if not found:
            raise not_found()
        if found[0].kind == "blob":
            return Answer(200, _value(call, found[0], name, git.content(found[0].oid)))
        path += "/"
    return Answer(200, [_value(call, entry, name, None) for entry in git.entries(commit, path=path or None)])


def _value(call: Call, entry: Entry, ref: str, data: bytes | None) -> dict[str, Any]:
    render = Render(call.github, call.repository)
    kind = {"blob": "file", "tree": "dir", "commit": "submodule"}[entry.kind]
    url = f"{render.url}/contents/{entry.path}?ref={ref}"
    git_url = f"{render.url}/git/{entry.kind}s/{entry.oid}"
    page = f"{render.html}/{entry.kind}/{ref}/{entry.path}"
    value: dict[str, Any] = {
        "type": kind,
        "name": entry.path.rpartition("/")[2],
        "path": entry.path,
        "sha": entry.oid,
        "size": entry.size or 0,
        "url": url,
        "git_url": git_url,
        "html_url": page,
        "download_url": f"{render.html}/raw/{ref}/{entry.path}" if kind == "file" else None,
        "_links": {"git": git_url, "self": url, "html": page},
    }
    if data is not None:
        big = len(data) > 1024 * 1024
        value.update(encoding="none" if big else "base64", content="" if big else base64.encodebytes(data).decode())
    return value


@operation("repos/create-or-update-file-contents")
def create_or_update_file_contents(call: Call) -> Answer:
    try:
        data = base64.b64decode(call.body["content"], validate=False)
    except binascii.Error:
        raise Refusal(422, "content is not valid Base64") from None
    return _write(call, data)


@operation("repos/delete-file")
def delete_file(call: Call) -> Answer:
    return _write(call, None)


def _write(call: Call, data: bytes | None) -> Answer:
    git, body, path = call.repository.git, call.body, call.parameters["path"]
    branch = body.get("branch", call.repository.default_branch)
    head = call.repository.branches().get(branch)
    if head is None:
        raise Refusal(404, f"Branch {branch} not found")
    there = next(iter(git.entries(head, path=path)), None)
    given = body.get("sha")
    if there is None and data is None:
        raise not_found()
    if there is not None and given is None:
        raise Refusal(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if given is not None and (there is None or there.oid != given):
        raise Refusal(409, f"{path} does not match {given}")
    mode = there.mode if there is not None else "100644"
    tree = git.tree(head, [(mode, path, None if data is None else git.blob(data))])
    login = call.identity.login
    preset = Person(login, f"{call.github.user_id(login)}+{login}@users.noreply.github.com")
    committer, author = body.get("committer"), body.get("author") or body.get("committer")
    oid = git.commit(
        tree,
        [head],
        body["message"],
        Person(author["name"], author["email"]) if author else preset,
        Person(committer["name"], committer["email"]) if committer else None,
    )
    check_push(call, f"refs/heads/{branch}", oid)
    git.set_ref(f"refs/heads/{branch}", oid, head)
    if call.identity.is_app and author is None:
        call.repository.verified.add(oid)
    commit = commit_value(call, oid)
    if data is None:
        return Answer(200, {"content": None, "commit": commit})
    entry = git.entries(oid, path=path)[0]
    return Answer(200 if there is not None else 201, {"content": _value(call, entry, branch, None), "commit": commit})
