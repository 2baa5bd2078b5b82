"""Image policies of other tools, honoured where they stand in the repository.

One adapter per tool, all with the same four names: ``NAME``; ``KEYS``, words of which some file must hold one
before anything is parsed; ``CONTEXT``, words of further documents that are parsed then; ``speak(documents,
uses, files, read)``, which says what these documents mean for these uses. A new tool is one module and one
line in ``ADAPTERS``.

Where several speak about one use the nearest wins; ``Foreign.explain`` tells all of them.
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import replace

from gitops_ci.errors import GitopsError
from gitops_ci.finding import Finding
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.use import ImageUse
from gitops_ci.manifest.write import MAX_SIZE, read
from gitops_ci.update.foreign import argocd_image_updater, flux
from gitops_ci.update.foreign.statement import Statement, stopped
from gitops_ci.update.model import Origin, SelectionPolicy

ADAPTERS = (flux, argocd_image_updater)

_Key = tuple[str, int, str]


class Foreign:
    """What the foreign policies of a checkout say, by use."""

    def __init__(self, statements: Sequence[Statement] = (), findings: Sequence[Finding] = ()) -> None:
        """In any order; those about one use are brought into theirs here."""
        self._about: dict[_Key, list[Statement]] = {}
        for statement in statements:
            self._about.setdefault(_key(statement.use), []).append(statement)
        noticed = list(findings)
        for spoken in self._about.values():
            spoken.sort(key=lambda statement: statement.nearness)
            if conflict := _settle(spoken):
                noticed.append(conflict)
        self.findings: tuple[Finding, ...] = tuple(dict.fromkeys(noticed))
        """What in these policies is broken, outdated or cannot be decided here; each once."""

    def policy_for(self, use: ImageUse) -> SelectionPolicy | None:
        """The policy that decides this use; None where no foreign one speaks about it."""
        spoken = self._about.get(_key(use))
        return spoken[0].policy if spoken else None

    def explain(self, use: ImageUse) -> tuple[Statement, ...]:
        """All that spoke about this use; the first one decides."""
        return tuple(self._about.get(_key(use), ()))


def collect(root: str, files: Sequence[str], uses: Sequence[ImageUse]) -> Foreign:
    """Read the foreign policies among ``files`` (relative to ``root``, with ``/``).

    A file without the words of such a policy costs one read and a few searches in its bytes. What cannot
    be read or parsed is left to the scan, which reports it. Files only need to be those that may hold
    policies: YAML and JSON.
    """
    checkout = _Checkout(root)
    words = {adapter.NAME: (*adapter.KEYS, *adapter.CONTEXT) for adapter in ADAPTERS}
    holding: dict[str, list[str]] = {adapter.NAME: [] for adapter in ADAPTERS}
    speaking: set[str] = set()
    for file in files:
        if file.endswith((".yaml", ".yml", ".json")):
            data = checkout.glance(file)
            for adapter in ADAPTERS:
                if any(word in data for word in words[adapter.NAME]):
                    holding[adapter.NAME].append(file)
                    if any(word in data for word in adapter.KEYS):
                        speaking.add(adapter.NAME)
    statements: list[Statement] = []
    findings: list[Finding] = []
    for adapter in ADAPTERS:
        if adapter.NAME not in speaking and not any(use.markers for use in uses):
            continue
        documents = [d for file in holding[adapter.NAME] for d in checkout.documents(file, words[adapter.NAME])]
        spoken = adapter.speak(documents, uses, files, checkout.read)
        statements.extend(spoken.statements)
        findings.extend(spoken.findings)
    return Foreign(statements, findings)


class _Checkout:
    def __init__(self, root: str) -> None:
        self.root = root
        self.parsed: dict[str, tuple[Document, ...]] = {}

    def glance(self, file: str) -> bytes:
        """The bytes to search for words: three times as fast as ``data``, whose care is only for what is parsed."""
        try:
            descriptor = os.open(os.path.join(self.root, file), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            return self.data(file)
        with open(descriptor, "rb", buffering=0) as stream:
            status = os.fstat(descriptor)
            return stream.read(status.st_size) if stat.S_ISREG(status.st_mode) and status.st_size <= MAX_SIZE else b""

    def data(self, file: str) -> bytes:
        try:
            return read(self.root, file)
        except (GitopsError, OSError):
            return b""

    def documents(self, file: str, words: tuple[bytes, ...]) -> tuple[Document, ...]:
        from gitops_ci.manifest.parse import parse

        return parse(file, self.data(file), only=lambda data: any(word in data for word in words)).documents

    def read(self, file: str) -> tuple[Document, ...]:
        if file not in self.parsed:
            from gitops_ci.manifest.parse import parse

            data = self.data(file)
            self.parsed[file] = parse(file, data).documents if data else ()
        return self.parsed[file]


def _key(use: ImageUse) -> _Key:
    return use.file, use.document, use.path


def _settle(spoken: list[Statement]) -> Finding | None:
    """Two that are equally near and disagree: neither is guessed, the use is left as it is."""
    first = spoken[0]
    rivals = [other for other in spoken[1:] if other.nearness == first.nearness and not _agree(first, other)]
    if not rivals:
        return None
    said = " and ".join(dict.fromkeys(statement.policy.origin.detail for statement in (first, *rivals)))
    origin = Origin(first.policy.origin.source, f"conflict of {said}", first.policy.origin.line)
    spoken.insert(0, first._replace(policy=replace(stopped(first.policy), origin=origin), notes=()))
    return Finding(
        "conflicting-policies",
        f"{first.use.name} is ruled by {said}, which disagree: it is not updated",
        first.use.file,
        first.use.line,
        first.use.column,
        status="unknown",
        remedy="let them say the same, or put a policy nearer to the image",
    )


def _agree(one: Statement, other: Statement) -> bool:
    return replace(one.policy, origin=other.policy.origin) == other.policy
