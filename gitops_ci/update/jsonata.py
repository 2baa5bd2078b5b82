"""matchJsonata: an expression on a dependency, bounded so that no configuration can hang or fill a run.

jsonata-python evaluates. Before it does, the parsed expression is looked through: what could loop, recurse or
grow (functions of its own, ranges, assignments, padding) is refused, and regular expressions are RE2's. What is
left costs no more than its own length.
"""

from collections.abc import Callable, Mapping

from gitops_ci.update.pattern import PatternError
from gitops_ci.update.words import words

MAX_LENGTH = 2000
MAX_NESTING = 40
MILLISECONDS = 200
MAX_STACK = 200

FUNCTIONS = words(
    "abs boolean ceil contains count detectPlatform exists floor length lowercase match max min not number "
    "round split string substring substringAfter substringBefore sum trim type uppercase"
)
_NODES = words(
    "binary block condition function name number path regex string unary value variable wildcard filter index"
)


def compile_jsonata(expression: str) -> Callable[[Mapping[str, object]], bool]:
    """A test on a dependency's fields (Renovate's names). Raises PatternError for what cannot be used."""
    if len(expression) > MAX_LENGTH:
        raise PatternError(f"the expression has {len(expression)} characters, {MAX_LENGTH} are allowed")
    if max(expression.count(opening) for opening in "([{?") > MAX_NESTING:
        raise PatternError("the expression is nested too deeply")
    import jsonata

    try:
        compiled = jsonata.Jsonata(expression, _regex_engine, timeout=MILLISECONDS, stack=MAX_STACK)
    except PatternError:
        raise
    except Exception as error:
        raise PatternError(f"no JSONata expression: {_first_line(error)}") from None
    _look_through(compiled.ast)
    compiled.register_lambda("detectPlatform", _platform)

    def test(fields: Mapping[str, object]) -> bool:
        try:
            return _truth(compiled.evaluate(dict(fields)))
        except Exception:
            return False

    return test


def _truth(value: object) -> bool:
    return value is not None and value not in (False, "", 0) and value != [] and value != {}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _regex_engine(pattern: str, flags: object) -> object:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not getattr(flags, "case_insensitive", False)
    options.one_line = not getattr(flags, "multiline", False)
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise PatternError(f"the regular expression cannot be used: {error}") from None


def _platform(url: object) -> str | None:
    text = str(url or "").lower()
    return next((name for name in ("github", "gitlab", "bitbucket", "forgejo", "gitea") if name in text), None)


def _look_through(node: object) -> None:
    """Refuse whatever is not known to be harmless, in a parsed expression."""
    pending = [node]
    while pending:
        node = pending.pop()
        kind = getattr(node, "type", None)
        value = getattr(node, "value", None)
        if kind not in _NODES or (kind == "binary" and value in ("..", "~>")):
            raise PatternError(f"JSONata's {value or kind} is not allowed in a rule")
        procedure = getattr(node, "procedure", None)
        if procedure is not None:
            name = getattr(procedure, "value", None)
            if getattr(procedure, "type", None) != "variable" or name not in FUNCTIONS:
                raise PatternError(f"JSONata's ${name} is not allowed in a rule")
        for attribute, child in vars(node).items():
            if attribute in ("_outer_instance", "procedure"):
                continue
            for item in child if isinstance(child, list) else (child,):
                if hasattr(item, "type") and hasattr(item, "lbp"):
                    pending.append(item)
