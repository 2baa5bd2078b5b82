"""The same work in more than one process, where that is safe and worth it.

Only by ``fork``, and only from a process with a single thread: a started interpreter would cost more than the
work, and forking beside threads may dead-lock. Everywhere else the work is done here, in one process.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from multiprocessing import get_all_start_methods, get_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from gitops_ci.manifest.inspect import Seen


def spread(work: Callable[[Sequence[str]], Seen], files: Sequence[str], processes: int) -> Seen:
    """``work`` on all files, every n-th in each process; what one cannot do is done here."""
    if "fork" not in get_all_start_methods() or threading.active_count() != 1 or os.name != "posix":
        return work(files)
    context = get_context("fork")
    shares = [files[number::processes] for number in range(processes)]
    started = []
    for share in shares[1:]:
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_child, args=(work, share, theirs), daemon=True)
        process.start()
        theirs.close()
        started.append((process, mine, share))
    found = work(shares[0])
    for process, mine, share in started:
        try:
            other = mine.recv()
        except EOFError:  # the child died (killed, out of memory)
            other = None
        mine.close()
        process.join()
        found = found.plus(other if other is not None else work(share))
    return found


def _child(work: Callable[[Sequence[str]], Seen], share: Sequence[str], pipe: Connection) -> None:
    import gc

    gc.disable()
    pipe.send(work(share))
    pipe.close()
