"""What a change puts into its files, worked out from a base commit's own bytes; and its fingerprint."""

import hashlib
from typing import TYPE_CHECKING

from gitops_ci.errors import RefusedError
from gitops_ci.forge.change import Change, NewFile
from gitops_ci.git.commit import Base

if TYPE_CHECKING:
    from gitops_ci.manifest.edit import Edit


def apply_edits(change: Change, base: Base, prefix: str) -> dict[str, bytes]:
    """The new bytes of every edited file, by its path from the top of the repository (``prefix``: the root's)."""
    from gitops_ci.manifest.splice import apply

    by_file: dict[str, list[Edit]] = {}
    for edit in change.edits:
        by_file.setdefault(edit.file, []).append(edit)
    before = base.contents([prefix + file for file in by_file])
    return {prefix + file: apply(file, before[prefix + file], edits) for file, edits in by_file.items()}


def new_files(change: Change, base: Base, prefix: str) -> tuple[NewFile, ...]:
    """The same with modes, and the change's whole files beside them. RefusedError where that would change nothing."""
    edited = apply_edits(change, base, prefix)
    entries = base.files(edited)
    files = [NewFile(path, entries[path].mode, data) for path, data in edited.items()]
    if not files and not change.files:
        raise RefusedError("there is nothing to change")
    return (*files, *change.files)


def moved(change: Change, old: Base, new: Base, prefix: str) -> Change:
    """The change with its edits where they belong in a newer base: lines above may have come or gone.

    RefusedError where a line that it edits is no longer there as it was.
    """
    from dataclasses import replace

    names = list(dict.fromkeys(prefix + edit.file for edit in change.edits))
    before, after = old.contents(names), new.contents(names)
    maps = {name: _lines(before[name], after[name]) for name in names if before[name] != after[name]}
    edits = []
    for edit in change.edits:
        lines = maps.get(prefix + edit.file)
        if lines is None:
            edits.append(edit)
            continue
        start = next((at for at, (first, last, _) in enumerate(lines) if first <= edit.start < last), None)
        if start is None or lines[start][1] < edit.end:
            raise RefusedError("the base branch changed the same lines", file=edit.file, remedy="run again")
        where = edit.start + lines[start][2]
        name = prefix + edit.file
        # The same line may stand there more than once: it must be the same one of as many.
        if _occurrence(before[name], edit.start) != _occurrence(after[name], where):
            raise RefusedError("the base branch changed lines like this one", file=edit.file, remedy="run again")
        edits.append(edit._replace(start=where))
    return replace(change, edits=tuple(edits))


def _lines(before: bytes, after: bytes) -> list[tuple[int, int, int]]:
    """Blocks of equal lines as ``(start, end, shift)`` in bytes of ``before``."""
    from difflib import SequenceMatcher
    from itertools import accumulate

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    old_at, new_at = [0, *accumulate(map(len, old))], [0, *accumulate(map(len, new))]
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(old_at[one.a], old_at[one.a + one.size], new_at[one.b] - old_at[one.a]) for one in blocks if one.size]


def _occurrence(data: bytes, at: int) -> tuple[int, int]:
    """``(which, of how many)`` equal lines the one at this offset is."""
    lines = data.splitlines()
    number = data.count(b"\n", 0, at)
    same = [index for index, line in enumerate(lines) if line == lines[number]] if number < len(lines) else []
    return (same.index(number) if number in same else -1, len(same))


def fingerprint(change: Change) -> str:
    """What a branch holds, independent of where in its files it stands and of the base's commit."""
    parts: list[bytes] = [change.base.encode(), change.commit_message.encode()]
    for edit in sorted(change.edits):
        parts += [edit.file.encode("utf-8", "surrogateescape"), edit.old, edit.new]
    for file in sorted(change.files):
        parts += [file.path.encode("utf-8", "surrogateescape"), file.mode.encode(), file.data or b"deleted"]
    return hashlib.sha256(b"\0".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()
