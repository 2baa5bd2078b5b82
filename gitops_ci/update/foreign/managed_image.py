"""ManagedImage: one image that Argo CD Image Updater was told to keep up to date, however it was told."""

import re
from typing import NamedTuple

from gitops_ci.finding import Finding
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Node
from gitops_ci.update.foreign.statement import NOTHING, finding, position, same_image, stopped, valid_pattern
from gitops_ci.update.model import Origin, SelectionPolicy

SOURCE = "argocd-image-updater"

_STRATEGIES = {
    "semver": "semver",
    "newest-build": "newest-build",
    "latest": "newest-build",
    "alphabetical": "alphabetical",
    "name": "alphabetical",
    "digest": "digest",
}
_SPECIFICATION = re.compile(
    r"(?:(?P<alias>[^=:<>!~^\s]+)=)?(?P<name>[^\s:=@]+(?::[0-9]+/[^\s:=@]+)?)(?::(?P<constraint>\S(?:.*\S)?))?",
    re.DOTALL,
)


class Value(NamedTuple):
    """A setting as it was written, and where."""

    text: str
    document: Document
    node: Node
    label: str
    """``annotation api.allow-tags``, ``spec.commonUpdateSettings.allowTags``."""


class ManagedImage(NamedTuple):
    """One entry, its settings resolved from the nearest level that has them; None where no level does."""

    alias: str | None
    name: str
    """Without tag."""
    constraint: str | None
    document: Document
    node: Node
    """What names the image: errors about the entry point here."""
    label: str
    strategy: Value | None = None
    allow: Value | None = None
    ignore: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    force: bool = False
    kustomize_name: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """The notes, with that on kustomize where it renames the image."""
        renamed = self.kustomize_name
        if renamed is None or same_image(renamed.partition("@")[0], self.name):
            return self.notes
        return (*self.notes, f"kustomize replaces {renamed} by {self.name}: only uses that name the latter are changed")


def specification(written: str) -> tuple[str | None, str, str | None] | None:
    """``[alias=]name[:constraint]`` to its parts; None for what is none."""
    found = _SPECIFICATION.fullmatch(written.strip())
    return (found["alias"], found["name"], found["constraint"]) if found else None


def policy(image: ManagedImage) -> tuple[SelectionPolicy, tuple[Finding, ...]]:
    """How the image chooses its next tag, and what is wrong or dated in its settings."""
    findings: list[Finding] = []
    strategy = _strategy(image, findings)
    allow = _allow(image, findings)
    constraint = image.constraint if strategy in ("semver", "digest") else None
    if strategy == "digest" and constraint is None:
        told = f"the strategy digest needs a tag to follow, and {image.name} is given none: it is not updated"
        remedy = f"write {image.name}:TAG"
        findings.append(finding(image.document, image.node, "incomplete-policy", told, status="unknown", remedy=remedy))
        allow = NOTHING
    line = position(image.document, image.node)[0]
    selection = SelectionPolicy(
        strategy=strategy,
        origin=Origin(SOURCE, f"{image.label} in {image.document.file}", line),
        constraint=constraint,
        allow=allow,
        ignore=image.ignore,
        platforms=image.platforms,
        digest="always" if strategy == "digest" else "as-is",
        force=image.force,
    )
    return stopped(selection) if allow == NOTHING else selection, tuple(findings)


def _strategy(image: ManagedImage, findings: list[Finding]) -> str:
    written = image.strategy
    if written is None:
        return "semver"
    name = written.text.strip().lower()
    known = _STRATEGIES.get(name)
    if known is None:
        told = f"{written.label} is {written.text!r}, no update strategy: semver is taken"
        remedy = "write semver, newest-build, alphabetical or digest"
        findings.append(finding(written.document, written.node, "unknown-strategy", told, remedy=remedy))
        return "semver"
    if known != name:
        told = f"{written.label}: {name!r} is the old name of {known!r}"
        findings.append(
            finding(written.document, written.node, "old-strategy-name", told, severity="low", remedy=f"write {known}")
        )
    return known


def _allow(image: ManagedImage, findings: list[Finding]) -> str | None:
    written = image.allow
    if written is None or not written.text or written.text.lower() == "any":
        return None
    function, colon, pattern = written.text.partition(":")
    if not colon or function.lower() != "regexp":
        told = f"{written.label} is {written.text!r}, neither any nor regexp:…: no tag is allowed"
        findings.append(finding(written.document, written.node, "invalid-pattern", told, status="unknown"))
        return NOTHING
    if not valid_pattern(pattern):
        told = f"{written.label} has a regular expression that RE2 cannot read: no tag is allowed"
        findings.append(finding(written.document, written.node, "invalid-pattern", told, status="unknown"))
        return NOTHING
    return pattern
