"""Target: the version that ``bump`` is asked to set."""

from __future__ import annotations

from gitops_ci.errors import ReferenceError, UsageError
from gitops_ci.image import reference
from gitops_ci.record import NamedTuple


class Target(NamedTuple):
    """What an image's uses are to say. None leaves that part to what the others imply."""

    name: str | None = None
    """Another name than the one they have: a replacement."""
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.name or ''}{tag}{digest}"


def read(image: str, *, tag: str | None = None, digest: str | None = None, to: str | None = None) -> Target:
    """The target that the options ``--tag``, ``--digest`` and ``--to`` name for an image.

    Raises UsageError where they name none, contradict each other, or are not what a registry would take.
    """
    if not image:
        raise UsageError("--image is empty", remedy="name an image as `gitops-ci find` lists it")
    if to is not None:
        if tag is not None or digest is not None:
            raise UsageError(
                "--to says tag and digest already", remedy="use it alone, or --tag and --digest without it"
            )
        return _read_to(image, to)
    if tag is None and digest is None:
        raise UsageError("nothing to set", remedy="give --tag, --digest or --to")
    if tag is not None:
        _check("--tag", tag, Target("x", tag), "letters, digits, _ . - (at most 128, not starting with . or -)")
    if digest is not None:
        _check("--digest", digest, Target("x", None, digest), "sha256: and 64 hexadecimal digits in lower case")
    return Target(None, tag, digest)


def _read_to(image: str, to: str) -> Target:
    named = not to.startswith((":", "@"))
    read = _parsed(to if named else f"x{to}", "--to")
    if read.tag is None and read.digest is None:
        # A bare "1.2.4" is a valid name of an image; whoever writes it means the tag.
        raise UsageError(f"--to {to} names no version", remedy=f"write --to :{to}, or {image}:TAG, or use --tag")
    name = read.name if named and read.name != image else None
    return Target(name, read.tag, read.digest)


def _parsed(text: str, option: str) -> reference.Reference:
    try:
        return reference.parse(text)
    except ReferenceError as error:
        raise UsageError(f"{option}: {error.what}", remedy=error.remedy) from None


def _check(option: str, text: str, wanted: Target, allowed: str) -> None:
    """Raises UsageError unless the text reads back as that part of a reference, and as nothing else."""
    try:
        read = reference.parse(str(wanted))
    except ReferenceError:
        read = None
    if read is None or tuple(read) != tuple(wanted):
        raise UsageError(f"{option} {text!r} is not one", remedy=f"allowed: {allowed}")
