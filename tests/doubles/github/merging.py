"""Whether a pull request may merge, and what merging does: GitHub's ``mergeable_state`` over real commits."""

from typing import TYPE_CHECKING, NamedTuple

from tests.doubles.github.bare import Person
from tests.doubles.github.refusals import Refusal
from tests.doubles.github.state import CheckRun, Issue, Pull, Settings, now

if TYPE_CHECKING:
    from tests.doubles.github.repository import Repository

PASSING = ("success", "neutral", "skipped")
_WEB_FLOW = Person("GitHub", "noreply@github.com")


class Mergeability(NamedTuple):
    mergeable: bool | None
    state: str
    """``clean``, ``unstable``, ``blocked``, ``behind``, ``dirty``, ``draft`` or ``unknown``."""
    reason: str | None = None
    """What a refused merge says."""


def assess(repository: "Repository", pull: Pull, *, looked: bool = False) -> Mergeability:
    """The state of a pull request now. ``looked``: a client asks, and the first answer after a push may be late."""
    if pull.state != "open":
        return Mergeability(None, "unknown", "Pull Request is not mergeable")
    pair = (pull.base_sha, pull.head_sha)
    if looked and repository.settings.late_mergeability and pull.looked_at != pair:
        pull.looked_at = pair
        return Mergeability(None, "unknown")
    if repository.git.merge_tree(*pair) is None:
        return Mergeability(False, "dirty", "Pull Request is not mergeable")
    if pull.draft:
        return Mergeability(True, "draft", "Pull Request is still a draft")
    protection = repository.protection.get(pull.base)
    if protection is not None:
        if missing := unmet(repository, pull):
            return Mergeability(True, "blocked", missing[0])
        if protection.strict and repository.git.count(pull.base_sha, pull.head_sha):
            return Mergeability(
                True, "behind", "Head branch is out of date. Update it with the base branch and try again."
            )
    if any(outcome != "success" for outcome in outcomes(repository, pull.head_sha).values()):
        return Mergeability(True, "unstable")
    return Mergeability(True, "clean")


def unmet(repository: "Repository", pull: Pull) -> list[str]:
    """Requirements of the base branch that are not met, in GitHub's words."""
    protection = repository.protection.get(pull.base)
    if protection is None:
        return []
    missing = []
    last = {review.user: review.state for review in pull.reviews if review.state != "COMMENTED"}
    approvals = [user for user, state in last.items() if state == "APPROVED" and user != pull.user]
    if "CHANGES_REQUESTED" in last.values() and protection.reviews:
        missing.append("Changes have been requested.")
    elif len(approvals) < protection.reviews:
        word = "review is" if protection.reviews == 1 else "reviews are"
        missing.append(f"At least {protection.reviews} approving {word} required by reviewers with write access.")
    found = outcomes(repository, pull.head_sha)
    waiting = [name for name in protection.checks if found.get(name) != "success"]
    if len(waiting) == 1:
        word = {None: "expected", "pending": "in progress"}.get(found.get(waiting[0]), "failing")
        missing.append(f'Required status check "{waiting[0]}" is {word}.')
    elif waiting:
        missing.append(f"{len(waiting)} of {len(protection.checks)} required status checks have not succeeded.")
    return missing


def outcomes(repository: "Repository", sha: str) -> dict[str, str]:
    """Check or status → ``success``, ``pending`` or ``failure``."""
    found = {status.context: status.state for status in repository.latest_statuses(sha)}
    found = {name: "failure" if state == "error" else state for name, state in found.items()}
    for run in repository.latest_checks(sha):
        found[run.name] = check_outcome(run)
    return found


def check_outcome(run: CheckRun) -> str:
    if run.status != "completed":
        return "pending"
    return "success" if run.conclusion in PASSING else "failure"


def presets(settings: Settings) -> list[str]:
    """The merge methods that the repository allows, in the order GitHub offers them."""
    allowed = (
        ("merge", settings.allow_merge_commit),
        ("squash", settings.allow_squash_merge),
        ("rebase", settings.allow_rebase_merge),
    )
    return [name for name, on in allowed if on]


def check_method(repository: "Repository", pull: Pull, method: str) -> None:
    """Refuse a method that the repository or the branch does not allow."""
    if method not in presets(repository.settings):
        word = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[method]
        raise Refusal(405, f"{word} are not allowed on this repository.")
    protection = repository.protection.get(pull.base)
    if protection is not None and protection.linear_history and method == "merge":
        raise Refusal(405, "Merge commits are not allowed on this branch.")


def merge(
    repository: "Repository",
    pull: Pull,
    method: str,
    by: str,
    *,
    sha: str | None,
    title: str | None,
    message: str | None,
) -> str:
    """What ``PUT …/merge`` does. Raises Refusal with GitHub's status and words; returns the new commit."""
    if pull.state != "open":
        raise Refusal(405, "Pull Request is not mergeable")
    if sha is not None and sha != pull.head_sha:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    check_method(repository, pull, method)
    protection = repository.protection.get(pull.base)
    if protection is not None and protection.queue:
        raise Refusal(405, "Changes must be made through the merge queue")
    judged = assess(repository, pull)
    if judged.reason is not None:
        raise Refusal(405, judged.reason)
    return perform(repository, pull, method, by, title, message)


def perform(
    repository: "Repository", pull: Pull, method: str, by: str, title: str | None = None, message: str | None = None
) -> str:
    """Merge without asking any more; returns the commit that the base is at now."""
    git = repository.git
    base, head = pull.base_sha, pull.head_sha
    tree = git.merge_tree(base, head)
    assert tree is not None
    person = Person(by, f"{by}@users.noreply.github.com")
    if method == "rebase":
        result = _rebased(repository, base, head)
    else:
        if title is None:
            source = f"{repository.owner}/{pull.head}"
            title = (
                f"Merge pull request #{pull.number} from {source}"
                if method == "merge"
                else f"{pull.title} (#{pull.number})"
            )
        if message is None:
            message = pull.title if method == "merge" else ""
        parents = [base, head] if method == "merge" else [base]
        result = git.commit(tree, parents, f"{title}\n\n{message}".strip() + "\n", person, _WEB_FLOW)
        repository.verified.add(result)
    git.set_ref(f"refs/heads/{pull.base}", result, base)
    mark_merged(pull, result, by)
    if repository.settings.delete_branch_on_merge and repository.branches().get(pull.head) == head:
        git.set_ref(f"refs/heads/{pull.head}", None, head)
    repository.look()
    return result


def _rebased(repository: "Repository", base: str, head: str) -> str:
    """Every commit of the head once more on top of the base; always new commits, as GitHub makes them."""
    git = repository.git
    onto = base
    for oid in reversed(git.log(f"{base}..{head}", "--no-merges")):
        info = git.info(oid)
        stand_in = git.commit(
            git.info(onto).tree, list(info.parents), "stand-in", _WEB_FLOW
        )  # so that git merges from there
        tree = git.merge_tree(stand_in, oid)
        assert tree is not None
        author = Person(info.author[0], info.author[1])
        onto = git.commit(tree, [onto], info.message + "\n", author, _WEB_FLOW)
    return onto


def mark_merged(pull: Pull, commit: str, by: str) -> None:
    """Closed as merged."""
    close(pull, by)
    pull.merged, pull.merge_sha, pull.merged_at, pull.merged_by = True, commit, pull.closed, by


def close(issue: Issue, by: str) -> None:
    issue.state, issue.closed, issue.closed_by, issue.updated = "closed", now(), by, now()
    if isinstance(issue, Pull):
        issue.auto_merge = issue.queued = issue.queued_by = None


def update_branch(repository: "Repository", pull: Pull, by: str, expected: str | None) -> None:
    """What ``PUT …/update-branch`` does: merge the base into the head."""
    if expected is not None and expected != pull.head_sha:
        raise Refusal(422, "expected head sha didn’t match current head ref.")
    git = repository.git
    if git.count(pull.base_sha, pull.head_sha) == 0:
        raise Refusal(422, "There are no new commits on the base branch.")
    tree = git.merge_tree(pull.base_sha, pull.head_sha)
    if tree is None:
        raise Refusal(422, "merge conflict between base and head")
    message = f"Merge branch '{pull.base}' into {pull.head}\n"
    person = Person(by, f"{by}@users.noreply.github.com")
    result = git.commit(tree, [pull.head_sha, pull.base_sha], message, person, _WEB_FLOW)
    repository.verified.add(result)
    git.set_ref(f"refs/heads/{pull.head}", result, pull.head_sha)
