"""Preset: a named piece of configuration that ``extends`` brings in."""

from collections.abc import Mapping
from typing import NamedTuple


class Preset(NamedTuple):
    """A built-in preset, in Renovate's words."""

    summary: str
    """One line for people."""
    config: Mapping[str, object]
    note: str | None = None
    """Where it does not do what its name promises elsewhere: why. Shown when it is used."""
