"""After an edit: the parsed data differ in the intended values and in nothing else.

Independent of how the edits were made: old and new bytes are parsed, the two trees walked side by side, and
every edit must turn up as exactly one changed (or added) value.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_ci.errors import RefusedError
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.nodes import Mapping, Node, Scalar
from gitops_ci.manifest.nodes import Sequence as List
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.scalar import is_text
from gitops_ci.manifest.split import breaks, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_YAML = (".yaml", ".yml", ".json")
_FEW = 16
"""Edits up to which looking at each is quicker than to import a search."""
_VERIFIED: set[int] = set()
"""Hashes of the old and new bytes that were compared in this process."""
_MOST_VERIFIED = 100_000
_OTHER_TYPES = ("float", "int", "bool", "null", "binary", "timestamp")
"""YAML tags under which a version would be read as something else, or as nothing."""


def verify(file: str, old: bytes, new: bytes, edits: Sequence[Edit]) -> None:
    """Raises RefusedError if anything but the edited values differs. ``edits`` in order, applied to ``old``.

    A file that is no YAML (a Dockerfile), and a document that was none before, has no data to compare.
    """
    if not file.lower().endswith(_YAML) and not file.endswith("Kustomization"):
        return
    # A plan and the commit made from it verify the same edit: the second time it is known to be good.
    known = hash((old, new))
    if known in _VERIFIED:
        return
    _Check(file, old, new, edits).run()
    if len(_VERIFIED) < _MOST_VERIFIED:
        _VERIFIED.add(known)


class _Check:
    def __init__(self, file: str, old: bytes, new: bytes, edits: Sequence[Edit]) -> None:
        self.file = file
        self.old = old
        self.new = new
        self.edits = edits
        self.begins = [edit.start for edit in edits]
        self.found: set[Edit] = set()  # edits that turned up as a value
        self.starts: list[int] = []  # of each edit in the new bytes
        shift = 0
        for edit in edits:
            self.starts.append(edit.start + shift)
            shift += len(edit.new) - len(edit.old)

    def run(self) -> None:
        before, after = split(self.old), split(self.new)
        if len(before) != len(after):
            self._refuse("the file would have another number of documents")
        line = counted = 0
        for old_chunk, new_chunk in zip(before, after, strict=True):
            touched = self._within(old_chunk.start, old_chunk.end)
            if not touched:
                continue
            line += breaks(self.old, counted, old_chunk.start)
            counted = old_chunk.start
            old_parsed = parse(self.file, self.old[old_chunk.start : old_chunk.end])
            new_parsed = parse(self.file, self.new[new_chunk.start : new_chunk.end])
            if old_parsed.findings:
                continue
            if new_parsed.findings or len(new_parsed.documents) != len(old_parsed.documents):
                reason = new_parsed.findings[0].message if new_parsed.findings else "a document less"
                self._refuse(f"the file would not be readable any more: {reason}")
            for one, two in zip(old_parsed.documents, new_parsed.documents, strict=True):
                one.offset += old_chunk.start
                one.first_line += line
                two.offset += new_chunk.start
                self._compare(one, two)
            for edit in touched:
                if edit not in self.found and not self._in_comment(edit):
                    self._refuse(f"the change at byte {edit.start} touches no value")

    def _within(self, start: int, end: int) -> list[Edit]:
        """The edits between two bytes of the old file."""
        first, last = 0, len(self.edits)
        if last > _FEW:
            from bisect import bisect_left, bisect_right

            first, last = bisect_left(self.begins, start), bisect_right(self.begins, end)
        return [edit for edit in self.edits[first:last] if start <= edit.start and edit.end <= end]

    def _compare(self, one: Document, two: Document) -> None:
        """Walk two trees side by side; an aliased node once."""
        seen: dict[int, int] = {}
        stack: list[tuple[Node | None, Node | None]] = [(one.root, two.root)]
        while stack:
            a, b = stack.pop()
            if a is None or b is None:
                if a is not b:
                    self._refuse("a document would become empty, or stop being so")
                continue
            if type(a) is Scalar and not a.value and type(b) is List and self._inserted(two, b, b):
                continue  # a key that had no value got a list
            if type(a) is not type(b) or a.tag != b.tag or a.anchor != b.anchor:
                self._refuse("a value would change its kind, tag or anchor", one, a)
            if id(a) in one.aliased:
                if id(a) in seen:
                    if seen[id(a)] != id(b):
                        self._refuse("an alias would point elsewhere", one, a)
                    continue
                seen[id(a)] = id(b)
            if type(a) is Scalar and type(b) is Scalar:
                self._scalar(one, two, a, b)
            elif type(a) is Mapping and type(b) is Mapping:
                pairs = b.items
                if len(pairs) != len(a.items):
                    pairs = [(key, value) for key, value in b.items if not self._inserted(two, key, value)]
                if len(pairs) != len(a.items):
                    self._refuse("an entry would appear or vanish", one, a)
                for (key, value), (new_key, new_value) in zip(a.items, pairs, strict=True):
                    stack += [(value, new_value), (key, new_key)]
            elif type(a) is List and type(b) is List:
                items = b.items
                if len(items) != len(a.items):
                    items = [item for item in items if not self._inserted(two, item, item)]
                if len(items) != len(a.items):
                    self._refuse("an entry would appear or vanish", one, a)
                stack += zip(a.items, items, strict=True)

    def _scalar(self, one: Document, two: Document, a: Scalar, b: Scalar) -> None:
        if a.value == b.value and a.style == b.style:
            return  # nearly all of them: an edit that turns up nowhere is told at the end
        start, end = (one.offset + offset for offset in one.span(a))
        mine = [edit for edit in self._within(start, end) if not _adds_structure(edit)]
        if not mine:
            self._refuse(f"{a.value[:60]!r} would become {b.value[:60]!r}", one, a)
        self.found.update(mine)
        if b.value != _expected(a, self.old[start:end].decode("utf-8", "replace"), start, mine):
            self._refuse(f"{a.value[:60]!r} would become {b.value[:60]!r}", one, a)
        if b.tag is not None and b.tag.removeprefix("tag:yaml.org,2002:") in _OTHER_TYPES:
            self._refuse(f"{b.value!r} is no value of the type that its YAML tag gives it", one, a)
        if b.style == "plain" and b.tag is None and not is_text(b.value):
            self._refuse(f"{b.value!r} without quotes would not be a text", one, a)
        if a.style == b.style and a.style != "plain":
            self._inner(one, two, a, b)

    def _inner(self, one: Document, two: Document, a: Scalar, b: Scalar) -> None:
        """YAML inside a text: the same rules hold in there."""
        from gitops_ci.manifest.embedded import inner

        before, after = list(inner(one, a)), list(inner(two, b))
        if not before or all(type(document.root) is Scalar for document in before):
            return
        if len(before) != len(after):
            self._refuse("the YAML inside a text would not be readable any more", one, a)
        for old, new in zip(before, after, strict=True):
            self._compare(old, new)

    def _inserted(self, two: Document, first: Node, last: Node) -> bool:
        """Whether a new entry stands in text that an edit put there."""
        start, end = two.offset + two.span(first)[0], two.offset + two.span(last)[1]
        if type(last) is not Scalar:
            end = start
        for edit, begin in zip(self.edits, self.starts, strict=True):
            if _adds_structure(edit) and begin <= start and end <= begin + len(edit.new):
                self.found.add(edit)
                return True
        return False

    def _in_comment(self, edit: Edit) -> bool:
        """Custom managers may keep a version in a comment."""
        start = max(self.old.rfind(b"\n", 0, edit.start), self.old.rfind(b"\r", 0, edit.start)) + 1
        return b"#" in self.old[start : edit.start]

    def _refuse(self, what: str, document: Document | None = None, node: Node | None = None) -> NoReturn:
        line = None
        if document is not None and node is not None:
            line = document.position(document.span(node)[0])[0]
        raise RefusedError(f"not written: {what}", file=self.file, line=line, remedy="change it by hand")


def _adds_structure(edit: Edit) -> bool:
    """A new entry (a line, or behind a comma), not more text in a value."""
    return not edit.old and (b"\n" in edit.new or b"\r" in edit.new or b"," in edit.new)


def _expected(scalar: Scalar, raw: str, start: int, edits: Sequence[Edit]) -> str | None:
    """The value after the edits: each old text, at the same occurrence in value and source, replaced by the new."""
    value = scalar.value
    block = scalar.style in ("literal", "folded")
    if not raw:
        return _unquoted(edits[0].new.decode().strip(), "") if len(edits) == 1 else None
    source = raw.encode()
    body = source.find(b"\n") + 1 if block else 0
    for edit in reversed(edits):  # from the back: what stands before keeps its place
        begin = edit.start - start
        context = b""
        if not edit.old:  # an insertion is known by what stands before it
            line = max(source.rfind(b"\n", 0, begin), source.rfind(b"\r", 0, begin)) + 1
            context = source[max(line, begin - 200) : begin].lstrip(b" \"'")
        old = context + edit.old
        at: int | None = 0  # with nothing before it, it is the text's beginning
        if old:
            at = _occurrence(value, old.decode("utf-8", "ignore"), _count(source, old, body, begin - len(context)))
        if at is None:
            return None
        new = edit.new.decode()
        text = context.decode("utf-8", "ignore") + (new if block else _unquoted(new, edit.old.decode()))
        value = value[:at] + text + value[at + len(old.decode("utf-8", "ignore")) :]
    return value


def _unquoted(new: str, old: str) -> str:
    """A value that got quotes, without them."""
    if len(new) > 1 and new[0] == new[-1] == '"' and not old.startswith('"'):
        return new[1:-1]
    return new


def _count(source: bytes, part: bytes, start: int, end: int) -> int:
    """How often ``part`` starts before ``end``."""
    count = 0
    at = source.find(part, start)
    while 0 <= at < end:
        count += 1
        at = source.find(part, at + 1)
    return count


def _occurrence(value: str, part: str, index: int) -> int | None:
    at = value.find(part)
    while index and at >= 0:
        index -= 1
        at = value.find(part, at + 1)
    return at if at >= 0 else None
