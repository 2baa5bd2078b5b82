"""One update run: a checkout in, a plan and what became of it out. ``gitops-ci update`` prints what this returns."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from gitops_ci.errors import (
    DONE,
    OUTSIDE,
    REFUSED,
    GitError,
    GitopsError,
    UsageError,
)
from gitops_ci.finding import Finding
from gitops_ci.forge.change import Proposal, Standing
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.fields import number, text, texts
from gitops_ci.update.lookup import Skipped
from gitops_ci.update.plan import Context, Plan, plan

if TYPE_CHECKING:
    from gitops_ci.config.settings import Settings
    from gitops_ci.forge.local import LocalForge
    from gitops_ci.git.repository import Repository
    from gitops_ci.image.registry.pool import Registries
    from gitops_ci.manifest.scan import Scan
    from gitops_ci.update.bases import Bases
    from gitops_ci.update.foreign import Foreign
    from gitops_ci.update.rules import Rules

Counting = AbstractContextManager[Callable[[int], None]]
Progress = Callable[[int, str], Counting]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    now: datetime
    root: str = "."
    paths: tuple[str, ...] = ()
    config: str | None = None
    base: str | None = None
    remote: str = "origin"
    forge: str = "local"
    environments: tuple[str, ...] = ()
    """Globs; empty for all."""
    applications: tuple[str, ...] = ()
    dry_run: bool = False
    offline: bool = False
    registry_map: Mapping[str, str] = field(default_factory=dict)
    cache_dir: str | None = None
    explain: str | None = None
    """An image's name, or a glob; the run is then a dry one for these images alone."""

    @property
    def whole(self) -> bool:
        """The run looks at everything, so that what it does not find is not there."""
        return not (self.paths or self.environments or self.applications or self.explain)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found out and did."""

    plan: Plan
    base: str | None
    remote: str | None
    proposals: tuple[Proposal, ...] = ()
    """One for each of the plan's changes, in their order; empty in a dry run."""
    retired: tuple[Proposal, ...] = ()
    """Earlier proposals that nothing asks for any more."""
    notes: tuple[str, ...] = ()
    foreign: "Foreign | None" = None
    merges: tuple[Proposal, ...] = ()
    """What became of those that may merge by themselves: ``merged``, ``waiting``, ``failed``."""

    @property
    def exit_code(self) -> int:
        """3 if something outside failed, else 1 if a person has to look, else 0."""
        failed = [proposal for proposal in (*self.proposals, *self.retired, *self.merges) if proposal.state == "failed"]
        if self.plan.failures or failed:
            return OUTSIDE
        if self.plan.refused or any(finding.status in ("fail", "error") for finding in self.plan.findings):
            return REFUSED
        return DONE


@contextmanager
def _silent(total: int, description: str) -> Iterator[Callable[[int], None]]:
    yield lambda _: None


def run(request: Request, progress: Progress = _silent) -> Outcome:
    """Plan, and unless it is a dry run, propose. ``progress(total, text)`` is a context manager that gives a
    function to count with.

    Raises ConfigurationError and UsageError for what cannot start, OutsideError where not even the base can be read.
    """
    with ExitStack() as stack:
        place = _place(request, stack)
        first = _Run(request, place, progress)
        first.registries = stack.enter_context(first.open_registries())
        bases = first.bases()
        if bases is None:
            return first.outcome()
        from gitops_ci.update.bases import joined

        outcomes = []
        for base in bases.names:
            one = first if base == place.base else _Run(request, _at(place, base, stack), progress, first)
            one.several, one.noticed = len(bases.names) > 1, (*one.noticed, *bases.findings)
            outcomes.append(one.outcome())
        return joined(outcomes)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the files are read and where proposals go."""

    directory: str
    base: str | None = None
    remote: str | None = None
    repository: "Repository | None" = None
    forge: "LocalForge | None" = None
    base_commit: str | None = None
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def _place(request: Request, stack: ExitStack) -> _Place:
    """The base commit's files for a real run; the working tree for a dry one, unless it names a base."""
    from gitops_ci.git.repository import Repository

    if not os.path.isdir(request.root):
        raise UsageError(f"{request.root} is not a directory", remedy="name the checkout with --root")
    dry = request.dry_run or request.explain is not None
    scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="gitops-ci-")) if dry else None
    try:
        repository = Repository(request.root, scratch=scratch)
    except GitError as error:
        if dry and request.base is None:
            return _Place(request.root)
        raise UsageError(
            f"{request.root} is in no git repository ({error.what})",
            remedy="proposals are branches; --dry-run works without git",
        ) from None
    remote = _remote(repository, request)
    try:
        forge = _forge(request, repository, remote)
        forge.refresh()
        base = request.base or forge.default_branch or repository.branch
        if base is None:
            raise UsageError("the branch to update is not known", remedy="name it with --base")
        commit = forge.base_commit(base)
    except GitopsError as error:
        if not dry or request.base is not None:
            raise
        note = f"planned without what was proposed earlier: {error}"
        return _Place(request.root, repository.branch, remote, repository, notes=(note,))
    if dry and request.base is None:
        return _Place(request.root, base, remote, repository, forge, commit)
    place = _Place(request.root, base, remote, repository, forge, commit)
    return _at(place, base, stack)


def _at(place: _Place, base: str, stack: ExitStack) -> _Place:
    """The same place with the files of a branch, in a directory of their own."""
    from gitops_ci.git.snapshot import snapshot

    if place.repository is None or place.forge is None:
        raise AssertionError("branches need a repository")
    commit = place.forge.base_commit(base)
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="gitops-ci-"))
    large = snapshot(place.repository, commit, directory)
    findings = tuple(Finding("file-too-large", "the file is not read", path, status="skip") for path in large)
    return replace(place, directory=directory, base=base, base_commit=commit, findings=findings)


def _remote(repository: "Repository", request: Request) -> str | None:
    """The remote to propose to; None in a repository that has none at all."""
    remotes = repository.remotes()
    if request.remote in remotes:
        return request.remote
    if remotes or request.remote != "origin":
        raise UsageError(
            f"there is no remote {request.remote!r}",
            remedy=f"name one with --remote: {', '.join(remotes) or 'there is none'}",
        )
    return None


def _forge(request: Request, repository: "Repository", remote: str | None) -> "LocalForge":
    from importlib import import_module

    from gitops_ci.forge import FORGES
    from gitops_ci.git.commit import FALLBACK_IDENTITY
    from gitops_ci.git.objects import Signature

    if request.forge not in FORGES:
        raise UsageError(f"unknown forge {request.forge!r}", remedy=f"one of: {', '.join(FORGES)}")
    module, _, name = FORGES[request.forge].partition(":")
    signature = Signature(repository.identity() or FALLBACK_IDENTITY, request.now)
    made: LocalForge = getattr(import_module(module), name)(repository, remote, signature=signature)
    return made


class _Run:
    """The steps of one run, over one base."""

    def __init__(self, request: Request, place: _Place, progress: Progress, first: "_Run | None" = None) -> None:
        """``first`` is the run over the first base, whose configuration and registries hold for all."""
        self.request = request
        self.place = place
        self.progress = progress
        self.repository_name = self._repository_name()
        self.several = False
        """There are other base branches: the names of proposals say which one is meant."""
        self.registries: Registries | None = None
        if first is None:
            self.settings = self._settings()
            self.rules, self.noticed = self._rules()
        else:
            self.settings, self.rules, self.noticed = first.settings, first.rules, first.noticed
            self.registries = first.registries

    def outcome(self) -> Outcome:
        place = self.place
        scan = self._scan()
        uses, ignored = self._selected(scan)
        foreign = self._foreign(scan)
        standing = place.forge.standing() if place.forge is not None else ()
        registries = self.registries
        if registries is None:
            raise AssertionError("a run is given its registries")
        made = self._plan(uses, scan, foreign, registries, standing)
        made = replace(made, requests=dict(registries.stats), skipped=(*made.skipped, *ignored))
        warnings = registries.warnings
        findings = [
            *place.findings,
            *scan.findings,
            *self.settings.warnings,
            *self.noticed,
            *foreign.findings,
            *self._expired(),
        ]
        made = replace(made, findings=tuple(dict.fromkeys(findings)), files=scan.files)
        proposals, retired, merges = self._propose(made)
        notes = (*place.notes, *warnings)
        return Outcome(made, place.base, place.remote, proposals, retired, notes, foreign, merges)

    def _settings(self) -> "Settings":
        from gitops_ci.config.load import load

        return load(self.place.directory, self.request.config)

    def _rules(self) -> "tuple[Rules, tuple[Finding, ...]]":
        from gitops_ci.update.sources import rules_of

        return rules_of(self.place.directory, self.settings, self.request.now, repository=self.repository_name)

    def _repository_name(self) -> str | None:
        """``owner/name``: what the workflow says, else the remote's URL."""
        stated = os.environ.get("GITHUB_REPOSITORY")
        if stated:
            return stated
        place = self.place
        return place.repository.owner_name(place.remote) if place.repository is not None and place.remote else None

    def _scan(self) -> "Scan":
        from gitops_ci.manifest.scan import ScanConfig, scan

        config = ScanConfig(
            custom_managers=self.rules.custom_managers,
            file_patterns=self.rules.file_patterns,
            environments=tuple(environment.name for environment in self.settings.environments),
        )
        return scan(self.place.directory, self.request.paths, config=config)

    def _selected(self, scan: "Scan") -> tuple[list[ImageUse], list[Skipped]]:
        """The uses that this run is about, and those that a configuration leaves out by their path."""
        from gitops_ci.update.select import fits

        request = self.request
        uses: list[ImageUse] = []
        ignored: list[Skipped] = []
        left_out: dict[str, str | None] = {}
        for use in scan.uses:
            if request.environments and not fits(use.environment, request.environments):
                continue
            if request.applications and not fits(use.application, request.applications):
                continue
            if request.explain is not None and not fits(use.name, (request.explain,)):
                continue
            if use.file not in left_out:
                origin = self.rules.ignores_path(use.file)
                left_out[use.file] = f"left out by {origin.source} {origin.detail}" if origin is not None else None
            reason = left_out[use.file]
            if reason is not None:
                ignored.append(Skipped(use, reason))
            else:
                uses.append(use)
        if not uses and not ignored and not request.whole:
            raise UsageError(_nothing(request, scan), remedy=_closest(request, scan))
        return uses, ignored

    def _foreign(self, scan: "Scan") -> "Foreign":
        from gitops_ci.manifest.checkout import select
        from gitops_ci.update.foreign import collect

        # All of them, even where the run is narrowed: a policy stands where its author put it.
        files, _, _ = select(self.place.directory, (), lambda name, path: name.endswith((".yaml", ".yml", ".json")))
        return collect(self.place.directory, files, scan.uses)

    def open_registries(self) -> "Registries":
        """The registries, as the configuration wants them spoken to."""
        from gitops_ci.image.registry.pool import Registries

        # The user's checkout, not the base commit's files in their scratch directory: layouts may stand beside it.
        root = os.path.abspath(self.request.root)
        mapped = {host: os.path.join(root, directory) for host, directory in self.settings.registries.map.items()}
        return Registries(
            host_rules=(*self.rules.host_rules, *self.settings.registries.host_rules),
            registry_map={**mapped, **self.request.registry_map},
            cache_dir=self.request.cache_dir,
            offline=self.request.offline,
            max_pages=number(self.rules.root, "dockerMaxPages"),
        )

    def _plan(
        self,
        uses: Sequence[ImageUse],
        scan: "Scan",
        foreign: "Foreign",
        registries: "Registries",
        standing: Sequence[Standing],
    ) -> Plan:
        from gitops_ci.manifest.write import read
        from gitops_ci.update.registries import RegistryLookup
        from gitops_ci.update.select import fits

        request, place = self.request, self.place
        context = Context(
            now=request.now,
            base_branch=place.base or "",
            repository=self.repository_name,
            semantic=self._semantic(),
            several_bases=self.several,
        )
        with ExitStack() as shown:
            counters: list[Callable[[int], None]] = []

            def prepare(total: int) -> None:
                counters.append(shown.enter_context(self.progress(total, "asking registries")))

            return plan(
                uses,
                all_uses=scan.uses,
                rules=self.rules,
                lookup=RegistryLookup(registries),
                read=lambda file: read(place.directory, file),
                context=context,
                policy_for=foreign.policy_for,
                holds=self.settings.holds,
                standing=standing,
                explain=lambda name: request.explain is not None and fits(name, (request.explain,)),
                prepare=prepare,
                advance=lambda steps: counters[0](steps),
            )

    def _semantic(self) -> bool:
        """Whether most of the latest commits have titles like ``fix(api): …`` (``semanticCommits: auto``)."""
        import re

        if self.place.repository is None or self.place.base_commit is None:
            return False
        try:
            subjects = self.place.repository.subjects(self.place.base_commit, 10)
        except GitError:
            return False
        pattern = re.compile(
            r"(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()]{1,60}\))?!?: "
        )
        return len(subjects) > 0 and sum(pattern.match(subject) is not None for subject in subjects) * 2 > len(subjects)

    def bases(self) -> "Bases | None":
        """The branches that the configuration names; None where it is the one at hand."""
        place, patterns = self.place, texts(self.rules.root, "baseBranchPatterns")
        if not patterns or self.request.base is not None or place.forge is None or place.repository is None:
            return None
        from gitops_ci.update.bases import select

        refs = place.repository.remote_refs(place.remote) if place.remote else place.repository.local_refs()
        origin = self.rules.root.origins.get("baseBranchPatterns")
        return select(
            patterns,
            tuple(refs.heads),
            place.base,
            prefix=text(self.rules.root, "branchPrefix"),
            file=origin.source if origin is not None else None,
        )

    def _expired(self) -> tuple[Finding, ...]:
        from gitops_ci.update.holds import expired

        return expired(self.settings.holds, self.request.now)

    def _propose(self, made: Plan) -> tuple[tuple[Proposal, ...], tuple[Proposal, ...], tuple[Proposal, ...]]:
        forge = self.place.forge
        if forge is None or self.request.dry_run or self.request.explain is not None:
            return (), (), ()
        from gitops_ci.update.automerge import closed

        author = self.rules.root.values.get("gitAuthor")
        if isinstance(author, str) and "<" in author:
            forge.signature = forge.signature._replace(identity=author)
        forge.settle()
        with self.progress(len(made.changes), "proposing changes") as advance:
            changes = [planned.change for planned in made.changes]
            proposals = forge.propose_all(changes, advance)
        retired = []
        if self.request.whole and not made.failures:
            for proposal in forge.standing():
                if proposal.state == "open" and proposal.base == self.place.base and proposal.branch not in made.wanted:
                    retired.append(forge.retire(proposal.branch))
        merges = forge.merge(changes, lambda change: closed(change, self.request.now))
        told = tuple(proposal for proposal in retired if proposal.state != "unchanged")
        return tuple(proposals), told, tuple(merges)


def _nothing(request: Request, scan: "Scan") -> str:
    what = f"no image {request.explain!r}" if request.explain is not None else "no image"
    where = [
        *(["below " + ", ".join(request.paths)] if request.paths else []),
        *(["in environment " + ", ".join(request.environments)] if request.environments else []),
        *(["in application " + ", ".join(request.applications)] if request.applications else []),
    ]
    return f"{what} was found {' and '.join(where)}".rstrip() + f" ({len(scan.uses)} uses in {scan.files} files)"


def _closest(request: Request, scan: "Scan") -> str | None:
    from difflib import get_close_matches

    if request.explain is not None:
        known = {use.name for use in scan.uses}
        wanted = request.explain
    elif request.environments:
        known = {use.environment for use in scan.uses if use.environment}
        wanted = request.environments[0]
    elif request.applications:
        known = {use.application for use in scan.uses if use.application}
        wanted = request.applications[0]
    else:
        return None
    close = get_close_matches(wanted, known, n=3, cutoff=0.4)
    return f"did you mean {', '.join(close)}?" if close else None
