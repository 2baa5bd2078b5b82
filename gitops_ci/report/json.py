"""JSON for machines: the values of this package as plain objects, two spaces deep, keys in their own order."""

import json
import sys
from collections.abc import Mapping
from typing import TextIO


def plain(value: object) -> object:
    """The value in JSON's own types: named tuples and dataclasses become objects, times ISO 8601, sets sorted lists.

    Raises TypeError for anything else.
    """
    if value is None or isinstance(value, str | int | float):  # bool is an int
        return value
    fields = getattr(type(value), "_fields", None) or getattr(type(value), "__dataclass_fields__", None)
    if fields is not None:
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item) for item in value), key=repr)
    isoformat = getattr(value, "isoformat", None)
    if isoformat is not None:
        return isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def dumps(value: object) -> str:
    """The text, with a newline at the end. Characters stay as they are unless UTF-8 has none for them."""
    simple = plain(value)
    text = json.dumps(simple, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, from a file name that is not UTF-8
        text = json.dumps(simple, indent=2)
    # "##[" is the one thing a GitHub runner obeys in the middle of a line; in JSON it stands in strings only.
    return text.replace("##[", "\\u0023#[") + "\n"


def write(value: object, stream: TextIO | None = None) -> None:
    """Write it to stdout (or the stream)."""
    out = stream or sys.stdout
    out.write(dumps(value))
    out.flush()
