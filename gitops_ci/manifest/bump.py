"""Set the selected uses of an image to a target, file by file; one file's trouble leaves the others alone."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gitops_ci.errors import GitopsError, RefusedError
from gitops_ci.manifest import splice, write
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.target import Target
from gitops_ci.manifest.use import ImageUse

Lookup = Callable[[str, str], str]
"""(name, tag) → the digest that the tag names now. Raises GitopsError where it cannot say."""


class Changed(NamedTuple):
    """One use and the version it got (or would get)."""

    use: ImageUse
    name: str
    tag: str | None
    digest: str | None


class Failed(NamedTuple):
    """A use, or a whole file, that was left as it was, and why."""

    file: str
    use: ImageUse | None
    error: GitopsError


class Rewritten(NamedTuple):
    """One file's bytes before and after."""

    file: str
    old: bytes
    new: bytes


class Outcome(NamedTuple):
    """What a run did, or would do."""

    changed: tuple[Changed, ...]
    current: tuple[ImageUse, ...]
    """Said so already."""
    failed: tuple[Failed, ...]
    files: tuple[Rewritten, ...]


def bump(root: str, selected: Sequence[ImageUse], uses: Sequence[ImageUse], target: Target, lookup: Lookup, *, commit: bool) -> Outcome:
    """Set ``selected`` to ``target``. ``uses`` are all uses that were found in the same files: a scalar that
    others share through an alias is changed only if all of them are selected.

    A use with a digest that gets a tag gets that tag's digest too, from ``lookup``: it never keeps the old one.
    Files are written only if ``commit`` is true, each atomically.
    """
    changed: list[Changed] = []
    current: list[ImageUse] = []
    failed: list[Failed] = []
    files: list[Rewritten] = []
    for file, chosen in by_file(selected).items():
        try:
            old = write.read(root, file)
            edits, moved, refused = _edits(chosen, [use for use in uses if use.file == file], target, lookup)
            failed += [Failed(file, use, error) for use, error in refused]
            done = {use for use, _ in refused} | {entry.use for entry in moved}
            if edits:
                new = splice.apply(file, old, edits)
                if commit:
                    write.write(root, file, old, new)
                files.append(Rewritten(file, old, new))
            current += [use for use in chosen if use not in done]
            changed += moved
        except GitopsError as error:
            failed.append(Failed(file, None, error))
    return Outcome(tuple(changed), tuple(current), tuple(failed), tuple(files))


def _edits(
    chosen: Sequence[ImageUse], uses: Sequence[ImageUse], target: Target, lookup: Lookup
) -> tuple[tuple[Edit, ...], list[Changed], list[tuple[ImageUse, GitopsError]]]:
    edits: dict[Edit, None] = {}  # in order, and once where uses share a scalar
    moved: list[Changed] = []
    refused: list[tuple[ImageUse, GitopsError]] = []
    shared = splice.shared(uses)
    for use in chosen:
        try:
            splice.check_shared(use, shared, chosen)
            name, tag, digest = _wanted(use, target, lookup)
            found = splice.set_image(use, name=target.name, tag=tag, digest=digest)
        except GitopsError as error:
            refused.append((use, error))
            continue
        if found:
            edits.update(dict.fromkeys(found))
            moved.append(Changed(use, name, tag if tag is not None else use.tag, digest if digest is not None else use.digest))
    return tuple(edits), moved, refused


def _wanted(use: ImageUse, target: Target, lookup: Lookup) -> tuple[str, str | None, str | None]:
    name = target.name or use.name
    if use.digest is None or target.digest is not None or target.tag is None:
        return name, target.tag, target.digest
    try:
        return name, target.tag, lookup(name, target.tag)
    except RefusedError as error:
        raise RefusedError(error.what, file=use.file, line=use.line, column=use.column, remedy=error.remedy) from None


def by_file(uses: Sequence[ImageUse]) -> dict[str, list[ImageUse]]:
    """The uses of each file, files in the order they come."""
    files: dict[str, list[ImageUse]] = {}
    for use in uses:
        files.setdefault(use.file, []).append(use)
    return files
