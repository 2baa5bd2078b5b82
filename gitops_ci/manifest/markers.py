"""Flux image automation markers: ``# {"$imagepolicy": "namespace:name[:tag|:name|:digest]"}``.

The comment on a value's own line counts first, else the comment lines right above it; it must be JSON
(https://fluxcd.io/flux/guides/image-update/#configure-image-update-for-custom-resources). A marker stands on a
value of any key, so one that belongs to no image found otherwise makes a use of its own.
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.build import Pending, Piece, split, whole
from gitops_ci.manifest.formats.trail import Trail
from gitops_ci.manifest.nodes import Mapping, Node, Scalar
from gitops_ci.manifest.use import ImageUse

KEY = b"$imagepolicy"
FORMAT = "flux"


def attach(document: Document, found: list[ImageUse | Pending]) -> list[ImageUse | Pending]:
    """The same uses with the markers of their lines, and a use for each marker that stands elsewhere."""
    if KEY not in document.data:
        return found
    lines = _lines(document)
    if not lines:
        return found
    covered: set[int] = set()
    marked: list[ImageUse | Pending] = []
    for item in found:
        use = item.use if isinstance(item, Pending) else item
        texts = tuple(dict.fromkeys(lines[place.line] for place in use.places if place.line in lines))
        covered.update(place.line for place in use.places if place.line in lines)
        use = use._replace(markers=texts)
        marked.append(item._replace(use=use) if isinstance(item, Pending) else use)
    loose = {line: text for line, text in lines.items() if line not in covered}
    if loose:
        marked.extend(_loose(document, loose))
    return marked


def policy(marker: str) -> tuple[str, str, str] | None:
    """``(namespace, name, part)`` of a marker's JSON text; part is ``tag``, ``name``, ``digest`` or empty."""
    import json

    try:
        value = json.loads(marker)
    except ValueError:
        return None
    text = value.get("$imagepolicy") if isinstance(value, dict) else None
    if not isinstance(text, str):
        return None
    namespace, _, rest = text.partition(":")
    name, _, part = rest.partition(":")
    return (namespace, name, part) if name and part in ("", "tag", "name", "digest") else None


def _lines(document: Document) -> dict[int, str]:
    """1-based line of the file → the marker that counts for a value on it."""
    data = document.data
    own: dict[int, str] = {}
    above: dict[int, str] = {}
    position = data.find(KEY)
    while position >= 0:
        start = data.rfind(b"\n", 0, position) + 1
        end = data.find(b"\n", position)
        end = len(data) if end < 0 else end
        opening, closing = data.rfind(b"{", start, position), data.find(b"}", position, end)
        hash_at = data.rfind(b"#", start, opening) if opening >= 0 else -1
        if opening >= 0 and closing >= 0 and hash_at >= 0:
            text = data[opening : closing + 1].decode("utf-8", "replace")
            if policy(text) is not None:
                line, _ = document.position(start)
                if data[start:hash_at].strip():
                    own[line] = text
                else:
                    above[_next_value(data, end, line)] = text
        position = data.find(KEY, end)
    return above | own


def _next_value(data: bytes, position: int, line: int) -> int:
    """The line of what follows a comment line, further comment lines skipped."""
    while 0 <= position < len(data):
        line += 1
        end = data.find(b"\n", position + 1)
        end = len(data) if end < 0 else end
        if not data[position:end].strip().startswith(b"#"):
            return line
        position = end
    return line


def _loose(document: Document, lines: dict[int, str]) -> Iterator[ImageUse | Pending]:
    pieces: dict[tuple[str, str], dict[str, tuple[Piece, str]]] = {}
    for node, trail in _scalars(document.root):
        line = document.first_line + node.line + 1
        text = lines.get(line)
        meant = policy(text) if text is not None else None
        if text is None or meant is None:
            continue
        namespace, name, part = meant
        if part == "":
            use = whole(document, node, trail, FORMAT)
            if use is not None:
                yield use._replace(markers=(text,))
        else:
            pieces.setdefault((namespace, name), {}).setdefault(part, (Piece(node, trail), text))
    for key, parts in pieces.items():
        repository, tag, digest = parts.get("name"), parts.get("tag"), parts.get("digest")
        if repository is not None and plausible.name(repository[0].node.value) is None:
            repository = None
        use = split(
            document,
            FORMAT,
            repository=repository[0] if repository else None,
            tag=tag[0] if tag else None,
            digest=digest[0] if digest else None,
        )
        if use is not None:
            use = use._replace(markers=tuple(text for _, text in parts.values()))
            yield use if use.name else Pending(use, "policy", key)


def _scalars(root: Node | None) -> Iterator[tuple[Scalar, Trail]]:
    stack: list[tuple[Node, Trail]] = [(root, None)] if root is not None else []
    seen: set[int] = set()
    while stack:
        node, trail = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if type(node) is Scalar:
            yield node, trail
        elif type(node) is Mapping:
            stack.extend((value, (trail, key.value)) for key, value in reversed(node.items) if type(key) is Scalar)
        else:
            stack.extend(
                (item, (trail, index)) for index, item in reversed(list(enumerate(getattr(node, "items", ()))))
            )
