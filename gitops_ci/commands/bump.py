"""``gitops-ci bump``: set an image to a version, changing only the bytes that name it.

The last step of every build, so nothing is imported before it is needed: configuration, registry and
suggestions only where the call cannot do without them.
"""

import argparse
from collections.abc import Sequence

from gitops_ci.commands.checkout import Checkout
from gitops_ci.errors import DONE, REFUSED, GitopsError, ManifestError, RefusedError, UsageError
from gitops_ci.finding import Finding
from gitops_ci.manifest import match, target
from gitops_ci.manifest.bump import Failed, Lookup, Outcome, add_to_overlays, bump
from gitops_ci.manifest.use import ImageUse

HELP = "set an image to a version, changing only the bytes that name it"

OUTPUTS = {
    "changed": "`true` if a use was changed (with `dry-run` or `check`: if one would be)",
    "files": "the files, as a JSON list",
    "image": "the image, without tag",
    "tag": "the tag it was set to; empty if only the digest was",
    "digest": "the digest it has now; empty where there is none, or more than one",
    "commit": "the commit that was made with `commit` or `push`; empty where nothing had to change",
    "pushed": "`true` if the remote had to be changed and has the commit",
    "branch": "the branch with the commit",
}
"""What a workflow gets: output → what it is."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="files, directories or globs below the root (default: all of it)")
    add("--image", required=True, metavar="NAME", help="the image as `gitops-ci find` names it, without tag")
    add("--tag", metavar="TAG", help="the tag to set")
    add("--digest", metavar="DIGEST", help="the digest to set, sha256:…")
    add(
        "--to",
        metavar="REF",
        help="all at once: NAME:TAG@DIGEST (another NAME replaces the image), :TAG, @DIGEST or :TAG@DIGEST",
    )
    add(
        "--environment",
        action="append",
        default=[],
        metavar="NAME",
        help="only uses of this environment (may be repeated)",
    )
    add(
        "--application",
        action="append",
        default=[],
        metavar="NAME",
        help="only uses of this application (may be repeated)",
    )
    add("--dry-run", action="store_true", help="print the difference and change nothing")
    add("--check", action="store_true", help="change nothing; exit with 1 if something would change")
    add("--commit", action="store_true", help="commit the changed files, and nothing else")
    add("--push", action="store_true", help="commit on top of the remote's branch and push until it is there")
    add("--message", metavar="TEXT", help="the commit's message (default: says image, from and to)")
    add("--author", metavar="AUTHOR", help="the commit's author, NAME <EMAIL> (default: as git is configured)")
    add("--remote", metavar="NAME", help="where to push (default: origin)")
    add("--branch", metavar="NAME", help="the branch to push to (default: the one checked out)")
    add("--root", default=".", metavar="DIR", help="the checkout (default: this directory)")
    add("--config", metavar="FILE", help="configuration file (default: .gitops-ci.yaml of the root, if there)")
    add(
        "--registry-map",
        action="append",
        default=[],
        metavar="HOST=DIR",
        help="read this registry from OCI image layouts in DIR",
    )
    add("--offline", action="store_true", help="ask no registry")
    add("--format", choices=("text", "json"), default="text", help="how to print the result")


def run(arguments: argparse.Namespace) -> int:
    """Carry out the command and return the exit code.

    0 done (also if nothing had to change); 1 something was refused, or ``--check`` and something would
    change; 2 nothing matches; 3 a registry or git failed.
    """
    from gitops_ci.report import bump as report

    wanted = target.read(arguments.image, tag=arguments.tag, digest=arguments.digest, to=arguments.to)
    _check_commit_options(arguments)
    write = not (arguments.dry_run or arguments.check)
    as_json = arguments.format == "json"
    if write and (arguments.commit or arguments.push):
        from gitops_ci.commands.bump_commit import commit

        outcome, landing = commit(arguments, wanted)
        report.show(
            outcome, arguments.image, wanted, committed=landing.followed, diff=False, json=as_json, landing=landing
        )
        return exit_code(outcome)
    checkout = Checkout(arguments.root, arguments.config)
    outcome = carry_out(checkout, arguments, wanted, lookup(checkout, arguments), write=write)
    report.show(outcome, arguments.image, wanted, committed=write, diff=arguments.dry_run, json=as_json)
    return max(exit_code(outcome), REFUSED) if arguments.check and outcome.changed else exit_code(outcome)


def carry_out(
    checkout: Checkout, arguments: argparse.Namespace, wanted: target.Target, look: Lookup, *, write: bool
) -> Outcome:
    """Set what the arguments select in one checkout, or with ``write`` false find out what that would change.

    Raises UsageError where they select nothing.
    """
    scan = checkout.scan(arguments.paths, image=arguments.image)
    everything = scan.uses
    if not everything:  # escapes (`"\x6eginx"`) can hide a name from a search for its bytes: read everything
        scan = checkout.scan(arguments.paths)
        everything, matches = scan.uses, match.image(arguments.image)
        scan = scan._replace(uses=tuple(use for use in everything if matches(use)))
    meant = match.owned(arguments.application, arguments.environment)
    selected = [use for use in scan.uses if meant(use)]
    overlays = {} if selected else _overlays(checkout, scan.uses, arguments)
    if selected:
        outcome = bump(checkout.root, selected, scan.uses, wanted, look, commit=write)
    elif overlays:
        outcome = add_to_overlays(checkout.root, overlays, wanted, look, commit=write)
    else:
        from gitops_ci.report import terminal

        terminal.findings([finding for finding in scan.findings if finding.status == "error"])
        raise _nothing_matches(scan.uses, everything, arguments)
    return outcome._replace(failed=(*outcome.failed, *_unread(scan.findings)))


def exit_code(outcome: Outcome) -> int:
    """The gravest of what failed."""
    return max((failed.error.exit_code for failed in outcome.failed), default=DONE)


def lookup(checkout: Checkout, arguments: argparse.Namespace) -> Lookup:
    """How the digest of a tag is found out."""
    return _offline if arguments.offline else _lookup(checkout, arguments.registry_map)


def _check_commit_options(arguments: argparse.Namespace) -> None:
    needs = {"--message": "--commit", "--author": "--commit", "--remote": "--push", "--branch": "--push"}
    given = {"--commit": arguments.commit or arguments.push, "--push": arguments.push}
    for option, needed in needs.items():
        if getattr(arguments, option[2:]) is not None and not given[needed]:
            raise UsageError(f"{option} says nothing without {needed}", remedy=f"add {needed}, or leave {option} out")


def _unread(findings: Sequence[Finding]) -> list[Failed]:
    """Files that hold the name, as far as bytes tell, and could not be read: nobody knows what they use."""
    return [
        Failed(item.file, None, ManifestError(item.message, file=item.file, line=item.line, remedy=item.remedy))
        for item in findings
        if item.status == "error" and item.file is not None
    ]


def _overlays(
    checkout: Checkout, uses: Sequence[ImageUse], arguments: argparse.Namespace
) -> dict[str, tuple[ImageUse, ...]]:
    """The kustomizations of the environment that merely inherit the image: they may get an entry for it."""
    if not uses or not arguments.environment or arguments.paths:
        return {}
    from gitops_ci.manifest import overlay
    from gitops_ci.manifest.ownership import Ownership

    names = [entry.name for entry in checkout.settings.environments] if checkout.configured else []
    owners = Ownership((), [*names, *arguments.environment])
    found = overlay.inheriting(
        checkout.root,
        overlay.kustomizations(checkout.root),
        uses,
        lambda file: owners.of(file)[1] in arguments.environment,
    )
    owned: dict[str, tuple[ImageUse, ...]] = {}
    for file, inherited in found.items():
        application, environment = owners.of(file)
        meant = tuple(
            use._replace(application=application or use.application, environment=environment)
            for use in inherited
            if not arguments.application or {application, use.application} & set(arguments.application)
        )
        if meant:
            owned[file] = meant
    return owned


def _lookup(checkout: Checkout, maps: Sequence[str]) -> Lookup:
    """Ask registries for digests, each (name, tag) once, also where one does not answer."""
    known: dict[tuple[str, str], str | GitopsError] = {}

    def look(name: str, tag: str) -> str:
        found = known.get((name, tag))
        if found is None:
            try:
                with checkout.registries(maps) as registries:
                    found = registries.digest(name, tag)
            except GitopsError as error:
                found = error
            known[name, tag] = found
        if isinstance(found, GitopsError):
            raise found
        return found

    return look


def _offline(name: str, tag: str) -> str:
    raise RefusedError(
        f"the use has a digest, and that of {name}:{tag} is not known without asking a registry",
        remedy="give --digest as well, or leave --offline out",
    )


def _nothing_matches(
    uses: Sequence[ImageUse], everything: Sequence[ImageUse], arguments: argparse.Namespace
) -> UsageError:
    """Says which part of the request matches nothing, and what of ``everything`` there it may have meant."""
    if uses:
        there = sorted(
            {f"{use.application or '(no application)'} in {use.environment or '(no environment)'}" for use in uses}
        )
        wanted = " ".join(
            [f"--application {name}" for name in arguments.application]
            + [f"--environment {name}" for name in arguments.environment]
        )
        what = f"no use of {arguments.image} matches {wanted}"
        if arguments.environment and not arguments.paths:
            what += ", and no kustomization there builds on one"
        return UsageError(what, remedy=f"it is used by {_few(there)}")
    from difflib import get_close_matches

    names = sorted({use.name for use in everything})
    if not names:
        return UsageError(f"{arguments.image} is not used here; no image is", remedy="check --root and the paths")
    last = {name.rsplit("/", 1)[-1]: name for name in reversed(names)}
    wanted = arguments.image.rsplit("/", 1)[-1]
    close = [*get_close_matches(arguments.image, names, n=3, cutoff=0.6)]
    close += [last[part] for part in get_close_matches(wanted, list(last), n=3, cutoff=0.6) if last[part] not in close]
    tag = (
        f" (without the tag: --image takes {arguments.image.rpartition(':')[0]})"
        if arguments.image.rpartition(":")[0] in names
        else ""
    )
    remedy = f"closest: {', '.join(close[:3])}" if close else "`gitops-ci find` lists what is"
    return UsageError(f"{arguments.image} is not used here{tag}", remedy=remedy)


def _few(texts: Sequence[str], most: int = 5) -> str:
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return ", ".join(texts[:most]) + more
