"""Dockerfiles and Containerfiles: FROM (with ARG defaults), ``COPY --from``, ``RUN --mount=from=``, ``# syntax=``.

Each instruction is expanded character by character, every character knowing the byte it came from. So an
image that comes from ``ARG VERSION=1.27`` and ``FROM nginx:${VERSION}`` is edited where its tag really stands,
and one that no single place holds (``${VERSION}-alpine``) is found but not editable.
Grammar: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.raw import Text
from gitops_ci.manifest.formats.variables import expand, parts, text_of, unquoted
from gitops_ci.manifest.use import ImageUse
from gitops_ci.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitops_ci.manifest.formats.variables import Characters

NAME = "dockerfile"
_SPACE = " \t"


class Instruction(NamedTuple):
    """A word like FROM and what stands behind it: characters with their byte offsets, continuation lines joined."""

    word: str
    body: Characters


def find(text: Text) -> Iterator[ImageUse]:
    """Every image a build would pull; stages, ``scratch`` and images that only an argument names are none."""
    directive = _syntax(text)
    if directive is not None:
        yield directive
    instructions = list(_instructions(text.text))
    last = max((index for index, item in enumerate(instructions) if item.word == "FROM"), default=-1)
    arguments: dict[str, Characters] = {}
    stages: set[str] = set()
    counts = {"FROM": 0, "COPY": 0, "RUN": 0}
    started = False
    for index, (word, body) in enumerate(instructions):
        if word == "ARG" and not started:
            _declare(body, arguments)
        elif word == "FROM":
            started = True
            words = [item for item in _words(body) if not text_of(item).startswith("--")]
            number = counts["FROM"]
            counts["FROM"] += 1
            if words:
                image = expand(words[0], arguments)
                if image is not None and text_of(image).lower() not in stages:
                    yield from _use(text, image, words[0], f"FROM[{number}]", "final" if index == last else "stage")
            if len(words) >= 3 and text_of(words[1]).upper() == "AS":
                stages.add(text_of(words[2]).lower())
        elif word in ("COPY", "RUN"):
            for value in _flags(word, body):
                number = counts[word]
                counts[word] += 1
                name = text_of(value)
                if name.lower() not in stages and not name.isdigit():
                    yield from _use(text, value, value, f"{word}[{number}].from", "stage")


def _syntax(text: Text) -> ImageUse | None:
    """``# syntax=docker/dockerfile:1``: a parser directive, so only above everything but other directives."""
    position = 3 if text.text.startswith("\xef\xbb\xbf") else 0
    while text.text.startswith("#", position):
        end = text.text.find("\n", position)
        line = text.text[position : end if end >= 0 else len(text.text)]
        key, equals, value = line[1:].partition("=")
        if not equals:
            return None
        if key.strip().lower() == "syntax":
            start = position + line.index("=") + 1 + len(value) - len(value.lstrip())
            characters = [(letter, start + offset) for offset, letter in enumerate(value.strip())]
            return next(_use(text, characters, characters, "syntax", "syntax"), None)
        position += len(line) + 1
    return None


def _instructions(text: str) -> Iterator[Instruction]:
    escape = "`" if _escape_is_backtick(text) else "\\"
    position = 3 if text.startswith("\xef\xbb\xbf") else 0
    size = len(text)
    while position < size:
        body: Characters = []
        while position < size:
            end = text.find("\n", position)
            end = size if end < 0 else end
            line = text[position:end].rstrip(" \t\r")
            start, position = position, end + 1
            if line.lstrip(_SPACE).startswith("#") or (body and not line.strip()):
                if body:
                    continue
                break
            continued = line.endswith(escape)
            body.extend((letter, start + offset) for offset, letter in enumerate(line[:-1] if continued else line))
            if not continued:
                break
        word, rest = _first_word(body)
        if word:
            yield Instruction(word, rest)
            if word in ("RUN", "COPY", "ADD"):
                position = _skip_heredocs(text, position, "".join(letter for letter, _ in rest))


def _escape_is_backtick(text: str) -> bool:
    return any(
        line.startswith("#") and line[1:].replace(" ", "").lower().startswith("escape=`")
        for line in text[:400].splitlines()[:3]
    )


def _first_word(body: Characters) -> tuple[str, Characters]:
    start = 0
    while start < len(body) and body[start][0] in _SPACE:
        start += 1
    end = start
    while end < len(body) and body[end][0] not in _SPACE:
        end += 1
    return "".join(letter for letter, _ in body[start:end]).upper(), body[end:]


def _skip_heredocs(text: str, position: int, body: str) -> int:
    """Behind the bodies of ``<<EOF`` and ``<<-"EOF"``; where one never ends, nothing is skipped."""
    start = body.find("<<")
    while start >= 0:
        rest = body[start + 2 :]
        stripped = rest.startswith("-")
        mark = rest[1:] if stripped else rest
        quote = mark[:1] if mark[:1] in ("'", '"') else ""
        mark = mark[len(quote) :]
        length = 0
        while length < len(mark) and (mark[length].isalnum() or mark[length] == "_"):
            length += 1
        name = mark[:length]
        if name and not name[0].isdigit():
            end = _heredoc_end(text, position, name, stripped)
            if end is not None:
                position = end
        start = body.find("<<", start + 2)
    return position


def _heredoc_end(text: str, position: int, name: str, stripped: bool) -> int | None:
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].rstrip("\r")
        position = end + 1
        if (line.lstrip("\t") if stripped else line) == name:
            return position
    return None


def _words(body: Characters) -> list[Characters]:
    found: list[Characters] = []
    current: Characters = []
    for item in [*body, (" ", -1)]:
        if item[0] in _SPACE:
            if current:
                found.append(current)
            current = []
        else:
            current.append(item)
    return found


def _declare(body: Characters, arguments: dict[str, Characters]) -> None:
    """``ARG NAME=value [NAME=value …]``; a value may use earlier ones. One without default says nothing."""
    for word in _words(body):
        plain = text_of(word)
        name, equals, _ = plain.partition("=")
        if not equals:
            continue
        value = unquoted(word[len(name) + 1 :])
        expanded = expand(value, arguments)
        if expanded is not None:
            arguments[name] = expanded


def _flags(word: str, body: Characters) -> Iterator[Characters]:
    """The values of ``COPY --from=`` and of ``from=`` in ``RUN --mount=``."""
    for item in _words(body):
        plain = text_of(item)
        if not plain.startswith("--"):
            return
        if word == "COPY" and plain.startswith("--from="):
            yield item[7:]
        elif word == "RUN" and plain.startswith("--mount="):
            at = 8
            for part in plain[8:].split(","):
                if part.startswith("from="):
                    yield item[at + 5 : at + len(part)]
                at += len(part) + 1


def _use(text: Text, image: Characters, written: Characters, path: str, dep_type: str) -> Iterator[ImageUse]:
    plain = text_of(image)
    found = plausible.reference(plain)
    if found is None or plain == "scratch":
        return
    places = [text.place(start, end, holds) for holds, start, end in parts(image, found)]
    if not places:
        places.append(text.place(written[0][1], written[-1][1] + 1, "repository"))
    yield ImageUse(text.file, path, 0, found.name, found.tag, found.digest, NAME, tuple(places), dep_type=dep_type)
