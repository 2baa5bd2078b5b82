"""From updates to edits: every place spliced, verified by parsing again, and what is refused said with its place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from gitops_ci.errors import GitopsError
from gitops_ci.finding import Finding
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.model import Update

Read = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file before and after."""

    file: str
    before: bytes
    after: bytes
    lines: tuple[int, ...]
    """1-based lines of the places that change."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The edits of a group of updates."""

    edits: tuple[Edit, ...]
    files: tuple[FileChange, ...]
    updates: tuple[Update, ...]
    """The updates, each with the uses that are really changed; one without any is left out."""
    refused: tuple[Finding, ...]


def edit(updates: Sequence[Update], uses_of: Mapping[str, Sequence[ImageUse]], read: Read) -> Edited:
    """Splice all updates of one change into their files.

    ``uses_of`` has every use of each file: an edit through an anchor reaches uses that nobody asked to change,
    and is then refused. A place or file that cannot be changed never stops the others.
    """
    refused: list[Finding] = []
    per_file: dict[str, list[tuple[Update, ImageUse]]] = {}
    for update in updates:
        for use in update.uses:
            per_file.setdefault(use.file, []).append((update, use))
    done: dict[str, FileChange] = {}
    edits: list[Edit] = []
    changed: set[tuple[int, ImageUse]] = set()
    for file, wanted in per_file.items():
        try:
            before = read(file)
        except GitopsError as error:
            refused.append(_finding(error, wanted[0][1]))
            continue
        result, made, kept = _edit_file(file, before, wanted, uses_of.get(file, ()), refused)
        if result is not None and made:
            done[file] = result
            edits += made
            changed |= {(id(update), use) for update, use in kept}
    left = []
    for update in updates:
        uses = tuple(use for use in update.uses if (id(update), use) in changed)
        if uses:
            left.append(replace(update, uses=uses))
    return Edited(tuple(edits), tuple(done[file] for file in sorted(done)), tuple(left), tuple(refused))


def _edit_file(
    file: str,
    before: bytes,
    wanted: Sequence[tuple[Update, ImageUse]],
    others: Sequence[ImageUse],
    refused: list[Finding],
) -> tuple[FileChange | None, list[Edit], list[tuple[Update, ImageUse]]]:
    from gitops_ci.manifest.splice import apply

    made: list[tuple[list[Edit], list[tuple[Update, ImageUse]]]] = []
    for update in dict.fromkeys(id(update) for update, _ in wanted):
        chosen = [(one, use) for one, use in wanted if id(one) == update]
        edits, kept = _splice(chosen, others, before, refused)
        if edits:
            made.append((edits, kept))
    if not made:
        return None, [], []
    everything = list(dict.fromkeys(one for edits, _ in made for one in edits))
    try:
        after = apply(file, before, everything)
    except GitopsError:
        # One of them does not go together with the file or the others: find out which, keep the rest.
        after, everything, good = before, [], []
        for edits, kept in made:
            trial = list(dict.fromkeys([*everything, *edits]))
            try:
                after = apply(file, before, trial)
            except GitopsError as error:
                refused.append(_finding(error, kept[0][1]))
            else:
                everything = trial
                good.append((edits, kept))
        made = good
    if after == before:
        return None, [], []
    kept = [pair for _, pairs in made for pair in pairs]
    lines = tuple(sorted({use.line for _, use in kept}))
    return FileChange(file, before, after, lines), everything, kept


def _splice(
    chosen: Sequence[tuple[Update, ImageUse]], others: Sequence[ImageUse], data: bytes, refused: list[Finding]
) -> tuple[list[Edit], list[tuple[Update, ImageUse]]]:
    from gitops_ci.manifest import splice

    update = chosen[0][0]
    planned = splice.plan(
        [use for _, use in chosen],
        others,
        name=update.new_name,
        tag=update.new_tag if update.new_tag != update.current_tag else None,
        digest=update.new_digest,
        data=data,
    )
    bad = []
    for use, error in planned.refused:
        refused.append(_finding(error, use))
        bad.append(use)
    return list(planned.edits), [pair for pair in chosen if pair[1] not in bad]


def _finding(error: GitopsError, use: ImageUse) -> Finding:
    return Finding(
        "refused-edit",
        f"{use.name} is not changed: {error.what}",
        use.file,
        use.line,
        use.column,
        status="fail",
        remedy=error.remedy,
    )
