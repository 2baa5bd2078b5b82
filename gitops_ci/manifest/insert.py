"""Missing entries, written as text beside their neighbours: indentation, quotes and line ends are theirs.

For kustomize alone: its ``images`` entries may lack ``newName``, ``newTag`` or ``digest``, and an overlay may
lack the entry. Elsewhere a missing tag is the chart's decision, and nothing is added.
"""

from collections.abc import Mapping as Fields

from gitops_ci.errors import RefusedError
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.scalar import quote, render
from gitops_ci.manifest.use import ImageUse

_ORDER = ("name", "newName", "newTag", "digest")


def insert_fields(use: ImageUse, data: bytes, fields: Fields[str, str]) -> list[Edit]:
    """Add ``fields`` (of newName, newTag, digest) to the kustomize entry that ``use`` stands in.

    A key that is there without a value gets it. Raises RefusedError where the entry cannot be found or has
    no line to stand beside.
    """
    document, entry = _entry(use, data)
    if id(entry) in document.aliased:
        raise _refusal(use, "the entry is shared through an alias")
    edits: list[Edit] = []
    added: dict[int, str] = {}
    anchor: tuple[Scalar, Scalar] | None = None
    for key in _ORDER:
        pair = _pair(entry, key)
        if pair is not None and key in fields:
            edits.append(_fill(use, document, pair[1], fields[key]))
        if pair is not None and "\n" not in pair[1].value and pair[1].style not in ("literal", "folded"):
            if id(pair[1]) not in document.aliased and (anchor is None or anchor[1].start < pair[1].start):
                anchor = pair
        elif pair is None and key in fields:
            if anchor is None:
                raise _refusal(use, f"there is no line that {key} could stand beside")
            where, text = _beside(document, entry, anchor, key, fields[key])
            added[where] = added.get(where, "") + text
    return [*edits, *(Edit(use.file, where, b"", text.encode()) for where, text in added.items())]


def insert_kustomize_image(
    file: str,
    data: bytes,
    *,
    name: str,
    new_name: str | None = None,
    tag: str | None = None,
    digest: str | None = None,
) -> tuple[Edit, ...]:
    """Add an entry to the ``images`` of a kustomization, and ``images`` itself where there is none.

    ``name`` is the name that the manifests use. Raises RefusedError where the file is no kustomization in
    readable YAML, or already has an entry for the name.
    """
    fields = {key: text for key, text in zip(_ORDER, (name, new_name, tag, digest), strict=True) if text is not None}
    documents = parse(file, data).documents
    document = next((one for one in documents if type(one.root) is Mapping), None)
    if document is None or type(document.root) is not Mapping:
        raise RefusedError("is no kustomization that an image could be added to", file=file)
    root = document.root
    pair = _any_pair(root, "images")
    if pair is None:
        return (_append_key(file, document, root, fields),)
    key, node = pair
    if id(node) in document.aliased or (type(node) is not Sequence and not _is_null(node)):
        raise RefusedError("its images are no list that an entry could be added to", file=file)
    if type(node) is not Sequence:
        where = _line_end(document, document.span(key)[1])
        lines = _item(" " * _dash_column(root), "- ", fields, _eol(document))
        return (Edit(file, document.offset + where, b"", lines.encode()),)
    for item in node.items:
        if type(item) is Mapping and item.text("name") == name:
            raise RefusedError(f"already has an entry for {name}", file=file)
    if node.flow:
        close = document.span(node)[1] - 1
        text = _flow(fields, quoted=key.style == "double")
        last = max((document.span(item)[1] for item in node.items), default=None)
        return (Edit(file, document.offset + (last or close), b"", f"{', ' if last else ''}{text}".encode()),)
    where = _line_end(document, _content_end(file, document, node))
    dash = document.span(node)[0]
    start = _line_start(document, dash)
    first = document.span(node.items[0])[0] if node.items else dash + 2
    gap = document.data[dash:first].decode() if b"\n" not in document.data[dash:first] else "- "
    lines = _item(document.data[start:dash].decode(), gap, fields, _eol(document, where))
    return (Edit(file, document.offset + where, b"", lines.encode()),)


def _entry(use: ImageUse, data: bytes) -> tuple[Document, Mapping]:
    """The mapping that holds the use's first place."""
    place = use.places[0]
    for document in parse(use.file, data).documents:
        if not document.offset <= place.start < document.offset + len(document.data):
            continue
        stack: list[Node | None] = [document.root]
        seen: set[int] = set()
        while stack:
            node = stack.pop()
            if id(node) in document.aliased:
                if id(node) in seen:
                    continue
                seen.add(id(node))
            if type(node) is Mapping:
                for _, value in node.items:
                    if type(value) is Scalar and document.offset + document.span(value)[0] == place.start:
                        return document, node
                    stack.append(value)
            elif type(node) is Sequence:
                stack += node.items
    raise _refusal(use, "the entry is not where it was found")


def _pair(mapping: Mapping, key: str) -> tuple[Scalar, Scalar] | None:
    pair = _any_pair(mapping, key)
    return (pair[0], pair[1]) if pair is not None and type(pair[1]) is Scalar else None


def _any_pair(mapping: Mapping, key: str) -> tuple[Scalar, Node] | None:
    found = None
    for name, value in mapping.items:
        if type(name) is Scalar and name.value == key:
            found = (name, value)
    return found


def _is_null(node: Node) -> bool:
    return type(node) is Scalar and node.style == "plain" and node.value in ("", "~", "null")


def _fill(use: ImageUse, document: Document, node: Scalar, text: str) -> Edit:
    """Give a key without a value (nothing, null, an empty text) one."""
    start, end = document.span(node)
    if id(node) in document.aliased or node.anchor is not None or node.value not in ("", "~", "null"):
        raise _refusal(use, f"a value stands there that is no version: {node.value!r}")
    if node.style in ("single", "double"):
        return Edit(use.file, document.offset + start + 1, b"", text.encode())
    old, new = document.data[start:end], render(text, flow=node.flow)
    return Edit(use.file, document.offset + start, old, (new if old else f" {new}").encode())


def _beside(document: Document, entry: Mapping, anchor: tuple[Scalar, Scalar], key: str, text: str) -> tuple[int, str]:
    """Where a new ``key: text`` goes, behind ``anchor``'s, and the text to insert."""
    name, value = anchor
    start, end = document.span(name)[0], document.span(value)[1]
    line = _line_start(document, start)
    lead = document.data[line:start].decode()
    own_line = not lead.strip()
    if entry.flow:
        separator = f",{_eol(document, end)}{lead}" if own_line else ", "
        quoted = name.style == "double"
        return document.offset + end, f"{separator}{_flow_pair(key, text, quoted=quoted)}"
    where = _line_end(document, end)
    indent = lead if own_line else " " * len(lead)
    return document.offset + where, f"{_eol(document, where)}{indent}{key}: {render(text)}"


def _append_key(file: str, document: Document, root: Mapping, fields: Fields[str, str]) -> Edit:
    """``images`` as the last key of a kustomization."""
    if root.flow:
        last_key, last = root.items[-1] if root.items else (None, None)
        if last is None or type(last_key) is not Scalar or id(last) in document.aliased:
            raise RefusedError("an image can only be added to an object with plain entries", file=file)
        quoted = last_key.style == "double"
        images = '"images"' if quoted else "images"
        text = f", {images}: [{_flow(fields, quoted=quoted)}]"
        return Edit(file, document.offset + document.span(last)[1], b"", text.encode())
    body = document.data
    end = len(body.rstrip())
    tail = _line_start(document, end)
    if body[tail:end].startswith(b"..."):
        end = len(body[:tail].rstrip())
    indent = " " * root.column
    eol = _eol(document, end)
    lines = _item(indent + " " * _dash_column(root), "- ", fields, eol)
    return Edit(file, document.offset + end, b"", f"{eol}{indent}images:{lines}".encode())


def _item(indent: str, dash: str, fields: Fields[str, str], eol: str) -> str:
    """A list item of ``key: value`` lines, each line preceded by its line end."""
    lines = [f"{key}: {render(text)}" for key, text in fields.items()]
    deeper = indent + " " * len(dash)
    return "".join(f"{eol}{deeper if number else indent + dash}{line}" for number, line in enumerate(lines))


def _flow(fields: Fields[str, str], *, quoted: bool) -> str:
    return "{" + ", ".join(_flow_pair(key, text, quoted=quoted) for key, text in fields.items()) + "}"


def _flow_pair(key: str, text: str, *, quoted: bool) -> str:
    return f"{quote(key)}: {quote(text)}" if quoted else f"{key}: {render(text, flow=True)}"


def _dash_column(root: Mapping) -> int:
    """How far this file indents the lists under its top keys (most kustomizations: not at all)."""
    for _, value in root.items:
        if type(value) is Sequence and not value.flow:
            return max(value.column - root.column, 0)
    return 0


def _content_end(file: str, document: Document, node: Sequence) -> int:
    """Behind the last text of a block sequence (its own mark is at the next token, comments later)."""
    end = 0
    stack: list[Node] = [node]
    while stack:
        top = stack.pop()
        if id(top) in document.aliased:
            raise RefusedError("its images use YAML aliases: add the entry by hand", file=file)
        if type(top) is Scalar or (isinstance(top, Mapping | Sequence) and top.flow):
            start, stop = document.span(top)
            end = max(end, start + len(document.data[start:stop].rstrip()))
        elif type(top) is Mapping:
            stack += [part for pair in top.items for part in pair]
        elif type(top) is Sequence:
            stack += top.items
    return end


def _line_start(document: Document, position: int) -> int:
    return max(document.data.rfind(b"\n", 0, position), document.data.rfind(b"\r", 0, position)) + 1


def _line_end(document: Document, position: int) -> int:
    """Behind the line's last character, comments included."""
    ends = [at for at in (document.data.find(b"\n", position), document.data.find(b"\r", position)) if at >= 0]
    return min(ends, default=len(document.data))


def _eol(document: Document, position: int = 0) -> str:
    """The line end at or after a position, else the one before it."""
    data = document.data
    at = _line_end(document, position)
    if at == len(data):
        at = max(data.rfind(b"\n"), data.rfind(b"\r"))
        if at > 0 and data[at - 1 : at + 1] == b"\r\n":
            at -= 1
    if at < 0:
        return "\n"
    return "\r\n" if data[at : at + 2] == b"\r\n" else data[at : at + 1].decode()


def _refusal(use: ImageUse, what: str) -> RefusedError:
    return RefusedError(what, file=use.file, line=use.line, remedy="add the entry by hand")
