"""Charts in HTTP Helm repositories: ``index.yaml`` and what it says of one chart.

Source: Helm's documentation of chart repositories (https://helm.sh/docs/topics/chart_repository/). Charts in
OCI registries are ordinary repositories there: their versions are tags.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.cache import Cache
from gitops_ci.image.registry.hosts import Access, Hosts
from gitops_ci.image.registry.manifests import read_time
from gitops_ci.image.registry.transport import Response, Transport

LARGEST_INDEX = 64 * 1024 * 1024
"""Bytes, unpacked. The largest public ones have some 20 MB."""
_ACCEPT = {"Accept": "application/yaml, text/yaml, */*", "Accept-Encoding": "gzip"}


class ChartVersion(NamedTuple):
    """One version of a chart."""

    version: str
    """As written: ``1.2.3``, ``v1.2.3``."""
    created: datetime | None
    app_version: str | None
    digest: str | None
    """Of the packed chart, 64 hexadecimal digits without ``sha256:``, as Helm writes it."""
    deprecated: bool


class HelmRepositories:
    """The HTTP chart repositories of a run. Safe to call from threads."""

    def __init__(
        self, transport: Transport, rules: Sequence[HostRule], cache: Cache, check: Callable[[str], None]
    ) -> None:
        """``check`` raises RegistryError for a host that may not be asked."""
        self._transport = transport
        self._hosts = Hosts(rules, host_type="helm")
        self._cache = cache
        self._check = check
        self._indexes: dict[str, bytes] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def versions(self, name: str) -> tuple[ChartVersion, ...]:
        """All versions of a chart, in the index's order (Helm writes the newest first).

        ``name`` is the repository's URL without scheme, a ``/`` and the chart. HTTPS, except where Docker
        would speak plain HTTP (this machine) or a host rule says so. User name, password or token come
        from host rules only. Raises RegistryError.
        """
        repository, slash, chart = name.removeprefix("https://").removeprefix("http://").rstrip("/").rpartition("/")
        host, _, path = repository.partition("/")
        if not slash or not host or not chart or set(path.split("/")) & {".", ".."}:
            raise RegistryError(f"{name!r} is not a chart in a Helm repository", remedy="write HOST/PATH/CHART")
        self._check(host)
        with self._lock:
            lock = self._locks.setdefault(repository, threading.Lock())
        with lock:
            return self._versions(repository, host.lower(), path, chart)

    def _versions(self, repository: str, host: str, path: str, chart: str) -> tuple[ChartVersion, ...]:
        key = f"chart {repository} {chart}"
        if repository in self._indexes:
            return _chart(self._indexes[repository], chart, repository)
        etag, kept = _kept(self._cache.get(key))
        access = self._hosts.access(host, path)
        response = self._get(access, path, {"If-None-Match": etag} if etag else {})
        if response.status == 304 and kept is not None:
            return kept
        if response.status != 200:
            raise RegistryError(
                f"{repository}: asked for index.yaml, the repository answers {response.status}", status=response.status
            )
        self._indexes[repository] = response.body
        versions = _chart(response.body, chart, repository)
        etag = response.headers.get("ETag", "")
        if etag and etag.isascii() and etag.isprintable():
            self._cache.put(key, _record(etag, versions))
        return versions

    def _get(self, access: Access, path: str, conditional: Mapping[str, str]) -> Response:
        credentials = access.credentials
        secret = None
        if credentials is not None:
            secret = f"Bearer {credentials.bearer}" if credentials.bearer else credentials.basic
        target = f"/{quote(path)}/index.yaml" if path else "/index.yaml"
        return self._transport.send(
            access.origin,
            "GET",
            target,
            headers={**_ACCEPT, **conditional},
            limit=LARGEST_INDEX,
            secret_headers={"Authorization": secret} if secret else None,
        )


def _chart(index: bytes, chart: str, repository: str) -> tuple[ChartVersion, ...]:
    found: object = None
    for text in (_cut(index, chart), index):  # a part may lean on the rest: anchors; then the whole is read
        entries = _parse(text).get("entries") if text is not None else None
        found = entries.get(chart) if isinstance(entries, dict) else None
        if isinstance(found, list):
            break
    else:
        if not isinstance(entries, dict):
            raise RegistryError(f"{repository}: index.yaml is not the index of a Helm repository")
        raise RegistryError(f"{repository}: chart {chart} is not in index.yaml", status=404)
    versions = []
    for entry in found:
        version = entry.get("version") if isinstance(entry, dict) else None
        if not isinstance(version, str) or not version.isprintable():
            continue
        versions.append(
            ChartVersion(
                version,
                read_time(entry.get("created")),
                _text(entry.get("appVersion")),
                _text(entry.get("digest")),
                entry.get("deprecated") == "true",
            )
        )
    return tuple(versions)


def _cut(index: bytes, chart: str) -> bytes | None:
    """The part of an index that speaks of one chart, as an index; None where its shape is not Helm's own.

    Parsing 20 MB of YAML takes most of a minute. In a block mapping, a line that is indented exactly as the
    chart's key and is no sequence entry can only be the next key, so the text between is the chart's value.
    """
    start = re.search(rb"^entries:[ ]*\r?\n(?:[ ]*(?:#.*)?\r?\n)*([ ]+)[^ \r\n]", index, re.MULTILINE)
    if start is None or b"&" in index[: start.start()]:
        return None
    indent = re.escape(start[1])
    name = rb"[\"']?" + re.escape(chart.encode()) + rb"[\"']?"
    keys = list(re.finditer(rb"^" + indent + name + rb":[ ]*\r?\n", index[start.start(1) :], re.MULTILINE))
    if len(keys) != 1:
        return None
    begin = start.start(1) + keys[0].start()
    body = start.start(1) + keys[0].end()
    end = re.compile(
        rb"^(?:" + indent + rb"[^ \-#\r\n]|[ ]{0," + str(len(start[1]) - 1).encode() + rb"}[^ #\r\n])", re.MULTILINE
    ).search(index, body)
    return b"entries:\n" + index[begin : end.start() if end else len(index)]


def _parse(text: bytes) -> Mapping[str, object]:
    """A YAML mapping; empty for anything else."""
    import yaml

    try:
        # The base loader makes texts of everything: a version 1.10 stays 1.10.
        value = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - it makes no other objects
    except (yaml.YAMLError, RecursionError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _record(etag: str, versions: Sequence[ChartVersion]) -> str:
    rows = [
        [v.version, v.created.isoformat() if v.created else None, v.app_version, v.digest, v.deprecated]
        for v in versions
    ]
    return json.dumps([etag, rows])


def _kept(text: str | None) -> tuple[str, tuple[ChartVersion, ...] | None]:
    try:
        etag, rows = json.loads(text) if text is not None else ("", None)
        versions = [
            ChartVersion(version, datetime.fromisoformat(created) if created else None, app, digest, bool(deprecated))
            for version, created, app, digest, deprecated in rows or ()
        ]
    except (ValueError, TypeError, RecursionError):
        return "", None
    return (etag, tuple(versions)) if isinstance(etag, str) and rows is not None else ("", None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
