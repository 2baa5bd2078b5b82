"""Templates in commit messages, titles, bodies and branch names: Handlebars, with the helpers Renovate offers.

The engine is ``dotpromptz-handlebars`` (Apache-2.0, pure Python): it interprets a parsed template, reads
only mappings and sequences (never attributes, so there is no way from a value into the interpreter),
raises for an unknown helper, and follows Handlebars.js. Its helpers are replaced by the ones below, which
take texts and have bounds; regular expressions are RE2's. Text without ``{{`` never loads any of it.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, overload

from gitops_ci.errors import ConfigurationError

MAX_TEMPLATE = 20_000
"""Characters of a template."""
MAX_OUTPUT = 100_000
"""Characters of a rendered text; a forge refuses bodies that are longer than about 65,000."""
_MAX_STEPS = 20_000
"""Elements that all loops of one rendering may visit together."""
_MAX_DEPTH = 20


def render(template: str, values: Mapping[str, object], *, option: str) -> str:
    """Fill in a template. ``option`` is the name people know it by, for errors.

    Unknown variables are empty, as in Renovate. Raises ConfigurationError for a template that is broken,
    too large, or calls a helper that does not exist.
    """
    if "{{" not in template:
        return template
    if len(template) > MAX_TEMPLATE:
        raise ConfigurationError(f"{option}: the template is longer than {MAX_TEMPLATE} characters")
    budget = [_MAX_STEPS]
    try:
        text = _compiled(template)({key: _bounded(value, budget) for key, value in values.items()})
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError) as error:
        raise ConfigurationError(f"{option}: {_plain(error)} in the template {_short(template)!r}") from None
    if len(text) > MAX_OUTPUT:
        raise ConfigurationError(f"{option}: the template gives more than {MAX_OUTPUT} characters")
    return text


@lru_cache(maxsize=256)
def _compiled(template: str) -> Callable[[Mapping[str, object]], str]:
    from dotpromptz_handlebars import Handlebars

    # Renovate's fields are plain text: what is dangerous is escaped where the text is shown, not here.
    engine = Handlebars(escape_html=False, max_depth=_MAX_DEPTH)
    for name, helper in _HELPERS.items():
        engine.register_helper(name, _call(helper))
    return engine.compile(template)


def _call(helper: Callable[..., object]) -> Callable[[list[Any], object], object]:
    def called(arguments: list[Any], options: object) -> object:
        return helper(*arguments)

    return called


class _Bounded(Sequence[object]):
    """A list that counts how often it is walked: nested loops cannot run for ever."""

    def __init__(self, items: Sequence[object], budget: list[int]) -> None:
        self._items = items
        self._budget = budget

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> object: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[object]: ...

    def __getitem__(self, index: int | slice) -> object:
        return self._items[index]

    def __iter__(self) -> Iterator[object]:
        for item in self._items:
            self._budget[0] -= 1
            if self._budget[0] < 0:
                raise ValueError("too many loop steps")
            yield item


def _bounded(value: object, budget: list[int]) -> object:
    if isinstance(value, Mapping):
        return {str(key): _bounded(item, budget) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return _Bounded([_bounded(item, budget) for item in value], budget)
    return value


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(_text(item) for item in value)
    text = str(value)
    if len(text) > MAX_OUTPUT:
        raise ValueError("a text grew too long")
    return text


def _replace(find: object = "", replacement: object = "", text: object = "", *_: object) -> str:
    """Every match of an RE2 regular expression by another text (``$1`` stands for a group)."""
    import re

    import re2

    try:
        quiet = re2.Options()
        quiet.log_errors = False  # the library would print them
        pattern = re2.compile(_text(find), quiet)
    except re2.error as error:
        raise ValueError(f"replace: {_text(find)!r} is not a regular expression ({error})") from None
    backslashes = _text(replacement).replace("\\", "\\\\")
    return _text(pattern.sub(re.sub(r"\$(\d)", r"\\\1", backslashes), _text(text)))


def _lookup(container: object = None, key: object = None, *_: object) -> object:
    if isinstance(container, Mapping):
        return container.get(_text(key))
    if isinstance(container, Sequence) and not isinstance(container, str) and _text(key).isdigit():
        index = int(_text(key))
        return container[index] if index < len(container) else None
    return None


def _lookup_array(items: object = (), key: object = None, *_: object) -> list[object]:
    found = [item.get(_text(key)) for item in _items(items) if isinstance(item, Mapping)]
    return [value for value in found if value is not None]


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []


def _split(text: object = "", separator: object = ",", *_: object) -> list[object]:
    return list(_text(text).split(_text(separator) or None)) if _text(text) else []


def _contains(container: object = None, wanted: object = None, *_: object) -> bool:
    return wanted in _items(container)


def _to_json(value: object = None, *_: object) -> str:
    return json.dumps(value, default=lambda item: _items(item) or str(item), ensure_ascii=False)


def _to_array(*values: object) -> list[object]:
    return list(values)


def _to_object(*values: object) -> dict[str, object]:
    if len(values) % 2:
        raise ValueError("toObject needs pairs of a name and a value")
    return {_text(name): value for name, value in zip(values[::2], values[1::2], strict=True)}


def _percent(text: object = "", *_: object) -> str:
    from urllib.parse import quote

    return quote(_text(text), safe="-_.!~*'()")


def _unpercent(text: object = "", *_: object) -> str:
    from urllib.parse import unquote

    return unquote(_text(text))


def _base64(text: object = "", *_: object) -> str:
    import base64

    return base64.b64encode(_text(text).encode()).decode()


def _unbase64(text: object = "", *_: object) -> str:
    import base64

    return base64.b64decode(_text(text), validate=True).decode("utf-8", "replace")


_HELPERS: dict[str, Callable[..., object]] = {
    "add": lambda one=0, other=0: int(one) + int(other),
    "and": lambda *values: all(values),
    "containsString": lambda text="", part="": _text(part) in _text(text),
    "decodeBase64": _unbase64,
    "decodeURIComponent": _unpercent,
    "distinct": lambda items=(): list(dict.fromkeys(_text(item) for item in _items(items))),
    "encodeBase64": _base64,
    "encodeURIComponent": _percent,
    "equals": lambda one=None, other=None: one == other and type(one) is type(other),
    "includes": _contains,
    "join": lambda items=(), separator=",": _text(separator).join(_text(item) for item in _items(items)),
    "log": lambda *_: "",
    "lookup": _lookup,
    "lookupArray": _lookup_array,
    "lowercase": lambda text="": _text(text).lower(),
    "not": lambda value=None: not value,
    "or": lambda *values: any(values),
    "replace": _replace,
    "split": _split,
    "stringToPrettyJSON": lambda text="": json.dumps(json.loads(_text(text)), indent=2, ensure_ascii=False),
    "toArray": _to_array,
    "toJSON": _to_json,
    "toObject": _to_object,
    "uppercase": lambda text="": _text(text).upper(),
}


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__


def _short(template: str) -> str:
    return template if len(template) <= 80 else template[:77] + "..."
