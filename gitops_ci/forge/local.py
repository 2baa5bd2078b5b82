"""LocalForge: a plain git repository and its remote. A proposal is a pushed branch with a record beside it.

Nothing but Git is needed, and Git is the only state: see :mod:`gitops_ci.forge.record` for where title, body
and history stand. People answer as they do anywhere: merging the branch accepts it, deleting it declines it,
pushing to it takes it over.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gitops_ci.errors import ConfigurationError, ForgeError, GitError, GitopsError
from gitops_ci.forge.change import Change, Proposal, Standing
from gitops_ci.forge.landing import landing
from gitops_ci.forge.record import NAMESPACE, Record, branch_of, merge_values, read, ref_of
from gitops_ci.git.commit import Base, Commit, Wanted
from gitops_ci.git.objects import CommitText, Entry, Signature, write_blobs, write_commits, write_trees
from gitops_ci.git.push import RefUpdate, push, retrying
from gitops_ci.git.repository import Refs, Repository

if TYPE_CHECKING:
    from gitops_ci.manifest.edit import Edit

_BATCH = 40
"""Proposals in one push: a network's round trips count for more than anything else here."""


class _Work(NamedTuple):
    """What has to be written for one change."""

    change: Change
    state: str
    """``created`` or ``updated``."""
    base: str
    """The base commit."""
    tip: str | None
    """Where the branch is now."""
    record: Record | None
    """The record as it stands."""
    rebuild: bool = True
    """False where only the record's words change."""


class _Written(NamedTuple):
    """A record, and the refs that move together with it."""

    proposal: Proposal
    record: Record
    message: str
    branch: tuple[RefUpdate, ...] = ()


class LocalForge:
    """Proposals as branches of ``remote``; with ``remote`` None, of the repository itself.

    ``signature`` commits. Look at the remote with :meth:`refresh` before anything else.
    """

    def __init__(self, repository: Repository, remote: str | None, *, signature: Signature) -> None:
        self.repository = repository
        self.remote = remote
        self.signature = signature
        self._refs = Refs({}, {}, None)
        self._records: dict[str, Record] = {}
        self._ends: dict[str, str] = {}
        self._present: set[str] = set()
        self._bases: Base | None = None

    @property
    def default_branch(self) -> str | None:
        """The remote's default branch; without a remote, the one checked out."""
        return self._refs.default_branch

    def refresh(self) -> None:
        """Look at all refs in one request and fetch the objects that are missing here. Raises GitError."""
        repository = self.repository
        if self.remote is None:
            self._refs = repository.local_refs(NAMESPACE)
        else:
            self._refs = repository.remote_refs(self.remote, f"{NAMESPACE}*")
        known = {branch_of(ref): oid for ref, oid in self._refs.others.items() if ref.startswith(NAMESPACE)}
        if self.remote is not None:
            wanted = {oid: ref for ref, oid in self._refs.others.items() if ref.startswith(NAMESPACE)}
            wanted |= {
                self._refs.heads[branch]: f"refs/heads/{branch}" for branch in known if branch in self._refs.heads
            }
            repository.fetch(self.remote, [wanted[oid] for oid in repository.missing(wanted)])
        stored = repository.blobs(
            [f"{oid}:{name}" for oid in known.values() for name in ("proposal.json", "body.md")], skip=True
        )
        self._records = {}
        self._ends = {}
        for branch, oid in known.items():
            proposal, body = stored.get(f"{oid}:proposal.json"), stored.get(f"{oid}:body.md")
            record = read(branch, proposal, body) if proposal is not None and body is not None else None
            if record is not None:
                self._records[branch] = record
                end = self._end(record)
                if end is not None:
                    self._ends[branch] = end

    def _end(self, record: Record) -> str | None:
        """How people ended a proposal that is still written down as open; None while it is open."""
        tip = self._refs.heads.get(record.branch)
        if record.state != "open":
            return None
        if tip is None:
            return "merged" if self._is_merged(record) else "closed"
        if tip == record.commit and record.parent != self._refs.heads.get(record.base) and self._is_merged(record):
            return "merged"
        return None

    def base_commit(self, base: str) -> str:
        """The commit of a base branch, fetched. ConfigurationError where the remote has no such branch."""
        oid = self._refs.heads.get(base)
        if oid is None:
            where = f"the remote {self.remote}" if self.remote else "the repository"
            raise ConfigurationError(f"{where} has no branch {base!r}", remedy="name the branch to update with --base")
        if self.remote is not None and oid not in self._present:
            if self.repository.missing([oid]):
                self.repository.fetch(self.remote, [f"refs/heads/{base}"])
            self._present.add(oid)
        return oid

    def standing(self) -> tuple[Standing, ...]:
        """Every proposal that has a record; those whose branch is gone count as closed or merged."""
        found = []
        for branch, record in self._records.items():
            now = record.closed_as(self._ends[branch]) if branch in self._ends else record
            tip = self._refs.heads.get(branch)
            found.append(
                Standing(
                    branch,
                    record.base,
                    now.state,
                    record.created,
                    now.sets,
                    now.declined,
                    by_hand=tip is not None and tip != record.commit,
                )
            )
        return tuple(found)

    def propose(self, change: Change) -> Proposal:
        """Create or update one proposal; see :class:`Proposal` for what may become of it."""

        def attempt() -> Proposal:
            decided = self._decide(change)
            if isinstance(decided, Proposal):
                return decided
            written = self._write([decided])[0]
            self._push([written])
            return written.proposal

        try:
            return retrying(attempt, again=self.refresh)
        except GitopsError as error:
            return Proposal(change.branch, "failed", error=str(error))

    def propose_all(self, changes: Sequence[Change], advance: Callable[[int], None] = lambda _: None) -> list[Proposal]:
        """The same for many changes, with few processes and pushes. What goes wrong for one stays with that one."""
        done: dict[int, Proposal] = {}
        work: list[tuple[int, _Work]] = []
        for number, change in enumerate(changes):
            try:
                decided = self._decide(change)
            except GitopsError as error:
                decided = Proposal(change.branch, "failed", error=str(error))
            if isinstance(decided, Proposal):
                done[number] = decided
                advance(1)
            else:
                work.append((number, decided))
        for start in range(0, len(work), _BATCH):
            batch = work[start : start + _BATCH]
            try:
                written = self._write([one for _, one in batch])
                self._push(written)
                results = [one.proposal for one in written]
            except GitopsError:
                # One of them stands in the way of all: each by itself, with everything looked at anew.
                results = self._one_by_one([one.change for _, one in batch])
            for (number, _), proposal in zip(batch, results, strict=True):
                done[number] = proposal
            advance(len(batch))
        return [done[number] for number in range(len(changes))]

    def _one_by_one(self, changes: Sequence[Change]) -> list[Proposal]:
        try:
            self.refresh()
        except GitopsError as error:
            return [Proposal(change.branch, "failed", error=str(error)) for change in changes]
        return [self.propose(change) for change in changes]

    def merge(self, changes: Sequence[Change], closed: Callable[[Change], str | None]) -> list[Proposal]:
        """Land the changes with ``automergeType: branch`` on their bases; those of another type are left to people.

        A base moves only from where it was seen, with what is on it: never by force.
        """
        found = []
        for change in changes:
            if not change.merge.automerge or change.merge.automerge_type != "branch":
                continue
            reason = closed(change)
            if reason is not None:
                found.append(Proposal(change.branch, "waiting", error=reason))
                continue
            try:
                landed = retrying(partial(self._land, change), again=self.refresh)
            except GitopsError as error:
                landed = Proposal(change.branch, "failed", error=f"not merged: {error}")
            if landed is not None:
                found.append(landed)
        return found

    def _land(self, change: Change) -> Proposal | None:
        """One change on its base; None where there is nothing (more) to land."""
        record, tip = self._records.get(change.branch), self._refs.heads.get(change.branch)
        if record is None or tip is None or tip != record.commit or record.state != "open":
            return None
        base = self.base_commit(change.base)
        commit = landing(self.repository, base, record, change, self.signature)
        if commit is None:
            return Proposal(
                change.branch, "waiting", commit=tip, error="it conflicts with its base; it is rebuilt first"
            )
        moves = (
            RefUpdate(f"refs/heads/{change.base}", base, commit),
            RefUpdate(f"refs/heads/{change.branch}", tip, None),
        )
        proposal = Proposal(change.branch, "merged", commit=commit)
        self._push([_Written(proposal, record.closed_as("merged"), f"Merged: {record.title}", moves)])
        self._present.add(commit)
        return proposal

    def retire(self, branch: str) -> Proposal:
        """Delete the branch of a proposal that nothing asks for any more; the record says how it ended."""
        try:
            return retrying(lambda: self._retire(branch), again=self.refresh)
        except GitopsError as error:
            return Proposal(branch, "failed", error=str(error))

    def settle(self) -> None:
        """Write down which proposals people closed or merged, and delete the branches of merged ones. Best
        effort: a later run finds the same."""
        for branch, state in list(self._ends.items()):
            record = self._records[branch].closed_as(state)
            tip = self._refs.heads.get(branch)
            gone = (RefUpdate(f"refs/heads/{branch}", tip, None),) if tip is not None else ()
            proposal = Proposal(branch, state, commit=record.commit)
            try:
                self._push([_Written(proposal, record, f"{state.capitalize()}: {record.title}", gone)])
            except GitError:
                continue

    def _decide(self, change: Change) -> Proposal | _Work:
        """What a change needs: nothing (the proposal says why), or work."""
        base = self.base_commit(change.base)
        tip = self._refs.heads.get(change.branch)
        record = self._records.get(change.branch)
        if record is not None and change.branch in self._ends:
            record = record.closed_as(self._ends[change.branch])
        if tip is not None and (record is None or record.commit != tip):
            return Proposal(change.branch, "edited-by-hand", commit=tip)
        if tip is None or record is None or record.state != "open":
            declined = set(record.declined) if record is not None else set()
            if change.recreate_when != "always" and change.sets and declined.issuperset(change.sets):
                return Proposal(change.branch, "closed-earlier")
            self._check_room(change.branch)
            return _Work(change, "created", base, tip, record)
        same = record.fingerprint == fingerprint(change)
        if same and not self._must_rebase(change, record, base):
            if _told(record, change) == record:
                return Proposal(change.branch, "unchanged", commit=tip)
            return _Work(change, "updated", base, tip, record, rebuild=False)
        return _Work(change, "updated", base, tip, record)

    def _check_room(self, branch: str) -> None:
        """Git keeps branches as files: ``a`` and ``a/b`` cannot both be."""
        for other in self._refs.heads:
            if other.startswith(f"{branch}/") or branch.startswith(f"{other}/"):
                raise ForgeError(
                    f"the branch {branch} has no room beside the branch {other}",
                    remedy="delete that branch, or set branchPrefix or branchTopic",
                )

    def _write(self, works: Sequence[_Work]) -> list[_Written]:
        """Build the commits and records, and say which refs should move."""
        commits: dict[str, Commit] = {}
        for base in dict.fromkeys(work.base for work in works):
            built = [work for work in works if work.base == base and work.rebuild]
            wanted = [Wanted(self._apply(work.change, self._base(base)), work.change.commit_message) for work in built]
            made = self._base(base).build(wanted, self.signature)
            commits |= {work.change.branch: commit for work, commit in zip(built, made, strict=True)}
        written = []
        for change, state, base, tip, record, rebuild in works:
            message = f"{state.capitalize()}: {change.title}"
            if not rebuild and record is not None:
                told = replace(_told(record, change), sets=change.sets)
                written.append(_Written(Proposal(change.branch, state, commit=tip), told, message))
                continue
            commit = commits[change.branch]
            told = Record(
                branch=change.branch,
                base=change.base,
                state="open",
                title=change.title,
                body=change.body,
                labels=change.labels,
                reviewers=change.reviewers,
                assignees=change.assignees,
                commit=commit.oid,
                parent=base,
                fingerprint=fingerprint(change),
                files=commit.blobs,
                sets=change.sets,
                declined=record.declined if record is not None else (),
                created=self.signature.when if record is None or record.state != "open" else record.created,
                merge=merge_values(change),
            )
            moved = RefUpdate(f"refs/heads/{change.branch}", tip, commit.oid)
            written.append(_Written(Proposal(change.branch, state, commit=commit.oid), told, message, (moved,)))
        return written

    def _retire(self, branch: str) -> Proposal:
        record, tip = self._records.get(branch), self._refs.heads.get(branch)
        if record is None or tip is None:
            return Proposal(branch, "unchanged")
        if tip != record.commit:
            return Proposal(branch, "edited-by-hand", commit=tip)
        state = "merged" if self._is_merged(record) else "superseded"
        proposal = Proposal(branch, state, commit=tip)
        gone = RefUpdate(f"refs/heads/{branch}", tip, None)
        self._push([_Written(proposal, record.closed_as(state), f"{state.capitalize()}: {record.title}", (gone,))])
        return proposal

    def _apply(self, change: Change, base: Base) -> dict[str, bytes]:
        """The new bytes of every file, made from the base commit's own."""
        from gitops_ci.manifest.splice import apply

        by_file: dict[str, list[Edit]] = {}
        for edit in change.edits:
            by_file.setdefault(edit.file, []).append(edit)
        prefix = self.repository.prefix
        before = base.contents([prefix + file for file in by_file])
        return {prefix + file: apply(file, before[prefix + file], edits) for file, edits in by_file.items()}

    def _base(self, commit: str) -> Base:
        if self._bases is None or self._bases.commit != commit:
            self._bases = Base(self.repository, commit)
        return self._bases

    def _push(self, written: Sequence[_Written]) -> None:
        """Store the records and move all refs of these proposals at once, or none."""
        repository = self.repository
        files = [one.record.files_to_store() for one in written]
        oids = iter(write_blobs(repository, [data for stored in files for data in stored.values()]))
        trees = write_trees(
            repository, [{name: Entry("100644", "blob", next(oids)) for name in stored} for stored in files]
        )
        texts = []
        for one, tree in zip(written, trees, strict=True):
            old = self._refs.others.get(ref_of(one.record.branch))
            texts.append(CommitText(tree, (old,) if old is not None else (), one.message))
        updates: list[RefUpdate] = []
        for one, commit in zip(written, write_commits(repository, texts, self.signature), strict=True):
            ref = ref_of(one.record.branch)
            updates += [*one.branch, RefUpdate(ref, self._refs.others.get(ref), commit)]
        push(repository, self.remote, updates)
        for update in updates:
            where, name = self._refs.others, update.ref
            if name.startswith("refs/heads/"):
                where, name = self._refs.heads, name.removeprefix("refs/heads/")
            if update.new is None:
                where.pop(name, None)
            else:
                where[name] = update.new
        for one in written:
            self._records[one.record.branch] = one.record
            self._ends.pop(one.record.branch, None)

    def _must_rebase(self, change: Change, record: Record, base: str) -> bool:
        if record.parent == base or change.rebase_when == "never":
            return False
        when = change.rebase_when
        if when == "auto":
            when = "behind-base-branch" if change.merge.automerge else "conflicted"
        if when == "behind-base-branch":
            return True
        if self._same_files(record, record.parent, base):
            return False
        clean, _ = self.repository.merges_cleanly(base, record.commit)
        return not clean

    def _same_files(self, record: Record, one: str, other: str) -> bool:
        """Whether the files of a proposal are the same in two commits: then no conflict is possible."""
        return self.repository.entries(one, record.files) == self.repository.entries(other, record.files)

    def _is_merged(self, record: Record) -> bool:
        """Whether the base has it: the commit itself, or (squashed, rebased) what it puts into its files."""
        base = self._refs.heads.get(record.base)
        if base is None:
            return False
        try:
            self.base_commit(record.base)
            if not self.repository.missing([record.commit]):
                if self.repository.is_ancestor(record.commit, base):
                    return True
                clean, tree = self.repository.merges_cleanly(base, record.commit)
                if clean and tree == self.repository.tree_of(base):
                    return True
            entries = self.repository.entries(base, record.files)
            return {path: oid for path, (_, oid) in entries.items()} == record.files
        except GitopsError:
            return False  # "unknown" is not "merged"; the effect on what is proposed is the same


def fingerprint(change: Change) -> str:
    """What a branch holds, independent of where in its files it stands and of the base's commit."""
    parts: list[bytes] = [change.base.encode(), change.commit_message.encode()]
    for edit in sorted(change.edits):
        parts += [edit.file.encode("utf-8", "surrogateescape"), edit.old, edit.new]
    return hashlib.sha256(b"\0".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()


def _told(record: Record, change: Change) -> Record:
    """The record with the change's words; a difference here leaves the branch alone."""
    return replace(
        record,
        title=change.title,
        body=change.body,
        labels=change.labels,
        reviewers=change.reviewers,
        assignees=change.assignees,
        merge=merge_values(change),
    )
