"""From an image use and its new version to edits: only the bytes that name the version.

A new value stays a text in YAML, tag and digest move together, quotes stay; what cannot be written exactly
is refused with the reason. :func:`apply` puts edits into a file's bytes and reads the result again.
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops_ci.errors import RefusedError
from gitops_ci.manifest.edit import Edit
from gitops_ci.manifest.scalar import is_plain, is_text, locate, quote
from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.record import NamedTuple


class Planned(NamedTuple):
    """The edits of one file, all offsets in the file as it was, and what could not be done."""

    edits: tuple[Edit, ...]
    refused: tuple[tuple[ImageUse, RefusedError], ...]


def plan(
    selected: Sequence[ImageUse],
    uses: Sequence[ImageUse],
    *,
    data: bytes | None = None,
    name: str | None = None,
    tag: str | None = None,
    digest: str | None = None,
    drop_digest: bool = False,
) -> Planned:
    """The edits that set the selected uses of one file to a version.

    ``uses`` are all uses of that file: where a place serves several of them (YAML anchors, a global
    registry), it changes only if all are selected. ``data``, the file's bytes, is needed where a line has
    to be added (a kustomize entry without ``newTag``).
    """
    meant = {id(use) for use in selected}
    names = {use.name for use in selected}
    others = [use for use in uses if id(use) not in meant]
    done: list[tuple[ImageUse, tuple[Edit, ...]]] = []
    refused: list[tuple[ImageUse, RefusedError]] = []
    for use in selected:
        try:
            edits = set_image(use, name=name, tag=tag, digest=digest, drop_digest=drop_digest, data=data, shared=True)
            _check_shared(use, edits, names, others)
        except RefusedError as error:
            refused.append((use, error))
        else:
            done.append((use, edits))
    kept: dict[tuple[int, int], Edit] = {}
    for use, edits in done:
        clash = next((edit for edit in edits if kept.get((edit.start, edit.end), edit) != edit), None)
        if clash is not None:
            refused.append((use, _refusal(use, "stands where another image stands that gets another value")))
            continue
        kept.update({(edit.start, edit.end): edit for edit in edits})
    return Planned(tuple(sorted(kept.values(), key=lambda edit: edit.start)), tuple(refused))


def _check_shared(use: ImageUse, edits: Sequence[Edit], names: set[str], others: Sequence[ImageUse]) -> None:
    """``names`` are those that are meant to change, ``others`` the uses that are not."""
    if not edits:
        return
    unmeant = [other for other in use.shared if other not in names]
    if unmeant and _touches(use.version_place, edits):
        raise _shared_refusal(use, unmeant[0])
    for other in others:
        if other == use:
            continue
        for place in other.places:
            if _touches(place, edits):
                raise _shared_refusal(use, f"{other.name} at {other.path}")


def _touches(place: Place, edits: Sequence[Edit]) -> bool:
    return any(place.start <= edit.start and edit.end <= place.end for edit in edits)


def _shared_refusal(use: ImageUse, other: str) -> RefusedError:
    return _refusal(
        use,
        f"{use.name} shares its value with {other}, which is not to change",
        "select both, or write the value out in both places",
    )


def set_image(
    use: ImageUse,
    *,
    name: str | None = None,
    tag: str | None = None,
    digest: str | None = None,
    drop_digest: bool = False,
    data: bytes | None = None,
    shared: bool = False,
) -> tuple[Edit, ...]:
    """The edits that give one use a new name, tag or digest; what is None stays. ``()`` if nothing changes.

    ``tag`` is a chart's version where the use is a chart. Without ``data`` (the file's bytes) no line can be
    added. ``shared`` allows an edit that other images share (see :func:`plan`, which knows them).
    Raises RefusedError: a digest would go stale (its tag or name changes and neither ``digest`` nor
    ``drop_digest`` is given), the place has escapes or a template there, or nowhere to put the value.
    """
    new_name = use.name if name is None else name
    new_tag = use.tag if tag is None else tag
    if use.digest is not None and digest is None and (new_name != use.name or new_tag != use.tag) and not drop_digest:
        raise _refusal(
            use,
            f"{use.name} is pinned by a digest, which would no longer be that of {new_name}:{new_tag}",
            "give the new digest as well",
        )
    new_digest = digest if digest is not None else None if drop_digest else use.digest
    if (new_name, new_tag, new_digest) == (use.name, use.tag, use.digest):
        return ()
    texts, missing = _texts(use, new_name, new_tag, new_digest)
    if use.shared and not shared:
        raise _shared_refusal(use, use.shared[0])
    edits = [edit for place, text in texts for edit in _edit(use, place, text)]
    if missing:
        from gitops_ci.manifest.insert import insert_fields

        if data is None:
            fields = ", ".join(missing)
            raise _refusal(use, f"{use.name} has no {fields} here that could be changed", f"add {fields} by hand")
        edits += insert_fields(use, data, missing)
    return tuple(sorted(edits, key=lambda edit: edit.start))


def _texts(
    use: ImageUse, name: str, tag: str | None, digest: str | None
) -> tuple[list[tuple[Place, str]], dict[str, str]]:
    """The new text of each place, and what has no place: the keys ``newName``, ``newTag``, ``digest`` of kustomize."""
    holds: dict[str, list[Place]] = {}
    for place in use.places:
        holds.setdefault(place.holds, []).append(place)
    texts: list[tuple[Place, str]] = []
    missing: dict[str, str] = {}
    kustomize = is_kustomize_entry(use)

    if name != use.name:
        if kustomize and use.original_name is None:
            missing["newName"] = name
        else:
            texts += _names(use, holds, name)

    whole = holds.get("reference")
    if whole:
        written = _reference_name(whole[0]) if name == use.name else dict(texts).get(whole[0], name)
        texts = [(place, text) for place, text in texts if place is not whole[0]]
        return [*texts, (whole[0], _join(written, tag, digest))], missing

    versions = holds.get("tag") or holds.get("version")
    digests = holds.get("digest")
    if digests:
        if digest != use.digest:
            texts.append((digests[0], digest or ""))
    elif digest is not None and use.digest is not None and not (versions and "@" in versions[0].value):
        raise _refusal(use, f"the digest of {use.name} is not written as a digest here", "change it by hand")
    elif digest is not None and kustomize and not (versions and "@" in versions[0].value):
        missing["digest"] = digest
    elif digest is not None and not versions:
        raise _refusal(use, f"{use.name} has neither a tag nor a digest here", "write one of them first")
    if versions:
        beside = digests or "digest" in missing
        texts.append((versions[0], _join(None, tag, None if beside else digest)))
    elif tag != use.tag and tag is not None:
        if kustomize:
            missing["newTag"] = tag
        elif not digests:
            if use.tag is not None:
                what = f"the tag of {use.name} is put together from several places"
                raise _refusal(use, what, "write it in one piece, or change it by hand")
            raise _refusal(use, f"{use.name} has no tag here: its chart or its default decides it", "write a tag first")
    return texts, missing


def is_kustomize_entry(use: ImageUse) -> bool:
    """Whether the use is an entry ``{name, newName, newTag, digest}``, which may lack any of the last three."""
    return (
        use.format in ("kustomize", "flux", "argocd")
        and "images[" in use.path
        and all(place.holds in ("repository", "tag", "digest") for place in use.places)
    )


def _names(use: ImageUse, holds: dict[str, list[Place]], name: str) -> list[tuple[Place, str]]:
    """A new name, spread over the places that the old one stands in (registry, repository, last part)."""
    texts: list[tuple[Place, str]] = []
    parts = holds.get("repository", []) + holds.get("reference", [])
    if not parts:
        raise _refusal(use, f"the name of {use.name} is not written here", "change it where it is written")
    first, slash, rest = name.partition("/")
    if "registry" in holds:
        has_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
        texts.append((holds["registry"][0], first if has_host else "docker.io"))
        if has_host:
            name = rest
        elif "/" not in name:
            name = f"library/{name}"
    if len(parts) > 1:
        name, slash, last = name.rpartition("/")
        if not slash:
            raise _refusal(use, f"{last} has no part for each of the places that name {use.name}", "change it by hand")
        texts.append((parts[1], last))
    texts.append((parts[0], name))
    return texts


def _reference_name(place: Place) -> str:
    """The name as this place writes it: without what other places hold."""
    text = place.value.strip()[len(place.prefix) :].partition("@")[0]
    start = text.rfind("/") + 1
    colon = text.find(":", start)
    return text if colon < 0 else text[:colon]


def _join(name: str | None, tag: str | None, digest: str | None) -> str:
    text = name or ""
    if tag is not None:
        text += f":{tag}" if name is not None else tag
    if digest is not None:
        text += f"@{digest}"
    return text


def _edit(use: ImageUse, place: Place, text: str) -> list[Edit]:
    """Replace what a place says (after its prefix, white space around it kept) by ``text``."""
    value = place.value
    begin = len(value) - len(value.lstrip())
    old = value.strip()
    if not old.startswith(place.prefix):
        raise _refusal(use, f"{old!r} does not start with {place.prefix!r} as it did", "run the search again", place)
    begin += len(place.prefix)
    old = old[len(place.prefix) :]
    if old == text:
        return []
    new = value[:begin] + text + value[begin + len(old) :]
    if place.style == "plain" and not (is_plain(new, flow=place.flow) and (place.tagged or is_text(new))):
        if place.raw.decode("utf-8", "replace") != value:
            raise _refusal(
                use, f"{new!r} needs quotes, and the old value stands over several lines", "quote it by hand", place
            )
        return [Edit(use.file, place.start, place.raw, quote(new).encode())]
    # Only from the first part that differs to the last: a name stays as it is, escapes and all.
    start, end, new_end = _difference(old, text)
    span = locate(place, begin + start, begin + end)
    if span is None:
        raise _refusal(
            use,
            f"{old!r} is not written as it reads ({place.style} text with escapes or over several lines)",
            "write it on one line without escapes",
            place,
        )
    first, last = span
    return [Edit(use.file, place.start + first, place.raw[first:last], text[start:new_end].encode())]


def _difference(old: str, new: str) -> tuple[int, int, int]:
    """The span of ``old`` that changes and where it ends in ``new``, in whole parts: name, tag, digest."""
    ends_old, ends_new = _borders(old), _borders(new)
    start = 0
    for a, b in zip(ends_old, ends_new, strict=False):
        if a == b and old[:a] == new[:b]:
            start = a
    end, new_end = len(old), len(new)
    for a, b in zip(reversed(ends_old), reversed(ends_new), strict=False):
        if a >= start and b >= start and old[a:] == new[b:]:
            end, new_end = a, b
    # Not the separator itself where both have one.
    if start < min(end, new_end) and old[start] == new[start] and old[start] in ":@":
        start += 1
    return start, end, new_end


def _borders(text: str) -> list[int]:
    """Where the name ends, where the tag ends, where the text ends."""
    at = text.find("@")
    at = len(text) if at < 0 else at
    colon = text.find(":", text.rfind("/", 0, at) + 1, at)
    return [at if colon < 0 else colon, at, len(text)]


def _refusal(use: ImageUse, what: str, remedy: str | None = None, place: Place | None = None) -> RefusedError:
    at = place or use.version_place
    return RefusedError(what, file=use.file, line=at.line, column=at.column, remedy=remedy)


def apply(file: str, data: bytes, edits: Sequence[Edit], *, verify: bool = True) -> bytes:
    """The file's bytes with the edits made; all of them or none.

    Raises RefusedError where the old bytes are not there, where edits overlap, where the file is encrypted
    by SOPS, and (with ``verify``) where reading the result shows that any other value changed.
    """
    if not edits:
        return data
    if is_encrypted(data):
        raise RefusedError("is encrypted by SOPS: a change would break its MAC", file=file, remedy="edit it with sops")
    wanted = sorted(set(edits), key=lambda edit: (edit.start, edit.end))
    pieces = []
    position = 0
    before: Edit | None = None
    for edit in wanted:
        if before is not None and (edit.start < position or edit.start == before.start):
            raise RefusedError(f"two changes overlap at byte {edit.start}", file=file)
        if data[edit.start : edit.end] != edit.old or edit.end > len(data):
            raise RefusedError(
                f"the text at byte {edit.start} is no longer {edit.old.decode('utf-8', 'replace')!r}",
                file=file,
                remedy="run again",
            )
        pieces += [data[position : edit.start], edit.new]
        position = edit.end
        before = edit
    new = b"".join([*pieces, data[position:]])
    if verify and new != data:
        from gitops_ci.manifest.verify import verify as check

        check(file, data, new, wanted)
    return new


def is_encrypted(data: bytes) -> bool:
    """Whether SOPS guards the file: a top-level ``sops`` block with a MAC, in YAML or JSON, or an encrypted value."""
    if b"ENC[AES256_GCM," in data:
        return True
    if b"sops" not in data or b"mac" not in data:
        return False
    from gitops_ci.manifest.nodes import Mapping
    from gitops_ci.manifest.parse import parse

    for document in parse("", data, only=lambda part: b"sops" in part).documents:
        block = document.root.get("sops") if type(document.root) is Mapping else None
        if type(block) is Mapping and block.get("mac") is not None:
            return True
    return False
