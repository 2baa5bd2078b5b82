"""Child processes: argument lists, a time limit, bounded output, no shell.

Everything this package starts goes through :func:`run`; git goes through :func:`git`, which also takes
away what a checkout that somebody else prepared could use to run code of its own.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO

from gitops_ci.errors import GitError, OutsideError

TIMEOUT = 120.0
"""Seconds for one process, unless told."""
LIMIT = 256 * 1024 * 1024
"""Bytes of standard output that are kept in memory at most; more is an error."""
_STDERR_KEPT = 64 * 1024

_HARDENING = (
    # A checkout brings no configuration, but an unpacked archive or a shared runner does.
    "-c", "core.hooksPath=/dev/null",
    "-c", "core.fsmonitor=false",
    "-c", "core.pager=cat",
    "-c", "core.attributesFile=/dev/null",
    "-c", "core.quotePath=false",
    "-c", "protocol.ext.allow=never",
    "-c", "submodule.recurse=false",
    "-c", "fetch.recurseSubmodules=no",
    "-c", "push.recurseSubmodules=no",
    "-c", "push.followTags=false",
    "-c", "push.gpgSign=false",
    "-c", "fetch.writeCommitGraph=false",
    "-c", "gc.auto=0",
    "-c", "maintenance.auto=false",
    "-c", "advice.detachedHead=false",
    "-c", "color.ui=false",
    "-c", "log.showSignature=false",
    "-c", "init.templateDir=",
)  # fmt: skip
_KEPT_GIT_VARIABLES = (
    # Who commits and how one logs in; never which repository, index or object store is meant.
    "GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_SSH", "GIT_ASKPASS", "GIT_SSL_", "GIT_HTTP_", "GIT_CONFIG_",
    "GIT_PROTOCOL", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_PROXY_SSL_",
)  # fmt: skip


class ProcessFailed(OutsideError):
    """A child process ended with another status than 0, was stopped, or could not be started."""

    def __init__(self, what: str, *, status: int | None, stderr: str, remedy: str | None = None) -> None:
        super().__init__(what, remedy=remedy)
        self.status = status
        """None when it was stopped or never ran."""
        self.stderr = stderr
        """The last 64 KiB."""


def run(
    args: Sequence[str],
    *,
    cwd: str,
    timeout: float = TIMEOUT,
    input: bytes | None = None,  # noqa: A002 - subprocess's own word
    env: Mapping[str, str] | None = None,
    limit: int = LIMIT,
) -> bytes:
    """Run a program to its end and return its standard output.

    ``env`` is the whole environment, not an addition. The child gets a session of its own: it cannot
    ask anything on the terminal, and a time-out ends its children as well.
    Raises :class:`ProcessFailed` with the last line of standard error.
    """
    name = os.path.basename(args[0])
    try:
        child = subprocess.Popen(  # noqa: S603 - an argument list, never a shell
            list(args),
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        missing = name if not os.path.isdir(cwd) or error.filename != cwd else cwd
        raise ProcessFailed(
            f"cannot run {name}: {missing} not found", status=None, stderr="", remedy=f"install {name}"
        ) from None
    except OSError as error:
        raise ProcessFailed(f"cannot run {name}: {error.strerror}", status=None, stderr="") from None
    stopped: list[str] = []

    def stop(why: str) -> None:
        stopped.append(why)
        with contextlib.suppress(ProcessLookupError):  # it ended by itself in the same moment
            os.killpg(child.pid, signal.SIGKILL)

    timer = threading.Timer(timeout, stop, [f"took longer than {timeout:g} s"])
    timer.daemon = True
    errors = bytearray()
    assert child.stdout is not None and child.stderr is not None
    helpers = [threading.Thread(target=_keep_tail, args=(child.stderr, errors), daemon=True)]
    if input is not None and child.stdin is not None:
        helpers.append(threading.Thread(target=_feed, args=(child.stdin, input), daemon=True))
    timer.start()
    try:
        for helper in helpers:
            helper.start()
        output = child.stdout.read(limit + 1)
        if len(output) > limit:
            stop(f"printed more than {limit} bytes")
        status = child.wait()
        for helper in helpers:
            helper.join()
    except BaseException:
        stop("interrupted")
        child.wait()
        raise
    finally:
        timer.cancel()
        child.stdout.close()
    if status == 0 and not stopped:
        return output
    text = redacted(errors.decode("utf-8", "replace").strip())
    why = stopped[0] if stopped else _last_line(text) or f"ended with status {status}"
    raise ProcessFailed(f"{name} {_verb(args)} failed: {why}", status=None if stopped else status, stderr=text)


def git(
    args: Sequence[str],
    *,
    cwd: str,
    timeout: float = TIMEOUT,
    input: bytes | None = None,  # noqa: A002 - as in run
    env: Mapping[str, str] | None = None,
    limit: int = LIMIT,
) -> bytes:
    """Run git, hardened against the checkout it runs in. ``env`` adds to the scrubbed environment.

    Raises :class:`gitops_ci.errors.GitError`; its ``__cause__`` is the :class:`ProcessFailed`.
    """
    environment = {**git_environment(), **(env or {})}
    try:
        return run(["git", *_HARDENING, *args], cwd=cwd, timeout=timeout, input=input, env=environment, limit=limit)
    except ProcessFailed as error:
        raise GitError(error.what, remedy=error.remedy) from error


def git_environment() -> dict[str, str]:
    """This process's environment without what would point git at another repository or ask questions."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT_GIT_VARIABLES)
    }
    environment.update(
        GIT_TERMINAL_PROMPT="0",
        GIT_OPTIONAL_LOCKS="0",
        GIT_LITERAL_PATHSPECS="1",
        GIT_NO_REPLACE_OBJECTS="1",
        GIT_PAGER="cat",
        GIT_EDITOR=":",
        GCM_INTERACTIVE="never",
        LC_ALL="C",
    )
    return environment


def redacted(text: str) -> str:
    """The text without the user names and passwords of URLs: a token may be either, and git prints both."""
    import re

    # Up to the last "@" before the path, as git itself reads it; quotes and blanks end an address in a message.
    return re.sub(r"(?<=://)[^/\s'\"]*@", "", text)


def failed_with(error: GitError) -> tuple[int | None, str]:
    """Exit status and standard error of the git process behind an error; ``(None, "")`` if there was none."""
    cause = error.__cause__
    return (cause.status, cause.stderr) if isinstance(cause, ProcessFailed) else (None, "")


def _keep_tail(stream: IO[bytes], kept: bytearray) -> None:
    with stream:
        while chunk := stream.read(8192):
            kept += chunk
            del kept[:-_STDERR_KEPT]


def _feed(stream: IO[bytes], data: bytes) -> None:
    try:
        with stream:
            stream.write(data)
    except BrokenPipeError:
        pass  # it ended without reading everything; its status says whether that was right


def _last_line(text: str) -> str:
    """The line of git's error output that says what went wrong: hints and progress are not it."""
    lines = [
        line.strip() for line in text.splitlines() if line.strip() and not line.startswith(("hint:", "remote: hint"))
    ]
    told = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    for sign in ("! [", "fatal:", "error:"):
        for line in lines:  # the first is the cause, what follows are its consequences
            if line.startswith(sign):
                return f"{line} (remote: {told[-1]})" if told and told[-1] else line
    return lines[-1] if lines else ""


def _verb(args: Sequence[str]) -> str:
    """The first argument that is neither an option nor the value of ``-c``."""
    rest = iter(args[1:])
    for argument in rest:
        if argument == "-c":
            next(rest, None)
        elif not argument.startswith("-"):
            return argument
    return ""
