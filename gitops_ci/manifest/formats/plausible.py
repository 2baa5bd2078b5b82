"""Whether a text that stands where an image is expected can be one.

Nothing is guessed from a network: ``image: true``, ``image: ./logo.png`` and ``image: https://…`` are told
from ``image: nginx`` by their shape alone.
"""

from gitops_ci.errors import ReferenceError
from gitops_ci.image.reference import Reference, parse

_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n", "nil", "undefined"})
_FILES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".svg",
    ".webp",
    ".ico",
    ".bmp",
    ".avif",
    ".iso",
    ".img",
    ".qcow2",
    ".vmdk",
    ".ova",
    ".tar",
    ".gz",
    ".xz",
    ".zip",
    ".html",
    ".md",
    ".yaml",
    ".yml",
    ".json",
    ".txt",
)
_TAG = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def reference(value: str) -> Reference | None:
    """The reference that this text is, or None. Surrounding white space (block scalars) does not count."""
    value = value.strip()
    if not value or len(value) > 500:
        return None
    try:
        found = parse(value)
    except ReferenceError:
        return None
    if found.digest is None:
        if found.tag is None:
            name = found.name
            if name.lower() in _WORDS or name.endswith(_FILES) or name.replace(".", "").replace("-", "").isdigit():
                return None
        elif found.name.isdigit():
            return None
    return found


def name(value: str) -> Reference | None:
    """The same for a text that should be a repository: a tag may already be part of it."""
    value = value.strip()
    return reference(value) if value != "" and not value.endswith("/") else None


def tag(value: str) -> tuple[str | None, str | None] | None:
    """``(tag, digest)`` of a tag that may carry ``@sha256:…`` (or be a digest alone); None if it is neither."""
    value = value.strip()
    text, at, digest = value.partition("@")
    if not at and text.startswith("sha256:"):
        text, at, digest = "", "@", text
    if at and not is_digest(digest):
        return None
    if text and not is_tag(text):
        return None
    return (text or None, digest or None) if text or digest else None


def is_tag(value: str) -> bool:
    """The grammar of a tag: at most 128 of letters, digits, ``_``, ``.``, ``-``, not ``.`` or ``-`` first."""
    return 0 < len(value) <= 128 and value[0] not in ".-" and _TAG.issuperset(value)


def is_digest(value: str) -> bool:
    """``sha256:`` (or another algorithm) and at least 32 hexadecimal digits."""
    algorithm, colon, digits = value.partition(":")
    return (
        bool(colon and algorithm) and len(digits) >= 32 and all(letter in "0123456789abcdefABCDEF" for letter in digits)
    )


def host(value: str) -> str | None:
    """A registry as written in values (``ghcr.io``, ``localhost:5000``, ``ghcr.io/acme``), or None."""
    value = value.strip().rstrip("/")
    if not value or "://" in value or len(value) > 255:
        return None
    try:
        parse(f"{value}/x")
    except ReferenceError:
        return None
    return value
