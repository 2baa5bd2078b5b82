"""libyaml's event parser, without the rest of PyYAML.

``import yaml`` takes about 11 ms, nearly all of it for regular expressions and class tables of its pure
Python half, which nothing here uses; a whole ``gitops-ci bump`` is to take three times the start of Python
(about 27 ms). So only the C extension is imported, with the four small modules whose classes it hands out,
under a stand-in for the package that is taken away again at once: a later ``import yaml`` by anybody runs
as if this module did not exist. If anything is not as expected, PyYAML is imported the ordinary way; if
there is no C extension at all, ``CParser`` is None and :mod:`gitops_ci.manifest.pure` reads instead.
"""

from __future__ import annotations

import sys
from types import ModuleType

from gitops_ci.manifest.compose import Kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KEPT = ("yaml.error", "yaml.tokens", "yaml.events", "yaml.nodes", "yaml._yaml")

_ERRORS = {
    "reader": "ReaderError",
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}
"""The classes that the extension asks its package for while it is imported."""
_UNMARKED = ("reader", "emitter", "serializer", "representer")


def _stand_in(module: str, name: str, base: type[Exception]) -> type[Exception]:
    """An error class that becomes PyYAML's own one as soon as somebody has imported that."""

    def new(cls: type[Exception], *arguments: object) -> Exception:
        real = getattr(sys.modules.get(f"yaml.{module}"), name, None)
        return real(*arguments) if real is not None else base.__new__(cls, *arguments)

    def reader_error(
        self: Exception, source: str, position: int, character: object, encoding: str, reason: str
    ) -> None:
        vars(self).update(position=position, reason=reason)

    members = {"__new__": new, "__module__": f"yaml.{module}"}
    if module == "reader":
        members["__init__"] = reader_error
    return type(name, (base,), members)


def _extension() -> ModuleType:
    """The module ``yaml._yaml`` alone; leaves ``sys.modules`` without a package ``yaml``."""
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("yaml")
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("PyYAML is not a package on the path")
    package = ModuleType("yaml")
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    before = set(sys.modules)
    sys.modules["yaml"] = package
    try:
        import yaml.error
        import yaml.events
        import yaml.nodes
        import yaml.tokens

        for module, name in _ERRORS.items():
            base = (
                yaml.error.YAMLError
                if module in ("reader", "emitter", "serializer", "representer")
                else yaml.error.MarkedYAMLError
            )
            holder = ModuleType(f"yaml.{module}")
            setattr(holder, name, _stand_in(module, name, base))
            setattr(package, module, holder)
        import yaml._yaml

        return sys.modules["yaml._yaml"]
    except BaseException:
        for name in set(sys.modules) - before:
            if name.startswith("yaml."):
                del sys.modules[name]
        raise
    finally:
        del sys.modules["yaml"]


def _load() -> ModuleType | None:
    if "yaml" not in sys.modules and "yaml._yaml" not in sys.modules:
        try:
            return _extension()
        except Exception:  # noqa: S110 - whatever is unusual about this PyYAML, the plain import below knows better
            pass
    from importlib import import_module

    try:
        return import_module("yaml._yaml")
    except ImportError:
        return None


_C = _load()

CParser: Any = getattr(_C, "CParser", None)
"""``CParser(bytes).get_event()``; marks count characters, a byte order mark not included."""

YAMLError: type[Exception] = sys.modules["yaml.error"].YAMLError if _C is not None else ValueError
"""What ``CParser`` raises, the same class that ``yaml.YAMLError`` is."""


def _kinds() -> Kinds:
    events = sys.modules["yaml.events"]
    return Kinds(
        events.ScalarEvent,
        events.AliasEvent,
        events.MappingStartEvent,
        events.MappingEndEvent,
        events.SequenceStartEvent,
        events.SequenceEndEvent,
        events.StreamEndEvent,
    )


KINDS = _kinds() if _C is not None else Kinds(*[type(None)] * 7)
