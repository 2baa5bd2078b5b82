"""Progress on stderr: a bar where a person waits at a terminal, silence everywhere else."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gitops_ci.report.style import colour, interactive, one_line


@contextmanager
def progress(total: int, description: str) -> Iterator[Callable[[int], None]]:
    """``with progress(200, "asking registries") as advance: … advance(1)``. Leaves nothing behind on the screen.

    ``advance`` may be called from several threads.
    """
    if total <= 0 or not interactive(sys.stderr) or not colour(sys.stderr):
        yield lambda steps: None
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
    with shown:
        task = shown.add_task(one_line(description), total=total)
        yield lambda steps: shown.advance(task, steps)
