"""One file after another: read, prefilter, parse, find. What worker processes run."""

from __future__ import annotations

import gc
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence

from gitops_ci.finding import Finding
from gitops_ci.manifest import prefilter
from gitops_ci.manifest.checkout import special, unreadable
from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import TEXT_FORMATS, read
from gitops_ci.manifest.formats.build import Pending
from gitops_ci.manifest.formats.files import is_template, is_values
from gitops_ci.manifest.formats.raw import Text
from gitops_ci.manifest.objects import Fact, Owner, facts
from gitops_ci.manifest.parse import parse
from gitops_ci.manifest.use import ImageUse
from gitops_ci.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitops_ci.manifest.formats.custom_regex import Manager
    from gitops_ci.manifest.scan import ScanConfig

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_BUFFER = 1 << 22
_FEW = 50
"""Files for which it is not worth clearing four megabytes."""
_SMALL_BUFFER = 1 << 16
_BINARY_HEAD = 1024
_WHOLE_MAX = 256 * 1024


class Seen(NamedTuple):
    """What inspecting some files gave. Plain values: it travels between processes."""

    uses: list[ImageUse]
    pending: list[Pending]
    facts: list[Fact]
    owners: list[Owner]
    findings: list[Finding]
    parsed: set[str]
    files: int

    def plus(self, other: Seen) -> Seen:
        """Both together."""
        return Seen(
            self.uses + other.uses,
            self.pending + other.pending,
            self.facts + other.facts,
            self.owners + other.owners,
            self.findings + other.findings,
            self.parsed | other.parsed,
            self.files + other.files,
        )


class Inspector:
    """Reads files of one checkout with one set of wishes."""

    def __init__(
        self,
        root: str,
        *,
        config: ScanConfig,
        managers: Sequence[Manager],
        patterns: Mapping[str, Callable[[str], bool]],
        image: str | None,
        owners: bool,
        whole: bool,
        named: frozenset[str],
    ) -> None:
        self._root = root
        self._config = config
        self._managers = managers
        self._patterns = patterns
        self._image = image
        self._owners = owners
        self._whole = whole
        self._named = named
        self._needle: prefilter.Named | prefilter.Partial | None = prefilter.Named(image) if image is not None else None
        self._filters: dict[str, prefilter.Everything] = {}
        self._buffer = bytearray()
        self._quick = self._needle.quick(owners) if self._needle is not None and not managers and not named else None

    def run(self, files: Sequence[str]) -> Seen:
        """Inspect these files; nothing in them raises."""
        seen = Seen([], [], [], [], [], set(), 0)
        count = 0
        if not self._buffer:
            self._buffer = bytearray(_BUFFER if len(files) > _FEW else _SMALL_BUFFER)
        collecting = gc.isenabled()
        gc.disable()  # trees hold no cycles: looking for some costs a third of the time
        try:
            for file in files:
                count += self._one(file, seen)
        finally:
            if collecting:
                gc.enable()
        return seen._replace(files=count)

    def _one(self, file: str, seen: Seen) -> int:
        data = self._read(file, seen.findings)
        if not data:
            return int(data is not None)
        try:
            self._file(file, data, seen)
        except RecursionError:
            seen.findings.append(
                Finding("unreadable-file", "is nested too deeply to be read", file, 1, 1, status="error")
            )
        return 1

    def second_look(self, seen: Seen, files: Sequence[str]) -> Iterator[tuple[Inspector, list[str]]]:
        """What must be read besides the files that hold a name: those that set only a part of it.

        Nothing unless something found says that there may be such files: values that name the image (others near them
        may set its tag), a chart whose HelmRepository is wanted, an ImageRepository with markers elsewhere.
        """
        named = self._needle
        if named is None:
            return
        rest = [file for file in files if not is_template(file)]
        folders = {_chart_folder(use.file) for use in seen.uses if use.format == "helm-values" and len(use.places) > 1}
        beside = [file for file in rest if is_values(file) and file.startswith(tuple(folders))] if folders else []
        if beside:
            yield self._with(b"mage"), beside
        keys: list[bytes] = []
        if any(item.ask == "chart" and named.file(item.use.name.encode()) for item in seen.pending):
            keys.append(b"HelmRepository")
        if any(fact.what == "image" and named.file(fact.value.encode()) for fact in seen.facts):
            keys += [b"$imagepolicy", b"ImagePolicy"]
        if keys:
            yield self._with(*keys), rest

    def _with(self, *keys: bytes) -> Inspector:
        """The same, for documents that hold one of some keys."""
        other = Inspector(
            self._root,
            config=self._config,
            managers=(),
            patterns=self._patterns,
            image=None,
            owners=False,
            whole=False,
            named=frozenset(),
        )
        other._needle = prefilter.Partial(keys)
        other._quick = other._needle.quick(False)
        return other

    def _read(self, file: str, findings: list[Finding]) -> bytes | None:
        """The file's bytes; None if it cannot be read, or (in a named search) does not hold the name.

        One buffer serves all files, and only what is worth more than a look is copied out of it: fresh memory for
        every large file would cost more than reading it.
        """
        buffer = self._buffer
        try:
            handle = os.open(f"{self._root}/{file}", _READ)
            try:
                size = os.readv(handle, (buffer,))
                if size < len(buffer) and size <= self._config.max_bytes:
                    if self._quick is not None and not self._quick(buffer, size):
                        return b""
                    return bytes(memoryview(buffer)[:size])
                status = os.fstat(handle)
                if not stat.S_ISREG(status.st_mode):
                    findings.append(special(file))
                    return None
                whole = status.st_size
                if whole > self._config.max_bytes:
                    if not file.endswith(".json"):
                        findings.append(_too_large(file, whole, self._config.max_bytes))
                    return None
                parts = [bytes(buffer)]
                while more := os.read(handle, 1 << 20):
                    parts.append(more)
            finally:
                os.close(handle)
        except OSError as error:
            findings.append(unreadable(file, error))
            return None
        return b"".join(parts)

    def _file(self, file: str, data: bytes, seen: Seen) -> None:
        for manager in self._managers:
            if manager.wants(file):
                seen.uses.extend(manager.find(Text(file, data)))
        form = next((form for form in TEXT_FORMATS if form.wants(file) or self._patterned(form.name, file)), None)
        if form is not None:
            if self._needle is None or self._needle.file(data):
                if data.find(b"\0", 0, _BINARY_HEAD) >= 0:
                    seen.findings.append(_binary(file, data))
                    return
                seen.parsed.add(file)
                seen.uses.extend(form.find_text(Text(file, data)))
            return
        json = file.endswith(".json")
        if not json and not file.endswith((".yaml", ".yml", "Kustomization")) and not self._patterned("", file):
            return
        if json and not prefilter.is_object_json(data):
            return
        whole = file in self._named or (self._whole and len(data) <= _WHOLE_MAX and not json)
        filters = self._needle or self._everything(file)
        owner = self._owners and self._needle is not None
        if not whole and not filters.file(data) and not (owner and prefilter.is_owner(data)):
            if not json and data.find(b"\0", 0, _BINARY_HEAD) >= 0 and self._needle is None:
                seen.findings.append(_binary(file, data))
            return
        only: Callable[[bytes], bool] | None = None if whole else filters.document
        if owner and not whole:

            def only(body: bytes) -> bool:
                return filters.document(body) or (prefilter.is_owner(body) and not prefilter.is_schema(body))

        parsed = parse(file, data, only=only, template=is_template(file))
        seen.parsed.add(file)
        seen.findings.extend(
            item for item in parsed.findings if item.rule != "unreadable-template" or prefilter.may_be_literal(data)
        )
        for document in parsed.documents:
            self._document(document, seen)

    def _document(self, document: Document, seen: Seen) -> None:
        found: list[ImageUse | Pending] = list(read(document, self._named_formats(document.file)))
        if self._config.embedded:
            from gitops_ci.manifest.formats.literal import find

            found.extend(find(document))
        if b"$imagepolicy" in document.data:
            from gitops_ci.manifest import markers

            found = markers.attach(document, found)
        for item in found:
            if isinstance(item, ImageUse):
                seen.uses.append(item)
            elif isinstance(item, Pending):
                seen.pending.append(item)
        for fact in facts(document):
            if isinstance(fact, Owner):
                seen.owners.append(fact)
            elif isinstance(fact, Fact):
                seen.facts.append(fact)
        if self._needle is None and (b"bases" in document.data or b"validation" in document.data):
            from gitops_ci.manifest import dated

            seen.findings.extend(dated.check(document))

    def _everything(self, file: str) -> prefilter.Everything:
        folder, _, name = file.rpartition("/")
        if self._patterns or any(word in folder for word in ("values", "env", ".git", "templates", "workflow")):
            return prefilter.Everything(file, self._config.embedded, self._patterned("", file))
        found = self._filters.get(name)
        if found is None:
            found = self._filters[name] = prefilter.Everything(file, self._config.embedded)
        return found

    def _patterned(self, form: str, file: str) -> bool:
        if not self._patterns:
            return False
        return any(matches(file) for name, matches in self._patterns.items() if not form or name == form)

    def _named_formats(self, file: str) -> tuple[str, ...]:
        """The formats that the configuration gives this file."""
        return tuple(name for name, matches in self._patterns.items() if matches(file))


def _chart_folder(file: str) -> str:
    """Where values of the same chart may stand: the directory of these, or the one above a base."""
    folder = file.rpartition("/")[0]
    if folder.rpartition("/")[2] in ("base", "common", "default", "defaults", "chart", "helm", "values"):
        folder = folder.rpartition("/")[0]
    return f"{folder}/" if folder else ""


def _too_large(file: str, size: int, limit: int) -> Finding:
    return Finding(
        "file-too-large",
        f"has {size / 1048576:.0f} MiB, more than the {limit / 1048576:.0f} MiB that are read",
        file,
        1,
        1,
        status="error",
        remedy="leave it out with an ignore pattern, or split it",
    )


def _binary(file: str, data: bytes) -> Finding:
    from gitops_ci.manifest.split import breaks

    line = breaks(data, 0, data.find(b"\0")) + 1
    return Finding(
        "unreadable-file",
        "holds NUL bytes: not a text file",
        file,
        line,
        status="error",
        remedy="save it as UTF-8 text",
    )
