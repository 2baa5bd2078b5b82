"""The command line: one verb, loaded when it is called.

This file is on the way of every start, so it imports almost nothing: a verb's module (and all that it
needs) is imported only when that verb is the one asked for, and the list of verbs is a table of texts.

Exit codes: 0 done; 1 findings, or a gate refused; 2 wrong usage or configuration; 3 something outside
failed. Two more come from the shell's own customs: 130 for an interrupt, 141 for a reader that went away.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence

from gitops_ci import __version__
from gitops_ci.errors import DONE, OUTSIDE, GitopsError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

VERBS = {
    "find": "list every image that the checkout's files name",
    "bump": "set an image to a version, changing only the bytes that name it",
    "update": "look up newer versions, decide by the rules, propose one branch per change",
    "pr": "open or update a pull request from whatever changed in the working tree",
    "demo": "show an update run on a small repository made up for it",
    "schema": "print the JSON Schema of the configuration or of a verb's output",
}
"""Verb → one line of help: the same text as ``HELP`` in ``gitops_ci/commands/<verb>.py``."""

INTERRUPTED = 130
READER_GONE = 141


# argparse looks for translations that Python does not bring; gettext would load locale for it, a fifth of our start.
setattr(argparse, "_", str)  # noqa: B010 - not a name that its types know


class Parser(argparse.ArgumentParser):
    """argparse, with its mistakes told as one line by :func:`main` instead of a usage text and an exit."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(message, remedy=f"see {self.prog} --help")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (``sys.argv`` without its first word by default) and return its exit code."""
    # A start makes some ten thousand objects that all stay; looking for garbage among them takes a tenth of it.
    gc.set_threshold(50_000, 10, 10)
    words = list(sys.argv[1:] if argv is None else argv)
    _tolerate_any_text()
    try:
        code = _run(words)
        sys.stdout.flush()
    except GitopsError as error:
        code = _report(error)
    except BrokenPipeError:
        code = _reader_gone()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except OSError as error:
        code = _unforeseen(error, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception as error:
        code = _unforeseen(error, f"internal error: {type(error).__name__}: {error}")
    return code


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        if len(words) > 1 and words[0] == "help":
            return _run([words[1], "--help"])
        sys.stdout.write(_help())
        return DONE
    verb, rest = words[0], words[1:]
    if verb in ("-V", "--version", "version"):
        sys.stdout.write(f"gitops-ci {__version__}\n")
        return DONE
    if verb not in VERBS:
        raise _unknown_verb(verb)

    from importlib import import_module

    module = f"gitops_ci.commands.{verb}"
    try:
        command = import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise _unknown_verb(verb) from None
    parser = Parser(prog=f"gitops-ci {verb}", description=command.HELP, allow_abbrev=False, formatter_class=_formatter)
    command.configure(parser)
    try:
        arguments = _parse(parser, rest)
    except SystemExit as stop:  # argparse's --help
        return int(stop.code or DONE)
    code: int = command.run(arguments)
    return code


def _parse(parser: Parser, words: list[str]) -> argparse.Namespace:
    arguments, left = parser.parse_known_args(words)
    if not left:
        return arguments
    for word in left:
        if word.startswith("-") and word != "-":
            option = word.partition("=")[0]
            parser.error(f"unknown option {option}{_did_you_mean(option, _options(parser))}")
    # "bump A --tag 1 B": argparse hands paths on both sides of an option over only when asked like this.
    return parser.parse_intermixed_args(words)


def _formatter(*, prog: str) -> argparse.HelpFormatter:
    """argparse's own, told the width: argparse makes one for each option, which would load shutil to ask for it."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (OSError, ValueError):
        columns = 100
    return argparse.HelpFormatter(prog, width=max(columns - 2, 40))


def _options(parser: Parser) -> list[str]:
    return [option for action in parser._actions for option in action.option_strings]


def verbs() -> dict[str, str]:
    """The verbs that can be called, with their one line of help."""
    return {verb: text for verb, text in VERBS.items() if _exists(verb)}


def _exists(verb: str) -> bool:
    from importlib.util import find_spec

    return find_spec(f"gitops_ci.commands.{verb}") is not None


def _help() -> str:
    lines = [
        "usage: gitops-ci VERB [OPTIONS]",
        "",
        "The part of GitOps that happens before and around the cluster, done in CI.",
        "",
    ]
    lines += [f"  {verb:<10}{text}" for verb, text in verbs().items()]
    lines += [
        "",
        "gitops-ci VERB --help lists a verb's options; gitops-ci --version prints the version.",
        "Exit codes: 0 done; 1 findings or a gate refused; 2 wrong usage or configuration; 3 something outside failed.",
    ]
    return "\n".join(lines) + "\n"


def _unknown_verb(verb: str) -> UsageError:
    known = list(verbs())
    if verb.startswith("-"):
        return UsageError(f"the first word must be a verb, not {verb}", remedy=f"one of: {', '.join(known)}")
    return UsageError(f"unknown verb {verb!r}{_did_you_mean(verb, known)}", remedy=f"the verbs are: {', '.join(known)}")


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f", did you mean {close[0]}?" if close else ""


def _tolerate_any_text() -> None:
    """File names need not be UTF-8, and a log's encoding need not hold every character: print on regardless."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _report(error: GitopsError) -> int:
    from gitops_ci.report import terminal

    terminal.failure(error)
    return error.exit_code


def _unforeseen(error: Exception, text: str) -> int:
    if os.environ.get("GITOPS_CI_DEBUG") or os.environ.get("RUNNER_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    from gitops_ci.report import terminal

    hint = "; set GITOPS_CI_DEBUG=1 to see where" if text.startswith("internal error") else ""
    terminal.error(" ".join(text.split()) + hint)
    return OUTSIDE


def _reader_gone() -> int:
    # The interpreter flushes stdout once more on its way out; give it a place where that works.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return READER_GONE
