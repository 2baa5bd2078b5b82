"""What ``bump`` did, for people and for machines."""

from gitops_ci.manifest.bump import Outcome
from gitops_ci.manifest.target import Target
from gitops_ci.manifest.use import ImageUse
from gitops_ci.record import NamedTuple
from gitops_ci.report import terminal


class Landing(NamedTuple):
    """The commit that a bump was to end in."""

    commit: str | None = None
    """None where nothing had to be committed."""
    pushed: bool = False
    """True when the remote has confirmed that it has the commit."""
    branch: str | None = None
    remote: str | None = None
    """None without ``--push``."""
    followed: bool = False
    """True if the working tree has the change."""
    left_behind: str | None = None
    """Why it has not, where it should."""


NO_LANDING = Landing()


def show(
    outcome: Outcome,
    image: str,
    target: Target,
    *,
    committed: bool,
    diff: bool,
    json: bool,
    landing: Landing = NO_LANDING,
) -> None:
    """Print the outcome: the result on stdout, what failed on stderr, outputs for a workflow where there is one.

    ``committed`` tells whether the files of the working tree were changed.
    """
    _outputs(outcome, image, target, landing)
    for failed in outcome.failed:
        terminal.failure(failed.error)
    if landing.left_behind is not None:
        terminal.warning(f"this checkout stays as it was: {landing.left_behind}; `git pull` brings it along")
    if json:
        from gitops_ci.report.json import write

        write(as_object(outcome, image, committed=committed, landing=landing))
        return
    if diff:
        for file in outcome.files:
            from gitops_ci.report.diff import unified

            terminal.diff(unified(file.file, file.old, file.new))
        if outcome.files:
            return
    for changed in outcome.changed:
        before, after = version(changed.use.tag, changed.use.digest), version(changed.tag, changed.digest)
        renamed = f"{changed.use.name} → {changed.name}" if changed.name != changed.use.name else changed.name
        terminal.line(f"{changed.use.file}:{changed.use.line}  {renamed}  {before} → {after}")
    terminal.line(
        _closing(outcome, image, committed=committed or landing.commit is not None) + _landed(outcome, landing)
    )


def as_object(outcome: Outcome, image: str, *, committed: bool, landing: Landing = NO_LANDING) -> dict[str, object]:
    """The outcome as JSON has it; ``report/schemas/bump.json`` describes it."""
    return {
        "image": image,
        "changed": bool(outcome.changed),
        "written": committed and bool(outcome.files),
        "files": [file.file for file in outcome.files],
        "commit": landing.commit,
        "pushed": landing.pushed,
        "branch": landing.branch,
        "changes": [
            {
                **_place(entry.use),
                "from": {"image": entry.use.name, "tag": entry.use.tag, "digest": entry.use.digest},
                "to": {"image": entry.name, "tag": entry.tag, "digest": entry.digest},
            }
            for entry in outcome.changed
        ],
        "current": [_place(use) for use in outcome.current],
        "failures": [
            {
                "file": failed.file,
                "line": failed.use.line if failed.use else failed.error.line,
                "message": failed.error.what,
                "remedy": failed.error.remedy,
            }
            for failed in outcome.failed
        ],
    }


def version(tag: str | None, digest: str | None) -> str:
    """``1.2.3``, ``1.2.3@sha256:0123456789ab``, or ``(none)``."""
    algorithm, _, value = (digest or "").partition(":")
    return f"{tag or ''}{f'@{algorithm}:{value[:12]}' if digest else ''}" or "(none)"


def _place(use: ImageUse) -> dict[str, object]:
    return {
        "file": use.file,
        "line": use.line,
        "column": use.column,
        "path": use.path,
        "application": use.application,
        "environment": use.environment,
    }


def _outputs(outcome: Outcome, image: str, target: Target, landing: Landing) -> None:
    from os import environ

    if "GITHUB_OUTPUT" not in environ:
        return
    from gitops_ci.report.outputs import set_outputs

    digests = {entry.digest for entry in outcome.changed} | {use.digest for use in outcome.current}
    set_outputs(
        {
            "changed": bool(outcome.changed),
            "files": [file.file for file in outcome.files],
            "image": target.name or image,
            "tag": target.tag,
            "digest": target.digest or (digests.pop() if len(digests) == 1 else None),
            "commit": landing.commit,
            "pushed": landing.pushed,
            "branch": landing.branch,
        }
    )


def _closing(outcome: Outcome, image: str, *, committed: bool) -> str:
    changed, files = len(outcome.changed), len(outcome.files)
    parts = []
    if changed:
        word = "changed" if committed else "would change"
        parts.append(
            f"{word} {changed} {'use' if changed == 1 else 'uses'} of {image} in {files} {'file' if files == 1 else 'files'}"
        )
    if outcome.current:
        parts.append(f"{len(outcome.current)} already there")
    if outcome.failed:
        parts.append(
            f"{len(outcome.failed)} left as it was"
            if len(outcome.failed) == 1
            else f"{len(outcome.failed)} left as they were"
        )
    return ", ".join(parts) or f"nothing to change for {image}"


def _landed(outcome: Outcome, landing: Landing) -> str:
    """What the closing line says about the commit."""
    where = f"{landing.branch} of {landing.remote}"
    if landing.commit is None:
        return f", in {where}" if landing.remote is not None and not outcome.failed else ""
    short = landing.commit[:12]
    if not outcome.changed:  # commits of the user that were waiting
        return f", {short} pushed to {where}"
    return f", {short} pushed to {where}" if landing.pushed else f", committed as {short}"
