"""An action's inputs as the arguments of a verb.

A verb's options are declared once, for argparse; an action has the same as inputs, each in an environment
variable ``GITOPS_CI_INPUT_<NAME>`` (a dash is an underscore there). What is empty is not given. A switch takes
``true`` or ``false``; what may be repeated takes one value a line; anything else is one value, whatever it holds.
No value can become an option: it is handed over as ``--option=value``, or behind ``--``.
"""

import argparse
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import NamedTuple

from gitops_ci.errors import UsageError

PREFIX = "GITOPS_CI_INPUT_"


class Input(NamedTuple):
    """One input of a verb's action."""

    name: str
    """Kebab-case, the option's own word."""
    option: str
    """``--dry-run``; empty for what stands by itself on a command line."""
    kind: str
    """``text``, ``switch``, or ``list``: one value a line."""
    required: bool
    default: str
    help: str


def declared(verb: str) -> list[Input]:
    """The inputs of a verb, in the order of its options."""
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"gitops_ci.commands.{verb}").configure(parser)
    return [_input(action) for action in parser._actions]


def arguments(verb: str, environment: Mapping[str, str]) -> list[str]:
    """The command line of a verb, without the verb. Raises UsageError for a switch that is neither true nor false."""
    words: list[str] = []
    behind: list[str] = []
    for entry in declared(verb):
        value = environment.get(variable(entry.name), "")
        if not value.strip():
            continue
        if entry.kind == "switch":
            words += [entry.option] if _is_true(entry.name, value) else []
            continue
        values = _lines(value) if entry.kind == "list" else [value.strip()]
        if entry.option:
            words += [f"{entry.option}={each}" for each in values]
        else:
            behind += values
    return [*words, "--", *behind] if behind else words


def free(environment: Mapping[str, str]) -> list[str]:
    """The input ``arguments`` of the action for any verb: one argument a line, ``--option value`` as two."""
    words: list[str] = []
    for line in _lines(environment.get(variable("arguments"), "")):
        option, _, value = line.partition(" ")
        words += [option, value.strip()] if line.startswith("-") and value and "=" not in option else [line]
    return words


def variable(name: str) -> str:
    """The environment variable of an input."""
    return PREFIX + name.replace("-", "_").upper()


def _input(action: argparse.Action) -> Input:
    option = next((one for one in action.option_strings if one.startswith("--")), "")
    # What stands by itself is called as in the usage text: PATH, not paths.
    name = option[2:] if option else str(action.metavar or action.dest).lower()
    several = isinstance(action, argparse._AppendAction) or action.nargs in ("*", "+")
    kind = "switch" if action.nargs == 0 else "list" if several else "text"
    default = "false" if kind == "switch" else action.default if isinstance(action.default, str) else ""
    text = action.help or ""
    if action.choices is not None:
        text += f": {' or '.join(action.choices)}"
    return Input(name, option, kind, action.required and action.nargs != "*", default, text)


def _is_true(name: str, value: str) -> bool:
    word = value.strip()
    if word in ("true", "True", "TRUE"):
        return True
    if word in ("false", "False", "FALSE"):
        return False
    raise UsageError(f"input {name}: {word!r} is neither true nor false")


def _lines(value: str) -> Iterator[str]:
    """The lines that hold something. Not splitlines: a form feed or U+2028 may be part of a name."""
    lines = value.replace("\r\n", "\n").split("\n")
    return (line.strip() for line in lines if line.strip())
