"""Record: what a plain git remote remembers of a proposal, in a ref beside its branch.

``refs/gitops-ci/proposals/<branch, percent-encoded>`` points to a commit whose tree holds ``proposal.json``
and ``body.md``; its history is the proposal's history. Branch and ref move in one atomic push, so that a
run killed at any point leaves either both or neither.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from urllib.parse import quote, unquote

from gitops_ci.forge.change import Change

NAMESPACE = "refs/gitops-ci/proposals/"
_MAX_DECLINED = 2000
_STATES = ("open", "closed", "merged", "superseded")


@dataclass(frozen=True, slots=True)
class Record:
    """One proposal as it was last pushed."""

    branch: str
    base: str
    state: str
    title: str
    body: str
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    assignees: tuple[str, ...]
    commit: str
    """The branch's tip as we pushed it; another tip means that somebody else worked on it."""
    parent: str
    """The base commit it stands on."""
    fingerprint: str
    """Of the edits and the commit message."""
    files: dict[str, str]
    """Path (from the top) to the blob that the proposal puts there."""
    sets: tuple[str, ...]
    declined: tuple[str, ...]
    created: datetime
    merge: dict[str, object]
    """The merge policy, for people and for a forge that takes over."""

    def closed_as(self, state: str) -> "Record":
        """The same proposal with another end; what was closed or merged is remembered, what we withdrew is not."""
        declined = self.declined
        if state in ("closed", "merged"):
            declined = tuple(dict.fromkeys((*declined, *self.sets)))[-_MAX_DECLINED:]
        return replace(self, state=state, declined=declined)

    def files_to_store(self) -> dict[str, bytes]:
        """The tree of the record's commit."""
        values = asdict(self)
        body = values.pop("body")
        values["created"] = self.created.isoformat()
        values = {"version": 1, **values}
        text = json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False)
        try:
            proposal = text.encode()
        except UnicodeEncodeError:  # a file's name that is not UTF-8
            proposal = json.dumps(values, indent=2, sort_keys=True).encode()
        return {"body.md": body.encode("utf-8", "replace"), "proposal.json": proposal + b"\n"}


def merge_values(change: Change) -> dict[str, object]:
    """A change's merge policy as the record keeps it."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(change.merge).items()}


def ref_of(branch: str) -> str:
    """The ref that remembers a branch's proposal. Encoded: ``a`` and ``a/b`` must both have room, at any time."""
    return NAMESPACE + quote(branch, safe="-_+")


def branch_of(ref: str) -> str:
    """The branch that a ref of ours remembers."""
    return unquote(ref.removeprefix(NAMESPACE))


def read(branch: str, proposal: bytes, body: bytes) -> Record | None:
    """A record from its two files; None for anything that is not one (anybody who may push can write there)."""
    try:
        values = json.loads(proposal)
        record = Record(
            branch=branch,
            base=_text(values["base"]),
            state=_text(values["state"]),
            title=_text(values["title"]),
            body=body.decode(),
            labels=_texts(values["labels"]),
            reviewers=_texts(values["reviewers"]),
            assignees=_texts(values["assignees"]),
            commit=_oid(values["commit"]),
            parent=_oid(values["parent"]),
            fingerprint=_text(values["fingerprint"]),
            files={_text(path): _oid(blob) for path, blob in values["files"].items()},
            sets=_texts(values["sets"]),
            declined=_texts(values["declined"]),
            created=datetime.fromisoformat(_text(values["created"])),
            merge=dict(values["merge"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if record.state not in _STATES or record.created.tzinfo is None or values.get("branch") != branch:
        return None
    return record


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list was expected")
    return tuple(_text(item) for item in value)


def _oid(value: object) -> str:
    """An object id, and nothing that git could take for an option or a revision expression."""
    text = _text(value)
    if len(text) not in (40, 64) or set(text) - set("0123456789abcdef"):
        raise ValueError("an object id was expected")
    return text
