"""Helm values, of any naming: files, ``values`` of a HelmRelease, ``valuesObject`` of an Application.

What is recognised (``x`` is any prefix, letters' case and ``-``/``_`` do not matter):
``image: {registry, repository | name | image, tag | version, digest}``, also under ``xImage``, ``images.x`` and
wherever ``repository`` and ``tag`` stand together; ``xImage: ref``; ``xImage``/``xImageRepository`` with ``xImageTag``,
``xTag``, ``xImageVersion`` beside it; lists and maps of references under ``images``. A global registry
(``global.imageRegistry``) stands before repositories that name none, and wins over their own (Bitnami's rule).
"""

from collections.abc import Iterator

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.build import Pending, Piece, split, text, whole
from gitops_ci.manifest.formats.files import is_values
from gitops_ci.manifest.formats.names import TAGS, is_image, normal, stems
from gitops_ci.manifest.formats.trail import Trail, path
from gitops_ci.manifest.nodes import Mapping, Node, Scalar, Sequence
from gitops_ci.manifest.use import ImageUse

NAME = "helm-values"


def claims(document: Document) -> bool:
    """A mapping that is no Kubernetes object."""
    return type(document.root) is Mapping


def find(document: Document) -> Iterator[ImageUse | Pending]:
    """The images of a values file; of other YAML only ``{repository, tag}`` maps, which nothing else looks like."""
    yield from walk(document, document.root, None, NAME, certain=not is_values(document.file))


def walk(
    document: Document, root: Node | None, trail: Trail, form: str, *, certain: bool = False
) -> Iterator[ImageUse | Pending]:
    """Every image below a node that holds values. ``certain``: only maps with a repository and a tag."""
    if type(root) is not Mapping:
        return
    everywhere = _global_registry(root, trail)
    stack: list[tuple[Node, Trail, str, bool]] = [(root, trail, "", False)]
    seen: set[int] = set()
    while stack:
        node, at, key, images = stack.pop()
        if id(node) in seen:  # reached by an alias or through a merge key
            continue
        seen.add(id(node))
        if type(node) is Mapping:
            fields = entries(node)
            use = _from_map(document, node, fields, at, form, key if is_image(key) or images else "", everywhere)
            if use is not None and not (certain and (isinstance(use, Pending) or not _is_certain(use))):
                yield use
            if not certain:
                yield from _from_names(document, fields, at, form, everywhere, own=use is not None)
            inside = is_image(key) and use is None
            below: list[tuple[Node, Trail, str, bool]] = []
            for name, value in fields.items():
                if type(value) is Scalar:
                    if (
                        (images or (inside and key.lower().endswith("images")))
                        and use is None
                        and not certain
                        and not is_image(name)
                    ):
                        found = whole(document, value, (at, name), form, tagged_only=True)
                        if found is not None:
                            yield found
                else:
                    below.append((value, (at, name), name, (images and use is None) or inside))
            stack.extend(reversed(below))
        elif type(node) is Sequence:
            listed: list[tuple[Node, Trail, str, bool]] = []
            for index, item in enumerate(node.items):
                if type(item) is Scalar:
                    if (images or is_image(key)) and not certain:
                        found = whole(document, item, (at, index), form, tagged_only=True)
                        if found is not None:
                            yield found
                else:
                    listed.append((item, (at, index), key, images))
            stack.extend(reversed(listed))


def image_map(document: Document, node: Mapping, trail: Trail, form: str) -> ImageUse | Pending | None:
    """The image of a map that stands under a key that says it is one, or None."""
    return _from_map(document, node, entries(node), trail, form, "image", None)


def entries(mapping: Mapping, met: frozenset[int] | set[int] = frozenset()) -> dict[str, Node]:
    """Keys to values, ``<<`` merged in (what the mapping says itself wins), the last of double keys.

    A mapping that is merged in twice is read once: that is what makes a few lines not stand for billions.
    """
    merged: dict[str, Node] = {}
    own: dict[str, Node] = {}
    for key, value in mapping.items:
        if type(key) is not Scalar:
            continue
        if key.value == "<<":
            met = met if isinstance(met, set) else {id(mapping)}
            for source in value.items if type(value) is Sequence else [value]:
                if type(source) is Mapping and id(source) not in met:
                    met.add(id(source))
                    merged = entries(source, met) | merged
        else:
            own[key.value] = value
    return merged | own if merged else own


def _global_registry(root: Mapping, trail: Trail) -> Piece | None:
    """``global.imageRegistry``, ``global.image.registry`` or ``global.registry``, where it says something."""
    block = root.get("global")
    if type(block) is not Mapping:
        return None
    at: Trail = (trail, "global")
    image = block.get("image")
    candidates = [
        (block.get("imageRegistry"), (at, "imageRegistry")),
        (image.get("registry") if type(image) is Mapping else None, ((at, "image"), "registry")),
        (block.get("registry"), (at, "registry")),
    ]
    for node, where in candidates:
        if type(node) is Scalar and text(node) is not None and plausible.host(node.value):
            return Piece(node, where)
    return None


def _is_certain(use: ImageUse) -> bool:
    return use.tag is not None and len(use.places) > 1


def _first(fields: dict[str, Node], at: Trail, *names: str) -> Piece | None:
    """The first of these keys that holds a scalar that says something."""
    for name in names:
        node = fields.get(name)
        if type(node) is Scalar and text(node) is not None:
            return Piece(node, (at, name))
    return None


def _from_map(
    document: Document, node: Mapping, fields: dict[str, Node], at: Trail, form: str, key: str, everywhere: Piece | None
) -> ImageUse | Pending | None:
    """``{registry, repository, name, tag, version, digest}``; ``key`` is empty where no key says "image"."""
    repository = _first(fields, at, "repository", "repo")
    name = _first(fields, at, "image", "imageName", "name") if key else None
    tag = _first(fields, at, "tag", "imageTag", "newTag", *(("version",) if key else ()))
    digest = _first(fields, at, "digest", "sha", "sha256", "imageDigest")
    if not key and ("tag" not in fields or repository is None):
        return None
    registry = _first(fields, at, "registry", "host", "hub", "imageRegistry")
    if (
        repository is None
        and name is not None
        and not any(word in fields for word in ("tag", "version", "imageTag", "newTag", "digest", "registry", "image"))
    ):
        return None  # {name: x, enabled: true} below `images` says nothing of an image
    joined = None
    if repository is not None and name is not None and _is_joined(repository, name, registry):
        joined = name
        if (
            registry is None
            and plausible.host(repository.node.value)
            and "/" not in repository.node.value.strip()
            and "." in repository.node.value
        ):
            registry, repository, joined = repository, name, None
    repository = repository or name
    if repository is None:
        if (
            (tag is None and digest is None)
            or "name" in fields
            or not key
            or any(is_image(name) for name in fields if name not in ("imageTag", "imageDigest"))
        ):
            return None
        return _pending(document, form, at, "", tag, digest)
    return split(
        document,
        form,
        registry=_registry(registry, repository, everywhere),
        repository=repository,
        tag=tag,
        digest=digest,
        joined=joined,
    )


def _is_joined(repository: Piece, name: Piece, registry: Piece | None) -> bool:
    """Whether ``repository`` is only the part before ``name``: ``{repository: ghcr.io/acme, name: api}``."""
    written, last = repository.node.value.strip(), name.node.value.strip()
    if (
        ":" in last
        or "@" in last
        or not last
        or written.rstrip("/").rpartition("/")[2] == last
        or written.endswith(f"/{last}")
    ):
        return False
    host_only = "/" not in written and ("." in written or ":" in written)
    return host_only or "/" not in last


def _registry(own: Piece | None, repository: Piece, everywhere: Piece | None) -> Piece | None:
    """Which registry stands before a repository: none where it names one itself."""
    first, slash, _ = repository.node.value.strip().partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return None
    return everywhere or own


def _from_names(
    document: Document, fields: dict[str, Node], at: Trail, form: str, everywhere: Piece | None, *, own: bool
) -> Iterator[ImageUse | Pending]:
    """``xImage``, ``xImageRepository`` with ``xImageTag`` and the like, side by side in one map."""
    if not any("mage" in name or "IMAGE" in name for name in fields):
        return
    by_normal = {normal(name): name for name in fields}
    named: set[str] = set()
    for written, node in fields.items():
        if type(node) is not Scalar:
            continue
        stem = stems(normal(written))
        if stem is None or (own and written in ("image", "imageName", "name")):
            continue
        value = text(node)
        if value is None:
            continue

        def sibling(*suffixes: str, stem: str = stem, node: Node = node) -> Piece | None:
            for suffix in suffixes:
                name = by_normal.get(stem + suffix)
                if name is not None and fields[name] is not node:
                    found = _first(fields, at, name)
                    if found is not None:
                        return found
            return None

        repository = Piece(node, (at, written))
        tag = sibling(*TAGS, *(("version",) if stem or "registry" in fields or "/" in value else ()))
        digest = sibling("imagedigest", "digest", "imagesha")
        registry = sibling("imageregistry", "registry", *(() if stem else ("imagehub", "hub")))
        if tag is None and digest is None and registry is None:
            found = plausible.reference(value)
            if found is None or (
                found.tag is None and found.digest is None and not _says_enough(written, value, by_normal, stem)
            ):
                continue
        use = split(
            document,
            form,
            registry=_registry(registry, repository, everywhere),
            repository=repository,
            tag=tag,
            digest=digest,
        )
        if use is not None:
            named.add(stem)
            yield use
    if own:
        return
    for suffix in ("imagetag",):
        for name_normal, written in by_normal.items():
            stem = name_normal.removesuffix(suffix)
            if name_normal.endswith(suffix) and stem not in named:
                tag = _first(fields, at, written)
                if tag is not None and not any(
                    by_normal.get(stem + other) for other in ("image", "imagerepository", "imagename")
                ):
                    pending = _pending(
                        document, form, at, stem, tag, _first(fields, at, by_normal.get(stem + "imagedigest", ""))
                    )
                    if pending is not None:
                        yield pending


def _says_enough(written: str, value: str, by_normal: dict[str, str], stem: str) -> bool:
    """Whether a name without tag is an image: ``image: x``, ``xImageRepository`` by an empty tag, a host in it."""
    first, slash, _ = value.partition("/")
    if written == "image" or (slash and "." in first):
        return True
    return any(stem + suffix in by_normal for suffix in TAGS)


def _pending(
    document: Document, form: str, at: Trail, stem: str, tag: Piece | None, digest: Piece | None
) -> Pending | None:
    """A tag (or digest) whose repository stands in other values of the same chart."""
    use = split(document, form, repository=None, tag=tag, digest=digest)
    if use is None:
        return None
    folder = document.file.rpartition("/")[0]
    return Pending(use, "values", (folder, path(at), stem))
