"""Landing: the commit by which a proposal gets onto its base, made without a working tree."""

from gitops_ci.forge.change import Change
from gitops_ci.forge.record import Record
from gitops_ci.git.objects import CommitText, Signature, write_commits
from gitops_ci.git.repository import Repository


def landing(repository: Repository, base: str, record: Record, change: Change, signature: Signature) -> str | None:
    """The commit that the base should move to, ``base`` its first parent; None where the two conflict.

    ``automergeStrategy: merge-commit`` makes a merge; every other one adds a single commit, the proposal's own
    where it stands on the base already. Raises GitError.
    """
    merging = change.merge.strategy == "merge-commit"
    if record.parent == base and not merging:
        return record.commit
    clean, tree = repository.merges_cleanly(base, record.commit)
    if not clean or tree is None:
        return None
    parents = (base, record.commit) if merging else (base,)
    message = f"Merge branch '{change.branch}'\n\n{change.title}\n" if merging else change.commit_message
    return write_commits(repository, [CommitText(tree, parents, message)], signature)[0]
