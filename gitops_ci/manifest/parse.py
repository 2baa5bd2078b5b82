"""YAML bytes to documents that know where everything stands. Never raises for what a file holds.

>>> parsed = parse("pod.yaml", b"image: nginx:1.27 # pinned\\n")
>>> place = parsed.documents[0].place(parsed.documents[0].root.get("image"), "reference")
>>> place.raw, place.start, place.line
(b'nginx:1.27', 7, 1)
"""

from __future__ import annotations

import gc
from collections.abc import Callable

from gitops_ci.finding import Finding
from gitops_ci.manifest.compose import Composed, ComposeError, Kinds, compose
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.libyaml import KINDS, CParser, YAMLError
from gitops_ci.manifest.split import BOM, breaks, split
from gitops_ci.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAX_PURE = 256 * 1024
"""Bytes of a document that the pure Python parser (0.6 MB/s) is still asked about."""


class Parsed(NamedTuple):
    """What a file holds, and what of it could not be read."""

    documents: tuple[Document, ...]
    findings: tuple[Finding, ...]


class _Broken(Exception):
    """``position`` is a character offset in the document's text, None if unknown."""

    def __init__(self, problem: str, position: int | None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position


def parse(file: str, data: bytes, *, only: Callable[[bytes], bool] | None = None, template: bool = False) -> Parsed:
    """Parse every document of ``data``; ``file`` is what places and findings name.

    ``only`` gets the bytes of a document and says whether it is worth parsing (the indices of the others
    count on). ``template`` reads ``{{ }}`` as Helm's; without it, only a document that is no YAML as it
    stands is tried so. A broken document is a finding with its line, and the others are read all the same.
    """
    encoding = _foreign_encoding(data)
    if encoding is not None:
        line = breaks(data, 0, max(data.find(b"\0"), 0)) + 1
        return Parsed(
            (), (Finding("unreadable-file", encoding, file, line, status="error", remedy="save it as UTF-8 text"),)
        )
    documents = []
    findings = []
    line = counted = 0
    for index, chunk in enumerate(split(data)):
        body = data[chunk.start : chunk.end] if chunk.start or chunk.end < len(data) else data
        if only is not None and not only(body):
            continue
        line += breaks(data, counted, chunk.start)
        counted = chunk.start
        mark = _text_start(body)
        first = line + breaks(body, 0, mark)
        try:
            documents.append(_document(file, index, first, body[mark:], chunk.start + mark, template))
        except _Broken as error:
            findings.append(_finding(file, first, body[mark:], error, template))
    return Parsed(tuple(documents), tuple(findings))


def _text_start(body: bytes) -> int:
    """Behind a byte order mark; also behind one on the line after ``---``, as in files joined by hand."""
    start = len(BOM) if body.startswith(BOM) else 0
    if body.startswith(b"---", start):
        mark = body.find(BOM, start, start + 16)
        if mark >= 0 and body[start:mark].strip() == b"---":
            return mark + len(BOM)
    return start


def _foreign_encoding(data: bytes) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "is UTF-16 or UTF-32 text"
    return "holds NUL bytes: not a text file" if b"\0" in data else None


def _document(file: str, index: int, line: int, data: bytes, offset: int, template: bool) -> Document:
    """Raises _Broken, always with the position in the text as it stands in the file."""
    masks: tuple[tuple[int, int], ...] = ()
    text = data
    if template:
        text, masks = _masked(data)
    try:
        composed = _compose(text)
    except _Broken:
        if template or b"{{" not in data:
            raise
        text, masks = _masked(data)
        if not masks:
            raise
        composed = _compose(text)
    return Document(
        file=file,
        index=index,
        root=composed.root,
        data=data,
        text=text,
        offset=offset,
        first_line=line,
        aliased=composed.aliased,
        masked=masks,
    )


def _masked(data: bytes) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    from gitops_ci.manifest.template import mask

    return mask(data)


def _compose(text: bytes) -> Composed:
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            raise _Broken("not UTF-8 text", len(text[: error.start].decode())) from None
    if CParser is None:
        return _compose_pure(text)
    try:
        return _run(CParser(text).get_event, KINDS, (YAMLError,), text)
    except _Broken:
        if b"{{" in text or len(text) > MAX_PURE:
            raise
        try:
            return _compose_pure(text)
        except _Broken:
            pass
        raise


def _compose_pure(text: bytes) -> Composed:
    try:
        from gitops_ci.manifest import pure
    except ImportError as error:
        raise _Broken(f"cannot be read without libyaml or ruamel.yaml ({error})", None) from None
    return _run(pure.events(text.decode()), pure.KINDS, pure.ERRORS, text)


def _run(get: Callable[[], Any], kinds: Kinds, errors: tuple[type[Exception], ...], text: bytes) -> Composed:
    # The collector would walk the growing tree again and again, which has no cycles: 2.5 times slower.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return compose(get, kinds)
    except ComposeError as error:
        raise _Broken(error.problem, error.mark.index) from None
    except errors as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        context = getattr(error, "context", None)
        position = mark.index if mark is not None else None
        offset = getattr(error, "position", None)  # of the reader, which counts bytes in libyaml
        if isinstance(offset, int):
            position = len(text[:offset].decode(errors="ignore"))
        raise _Broken(f"{problem} {context}" if context else str(problem), position) from None
    finally:
        if collecting:
            gc.enable()


def _finding(file: str, first_line: int, data: bytes, error: _Broken, template: bool) -> Finding:
    line = column = None
    if error.position is not None:
        before = data.decode(errors="replace")[: error.position]
        start = max(before.rfind("\n"), before.rfind("\r")) + 1
        line, column = first_line + breaks(before[:start].encode(), 0, None) + 1, error.position - start + 1
    if template or b"{{" in data:
        return Finding(
            "unreadable-template",
            f"cannot be read as YAML even with its template actions left out: {error.problem}",
            file,
            line,
            column,
            status="unknown",
            severity="low",
        )
    return Finding("invalid-yaml", f"is no YAML: {error.problem}", file, line, column, status="error")
