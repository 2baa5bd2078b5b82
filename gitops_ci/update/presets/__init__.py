"""Presets by name: the built-in ones, their arguments, and references to files."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gitops_ci.update.presets.custom_managers import CUSTOM_MANAGERS
from gitops_ci.update.presets.foreign import EXCLUDED, foreign
from gitops_ci.update.presets.general import GENERAL
from gitops_ci.update.presets.images import IMAGES
from gitops_ci.update.presets.preset import Preset
from gitops_ci.update.presets.schedules import SCHEDULES

BUILT_IN: Mapping[str, Preset] = {**GENERAL, **SCHEDULES, **IMAGES, **CUSTOM_MANAGERS, **EXCLUDED}


class Call(NamedTuple):
    """A preset as ``extends`` writes it: ``:label(blue)``, ``local>acme/gitops//renovate/images``."""

    text: str
    name: str
    """Without arguments; ``default:`` is written ``:``."""
    arguments: tuple[str, ...]

    @property
    def external(self) -> bool:
        """It names a file or a package, not a built-in preset."""
        return ">" in self.name or ":" not in self.name or self.name.startswith(("http:", "https:", "@"))


def parse(text: str) -> Call:
    """Split a reference into its name and arguments."""
    name, opening, rest = text.partition("(")
    arguments: tuple[str, ...] = ()
    tail = ""
    if opening:
        inner, _, tail = rest.rpartition(")")
        arguments = tuple(argument.strip() for argument in inner.split(","))
    name = (name + tail).strip()
    if name.startswith("default:"):
        name = name.removeprefix("default")
    return Call(text, name, arguments)


def find(call: Call) -> Preset | None:
    """The built-in preset of a call; one without content where it concerns no images; None if there is none."""
    return BUILT_IN.get(call.name) or (None if call.external else foreign(call.name))


def nearest(name: str) -> str | None:
    """The built-in preset that looks most like a name."""
    import difflib

    folded = {known.lower(): known for known in BUILT_IN}
    found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.75)
    return folded[found[0]] if found else None


def fill(config: Mapping[str, object], arguments: Sequence[str]) -> tuple[dict[str, object], bool]:
    """A preset's configuration with ``{{arg0}}`` … and ``{{args}}`` filled in.

    What needs an argument that was not given is left out, and the second value is True.
    """
    filler = _Filler(arguments)
    filled = {name: value for name, old in config.items() if (value := filler.value(old)) is not _MISSING}
    return filled, filler.missing


_MISSING = object()


class _Filler:
    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = arguments
        self.missing = False

    def value(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value) if "{{arg" in value else value
        if isinstance(value, list):
            return [new for item in value if (new := self.value(item)) is not _MISSING]
        if isinstance(value, dict):
            return {name: new for name, item in value.items() if (new := self.value(item)) is not _MISSING}
        return value

    def text(self, text: str) -> object:
        import re

        text = text.replace("{{args}}", ", ".join(self.arguments))
        for index in {int(number) for number in re.findall(r"\{\{arg(\d{1,2})\}\}", text)}:
            if index >= len(self.arguments):
                self.missing = True
                return _MISSING
            text = text.replace(f"{{{{arg{index}}}}}", self.arguments[index])
        return text
