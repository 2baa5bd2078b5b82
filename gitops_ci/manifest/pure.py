"""ruamel.yaml's pure Python events: where libyaml is missing, or refuses a text that others accept.

Forty times slower than libyaml and slow to import: loaded only when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable

from ruamel.yaml import YAML
from ruamel.yaml import events as ruamel
from ruamel.yaml.error import YAMLError

from gitops_ci.manifest.compose import Kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

ERRORS = (YAMLError, ValueError, IndexError, AssertionError, NotImplementedError)
"""What its pure parser raises on text that is no YAML (the last four are its own slips)."""

KINDS = Kinds(
    ruamel.ScalarEvent,
    ruamel.AliasEvent,
    ruamel.MappingStartEvent,
    ruamel.MappingEndEvent,
    ruamel.SequenceStartEvent,
    ruamel.SequenceEndEvent,
    ruamel.StreamEndEvent,
)


def events(text: str) -> Callable[[], Any]:
    """A function that returns the next event of ``text``; marks count characters as libyaml's do."""
    stream = iter(YAML(typ="safe", pure=True).parse(text))
    return lambda: next(stream)
