"""Unified diffs of bytes, in the form that ``git apply`` and ``patch -p1`` read."""

import difflib
import os

_CONTEXT = 3


def unified(file: str, before: bytes, after: bytes) -> bytes:
    """The difference of one file; empty where there is none. Only a newline ends a line, so CR stays where it is."""
    if before == after:
        return b""
    old, new = _name(f"a/{file}"), _name(f"b/{file}")
    out = [b"--- " + old + b"\n", b"+++ " + new + b"\n"]
    body = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), old, new, n=_CONTEXT, lineterm=b"\n")
    for number, line in enumerate(body):
        if number < 2:
            continue  # the two header lines, written above without difflib's trailing tabs
        out.append(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n")
    return b"".join(out)


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _name(path: str) -> bytes:
    """A path for a header line; one with control characters, quotes or a tab in git's C style."""
    raw = os.fsencode(path)
    if all(32 <= byte != 127 and byte not in b'"\\' for byte in raw):
        # A space would end the name for some readers; a tab behind it says where it ends.
        return raw + b"\t" if b" " in raw else raw
    quoted = "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}" for byte in raw)
    return f'"{quoted}"'.encode()
