"""How two pieces of configuration become one: what adds up is joined, the rest is replaced by the later."""

from collections.abc import Mapping

from gitops_ci.update.options import MATCHERS, OPTIONS, Option, block_manager

_BLOCK = Option("object", adds=True)
_PLAIN_OBJECTS = frozenset({"registryAliases", "prBodyDefinitions"})
"""Objects whose keys are the user's own words, not options."""


def merge(base: Mapping[str, object], later: Mapping[str, object]) -> dict[str, object]:
    """Both in one, the later one stronger. Neither is changed."""
    result = dict(base)
    for name, value in later.items():
        result[name] = merge_value(name, result.get(name), value)
    return result


def merge_value(name: str, old: object, new: object) -> object:
    """One option's value out of two. None in the later one resets the option."""
    option = OPTIONS.get(name) or MATCHERS.get(name) or (_BLOCK if block_manager(name) else None)
    if option is None or not option.adds or old is None or new is None:
        return new
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **new} if name in _PLAIN_OBJECTS else merge(old, new)
    if option.kind in ("strings", "objects"):
        first, second = _listed(old), _listed(new)
        return first + [item for item in second if item not in first]
    return new


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
