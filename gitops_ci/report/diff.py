"""Unified diffs of bytes, exact for any line end: what ``git apply`` takes."""

_NO_NEWLINE = "\n\\ No newline at end of file\n"


def unified(file: str, old: bytes, new: bytes, context: int = 3) -> bytes:
    """The difference with ``a/`` and ``b/`` names; empty where there is none.

    Only ``\\n`` ends a line, as in git: a ``\\r`` before it is part of the line. Bytes that are not UTF-8
    come through as they are.
    """
    from difflib import unified_diff

    found = unified_diff(_lines(old), _lines(new), _name("a", file), _name("b", file), n=context)
    return "".join(found).encode("utf-8", "surrogateescape")


def _lines(data: bytes) -> list[str]:
    lines = [text + "\n" for text in data.decode("utf-8", "surrogateescape").split("\n")]
    last = lines.pop()[:-1]
    return [*lines, last + _NO_NEWLINE] if last else lines


def _name(side: str, file: str) -> str:
    """A name as git writes it: quoted where it would end the line, with a tab behind it where it holds a space."""
    text = f"{side}/{file}"
    if not text.isprintable() or '"' in text or "\\" in text:
        escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
        characters = (
            escapes.get(character) or "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", "surrogateescape"))
            if not character.isprintable() or character in escapes
            else character
            for character in text
        )
        return f'"{"".join(characters)}"'
    return f"{text}\t" if " " in text else text
