"""Commits and branches through the API: nothing is pushed, so no git credentials are needed to write.

A bot's commit is made from a tree (modes stay) and names no author: GitHub then signs it and shows "Verified".
A person's token gets that only from ``createCommitOnBranch``, which commits to a branch at once and knows no
modes; so it commits to a branch beside, and the real one moves in the same step that removes it. Every ref moves
only from where it was seen (``updateRefs`` with ``beforeOid``): nothing that somebody pushed is ever overwritten.
"""

import base64
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from gitops_ci.errors import RefusedError
from gitops_ci.forge.change import NewFile
from gitops_ci.forge.github.client import Client
from gitops_ci.forge.github.problems import Refusal
from gitops_ci.forge.github.texts import message as safe_message
from gitops_ci.git.push import LostRace

NOTHING = "0" * 40
SCRATCH = "gitops-ci/scratch-"
_INLINE = 256 * 1024
"""Bytes; a larger file is sent as a blob of its own."""


class Built(NamedTuple):
    """A commit that no branch of ours has yet."""

    oid: str
    scratch: str | None = None
    """The branch beside that has it, to be removed with the move."""


class Move(NamedTuple):
    """One branch that should move."""

    branch: str
    before: str | None
    after: str | None
    force: bool = True
    """A rebuilt commit is no descendant of the old one; ``before`` is what protects foreign commits."""


def build(client: Client, branch: str, base: str, files: Sequence[NewFile], text: str, author: str | None) -> Built:
    """A commit on top of ``base`` with these files. ``author`` (``Name <mail>``) gives up the signature.

    Raises Refusal, RefusedError.
    """
    for file in files:
        _check_path(file.path)
    text = safe_message(text)
    plain = all(file.mode == "100644" or file.data is None for file in files)
    if author is None and not client.is_bot and plain:
        return _build_signed(client, branch, base, files, text)
    doing = f"committing to {branch}"
    entries = [_entry(client, doing, file) for file in files]
    tree = client.post(doing, "git/trees", {"base_tree": base, "tree": entries})
    values: dict[str, object] = {"message": text, "tree": str(tree["sha"]), "parents": [base]}
    if author is not None:
        name, _, mail = author.rpartition("<")
        values["author"] = {"name": name.strip() or mail.strip("> "), "email": mail.strip("> ")}
    return Built(str(client.post(doing, "git/commits", values)["sha"]))


def _entry(client: Client, doing: str, file: NewFile) -> dict[str, object]:
    entry: dict[str, object] = {"path": file.path, "mode": file.mode, "type": "blob"}
    if file.data is None:
        return {**entry, "sha": None}
    try:
        text = file.data.decode() if len(file.data) <= _INLINE else None
    except UnicodeDecodeError:
        text = None
    if text is not None and "\0" not in text:
        return {**entry, "content": text}
    blob = client.post(doing, "git/blobs", {"content": base64.b64encode(file.data).decode(), "encoding": "base64"})
    return {**entry, "sha": str(blob["sha"])}


def _build_signed(client: Client, branch: str, base: str, files: Sequence[NewFile], text: str) -> Built:
    doing = f"committing to {branch}"
    # Always the same name for a branch: what a killed run left is used again.
    scratch = SCRATCH + hashlib.sha256(branch.encode()).hexdigest()[:16]
    old = tip(client, scratch)
    if old != base:
        move(client, [Move(scratch, old, base)])
    headline, _, rest = text.partition("\n")
    changes = {
        "additions": [
            {"path": file.path, "contents": base64.b64encode(file.data).decode()}
            for file in files
            if file.data is not None
        ],
        "deletions": [{"path": file.path} for file in files if file.data is None],
    }

    def look() -> dict[str, object] | None:
        found = tip(client, scratch)
        return {"commit": {"oid": found}} if found not in (None, base) else None

    answer = client.mutate(
        doing,
        "createCommitOnBranch",
        {
            "branch": {"repositoryNameWithOwner": client.name, "branchName": scratch},
            "expectedHeadOid": base,
            "message": {"headline": headline, "body": rest.strip()},
            "fileChanges": changes,
        },
        "commit { oid }",
        look,
    )
    commit = answer["commit"]
    assert isinstance(commit, dict)
    return Built(str(commit["oid"]), scratch)


def tip(client: Client, branch: str) -> str | None:
    """The commit that a branch is at; None where there is no such branch."""
    from github import UnknownObjectException

    with client.told(f"reading the branch {branch}"):
        try:
            ref = client.repository.get_git_ref(f"heads/{branch}")
        except UnknownObjectException:
            return None
        # GitHub once answered with a list of branches that begin with the name; the library makes an empty ref of it.
        return ref.object.sha if ref.ref == f"refs/heads/{branch}" else None


def move(client: Client, moves: Sequence[Move]) -> None:
    """Move branches, all or none, each only from where it was seen. Raises LostRace, Refusal."""
    names = ", ".join(one.branch for one in moves)
    values = [
        {
            "name": f"refs/heads/{one.branch}",
            "beforeOid": one.before or NOTHING,
            "afterOid": one.after or NOTHING,
            "force": one.force,
        }
        for one in moves
    ]

    def look() -> dict[str, object] | None:
        return {} if all(tip(client, one.branch) == one.after for one in moves) else None

    try:
        client.mutate(
            f"moving {names}",
            "updateRefs",
            {"repositoryId": client.repository.node_id, "refUpdates": values},
            "clientMutationId",
            look,
        )
    except Refusal as error:
        now = [tip(client, one.branch) for one in moves]
        if all(found == one.after for found, one in zip(now, moves, strict=True)):
            return
        if any(found != one.before for found, one in zip(now, moves, strict=True)):
            raise LostRace(f"{names} was changed by somebody else meanwhile") from error
        raise


def _check_path(path: str) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        raise RefusedError("GitHub's API takes no file name that is not UTF-8", file=path) from None
