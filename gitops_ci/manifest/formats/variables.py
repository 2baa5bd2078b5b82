"""Variables in texts: every character of what they stand for knows the byte it came from.

Dockerfiles fill in ``ARG``, Compose and Flux the environment; a default that is written in the text
(``nginx:${TAG:-1.27}``) is what runs unless somebody says otherwise, and is edited where it stands.
"""

from __future__ import annotations

from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.use import ImageUse, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeAlias

    from gitops_ci.image.reference import Reference
    from gitops_ci.manifest.document import Document
    from gitops_ci.manifest.nodes import Scalar

    Characters: TypeAlias = list[tuple[str, int]]
    """Letters, and the offset of each."""


def text_of(characters: Characters) -> str:
    """What they say."""
    return "".join(letter for letter, _ in characters)


def unquoted(value: Characters) -> Characters:
    """Without the quotes around it."""
    if len(value) >= 2 and value[0][0] == value[-1][0] and value[0][0] in "\"'":
        return value[1:-1]
    return value


def expand(word: Characters, arguments: dict[str, Characters]) -> Characters | None:
    """``$NAME``, ``${NAME}``, ``${NAME:-default}`` (or ``:=``) filled in; None where one is not known here."""
    word = unquoted(word)
    found: Characters = []
    index = 0
    while index < len(word):
        if word[index][0] != "$":
            found.append(word[index])
            index += 1
            continue
        braced = index + 1 < len(word) and word[index + 1][0] == "{"
        start = index + (2 if braced else 1)
        end = start
        while end < len(word) and (word[end][0].isalnum() or word[end][0] == "_"):
            end += 1
        name = text_of(word[start:end])
        default: Characters | None = None
        index = end
        if braced:
            close = next((at for at in range(end, len(word)) if word[at][0] == "}"), None)
            if close is None:
                return None
            operator = text_of(word[end:close])
            if operator.startswith((":-", "-", ":=", "=")):
                default = word[end + (2 if operator.startswith(":") else 1) : close]
            elif operator:
                return None
            index = close + 1
        value = arguments.get(name) or default
        if not name or not value or any(letter == "$" for letter, _ in value):
            return None
        found.extend(value)
        if len(found) > 1000:
            return None
    return found


def parts(image: Characters, found: Reference) -> Iterator[tuple[str, int, int]]:
    """``(holds, start, end)`` of the parts of an image that stand in one piece; all of it at once if that does."""
    whole = _span(image)
    if whole is not None:
        yield "reference", *whole
        return
    length = len(found.name)
    cut = length - len(found.name.partition("/")[2]) - 1 if "/" in found.name else -1
    pieces = [("repository", 0, length)]
    if _span(image[:length]) is None and cut > 0:
        pieces = [("registry", 0, cut), ("repository", cut + 1, length)]
    if found.tag is not None:
        pieces.append(("tag", length + 1, length + 1 + len(found.tag)))
    if found.digest is not None:
        pieces.append(("digest", len(image) - len(found.digest), len(image)))
    for holds, start, end in pieces:
        span = _span(image[start:end])
        if span is not None:
            yield holds, *span


def _span(characters: Characters) -> tuple[int, int] | None:
    """Where they start and end, if they stand together."""
    if not characters:
        return None
    first = characters[0][1]
    if all(at == first + index for index, (_, at) in enumerate(characters)):
        return first, first + len(characters)
    return None


def with_defaults(document: Document, node: Scalar, trail: Trail, form: str) -> ImageUse | None:
    """An image in a scalar with variables that all have a default; None where one has none."""
    from gitops_ci.manifest.scalar import locate

    image = expand([(letter, at) for at, letter in enumerate(node.value)], {})
    found = plausible.reference(text_of(image)) if image is not None else None
    scalar = document.place(node, "reference")
    if image is None or found is None or scalar is None:
        return None
    places = []
    for holds, start, end in parts(image, found):
        span = locate(scalar, start, end)
        if span is None:
            return None
        raw = scalar.raw[span[0] : span[1]]
        line, column = document.position(scalar.start - document.offset + span[0])
        places.append(
            Place(holds, scalar.start + span[0], scalar.start + span[1], raw, raw.decode(), "raw", line, column)
        )
    if not any(place.holds in ("reference", "tag", "digest") for place in places):
        return None
    return ImageUse(
        document.file, path(trail), document.index, found.name, found.tag, found.digest, form, tuple(places)
    )
