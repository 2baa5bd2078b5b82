"""Set the selected uses of an image to a target, file by file; one file's trouble leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from gitops_ci.errors import OUTSIDE, GitopsError, OutsideError, RefusedError
from gitops_ci.manifest import splice, write
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.target import Target
from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.record import NamedTuple

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


def bump(
    root: str, selected: Sequence[ImageUse], uses: Sequence[ImageUse], target: Target, lookup: Lookup, *, commit: bool
) -> Outcome:
    """Set ``selected`` to ``target``. ``uses`` are all uses that were found in the same files: a scalar that
    others share through an alias is changed only if all of them are selected.

    A use with a digest that gets a tag gets that tag's digest too, from ``lookup``: it never keeps the old one.
    Files are written only if ``commit`` is true, each atomically.
    """
    work = _Bump(root, target, lookup, commit)
    others = by_file(uses)
    for file, chosen in by_file(selected).items():
        work.file(file, chosen, others.get(file, chosen))
    return Outcome(tuple(work.changed), tuple(work.current), tuple(work.failed), tuple(work.files))


def add_to_overlays(
    root: str, overlays: Mapping[str, Sequence[ImageUse]], target: Target, lookup: Lookup, *, commit: bool
) -> Outcome:
    """Give each kustomization an ``images`` entry for each image that it inherits (see ``manifest.overlay``).

    Where the base pins a digest, the entry pins one too.
    """
    work = _Bump(root, target, lookup, commit)
    for file, inherited in overlays.items():
        work.overlay(file, inherited)
    return Outcome(tuple(work.changed), tuple(work.current), tuple(work.failed), tuple(work.files))


class _Bump:
    def __init__(self, root: str, target: Target, lookup: Lookup, commit: bool) -> None:
        self.root = root
        self.target = target
        self.lookup = lookup
        self.commit = commit
        self.changed: list[Changed] = []
        self.current: list[ImageUse] = []
        self.failed: list[Failed] = []
        self.files: list[Rewritten] = []

    def file(self, file: str, chosen: Sequence[ImageUse], uses: Sequence[ImageUse]) -> None:
        """Change one file, or say why not. Nothing is recorded as changed before it is."""
        failed: list[Failed] = []
        changed: list[Changed] = []
        try:
            old = write.read(self.root, file)
            edits = [
                edit
                for digest, group in self._by_digest(chosen, failed).items()
                for edit in self._plan(group, uses, digest, old, changed, failed)
            ]
            if edits:
                new = splice.apply(file, old, edits)
                if self.commit:
                    write.write(self.root, file, old, new)
                self.files.append(Rewritten(file, old, new))
        except GitopsError as error:
            self.failed.append(Failed(file, None, error))
            return
        self.failed += failed
        self.changed += changed
        touched = {id(entry.use) for entry in changed} | {id(entry.use) for entry in failed}
        self.current += [use for use in chosen if id(use) not in touched]

    def overlay(self, file: str, inherited: Sequence[ImageUse]) -> None:
        """Add entries to one kustomization, all of them or, with the reason, none."""
        changed: list[Changed] = []
        try:
            old = new = write.read(self.root, file)
            for use in inherited:
                after = self._after(use)
                if after[1:] == (use.name, use.tag, use.digest):
                    self.current.append(use)
                    continue
                new, line = self._entry(file, new, after)
                changed.append(after._replace(use=_added(use, file, line)))
            if new == old:
                return
            if self.commit:
                write.write(self.root, file, old, new)
        except GitopsError as error:
            self.failed.append(Failed(file, None, error))
            return
        self.files.append(Rewritten(file, old, new))
        self.changed += changed

    def _after(self, use: ImageUse) -> Changed:
        name, tag, digest = self.target
        if (
            digest is None
            and use.digest is not None
            and tag is not None
            and (name or use.name, tag) != (use.name, use.tag)
        ):
            digest = self.lookup(name or use.name, tag)
        return Changed(use, name or use.name, tag or use.tag, digest or use.digest)

    def _entry(self, file: str, data: bytes, after: Changed) -> tuple[bytes, int]:
        """The file with the entry, and the line that it starts on."""
        from gitops_ci.manifest.insert import insert_kustomize_image
        from gitops_ci.manifest.split import breaks

        name = after.use.name
        renamed = after.name if after.name != name else None
        tag, digest = after.tag, after.digest
        if (tag, digest) == (after.use.tag, after.use.digest):
            tag = digest = None  # an entry without either keeps those of the base
        edits = insert_kustomize_image(file, data, name=name, new_name=renamed, tag=tag, digest=digest)
        new = splice.apply(file, data, edits)
        return new, breaks(data, 0, edits[0].start) + 2

    def _plan(
        self,
        group: Sequence[ImageUse],
        uses: Sequence[ImageUse],
        digest: str | None,
        old: bytes,
        changed: list[Changed],
        failed: list[Failed],
    ) -> Sequence[Edit]:
        name, tag, _ = self.target
        planned = splice.plan(group, uses, data=old, name=name, tag=tag, digest=digest)
        failed += [Failed(use.file, use, error) for use, error in planned.refused]
        refused = {id(use) for use, _ in planned.refused}
        for use in group:
            after = Changed(use, name or use.name, tag or use.tag, digest or use.digest)
            if id(use) not in refused and after[1:] != (use.name, use.tag, use.digest):
                changed.append(after)
        return planned.edits

    def _by_digest(self, chosen: Sequence[ImageUse], failed: list[Failed]) -> dict[str | None, list[ImageUse]]:
        """The uses by the digest they are to get; None for those that have and get none."""
        groups: dict[str | None, list[ImageUse]] = {}
        names = {use.name for use in chosen}
        for use in chosen:
            others = [name for name in use.shared if name not in names]
            if others:
                failed.append(Failed(use.file, use, _shares(use, others)))
                continue
            digest = self.target.digest
            if digest is None and use.digest is not None and self.target.tag is not None:
                try:
                    digest = self.lookup(self.target.name or use.name, self.target.tag)
                except GitopsError as error:
                    failed.append(Failed(use.file, use, _here(error, use)))
                    continue
            groups.setdefault(digest, []).append(use)
        return groups


def _added(use: ImageUse, file: str, line: int) -> ImageUse:
    """The use that a new entry makes, as far as a report needs it."""
    place = Place("repository", 0, 0, b"", "", "plain", line, 1)
    return use._replace(file=file, path="images", document=0, format="kustomize", places=(place,))


def _shares(use: ImageUse, others: Sequence[str]) -> RefusedError:
    place = use.version_place
    return RefusedError(
        f"{use.name} shares this value with {', '.join(others)}",
        file=use.file,
        line=place.line,
        column=place.column,
        remedy="write the value out for each of them, or select them all with a glob",
    )


def _here(error: GitopsError, use: ImageUse) -> GitopsError:
    """The same error, told of the line that it leaves unchanged."""
    kind = OutsideError if error.exit_code == OUTSIDE else RefusedError
    place = use.version_place
    return kind(
        f"{use.name} keeps its tag and digest: {error.what}",
        file=use.file,
        line=place.line,
        column=place.column,
        remedy=error.remedy,
    )


def by_file(uses: Sequence[ImageUse]) -> dict[str, list[ImageUse]]:
    """The uses of each file, files in the order they come."""
    files: dict[str, list[ImageUse]] = {}
    for use in uses:
        files.setdefault(use.file, []).append(use)
    return files
