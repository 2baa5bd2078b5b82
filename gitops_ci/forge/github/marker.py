"""What is remembered of a proposal, in a comment in its body that GitHub does not show.

Everybody who may edit the pull request can change it, so it is read as strictly as any other input, and decides
nothing but what the same person could do by hand.
"""

import base64
import binascii
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

BODY_LIMIT = 65_536
"""Characters that GitHub takes for a body."""
_ROOM = 40_000
"""Characters that the marker may take; places beyond are forgotten, the newest text matters more."""
_PATTERN = re.compile(r"<!-- gitops-ci:1 ([A-Za-z0-9_=-]{1,60000}) -->")
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_TEXT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Marker:
    """One proposal as it was last written."""

    base: str
    parent: str
    """The base commit it stands on."""
    tips: tuple[str, ...]
    """The branch's tips that are ours, at least one: another one means that somebody else pushed. The last is the
    one that it should have."""
    fingerprint: str
    """Of what the branch holds."""
    told: str
    """Of title and text: while it stays, so does what a person made of them."""
    labels: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    pending: str | None = None
    """What the pending check says."""
    dressed: bool = True
    """Labels, reviewers, assignees and milestone are set."""
    withdrawn: bool = False
    """We closed it ourselves."""


def write(marker: Marker) -> str:
    """The comment, at the end of a body."""
    values = asdict(marker)
    while True:
        text = _encode(values)
        if len(text) <= _ROOM or not values["sets"]:
            return f"<!-- gitops-ci:1 {text} -->"
        values["sets"] = values["sets"][: len(values["sets"]) // 2]


def _encode(values: Mapping[str, object]) -> str:
    text = json.dumps(values, sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode()


def read(body: str | None) -> Marker | None:
    """The marker of a body: the last one, as an image's text might hold another. None where there is none."""
    found = _PATTERN.findall(body or "")
    if not found:
        return None
    try:
        unpack = zlib.decompressobj()
        values = json.loads(unpack.decompress(base64.urlsafe_b64decode(found[-1]), _MAX_TEXT))
        marker = Marker(
            base=_text(values["base"]),
            parent=_oid(values["parent"]),
            tips=tuple(_oid(tip) for tip in _texts(values["tips"])),
            fingerprint=_text(values["fingerprint"]),
            told=_text(values["told"]),
            labels=_texts(values["labels"]),
            sets=_texts(values["sets"]),
            pending=_text(values["pending"]) if values["pending"] is not None else None,
            dressed=values["dressed"] is True,
            withdrawn=values["withdrawn"] is True,
        )
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError):
        return None
    return marker if marker.tips else None


def body(text: str, marker: Marker) -> str:
    """The whole body, within GitHub's limit."""
    from gitops_ci.forge.github.texts import cut

    mark = write(marker)
    return f"{cut(text.strip(), BODY_LIMIT - len(mark) - 200)}\n\n{mark}\n"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list was expected")
    return tuple(_text(item) for item in value)


def _oid(value: object) -> str:
    text = _text(value)
    if _OID.fullmatch(text) is None:
        raise ValueError("an object id was expected")
    return text
