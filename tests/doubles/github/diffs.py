"""What changed between two commits, as GitHub lists it; the patches are ``git diff``'s."""

from typing import Any, NamedTuple

from tests.doubles.github.bare import BareRepository
from tests.doubles.github.render import Render

_STATUS = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "T": "changed", "C": "copied"}


class ChangedFile(NamedTuple):
    path: str
    previous: str | None
    status: str
    additions: int
    deletions: int
    oid: str
    patch: str | None
    """Hunks only; None for binary files and for renames without a change."""


def files(git: BareRepository, old: str, new: str) -> list[ChangedFile]:
    """The changed files, ordered by path."""
    raw = git.run("diff", "--raw", "-z", "-M", "--no-abbrev", old, new).decode("utf-8", "surrogateescape").split("\0")
    found = []
    rows = iter(raw)
    for head in rows:
        if not head:
            break
        _, _, before, after, status = head[1:].split()
        previous = next(rows) if status[0] in "RC" else None
        path = next(rows)
        names = [name for name in (previous, path) if name is not None]
        text = git.run("diff", "-M", old, new, "--", *names).decode("utf-8", "replace")
        start = text.find("\n@@")
        patch = text[start + 1 :].rstrip("\n") if start >= 0 else None
        counts = git.text("diff", "-M", "--numstat", old, new, "--", *names).split("\t")
        added, gone = (0, 0) if counts[0] in ("-", "") else (int(counts[0]), int(counts[1]))
        found.append(
            ChangedFile(path, previous, _STATUS[status[0]], added, gone, before if status == "D" else after, patch)
        )
    return found


def value(render: Render, file: ChangedFile, commit: str) -> dict[str, Any]:
    """A file as ``GET …/pulls/{number}/files`` and a commit tell it."""
    body: dict[str, Any] = {
        "sha": file.oid,
        "filename": file.path,
        "status": file.status,
        "additions": file.additions,
        "deletions": file.deletions,
        "changes": file.additions + file.deletions,
        "blob_url": f"{render.html}/blob/{commit}/{file.path}",
        "raw_url": f"{render.html}/raw/{commit}/{file.path}",
        "contents_url": f"{render.url}/contents/{file.path}?ref={commit}",
    }
    if file.patch is not None:
        body["patch"] = file.patch
    if file.previous is not None:
        body["previous_filename"] = file.previous
    return body
