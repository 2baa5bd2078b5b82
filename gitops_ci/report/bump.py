"""What ``bump`` did, for people and for machines."""

from gitops_ci.manifest.bump import Outcome
from gitops_ci.manifest.target import Target
from gitops_ci.manifest.use import ImageUse
from gitops_ci.report import terminal


def show(outcome: Outcome, image: str, target: Target, *, committed: bool, diff: bool, json: bool) -> None:
    """Print the outcome: the result on stdout, what failed on stderr, outputs for a workflow where there is one."""
    _outputs(outcome, image, target, committed=committed)
    for failed in outcome.failed:
        terminal.failure(failed.error)
    if json:
        from gitops_ci.report.json import write

        write(as_object(outcome, image, committed=committed))
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
    terminal.line(_closing(outcome, image, committed=committed))


def as_object(outcome: Outcome, image: str, *, committed: bool) -> dict[str, object]:
    """The outcome as JSON has it; ``report/schemas/bump.json`` describes it."""
    return {
        "image": image,
        "changed": bool(outcome.changed),
        "written": committed and bool(outcome.files),
        "files": [file.file for file in outcome.files],
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


def _outputs(outcome: Outcome, image: str, target: Target, *, committed: bool) -> None:
    from os import environ

    if "GITHUB_OUTPUT" not in environ:
        return
    from gitops_ci.report import summary
    from gitops_ci.report.outputs import set_outputs
    from gitops_ci.report.outputs import summary as write_summary

    digests = {entry.digest for entry in outcome.changed} | {use.digest for use in outcome.current}
    set_outputs(
        {
            "changed": bool(outcome.changed),
            "files": [file.file for file in outcome.files],
            "image": target.name or image,
            "tag": target.tag,
            "digest": target.digest or (digests.pop() if len(digests) == 1 else None),
        }
    )
    write_summary(summary.bump(outcome, _closing(outcome, image, committed=committed)))


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
