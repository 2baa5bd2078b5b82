"""The scheme of image tags: a version with whatever the image's authors hang on it.

Two tags are compatible when all but numbers, pre-release and counters is the same: the ``v``, the number of
parts, the suffix. See docs/versioning.md for the tables. What differs from Renovate's scheme of that name is
on purpose: the ``v`` stays, ``1.0.0-rc.1`` leads to ``1.0.0``, counters count, dates and timestamps have an
order of their own, and an all-digit commit id is no version.
"""

from functools import lru_cache

from gitops_ci.image.version import suffix as suffixes
from gitops_ci.image.version import timestamp
from gitops_ci.image.version.scheme import Scheme
from gitops_ci.image.version.value import Shape, Version, position, pre_key, release_key

_LONGEST_NUMBER = 6
"""Digits of a version that is one number: 7 and more may be a commit id."""


class DockerScheme(Scheme):
    """``docker``: the scheme of images when no other is asked for."""

    def _read(self, tag: str) -> Version | None:
        prefix = "v" if tag[0] == "v" and tag[1:2].isdigit() else ""
        body = tag[1:] if prefix else tag
        if not body[0].isdigit():
            return _ordered(tag)
        end = _first_separator(body)
        head, tail = body[:end], body[end:]
        parts = head.split(".")
        if _digits(head) > _LONGEST_NUMBER:  # a date, a timestamp or a commit id
            dated = _ordered(tag, prefix)
            return dated if dated or len(parts) == 1 else _version(tag, prefix, head, tail)
        if len(head) == 4 and timestamp.year(head):  # "2024-01-15", or a calendar version like "2022-lts"
            return _ordered(tag, prefix) or _version(tag, prefix, head, tail)
        return _version(tag, prefix, head, tail) or _ordered(tag)

    def kind_of(self, current: Version, new: Version) -> str:
        """By the first number that differs, but dates and timestamps have no majors: they count as minor."""
        if current.release == new.release:
            return "minor" if _is_coarse(current, new) else "patch"
        if new.shape.family in ("date", "order") or (_is_date(current) and _is_date(new)):
            return "minor"
        return position(current.release, new.release)


def _digits(text: str) -> int:
    """How many digits it begins with: 2 for ``17beta1``."""
    return len(text) - len(text.lstrip("0123456789"))


def _first_separator(text: str) -> int:
    dash, underscore = text.find("-"), text.find("_")
    if underscore >= 0 and (dash < 0 or underscore < dash):
        return underscore
    return dash if dash >= 0 else len(text)


def _version(tag: str, prefix: str, head: str, tail: str) -> Version | None:
    """``head`` is all before the first ``-`` or ``_``, ``tail`` the rest with it."""
    release, rest = _numbers(head)
    behind = suffixes.parse(tail, counts=len(release) > 1) if tail else suffixes.NONE
    glued = suffixes.NONE
    stable = True
    if rest:
        if suffixes.is_commit(head):
            return None
        read = suffixes.glued(rest)
        if read is None:
            if not (len(rest) == 1 and rest.isalpha() and len(release) > 1):
                return None
            # "1.1.1w" is a patch level for some and an alpha for others: above 1.1.1, so that neither is ever
            # taken back to 1.1.1, and not stable, so that nobody is led there from 1.1.1.
            read = suffixes.Suffix(build=(ord(rest),))
            stable = False
        glued = read
    pre, build, shape = glued.pre or behind.pre, glued.build + behind.build, glued.shape + behind.shape
    if glued.shape == "u#" and behind.pre_text.startswith("-b") and len(behind.pre) == 2:
        # Java: "8u402-b06" is the sixth build of update 402, no beta.
        pre, build, shape = (), (*glued.build, int(behind.pre[1]), *behind.build), f"u#-b#{behind.shape}"
    family = "calendar" if 1990 <= release[0] <= 2099 else "version"
    # The text leaves out what never changes; counters and commit ids are part of what does.
    return Version(
        tag,
        head + behind.pre_text if "#" not in behind.shape else tag.removeprefix(prefix),
        release,
        _shape(prefix, family, len(release), shape),
        (release_key(release), pre_key(pre), build),
        pre,
        build,
        stable and not pre,
    )


def _numbers(head: str) -> tuple[tuple[int, ...], str]:
    """The leading dotted numbers and what is glued behind them: ``3.13.0rc1`` → ``((3, 13, 0), "rc1")``."""
    parts = head.split(".")
    if head.replace(".", "").isdigit() and "" not in parts:
        return tuple(map(int, parts)), ""
    numbers: list[int] = []
    for index, part in enumerate(parts):
        if part.isdigit():
            numbers.append(int(part))
            continue
        digits = len(part) - len(part.lstrip("0123456789"))
        if digits:
            numbers.append(int(part[:digits]))
        return tuple(numbers), ("" if digits else ".") + ".".join((part[digits:], *parts[index + 1 :]))
    return tuple(numbers), ""


@lru_cache(maxsize=4096)
def _shape(prefix: str, family: str, parts: int, suffix: str) -> Shape:
    """One object for all tags of one shape: they are compared thousands of times."""
    return Shape(prefix, family, parts, suffix)


def _ordered(tag: str, prefix: str = "") -> Version | None:
    """``20240101``, ``2024-01-15-slim``, ``main-1a2b3c4-1700000000``: read by their timestamp."""
    found = timestamp.find(tag, len(prefix))
    if found is None:
        return None
    name, after = tag[len(prefix) : found.start], tag[found.end :]
    if found.form in ("date10", "date13") and not name and not after:
        return None  # ten digits alone are as likely a commit id as seconds
    # "20240101.2" counts like "20240101-2", but a tag keeps its way of writing.
    behind = suffixes.parse(f"-{after[1:]}" if after.startswith(".") else after)
    suffix = f".{behind.shape[1:]}" if after.startswith(".") else behind.shape
    return Version(
        tag,
        tag,
        found.value,
        Shape(prefix + suffixes.name_shape(name), "order" if name else "date", 0, f"{found.form}{suffix}"),
        (release_key(found.value), pre_key(behind.pre), behind.build),
        behind.pre,
        behind.build,
        not behind.pre,
    )


def _is_date(version: Version) -> bool:
    """``2024.01.15``: three numbers that are a date, written with two digits each; or ``240115``."""
    parts = version.text.split("-", 1)[0].split(".")
    if len(parts) == 1:
        return timestamp.is_short(parts[0])
    return len(parts) == 3 and all(len(part) == 2 for part in parts[1:]) and timestamp.is_one("".join(parts))


def _is_coarse(current: Version, new: Version) -> bool:
    """``9.4-1123`` to ``9.4-1134.2``: the build is a version of its own, and more than its last number differs."""
    return current.build[:1] != new.build[:1] and any(suffixes.parse(_tail(one.tag)).coarse for one in (current, new))


def _tail(tag: str) -> str:
    return tag[_first_separator(tag) :]
