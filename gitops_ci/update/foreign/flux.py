"""Flux image automation: ImageRepository, ImagePolicy and ImageUpdateAutomation, tied to images by markers.

``image: ghcr.io/acme/api:1.2.3 # {"$imagepolicy": "flux-system:api"}``: the policy of that namespace and name
decides; ``:tag``, ``:name`` and ``:digest`` behind it say which part the field holds. Sources: the image
reflector's and image automation's API documentation and setters (https://fluxcd.io/flux/components/image/).
"""

import json
import posixpath
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import NamedTuple

from gitops_ci.finding import Finding
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.nodes import Mapping, Scalar
from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.foreign.statement import (
    NOTHING,
    Reader,
    Spoken,
    Statement,
    at,
    elements,
    finding,
    mapping,
    position,
    same_image,
    stopped,
    text,
    truth,
    valid_pattern,
)
from gitops_ci.update.model import Origin, SelectionPolicy

NAME = "flux"
KEYS = (b"image.toolkit.fluxcd.io/",)
CONTEXT = ()

_PARTS = frozenset({"tag", "name", "digest"})
_ALL_OF_A_SUFFIX = re.compile(r"\^?\.\*(?:\\\.([A-Za-z0-9_-]+))\$")
"""``^.*\\.sig$``: the only shape of an exclusionList entry that a glob says as well; it is also the default."""


class _Policy(NamedTuple):
    namespace: str | None
    name: str
    document: Document
    node: Mapping
    selection: SelectionPolicy
    image: str | None
    """Of its ImageRepository, if that is in the repository."""
    notes: tuple[str, ...]


class _Marker(NamedTuple):
    namespace: str
    name: str
    part: str | None
    """``tag``, ``name``, ``digest``; None for the whole reference."""


class _Automation(NamedTuple):
    path: str
    """Directory below which it updates markers; empty for all."""
    suspended: bool
    label: str


def speak(documents: Sequence[Document], uses: Sequence[ImageUse], files: Sequence[str], read: Reader) -> Spoken:
    """What the policies in ``documents`` say about the uses that carry a marker."""
    del files, read  # everything stands in the objects and the markers themselves
    marked = [use for use in uses if use.markers]
    if not marked:
        return Spoken()
    flux = _Flux(documents)
    statements = [statement for use in marked if (statement := flux.statement(use)) is not None]
    return Spoken(tuple(statements), tuple(flux.findings))


class _Flux:
    def __init__(self, documents: Sequence[Document]) -> None:
        self.findings: list[Finding] = []
        self.repositories: list[Document] = [d for d in documents if _is(d, "ImageRepository")]
        self.automations = [a for d in documents if _is(d, "ImageUpdateAutomation") and (a := self.automation(d))]
        self.policies: dict[str, list[_Policy]] = {}
        for document in documents:
            if _is(document, "ImagePolicy") and (policy := self.policy(document)) is not None:
                self.policies.setdefault(policy.name, []).append(policy)

    def statement(self, use: ImageUse) -> Statement | None:
        markers = self.markers(use)
        version = [marker for marker in markers if marker.part != "name"]
        if not version:
            return None
        names = {(marker.namespace, marker.name) for marker in version}
        if len(names) > 1:
            self.report(use, "conflicting-markers", f"{use.name} carries markers of several policies", "unknown")
            return None
        marker = version[0]
        policy = self.find(use, marker)
        if policy is None:
            return None
        selection = policy.selection
        parts = {one.part for one in version}
        if parts == {"tag"} and selection.digest == "always":
            selection = replace(selection, digest="as-is")
        if None in parts and policy.image is not None and not same_image(policy.image, use.name):
            self.report(
                use, "policy-of-another-image",
                f"the marker's policy {marker.namespace}:{marker.name} is about {policy.image}, not {use.name}", "warn",
            )  # fmt: skip
        reason = self.suspended(use)
        if reason:
            return Statement(use, stopped(selection), (0,), (*policy.notes, reason))
        return Statement(use, selection, (0,), policy.notes)

    def markers(self, use: ImageUse) -> list[_Marker]:
        found = []
        for written in use.markers:
            marker = _marker(written)
            if marker is None:
                self.report(
                    use, "unreadable-marker", f"the $imagepolicy marker {written[:80]!r} cannot be read", "unknown"
                )
            else:
                found.append(marker)
        return found

    def find(self, use: ImageUse, marker: _Marker) -> _Policy | None:
        """The policy of a marker; where several clusters have one of that name, the one whose file is nearest."""
        label = f"{marker.namespace}:{marker.name}"
        named = self.policies.get(marker.name, [])
        candidates = [p for p in named if p.namespace == marker.namespace] or [p for p in named if p.namespace is None]
        if not candidates:
            self.report(
                use, "unknown-image-policy", f"the marker's ImagePolicy {label} is not in this repository",
                "unknown", "add it, or correct the marker",
            )  # fmt: skip
            return None
        nearness = [_shared(use.file, policy.document.file) for policy in candidates]
        nearest = [p for p, shared in zip(candidates, nearness, strict=True) if shared == max(nearness)]
        if any(replace(p.selection, origin=nearest[0].selection.origin) != nearest[0].selection for p in nearest[1:]):
            places = " and ".join(policy.document.file for policy in nearest)
            self.report(use, "ambiguous-image-policy", f"the ImagePolicy {label} stands in {places}", "unknown")
            return nearest[0]._replace(selection=stopped(nearest[0].selection))
        return nearest[0]

    def suspended(self, use: ImageUse) -> str | None:
        """Why Flux leaves this marker alone, if every automation that covers it is suspended."""
        covering = [a for a in self.automations if not a.path or use.file.startswith(a.path + "/")]
        if covering and all(automation.suspended for automation in covering):
            return f"{covering[0].label} is suspended"
        return None

    def policy(self, document: Document) -> _Policy | None:
        name, namespace = _name(document), _namespace(document)
        spec = mapping(at(document.root, "spec"))
        root = mapping(document.root)
        if name is None or spec is None or root is None:
            return None
        label = f"ImagePolicy {namespace + '/' if namespace else ''}{name}"
        origin = Origin(NAME, f"{label} in {document.file}", position(document, spec)[0])
        selection = self.selection(document, spec, origin, label)
        repository = self.repository(document, spec, namespace)
        notes: list[str] = []
        if repository is not None:
            ignore = self.exclusions(repository)
            selection = replace(selection, ignore=ignore)
        for holder, kind in ((document, "ImagePolicy"), (repository, "ImageRepository")):
            if holder is not None and truth(text(holder, at(holder.root, "spec", "suspend"))):
                selection = stopped(selection)
                notes.append(f"the {kind} {_name(holder)} is suspended")
        image = text(repository, at(repository.root, "spec", "image")) if repository else None
        return _Policy(namespace, name, document, root, selection, image, tuple(notes))

    def selection(self, document: Document, spec: Mapping, origin: Origin, label: str) -> SelectionPolicy:
        strategy, constraint, descending = "semver", None, False
        allow = text(document, at(spec, "filterTags", "pattern"))
        extract = text(document, at(spec, "filterTags", "extract"))
        choice = mapping(spec.get("policy"))
        kinds = [key.value for key, _ in choice.items if type(key) is Scalar] if choice else []
        if choice is None or len(kinds) != 1 or kinds[0] not in ("semver", "alphabetical", "numerical"):
            told = f"{label} has no policy of semver, alphabetical or numerical"
            self.findings.append(finding(document, choice or spec, "invalid-image-policy", told, status="unknown"))
            return stopped(SelectionPolicy("semver", origin))
        strategy = str(kinds[0])
        order = text(document, at(choice, strategy, "order"))
        if strategy == "semver":
            constraint = text(document, at(choice, "semver", "range"))
            if constraint is None:
                told = f"{label} has no policy.semver.range"
                self.findings.append(finding(document, choice, "invalid-image-policy", told, status="unknown"))
                allow = NOTHING
        elif order not in (None, "asc", "desc"):
            told = f"{label} has the order {order!r}, expected asc or desc"
            self.findings.append(finding(document, choice, "invalid-image-policy", told, status="unknown"))
            allow = NOTHING
        else:
            descending = order == "desc"
        pattern = at(spec, "filterTags", "pattern")
        if allow not in (None, NOTHING) and pattern is not None and not valid_pattern(str(allow)):
            told = f"{label} has the pattern {allow!r}, which RE2 cannot read: it matches nothing"
            self.findings.append(finding(document, pattern, "invalid-pattern", told, status="unknown"))
            allow = NOTHING
        reflected = text(document, spec.get("digestReflectionPolicy"))
        selection = SelectionPolicy(
            strategy, origin, constraint=constraint, allow=allow, extract=extract, descending=descending,
            digest="always" if reflected in ("Always", "IfNotPresent") else "as-is", force=True,
        )  # fmt: skip
        return stopped(selection) if allow == NOTHING else selection

    def repository(self, document: Document, spec: Mapping, namespace: str | None) -> Document | None:
        name = text(document, at(spec, "imageRepositoryRef", "name"))
        where = text(document, at(spec, "imageRepositoryRef", "namespace")) or namespace
        named = [d for d in self.repositories if _name(d) == name and _namespace(d) in (where, None)]
        return max(named, key=lambda other: _shared(document.file, other.file), default=None)

    def exclusions(self, repository: Document) -> tuple[str, ...]:
        globs = []
        for node in elements(at(repository.root, "spec", "exclusionList")):
            pattern = text(repository, node) or ""
            found = _ALL_OF_A_SUFFIX.fullmatch(pattern)
            if found:
                globs.append(f"*.{found[1]}")
            else:
                told = f"the exclusionList entry {pattern!r} is not honoured"
                remedy = "say it in the ImagePolicy's filterTags.pattern"
                self.findings.append(finding(repository, node, "unsupported-exclusion", told, remedy=remedy))
        return tuple(globs) or ("*.sig",)

    def automation(self, document: Document) -> _Automation | None:
        spec = at(document.root, "spec")
        strategy = at(spec, "update", "strategy")
        if strategy is not None and text(document, strategy) not in (None, "Setters"):
            told = f"the ImageUpdateAutomation {_name(document)} has a strategy that is not Setters"
            self.findings.append(finding(document, strategy, "invalid-image-policy", told, status="unknown"))
            return None
        path = posixpath.normpath((text(document, at(spec, "update", "path")) or ".").lstrip("/") or ".")
        suspended = truth(text(document, at(spec, "suspend")))
        return _Automation("" if path == "." else path, suspended, f"the ImageUpdateAutomation {_name(document)}")

    def report(self, use: ImageUse, rule: str, message: str, status: str, remedy: str | None = None) -> None:
        self.findings.append(Finding(rule, message, use.file, use.line, use.column, status=status, remedy=remedy))


def _is(document: Document, kind: str) -> bool:
    return document.kind == kind and document.api_version.startswith("image.toolkit.fluxcd.io/")


def _marker(written: str) -> _Marker | None:
    try:
        value = json.loads(written)
    except (ValueError, RecursionError):
        return None
    reference = value.get("$imagepolicy") if isinstance(value, dict) else None
    parts = reference.split(":") if isinstance(reference, str) else []
    if len(parts) == 2 and all(parts):
        return _Marker(parts[0], parts[1], None)
    if len(parts) == 3 and all(parts) and parts[2] in _PARTS:
        return _Marker(*parts)
    return None


def _name(document: Document) -> str | None:
    return text(document, at(document.root, "metadata", "name"))


def _namespace(document: Document) -> str | None:
    return text(document, at(document.root, "metadata", "namespace"))


def _shared(one: str, other: str) -> int:
    """How many leading directories two files share."""
    pairs = zip(one.split("/")[:-1], other.split("/")[:-1], strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
