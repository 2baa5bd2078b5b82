"""LocalForge: a plain git repository and its remote. A proposal is a pushed branch with a record beside it.

Nothing but Git is needed, and Git is the only state: see :mod:`gitops_ci.forge.record` for where title, body
and history stand. People answer as they do anywhere: merging the branch accepts it, deleting it declines it,
pushing to it takes it over.
"""

import hashlib
from dataclasses import replace

from gitops_ci.errors import ConfigurationError, ForgeError, GitError, GitopsError
from gitops_ci.forge.change import Change, Proposal, Standing
from gitops_ci.forge.record import NAMESPACE, Record, branch_of, merge_values, read, ref_of
from gitops_ci.git.commit import Signature, build, build_record, modes
from gitops_ci.git.push import RefUpdate, push, retrying
from gitops_ci.git.repository import Refs, Repository
from gitops_ci.manifest.edit import Edit


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
            wanted |= {self._refs.heads[branch]: f"refs/heads/{branch}" for branch in known if branch in self._refs.heads}
            repository.fetch(self.remote, [wanted[oid] for oid in repository.missing(wanted)])
        stored = repository.blobs([f"{oid}:{name}" for oid in known.values() for name in ("proposal.json", "body.md")], skip=True)
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
        if self.remote is not None and self.repository.missing([oid]):
            self.repository.fetch(self.remote, [f"refs/heads/{base}"])
        return oid

    def standing(self) -> tuple[Standing, ...]:
        """Every proposal that has a record; those whose branch is gone count as closed or merged."""
        found = []
        for branch, record in self._records.items():
            now = record.closed_as(self._ends[branch]) if branch in self._ends else record
            tip = self._refs.heads.get(branch)
            found.append(
                Standing(
                    branch, record.base, now.state, record.created, now.sets, now.declined,
                    by_hand=tip is not None and tip != record.commit,
                )  # fmt: skip
            )
        return tuple(found)

    def propose(self, change: Change) -> Proposal:
        """Create or update a proposal; see :class:`Proposal` for what may become of it."""
        try:
            return retrying(lambda: self._propose(change), again=self.refresh)
        except GitopsError as error:
            return Proposal(change.branch, "failed", error=str(error))

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
            try:
                self._push(record, gone, f"{state.capitalize()}: {record.title}")
            except GitError:
                continue
            self._refs.heads.pop(branch, None)

    def _propose(self, change: Change) -> Proposal:
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
            return self._write(change, base, tip, record, "created")
        if record.fingerprint == fingerprint(change) and not self._must_rebase(change, record, base):
            if _words(record) == _words(change):
                return Proposal(change.branch, "unchanged", commit=tip)
            told = replace(record, **_words(change), merge=merge_values(change), sets=change.sets)
            self._push(told, (), f"Updated: {change.title}")
            return Proposal(change.branch, "updated", commit=tip)
        if change.rebase_when == "never" and record.fingerprint == fingerprint(change):
            return Proposal(change.branch, "unchanged", commit=tip)
        return self._write(change, base, tip, record, "updated")

    def _check_room(self, branch: str) -> None:
        """Git keeps branches as files: ``a`` and ``a/b`` cannot both be."""
        for other in self._refs.heads:
            if other.startswith(f"{branch}/") or branch.startswith(f"{other}/"):
                raise ForgeError(
                    f"the branch {branch} has no room beside the branch {other}",
                    remedy="delete that branch, or set branchPrefix or branchTopic",
                )

    def _write(self, change: Change, base: str, tip: str | None, record: Record | None, state: str) -> Proposal:
        contents = self._apply(change, base)
        commit = build(self.repository, base, contents, message=change.commit_message, signature=self.signature)
        if commit.tree == self.repository.tree_of(base):
            return Proposal(change.branch, "unchanged", commit=tip)
        blobs = {path: oid for path, (_, oid) in modes(self.repository, commit.oid, contents).items()}
        reopened = record is None or record.state != "open"
        told = Record(
            branch=change.branch,
            base=change.base,
            state="open",
            **_words(change),
            commit=commit.oid,
            parent=base,
            fingerprint=fingerprint(change),
            files=blobs,
            sets=change.sets,
            declined=record.declined if record is not None else (),
            created=self.signature.when if reopened or record is None else record.created,
            merge=merge_values(change),
        )
        self._push(told, (RefUpdate(f"refs/heads/{change.branch}", tip, commit.oid),), f"{state.capitalize()}: {change.title}")
        self._refs.heads[change.branch] = commit.oid
        return Proposal(change.branch, state, commit=commit.oid)

    def _retire(self, branch: str) -> Proposal:
        record, tip = self._records.get(branch), self._refs.heads.get(branch)
        if record is None or tip is None:
            return Proposal(branch, "unchanged")
        if tip != record.commit:
            return Proposal(branch, "edited-by-hand", commit=tip)
        state = "merged" if self._is_merged(record) else "superseded"
        self._push(record.closed_as(state), (RefUpdate(f"refs/heads/{branch}", tip, None),), f"{state.capitalize()}: {record.title}")
        self._refs.heads.pop(branch, None)
        return Proposal(branch, state, commit=tip)

    def _apply(self, change: Change, base: str) -> dict[str, bytes]:
        """The new bytes of every file, made from the base commit's own."""
        from gitops_ci.manifest.splice import apply

        by_file: dict[str, list[Edit]] = {}
        for edit in change.edits:
            by_file.setdefault(edit.file, []).append(edit)
        prefix = self.repository.prefix
        entries = modes(self.repository, base, {prefix + file: None for file in by_file})
        blobs = self.repository.blobs([oid for _, oid in entries.values()])
        contents = {}
        for file, edits in by_file.items():
            contents[prefix + file] = apply(file, blobs[entries[prefix + file][1]], edits)
        return contents

    def _push(self, record: Record, branch_updates: tuple[RefUpdate, ...], message: str) -> None:
        kept = self._record_update(record, message)
        push(self.repository, self.remote, (*branch_updates, kept))
        self._remember(kept)
        self._records[record.branch] = record
        self._ends.pop(record.branch, None)

    def _record_update(self, record: Record, message: str) -> RefUpdate:
        ref = ref_of(record.branch)
        old = self._refs.others.get(ref)
        parents = (old,) if old is not None else ()
        new = build_record(self.repository, parents, record.files_to_store(), message=message, signature=self.signature)
        return RefUpdate(ref, old, new)

    def _remember(self, update: RefUpdate) -> None:
        if update.new is not None:
            self._refs.others[update.ref] = update.new

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
        try:
            return modes(self.repository, one, record.files) == modes(self.repository, other, record.files)
        except GitopsError:
            return False

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
            return {path: oid for path, (_, oid) in modes(self.repository, base, record.files).items()} == record.files
        except GitopsError:
            return False  # "unknown" is not "merged"; the effect on what is proposed is the same


def fingerprint(change: Change) -> str:
    """What a branch holds, independent of where in its files it stands and of the base's commit."""
    parts: list[bytes] = [change.base.encode(), change.commit_message.encode()]
    for edit in sorted(change.edits):
        parts += [edit.file.encode("utf-8", "surrogateescape"), edit.old, edit.new]
    return hashlib.sha256(b"\0".join(b"%d:%s" % (len(part), part) for part in parts)).hexdigest()


def _words(proposal: Change | Record) -> dict[str, object]:
    """What people read of a proposal; a difference here changes the record and leaves the branch alone."""
    return {name: getattr(proposal, name) for name in ("title", "body", "labels", "reviewers", "assignees")}
