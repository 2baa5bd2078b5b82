"""Refs, commits, trees and blobs."""

import base64
from typing import Any

from tests.doubles.github.bare import GitRefused, Person
from tests.doubles.github.call import Answer, Call, operation
from tests.doubles.github.refusals import Refusal, not_found
from tests.doubles.github.render import Render


def _ref(call: Call, ref: str, oid: str) -> dict[str, Any]:
    render = Render(call.github, call.repository)
    kind = call.repository.git.kind(oid) or "commit"
    value: dict[str, Any] = render.example("git-ref")
    value.update(ref=ref, node_id=f"REF_{ref}", url=f"{render.url}/git/{ref}")
    value["object"] = {"type": kind, "sha": oid, "url": f"{render.url}/git/{kind}s/{oid}"}
    return value


@operation("git/get-ref")
def get_ref(call: Call) -> Answer:
    ref = f"refs/{call.parameters['ref']}"
    oid = call.repository.git.refs(ref).get(ref)
    if oid is None:
        raise not_found()
    return Answer(200, _ref(call, ref, oid))


@operation("git/list-matching-refs")
def list_matching_refs(call: Call) -> Answer:
    prefix = f"refs/{call.parameters['ref']}"
    found = [(ref, oid) for ref, oid in call.repository.git.refs().items() if ref.startswith(prefix)]
    return Answer(200, [_ref(call, ref, oid) for ref, oid in found])


@operation("git/create-ref")
def create_ref(call: Call) -> Answer:
    ref, oid = call.body["ref"], call.body["sha"]
    git = call.repository.git
    if not ref.startswith("refs/") or ref.count("/") < 2:
        raise Refusal(422, f"Reference name '{ref}' is invalid")
    if git.kind(oid) is None:
        raise Refusal(422, "Object does not exist")
    if ref in git.refs(ref):
        raise Refusal(422, "Reference already exists")
    try:
        git.set_ref(ref, oid, "0" * 40)
    except GitRefused:
        raise Refusal(422, "Reference already exists") from None
    return Answer(201, _ref(call, ref, oid))


@operation("git/update-ref")
def update_ref(call: Call) -> Answer:
    ref, new = f"refs/{call.parameters['ref']}", call.body["sha"]
    git = call.repository.git
    old = git.refs(ref).get(ref)
    if old is None:
        raise Refusal(422, "Reference does not exist")
    if git.kind(new) is None:
        raise Refusal(422, "Object does not exist")
    forced = call.body.get("force", False)
    protected = ref.removeprefix("refs/heads/") in call.repository.protection
    if protected and forced:
        raise Refusal(422, "Cannot force-push to this branch")
    if not forced and not git.is_ancestor(old, new):
        raise Refusal(422, "Update is not a fast forward")
    check_push(call, ref, new)
    git.set_ref(ref, new, old)
    return Answer(200, _ref(call, ref, new))


@operation("git/delete-ref")
def delete_ref(call: Call) -> Answer:
    ref = f"refs/{call.parameters['ref']}"
    git = call.repository.git
    if ref not in git.refs(ref):
        raise Refusal(422, "Reference does not exist")
    if ref.removeprefix("refs/heads/") in call.repository.protection:
        raise Refusal(422, "Cannot delete this branch")
    git.set_ref(ref, None)
    return Answer(204)


def check_push(call: Call, ref: str, new: str) -> None:
    """Refuse a direct change of a branch whose requirements the commit does not meet."""
    from tests.doubles.github.merging import outcomes

    protection = call.repository.protection.get(ref.removeprefix("refs/heads/"))
    if protection is None:
        return
    if protection.reviews or protection.queue:
        raise Refusal(422, "Changes must be made through a pull request.")
    found = outcomes(call.repository, new)
    for name in protection.checks:
        if found.get(name) != "success":
            raise Refusal(422, f'Required status check "{name}" is expected.')


def commit_value(call: Call, oid: str, example: str = "git-commit") -> dict[str, Any]:
    """A commit of the git database."""
    render = Render(call.github, call.repository)
    info = call.repository.git.info(oid)
    url = f"{render.url}/git"
    signed = oid in call.repository.verified
    value: dict[str, Any] = render.example(example)
    value.update(
        sha=oid,
        node_id=f"C_{oid}",
        url=f"{url}/commits/{oid}",
        html_url=f"{render.html}/commit/{oid}",
        author=dict(zip(("name", "email", "date"), info.author, strict=True)),
        committer=dict(zip(("name", "email", "date"), info.committer, strict=True)),
        message=info.message,
        tree={"sha": info.tree, "url": f"{url}/trees/{info.tree}"},
        parents=[
            {"sha": one, "url": f"{url}/commits/{one}", "html_url": f"{render.html}/commit/{one}"}
            for one in info.parents
        ],
        verification={
            "verified": signed,
            "reason": "valid" if signed else "unsigned",
            "signature": "-----BEGIN PGP SIGNATURE-----" if signed else None,
            "payload": f"tree {info.tree}" if signed else None,
            "verified_at": info.committer[2] if signed else None,
        },
    )
    return value


@operation("git/get-commit")
def get_commit(call: Call) -> Answer:
    oid = call.parameters["commit_sha"]
    if call.repository.git.kind(oid) != "commit":
        raise not_found()
    return Answer(200, commit_value(call, oid))


@operation("git/create-commit")
def create_commit(call: Call) -> Answer:
    git, body = call.repository.git, call.body
    if git.kind(body["tree"]) != "tree":
        raise Refusal(422, "Tree SHA does not exist")
    for parent in body.get("parents", ()):
        if git.kind(parent) != "commit":
            raise Refusal(422, "Parent SHA does not exist or is not a commit object")
    by = call.identity.login
    preset = Person(by, f"{call.github.user_id(by)}+{by}@users.noreply.github.com")
    author = _person(body.get("author")) or preset
    committer = _person(body.get("committer")) or _person(body.get("author"))
    signed = committer is None and call.identity.is_app
    committer = committer or (Person("GitHub", "noreply@github.com") if signed else author)
    oid = git.commit(body["tree"], body.get("parents", []), body["message"], author, committer)
    if signed:
        call.repository.verified.add(oid)
    return Answer(201, commit_value(call, oid))


def _person(value: dict[str, str] | None) -> Person | None:
    return Person(value["name"], value["email"]) if value else None


@operation("git/create-tree")
def create_tree(call: Call) -> Answer:
    git, body = call.repository.git, call.body
    base = body.get("base_tree")
    if base is not None and git.kind(base) not in ("tree", "commit"):
        raise Refusal(422, "base_tree is not a valid tree oid")
    changes: list[tuple[str, str, str | None]] = []
    for entry in body["tree"]:
        if "content" in entry and entry.get("sha"):
            raise Refusal(422, "Must supply either tree.sha or tree.content")
        if "content" in entry:
            oid = git.blob(entry["content"].encode())
        else:
            oid = entry.get("sha")
            if oid is not None and git.kind(oid) is None:
                raise Refusal(422, f"tree.sha {oid} is not a valid {entry.get('type', 'blob')}")
        changes.append((entry.get("mode", "100644"), entry["path"], oid))
    return Answer(201, _tree(call, git.tree(base, changes), recursive=False))


@operation("git/get-tree")
def get_tree(call: Call) -> Answer:
    name = call.parameters["tree_sha"]
    git = call.repository.git
    oid = name if git.kind(name) == "tree" else git.resolve(name)
    if oid is None:
        raise not_found()
    tree = oid if git.kind(oid) == "tree" else git.info(oid).tree
    return Answer(200, _tree(call, tree, recursive="recursive" in call.query))


def _tree(call: Call, oid: str, *, recursive: bool) -> dict[str, Any]:
    url = f"{Render(call.github, call.repository).url}/git"
    rows = []
    for entry in call.repository.git.entries(oid, recursive=recursive):
        row: dict[str, Any] = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.oid}
        if entry.size is not None:
            row["size"] = entry.size
        if entry.kind != "commit":
            row["url"] = f"{url}/{entry.kind}s/{entry.oid}"
        rows.append(row)
    return {"sha": oid, "url": f"{url}/trees/{oid}", "tree": rows, "truncated": False}


@operation("git/create-blob")
def create_blob(call: Call) -> Answer:
    content = call.body["content"]
    data = base64.b64decode(content) if call.body.get("encoding") == "base64" else content.encode()
    oid = call.repository.git.blob(data)
    return Answer(201, {"url": f"{Render(call.github, call.repository).url}/git/blobs/{oid}", "sha": oid})


@operation("git/get-blob")
def get_blob(call: Call) -> Answer:
    oid = call.parameters["file_sha"]
    if call.repository.git.kind(oid) != "blob":
        raise not_found()
    data = call.repository.git.content(oid)
    value = {
        "url": f"{Render(call.github, call.repository).url}/git/blobs/{oid}",
        "sha": oid,
        "node_id": f"B_{oid}",
        "size": len(data),
        "encoding": "base64",
        "content": base64.encodebytes(data).decode(),
    }
    return Answer(200, value)
