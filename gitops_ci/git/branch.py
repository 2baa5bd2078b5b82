"""Which branch of a remote is meant, said or found out; never guessed."""

import os

from gitops_ci.errors import GitError, UsageError
from gitops_ci.git.process import redacted
from gitops_ci.git.repository import Repository, owner_name


def remote_named(repository: Repository, name: str) -> str:
    """A configured remote. Raises UsageError where there is none of this name."""
    remotes = repository.remotes()
    if name not in remotes:
        # Somebody may have given an address, and it may hold a token.
        raise UsageError(
            f"there is no remote {redacted(name)!r}", remedy=f"the remotes are: {', '.join(remotes) or 'none'}"
        )
    return name


def target_branch(repository: Repository, remote: str, named: str | None) -> str:
    """The branch to push to: the one named, else the one checked out, else the one the workflow runs for.

    The last is what ``actions/checkout`` leaves out when it checks out a commit. It counts only where the
    workflow belongs to the remote's own repository and runs for a branch, not for a tag or a pull request.
    Raises UsageError.
    """
    if named is not None:
        return _checked(repository, named.removeprefix("refs/heads/"), "--branch")
    branch = repository.branch
    if branch is not None:
        return branch
    ref, name = os.environ.get("GITHUB_REF"), os.environ.get("GITHUB_REF_NAME")
    if name and os.environ.get("GITHUB_REF_TYPE", "branch") == "branch":
        ours, theirs = os.environ.get("GITHUB_REPOSITORY"), owner_name(repository.remote_url(remote) or "")
        same = not ours or not theirs or ours.casefold() == theirs.casefold()
        if same and (not ref or ref == f"refs/heads/{name}"):
            return _checked(repository, name, "GITHUB_REF_NAME")
    raise UsageError("no branch is checked out here", remedy="name the branch to push to with --branch")


def _checked(repository: Repository, name: str, source: str) -> str:
    refused = UsageError(f"{source} {name!r} is no name of a branch", remedy="give one as `git branch` shows it")
    if not name or name.startswith("-") or "\0" in name or name == "HEAD":
        raise refused
    try:
        repository.git("check-ref-format", f"refs/heads/{name}")
    except GitError:
        raise refused from None
    return name
