"""Custom managers (Renovate's ``customManagers`` of type ``regex``): named groups say what a match holds.

Patterns are RE2's, so no file can make one run for ever; JavaScript's ``(?<name>…)`` is the same there. A pattern
RE2 cannot run (look-around, back-references) is a finding. Offsets of the groups are where edits go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from gitops_ci.finding import Finding
from gitops_ci.manifest.formats import plausible
from gitops_ci.manifest.formats.raw import Text
from gitops_ci.manifest.globs import compile_re2, matcher
from gitops_ci.manifest.use import ImageUse, Place
from gitops_ci.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "custom.regex"
_FIELDS = (
    "depName",
    "packageName",
    "currentValue",
    "currentDigest",
    "datasource",
    "versioning",
    "registryUrl",
    "depType",
    "extractVersion",
)
_MAX_MATCHES = 10_000

Render = Callable[[str, Mapping[str, str]], str]


class Manager(NamedTuple):
    """One custom manager, compiled."""

    wants: Callable[[str], bool]
    """Whether one of its file patterns matches a path."""
    patterns: tuple[Any, ...]
    strategy: str
    templates: Mapping[str, str]
    render: Render

    def find(self, text: Text) -> Iterator[ImageUse]:
        """The uses in one file, each place once."""
        seen: set[tuple[int, int]] = set()
        for groups in self._matches(text):
            use = self._use(text, groups)
            if use is not None and (use.version_place.start, use.version_place.end) not in seen:
                seen.add((use.version_place.start, use.version_place.end))
                yield use

    def _matches(self, text: Text) -> Iterator[dict[str, tuple[int, int]]]:
        if self.strategy == "recursive":
            yield from self._nested(text.data, 0, len(text.data), 0, {})
            return
        combined: dict[str, tuple[int, int]] = {}
        for pattern in self.patterns:
            for number, match in enumerate(pattern.finditer(text.data)):
                if number >= _MAX_MATCHES:
                    break
                groups = _groups(match, 0)
                if self.strategy == "combination":
                    combined |= groups
                else:
                    yield groups
        if combined:
            yield combined

    def _nested(
        self, data: bytes, start: int, end: int, depth: int, above: dict[str, tuple[int, int]]
    ) -> Iterator[dict[str, tuple[int, int]]]:
        if depth == len(self.patterns):
            yield above
            return
        for number, match in enumerate(self.patterns[depth].finditer(data[start:end])):
            if number >= _MAX_MATCHES:
                break
            yield from self._nested(
                data, start + match.start(), start + match.end(), depth + 1, above | _groups(match, start)
            )

    def _use(self, text: Text, groups: dict[str, tuple[int, int]]) -> ImageUse | None:
        values = {name: text.data[start:end].decode("utf-8", "replace") for name, (start, end) in groups.items()}
        for field in _FIELDS:
            template = self.templates.get(f"{field}Template")
            if template is not None and field not in values:
                rendered = self.render(template, values).strip()
                if rendered:
                    values[field] = rendered
        datasource = values.get("datasource", "docker")
        name = values.get("packageName") or values.get("depName")
        if name is None or datasource not in ("docker", "helm"):
            return None
        url = values.get("registryUrl", "").partition("://")
        host = (url[2] or url[0]).strip("/")
        if host and not name.startswith(f"{host}/"):
            name = f"{host}/{name}"
        if datasource == "docker" and plausible.reference(name) is None:
            return None
        places: list[Place] = []
        named = groups.get("packageName") or groups.get("depName")
        if named is not None and text.data[named[0] : named[1]].decode("utf-8", "replace") == name:
            places.append(text.place(*named, "repository"))
        for field, holds in (
            ("currentValue", "version" if datasource == "helm" else "tag"),
            ("currentDigest", "digest"),
        ):
            if field in groups and values[field]:
                places.append(text.place(*groups[field], holds))
        if not any(place.holds != "repository" for place in places):
            return None
        tag, digest = values.get("currentValue") or None, values.get("currentDigest") or None
        return ImageUse(
            text.file,
            "",
            0,
            name,
            tag,
            digest,
            NAME,
            tuple(places),
            datasource=datasource,
            versioning=values.get("versioning"),
            dep_type=values.get("depType"),
            extract_version=values.get("extractVersion"),
        )


def _groups(match: Any, offset: int) -> dict[str, tuple[int, int]]:  # noqa: ANN401 - the library has no types
    # A pattern over bytes may have names that are bytes.
    spans = {_name(name): match.span(index) for name, index in match.re.groupindex.items()}
    return {name: (start + offset, end + offset) for name, (start, end) in spans.items() if start >= 0}


def _name(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else name


def find(text: Text) -> Iterator[ImageUse]:
    """Nothing without a manager."""
    yield from ()


def managers(
    configured: Sequence[Mapping[str, Any]], render: Render | None = None
) -> tuple[tuple[Manager, ...], tuple[Finding, ...]]:
    """Compile ``customManagers``; what cannot be run is a finding and left out, the others run."""
    found: list[Manager] = []
    findings: list[Finding] = []
    for index, item in enumerate(configured):
        where = f"customManagers[{index}]"
        kind = item.get("customType", "regex")
        if kind != "regex":
            findings.append(
                Finding("custom-manager", f"{where}: type {kind!r} is not known; only 'regex' is", status="unknown")
            )
            continue
        try:
            manager = Manager(
                matcher([*_texts(item, "managerFilePatterns"), *(f"/{text}/" for text in _texts(item, "fileMatch"))]),
                tuple(compile_re2(text) for text in _texts(item, "matchStrings")),
                str(item.get("matchStringsStrategy", "any")),
                {str(key): str(value) for key, value in item.items() if str(key).endswith("Template")},
                render or substitute,
            )
        except ValueError as error:
            findings.append(
                Finding(
                    "custom-manager",
                    f"{where}: {error}",
                    status="error",
                    remedy="RE2 has no look-around and no back-references",
                )
            )
            continue
        if not manager.patterns or not (item.get("managerFilePatterns") or item.get("fileMatch")):
            findings.append(
                Finding("custom-manager", f"{where}: needs managerFilePatterns and matchStrings", status="error")
            )
            continue
        found.append(manager)
    return tuple(found), tuple(findings)


def _texts(item: Mapping[str, Any], key: str) -> list[str]:
    value = item.get(key, [])
    return [value] if isinstance(value, str) else [str(text) for text in value]


def substitute(template: str, values: Mapping[str, str]) -> str:
    """``{{name}}``, ``{{{name}}}`` and ``{{#if name}}…{{else}}…{{/if}}`` filled in.

    That is what custom managers use nearly always; other Handlebars need a renderer.
    """
    import re

    template = re.sub(
        r"\{\{#if (\w+)\}\}(.*?)(?:\{\{else\}\}(.*?))?\{\{/if\}\}",
        lambda found: (found[2] if values.get(found[1]) else found[3]) or "",
        template,
        flags=re.DOTALL,
    )

    return re.sub(r"\{\{\{?\s*(\w+)\s*\}?\}\}", lambda found: values.get(found[1], ""), template)
