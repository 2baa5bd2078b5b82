"""One of us at a time in a checkout: index and branch move together, and two runs must not move them in turns."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from gitops_ci.errors import GitError
from gitops_ci.git.repository import Repository

_WAIT = 60.0
"""Seconds. What is done alone takes well below one."""


@contextmanager
def alone(repository: Repository) -> Iterator[None]:
    """Keep other runs of this package out of the checkout. The system lets go of it when a run is killed.

    Raises GitError where another run does not come to an end.
    """
    path = os.path.join(repository.git_dir, "gitops-ci.lock")
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        raise GitError(f"cannot write to {repository.git_dir}: {error.strerror}") from None
    try:
        until = time.monotonic() + _WAIT
        while not _locked(descriptor):
            if time.monotonic() > until:
                raise GitError("another gitops-ci is at work in this checkout", remedy="wait for it, or end it")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
