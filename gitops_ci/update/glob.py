"""A glob without braces → a regular expression of RE2, with minimatch's meaning (``dot: true``)."""

import re

_QUANTIFIER = {"@": "", "?": "?", "*": "*", "+": "+"}


def translate(glob: str) -> str:
    """The expression that matches whole names; ``*`` and ``?`` stay inside one ``/`` segment, ``**`` does not.

    A slash inside of a class or an alternative separates too.
    """
    segments = re.sub("/+", "/", glob).split("/")
    parts: list[str] = []
    last = len(segments) - 1
    for index, segment in enumerate(segments):
        if segment == "**":
            if index == last:
                parts.append(".*")
            elif index == 0 or segments[index - 1] != "**":
                parts.append("(?:[^/]+/+)*")
            continue
        parts.append("[^/]+" if segment and not segment.strip("*") else _segment(segment))
        if index != last:
            parts.append("/+")
    return "".join(parts) + "/*"


def _segment(text: str) -> str:
    result: list[str] = []
    closers: list[str] = []
    position = 0
    while position < len(text):
        character = text[position]
        following = text[position + 1 : position + 2]
        if character in _QUANTIFIER and following == "(" and _closes(text, position + 1):
            result.append("(?:")
            closers.append(_QUANTIFIER[character])
            position += 2
            continue
        if closers and character == ")":
            result.append(")" + closers.pop())
        elif closers and character == "|":
            result.append("|")
        elif character == "*":
            if result[-1:] != ["[^/]*"]:
                result.append("[^/]*")
        elif character == "?":
            result.append("[^/]")
        elif character == "\\" and following:
            result.append(re.escape(following))
            position += 1
        elif character == "[":
            found = _CLASS.match(text, position)
            if found:
                negated = "^/" if found[1] else ""
                result.append(f"[{negated}{_class(found[2])}]")
                position = found.end() - 1
            else:
                result.append(r"\[")
        else:
            result.append(re.escape(character))
        position += 1
    return "".join(result)


_CLASS = re.compile(r"\[([!^]?)(\]?(?:\[:\w+:\]|\\.|[^\]\\])*)\]")


def _class(content: str) -> str:
    """A class's content for RE2: ranges and ``[:alpha:]`` stay, other brackets are plain characters."""
    content = re.sub(r"\[(?!:\w+:\])", r"\\[", content)
    if content.startswith("]"):
        content = rf"\{content}"
    return content.replace("^", r"\^") if content.startswith("^") else content


def _closes(text: str, opening: int) -> bool:
    """Whether the parenthesis at an offset is closed."""
    depth = 0
    for character in text[opening:]:
        if character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return True
    return False
