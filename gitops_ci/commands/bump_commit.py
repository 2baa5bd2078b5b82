"""``gitops-ci bump --commit`` and ``--push``: the same bump, made to a commit's files instead of the working tree's.

Imported only with these options: a plain bump starts no git.
"""

import argparse
import os
from datetime import datetime

from gitops_ci.commands.bump import carry_out, lookup
from gitops_ci.commands.checkout import Checkout
from gitops_ci.errors import GitError, GitopsError, UsageError
from gitops_ci.git.branch import remote_named, target_branch
from gitops_ci.git.commit import FALLBACK_IDENTITY, Wanted
from gitops_ci.git.land import Landed, People, commit_here, land
from gitops_ci.git.objects import Signature
from gitops_ci.git.repository import Repository
from gitops_ci.manifest import write
from gitops_ci.manifest.bump import Changed, Lookup, Outcome
from gitops_ci.manifest.target import Target
from gitops_ci.report.bump import Landing

_MOST_TRAILERS = 100


def commit(arguments: argparse.Namespace, wanted: Target) -> tuple[Outcome, Landing]:
    """Bump, commit and, if asked for, push. The outcome is that of the commit's files.

    Raises UsageError for what cannot start, GitError for what git or the remote refused, RefusedError where the
    user's own work is in the way.
    """
    if not os.path.isdir(arguments.root):
        raise UsageError(f"{arguments.root} is not a directory", remedy="name the checkout with --root")
    try:
        repository = Repository(arguments.root)
    except GitError as error:
        raise UsageError(f"{arguments.root} cannot be committed to: {error.what}", remedy=error.remedy) from None
    people = _people(repository, arguments.author)
    if arguments.message is not None and not arguments.message.strip():
        raise UsageError("--message is empty", remedy="leave it out for the usual one")
    job = _Bump(arguments, wanted, repository)
    if arguments.push:
        remote = remote_named(repository, arguments.remote or "origin")
        branch = target_branch(repository, remote, arguments.branch)
        job.where = f"{branch} of {remote}"
        landed = land(repository, remote, branch, job.make, people)
        return job.outcome, _landing(landed, branch, remote)
    landed = commit_here(repository, job.make, people, job.edit)
    return job.outcome, _landing(landed, repository.branch, None)


class _Bump:
    """One bump, made as often as the commit below it changes."""

    def __init__(self, arguments: argparse.Namespace, wanted: Target, repository: Repository) -> None:
        self.arguments = argparse.Namespace(**vars(arguments))
        self.arguments.paths = [_inside(arguments.root, path) for path in arguments.paths]
        self.wanted = wanted
        self.repository = repository
        self.where = "the last commit"
        self.outcome = Outcome((), (), (), ())
        self._lookup: Lookup | None = None

    def make(self, directory: str) -> Wanted | None:
        """What to commit on top of the commit whose files are in ``directory``."""
        try:
            checkout = Checkout(directory, self.arguments.config, beside=self.arguments.root)
            self.outcome = self._carry_out(checkout)
        except GitopsError as error:
            raise self._as_seen_by_user(error, directory) from None
        if not self.outcome.files:
            return None
        contents = {self.repository.prefix + file.file: file.new for file in self.outcome.files}
        return Wanted(contents, self.arguments.message or message(self.outcome))

    def edit(self) -> None:
        """Make the same change to the working tree, keeping what else was changed there."""
        root = os.path.abspath(self.arguments.root)
        others = []
        for file, old, new in self.outcome.files:
            if not os.path.lexists(os.path.join(root, file)):
                continue  # taken away by the user, which stays so
            now = write.read(root, file)
            if now == old:
                write.write(root, file, old, new)
            elif now != new:
                others.append(file)
        if others:
            outcome = self._carry_out(Checkout(root, self.arguments.config))
            for file, old, new in outcome.files:
                if file in others:
                    write.write(root, file, old, new)

    def _carry_out(self, checkout: Checkout) -> Outcome:
        if self._lookup is None:
            ask = lookup(checkout, self.arguments)
            known: dict[tuple[str, str], str] = {}

            def once(name: str, tag: str) -> str:
                """A digest stays what it was at first: attempts of one run must not differ in what they set."""
                if (name, tag) not in known:
                    known[name, tag] = ask(name, tag)
                return known[name, tag]

            self._lookup = once
        return carry_out(checkout, self.arguments, self.wanted, self._lookup, write=False)

    def _as_seen_by_user(self, error: GitopsError, directory: str) -> GitopsError:
        """The error, told of the commit and the user's root instead of the directory that nobody knows."""
        root = os.path.abspath(self.arguments.root)
        what, remedy = (
            text.replace(directory, root) if text is not None else None for text in (error.what, error.remedy)
        )
        error.what, error.remedy = what or "", remedy
        if isinstance(error, UsageError) and type(error) is UsageError:
            error.what += f" (in {self.where})"
        return error


def message(outcome: Outcome) -> str:
    """The usual commit message: what happened in one line, and trailers ``Image``, ``From`` and ``To``."""
    groups: dict[tuple[str, str], list[str]] = {}
    for changed in outcome.changed:
        before = groups.setdefault((_line(changed.use.name), _after(changed)), [])
        old = _line(_version(changed.use.tag, changed.use.digest))
        if old not in before:
            before.append(old)
    names = list(dict.fromkeys(name for name, _ in groups))
    targets = list(dict.fromkeys(_short(changed) for changed in outcome.changed))
    environments = list(dict.fromkeys(changed.use.environment for changed in outcome.changed))
    title = f"Bump {names[0] if len(names) == 1 else f'{len(names)} images'}"
    title += f" to {targets[0]}" if len(targets) == 1 else ""
    title += f" in {_line(environments[0])}" if len(environments) == 1 and environments[0] else ""
    trailers: list[str] = []
    for (name, after), before in groups.items():
        trailers += [f"Image: {name}", *(f"From: {old}" for old in before), f"To: {after}"]
    return "\n".join([title, "", *trailers[:_MOST_TRAILERS]])


def _after(changed: Changed) -> str:
    version = _version(changed.tag, changed.digest)
    if changed.name == changed.use.name:
        return _line(version)
    colon = ":" if changed.tag else ""
    return _line(f"{changed.name}{colon}{version}")


def _short(changed: Changed) -> str:
    tag = changed.tag or (changed.digest or "")[:19]
    return _line(tag if changed.name == changed.use.name else f"{changed.name}:{tag}")


def _version(tag: str | None, digest: str | None) -> str:
    return f"{tag or ''}{f'@{digest}' if digest else ''}" or "none"


def _line(text: str) -> str:
    """Text of a file as one line of a message."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _people(repository: Repository, author: str | None) -> People:
    now = datetime.now().astimezone()
    committer = repository.identity()
    if author is None:
        return People(Signature(committer or FALLBACK_IDENTITY, now))
    name, _, mail = author.strip().removesuffix(">").partition(" <")
    if not name.strip() or not mail or not author.isprintable() or any(sign in name + mail for sign in "<>"):
        raise UsageError(f"--author {author!r} is not NAME <EMAIL>", remedy="for example 'Ada <ada@example.com>'")
    return People(Signature(committer or author, now), Signature(author, now))


def _inside(root: str, path: str) -> str:
    """A path given absolutely, as seen from the root: a commit's files stand elsewhere."""
    if not os.path.isabs(path):
        return path
    inside = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    if inside == ".." or inside.startswith("../"):
        raise UsageError(f"{path!r} lies outside of the root, {root}", remedy="give the directory it is in as --root")
    return inside


def _landing(landed: Landed, branch: str | None, remote: str | None) -> Landing:
    return Landing(landed.commit, landed.pushed, branch, remote, landed.followed, landed.left_behind)
