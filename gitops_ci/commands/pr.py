"""``gitops-ci pr``: a pull request from whatever changed in the working tree."""

import argparse
from typing import TYPE_CHECKING

from gitops_ci.errors import DONE, OUTSIDE, REFUSED, UsageError

if TYPE_CHECKING:
    from gitops_ci.forge.change import Change, Proposal
    from gitops_ci.git.repository import Repository
    from gitops_ci.git.worktree import ChangedTree

HELP = "open or update a pull request from whatever changed in the working tree"

OUTPUTS = {
    "changed": "`true` if the pull request was opened or updated",
    "branch": "its branch",
    "pull-request-number": "its number; empty where there is none",
    "pull-request-url": "its address; empty where there is none",
    "files": "the files that it changes, as a JSON list",
}
"""What a workflow gets: output → what it is."""

_EXIT = {"failed": OUTSIDE, "edited-by-hand": REFUSED}
_WORDS = {
    "created": "opened",
    "closed-earlier": "somebody closed it with the same content, so it is not opened again (--again does)",
    "edited-by-hand": "somebody else pushed to its branch, so it is left alone",
    "superseded": "closed, the working tree has no changes any more",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="new files and folders to take along; changed ones that git knows are always taken",
    )
    parser.add_argument("--root", default=".", help="the checkout, or a folder in it (default: the working directory)")
    parser.add_argument("--title", required=True, help="the pull request's title, and the commit's first line")
    body = parser.add_mutually_exclusive_group()
    body.add_argument("--body", default="", metavar="TEXT", help="its text, in Markdown")
    body.add_argument("--body-file", metavar="FILE", help="a file with its text")
    parser.add_argument("--branch", help="its branch (default: made from the title); the same branch is updated")
    parser.add_argument("--base", help="the branch to merge into (default: the repository's default branch)")
    parser.add_argument("--remote", default="origin", help="the remote that is on GitHub (default: origin)")
    parser.add_argument("--label", action="append", default=[], metavar="NAME", help="may be repeated")
    parser.add_argument("--reviewer", action="append", default=[], metavar="NAME", help="a person, or team:NAME")
    parser.add_argument("--assignee", action="append", default=[], metavar="NAME", help="may be repeated")
    parser.add_argument("--draft", action="store_true", help="open it as a draft")
    parser.add_argument("--automerge", action="store_true", help="merge it once its checks are green")
    parser.add_argument("--again", action="store_true", help="open it even if it was closed with the same content")
    parser.add_argument("--dry-run", action="store_true", help="say what would be proposed; nothing is written")
    parser.add_argument("--token-env", metavar="NAME", help="the variable that holds the token (default: GITHUB_TOKEN)")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="what is printed (default: text)")


def run(arguments: argparse.Namespace) -> int:
    """Propose and report. Exit code 1 where a person's work on the branch is in the way, 3 where GitHub failed."""
    from gitops_ci.git.repository import Repository
    from gitops_ci.git.worktree import changed_tree

    repository = Repository(arguments.root)
    changed = changed_tree(repository, arguments.paths)
    branch = arguments.branch or _branch(arguments.title)
    if arguments.dry_run:
        return _report(arguments, branch, changed, None, [])
    proposal, merges = _propose(arguments, repository, branch, changed)
    return _report(arguments, branch, changed, proposal, merges)


def _propose(
    arguments: argparse.Namespace, repository: "Repository", branch: str, changed: "ChangedTree"
) -> "tuple[Proposal, list[Proposal]]":
    from datetime import UTC, datetime

    from gitops_ci.forge.change import Opening
    from gitops_ci.forge.github.forge import open_forge
    from gitops_ci.git.commit import FALLBACK_IDENTITY
    from gitops_ci.git.objects import Signature
    from gitops_ci.report import annotations, terminal

    signature = Signature(repository.identity() or FALLBACK_IDENTITY, datetime.now(UTC))
    remote = arguments.remote if arguments.remote in repository.remotes() else None
    forge = open_forge(repository, remote, Opening(signature, arguments.token_env))
    forge.refresh()
    terminal.findings(forge.findings)
    if terminal.in_workflow():
        annotations.annotate(forge.findings)
    if not changed.files:
        return forge.retire(branch), []
    base = arguments.base or forge.default_branch or "main"
    tip = forge.base_commit(base)
    if changed.base != tip and not repository.is_ancestor(changed.base, tip):
        raise UsageError(
            f"the commit checked out is not on {base}",
            remedy=f"check out {base}, or name the branch that has it with --base",
        )
    change = _change(arguments, branch, base, changed)
    proposal = forge.propose(change)
    merges = forge.merge([change], lambda _: None) if proposal.state != "failed" else []
    return proposal, merges


def _change(arguments: argparse.Namespace, branch: str, base: str, changed: "ChangedTree") -> "Change":
    from dataclasses import replace

    from gitops_ci.forge.change import Change, MergePolicy, NewFile
    from gitops_ci.forge.contents import fingerprint

    body = _body(arguments)
    change = Change(
        branch=branch,
        base=base,
        title=arguments.title,
        body=body,
        commit_message=arguments.title + ("\n\n" + body if body else "") + "\n",
        edits=(),
        labels=tuple(arguments.label),
        reviewers=tuple(arguments.reviewer),
        assignees=tuple(arguments.assignee),
        merge=MergePolicy(automerge=arguments.automerge),
        recreate_when="always" if arguments.again else "auto",
        draft=arguments.draft,
        files=tuple(
            NewFile(file.path, file.mode or file.old_mode or "100644", None if file.mode is None else file.data)
            for file in changed.files
        ),
        parent=changed.base,
    )
    return replace(change, sets=(f"pr {fingerprint(replace(change, commit_message=''))}",))


def _body(arguments: argparse.Namespace) -> str:
    if arguments.body_file is None:
        return str(arguments.body)
    try:
        with open(arguments.body_file, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"--body-file {arguments.body_file}: {error.strerror}") from None


def _branch(title: str) -> str:
    from gitops_ci.git.names import branch_name, slug

    return branch_name(f"gitops-ci/{slug(title) or 'change'}")


def _report(
    arguments: argparse.Namespace,
    branch: str,
    changed: "ChangedTree",
    proposal: "Proposal | None",
    merges: "list[Proposal]",
) -> int:
    from gitops_ci.report import json, outputs, terminal

    state = proposal.state if proposal is not None else "planned" if changed.files else "unchanged"
    url = proposal.url if proposal is not None else None
    number = url.rpartition("/")[2] if url is not None else None
    files = [file.path for file in changed.files]
    merged = merges[0] if merges else None
    error = proposal.error if proposal is not None else None
    if arguments.format == "json":
        json.write(
            {
                "version": 1,
                "dry-run": arguments.dry_run,
                "branch": branch,
                "state": state,
                "pull-request-number": int(number) if number is not None else None,
                "pull-request-url": url,
                "commit": proposal.commit if proposal is not None else None,
                "files": files,
                "merge": merged.state if merged is not None else None,
                "error": error or (merged.error if merged is not None else None),
            }
        )
    else:
        if not files and state == "unchanged":
            terminal.line("nothing changed")
        else:
            words = _WORDS.get(state, "would be proposed" if state == "planned" else state)
            count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
            terminal.line(f"{branch}: {words} ({count})" + (f"  {url}" if url else ""))
        if merged is not None:
            terminal.line(f"  {merged.state}" + (f": {merged.error}" if merged.error else ""))
    if error is not None:
        terminal.error(error)
    outputs.set_outputs(
        {
            "changed": state in ("created", "updated"),
            "branch": branch,
            "pull-request-number": number,
            "pull-request-url": url,
            "files": files,
        }
    )
    return max(_EXIT.get(state, DONE), OUTSIDE if merged is not None and merged.state == "failed" else DONE)
