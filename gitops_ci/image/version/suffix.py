"""What follows the version in an image tag: pre-release, counters, and what must stay the same.

``1.2.3-rc.1-alpine3.18`` → pre-release ``rc.1``, and ``-alpine3.18`` stays.
``1.2.3-debian-12-r3``    → counter 3; ``-debian-12-r#`` stays.
``1.2.3-4``               → counter 4; ``-#`` stays.
"""

from typing import NamedTuple

from gitops_ci.image.version import timestamp
from gitops_ci.image.version.value import Identifiers

# Words that mark a pre-release by themselves, and those that do so only with a number behind them: "-dev" and
# "-nightly" alone are variants of an image ("1.2.3-dev" has a shell), "-dev.5" is a build on the way to 1.2.3.
_PRE_WORDS = frozenset({"alpha", "beta", "rc", "cr", "pre", "preview", "snapshot", "milestone", "ea", "eap"})
_PRE_NUMBERED = frozenset({"a", "b", "m", "dev", "nightly", "canary", "next", "insider", "insiders", "unstable"})
_LONG_NAMES = {"a": "alpha", "b": "beta", "m": "milestone", "cr": "rc"}

# Words whose number counts builds of one version: Debian and Alpine revisions, linuxserver's, k3s's and so on.
_COUNTERS = frozenset(
    {
        "r",
        "rev",
        "revision",
        "ls",
        "build",
        "p",
        "patch",
        "post",
        "k3s",
        "rke2r",
        "gke",
        "eks",
        "eksbuild",
        "ce",
        "ee",
        "cu",
        "u",
    }
    | {"hotfix", "hf", "sp"}
)
_RELEASE_WORDS = frozenset({"final", "release", "ga"})

_DIGITS = "0123456789"
_HEX = frozenset("0123456789abcdef")


class Suffix(NamedTuple):
    """The parts of a suffix."""

    shape: str = ""
    """What must stay: counters as ``#``, commit ids as ``#sha``."""
    pre: Identifiers = ()
    pre_text: str = ""
    build: tuple[int, ...] = ()
    coarse: bool = False
    """The counter is itself a dotted version (``9.4-1134.2``): its first number is more than a rebuild."""


NONE = Suffix()
_remembered: dict[tuple[str, bool], Suffix] = {}


def parse(text: str, *, counts: bool = True) -> Suffix:
    """Parse a suffix with its leading separator (``-alpine``, ``_8``), or ``""``.

    ``counts``: a bare number right behind the version counts builds. Not so behind a single number, where
    both may be versions (``16-3.4``: PostgreSQL 16 with PostGIS 3.4).
    """
    if not text:
        return NONE
    known = _remembered.get((text, counts))
    if known is None:
        if len(_remembered) >= 20_000:
            _remembered.clear()
        known = _remembered[text, counts] = _parse(_split(text), counts)
    return known


def is_commit(text: str) -> bool:
    """7 to 40 hexadecimal digits, lower case, as in a commit id."""
    return 7 <= len(text) <= 40 and _HEX.issuperset(text)


def glued(text: str) -> Suffix | None:
    """What stands right behind the numbers: ``rc1``, ``b2``, ``.Final``, ``p1``; None if it is none of that."""
    word = text[1:] if text.startswith(".") else text
    pre = _pre_release(word)
    if pre is not None:
        return Suffix(pre=pre, pre_text=text)
    counter = _counter(word)
    if counter is not None:
        return Suffix(text[: len(text) - len(word)] + counter[0], build=(counter[1],))
    if word.lower() in _RELEASE_WORDS:
        return Suffix(text)
    return None


def name_shape(text: str) -> str:
    """What must stay of a name in front of a timestamp: all but commit ids."""
    if not text:
        return ""
    return "".join(separator + ("#sha" if is_commit(word) else word) for separator, word in _split(f"-{text}"))[1:]


def _split(text: str) -> list[tuple[str, str]]:
    """``-a_b`` → ``[("-", "a"), ("_", "b")]``."""
    pieces: list[tuple[str, str]] = []
    start = 0
    for index, character in enumerate(text):
        if character in "-_" and index:
            pieces.append((text[start], text[start + 1 : index]))
            start = index
    pieces.append((text[start], text[start + 1 :]))
    return pieces


def _parse(pieces: list[tuple[str, str]], counts: bool) -> Suffix:
    shape: list[str] = []
    pre: Identifiers = ()
    pre_text = ""
    build: list[int] = []
    coarse = False
    leading = counts
    index = 0
    while index < len(pieces):
        separator, word = pieces[index]
        index += 1
        numbers = _numbers(word)
        if numbers and leading:
            build += numbers
            coarse = coarse or (len(numbers) > 1 and not timestamp.is_one(word.split(".")[-1]))
            shape.append(f"{separator}#")
            continue
        if numbers and len(numbers) == 1 and timestamp.is_one(word):
            build += numbers
            shape.append(f"{separator}#time")
            continue
        if leading and separator == "_" and word[:1] == "v" and word[1:].isdigit():  # "1.2.3_v4"
            build.append(int(word[1:]))
            shape.append("_v#")
            continue
        found = _pre_release(word) if not pre else None
        if found is not None:
            pre, pre_text = found, separator + word
            if len(found) == 1 and index < len(pieces) and _numbers(pieces[index][1]):  # "-rc-1"
                pre = (*found, *_numbers(pieces[index][1]))
                pre_text += "".join(pieces[index])
                index += 1
            continue
        leading = False
        counter = _counter(word)
        if counter is not None:
            shape.append(separator + counter[0])
            build.append(counter[1])
        elif _is_hash(word):
            shape.append(f"{separator}#sha")
        else:
            shape.append(separator + word)
    return Suffix("".join(shape), pre, pre_text, tuple(build), coarse)


def _numbers(word: str) -> list[int]:
    """The numbers of ``4`` or ``4.5``; empty for anything else."""
    parts = word.split(".")
    return [int(part) for part in parts] if all(part.isdigit() for part in parts) else []


def _is_hash(word: str) -> bool:
    bare = word[1:] if word.startswith("g") else word.removeprefix("sha.")
    return is_commit(bare) and not bare.isalpha()


def _counter(word: str) -> tuple[str, int] | None:
    """``r3`` → ``("r#", 3)``, ``gke.100`` → ``("gke.#", 100)``."""
    name = word.rstrip(_DIGITS)
    if len(name) == len(word) or name.removesuffix(".").lower() not in _COUNTERS:
        return None
    return f"{name}#", int(word[len(name) :])


def _pre_release(word: str) -> Identifiers | None:
    """``rc.1``, ``rc1``, ``SNAPSHOT``, ``preview.3.23178.7``, as identifiers in semver's order."""
    name = word.split(".", 1)[0].rstrip(_DIGITS)
    lowered = name.lower()
    rest = word[len(name) :]
    if not rest:
        return (lowered,) if lowered in _PRE_WORDS else None
    if lowered not in _PRE_WORDS and not (lowered in _PRE_NUMBERED and rest.removeprefix(".")[:1].isdigit()):
        return None
    parts = rest.removeprefix(".").split(".")
    return (_LONG_NAMES.get(lowered, lowered), *(int(part) if part.isdigit() else part for part in parts))
