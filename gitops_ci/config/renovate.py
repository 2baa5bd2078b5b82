"""Renovate's configuration files in a checkout, and the presets of the same repository that they extend."""

import os
import re
from typing import NamedTuple

from gitops_ci.config.json5 import MAX_BYTES, Json, parse
from gitops_ci.config.source import Path, Position, Source
from gitops_ci.errors import ConfigurationError
from gitops_ci.finding import Finding

FILES = (
    "renovate.json",
    "renovate.jsonc",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.jsonc",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".gitlab/renovate.jsonc",
    ".gitlab/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.jsonc",
    ".renovaterc.json5",
    "package.json",
)
"""In Renovate's order: the first that is there counts."""

_HOSTED = re.compile(r"(?P<host>local|github|gitlab|gitea|forgejo|bitbucket|azure)>(?P<rest>.*)", re.DOTALL)


class RenovateFile(NamedTuple):
    """The configuration that counts."""

    source: Source
    warnings: tuple[Finding, ...]

    @property
    def file(self) -> str:
        """Relative to the root."""
        return self.source.name

    @property
    def config(self) -> object:
        """As it is written, old names included."""
        return self.source.config


def load(root: str) -> RenovateFile | None:
    """Read the configuration of a checkout; None if there is none.

    Raises ConfigurationError, with file, line and column, for one that cannot be read.
    """
    found: RenovateFile | None = None
    others: list[str] = []
    for name in FILES:
        if not os.path.lexists(os.path.join(root, name)):
            continue
        if found is None:
            found = _load(root, name)
        elif name != "package.json" or _load(root, name) is not None:
            others.append(name)
    if found is None or not others:
        return found
    message = f"{found.file} counts; {', '.join(others)} beside it {'is' if len(others) == 1 else 'are'} not read"
    return found._replace(warnings=(*found.warnings, Finding("second-configuration", message, others[0])))


def _load(root: str, name: str) -> RenovateFile | None:
    data = _read(root, name)
    if name == "package.json" and b'"renovate"' not in data:
        return None
    parsed = parse(name, data)
    prefix: Path = ()
    value = parsed.value
    if name == "package.json":
        prefix = ("renovate",)
        if not isinstance(value, dict) or "renovate" not in value:
            return None
        value = value["renovate"]
    return RenovateFile(_source(parsed, value, prefix), _duplicates(parsed))


def _source(parsed: Json, value: object, prefix: Path) -> Source:
    def position(path: Path) -> Position | None:
        return parsed.position((*prefix, *path))

    if not isinstance(value, dict):
        line, column = position(()) or (1, 1)
        raise ConfigurationError("the configuration is not an object", file=parsed.file, line=line, column=column)
    return Source(parsed.file, value, parsed.file, position)


def _duplicates(parsed: Json) -> tuple[Finding, ...]:
    findings = []
    for path, offset in parsed.duplicates:
        line, column = parsed.at(offset)
        message = f"the key {path[-1]!r} stands here a second time; the last one counts"
        findings.append(Finding("duplicate-key", message, parsed.file, line, column))
    return tuple(findings)


def _read(root: str, name: str) -> bytes:
    """A file's bytes. Links may not lead out of the root."""
    path = os.path.join(root, name)
    real_root = os.path.realpath(root)
    real = os.path.realpath(path)
    if os.path.commonpath((real_root, real)) != real_root:
        raise ConfigurationError("the file is a link that leads out of the repository", file=name)
    try:
        with open(real, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        raise ConfigurationError("this is a directory, not a file", file=name) from None
    except OSError as error:
        raise ConfigurationError(f"the file cannot be read: {error.strerror}", file=name) from None


class PresetFiles:
    """Reads presets that are files of this very checkout.

    ``repository`` is ``owner/name``, as far as it is known: references to another one are not read. Where it is not
    known, a ``local>`` reference with a path that exists here is taken for this repository, with a warning.
    """

    def __init__(self, root: str, repository: str | None = None) -> None:
        self.warnings: list[Finding] = []
        self._root = root
        self._repository = repository.lower() if repository else None

    def __call__(self, reference: str) -> Source | None:
        """The preset's file, or None where it belongs to another repository, revision or host.

        Raises ConfigurationError where it should be here and is not, or leads out of the root.
        """
        found = _HOSTED.fullmatch(reference)
        if found is None:
            return None
        rest, _, revision = found["rest"].partition("#")
        repository, path, key = _split(rest)
        if revision or not self._is_here(found["host"], repository):
            return None
        names = _candidates(path)
        for name in names:
            if any(part in ("..", "") for part in name.split("/")) or "\\" in name or "\0" in name:
                raise ConfigurationError(f"preset {reference!r} leads out of the repository")
        existing = [name for name in names if os.path.isfile(os.path.join(self._root, name))]
        if not existing:
            if self._repository is None:
                return None
            raise ConfigurationError(f"preset {reference!r}: {' or '.join(names)} is not in this repository")
        name = existing[0]
        if self._repository is None:
            message = f"preset {reference!r}: which repository this is is not known; {name} of this checkout is used"
            self.warnings.append(Finding("local-preset", message, name))
        return self._open(name, key, reference)

    def _is_here(self, host: str, repository: str) -> bool:
        if self._repository is None:
            return host == "local"
        return repository.lower() == self._repository

    def _open(self, name: str, key: tuple[str, ...], reference: str) -> Source:
        parsed = parse(name, _read(self._root, name))
        self.warnings += _duplicates(parsed)
        value = parsed.value
        for part in key:
            if not isinstance(value, dict) or part not in value:
                raise ConfigurationError(f"preset {reference!r}: {name} has no {'/'.join(key)!r}")
            value = value[part]
        return _source(parsed, value, key)


def _split(rest: str) -> tuple[str, str, tuple[str, ...]]:
    """``(repository, path, keys in the file)`` of what follows ``local>``."""
    repository, slashes, path = rest.partition("//")
    if slashes:
        return repository, path, ()
    repository, colon, name = rest.partition(":")
    if not colon:
        return repository, "default", ()
    path, *keys = name.split("/")
    return (repository, name, ()) if ".." in (path, *keys) else (repository, path, tuple(keys))


def _candidates(path: str) -> tuple[str, ...]:
    if path.endswith((".json", ".json5", ".jsonc")):
        return (path,)
    names = tuple(f"{path}{ending}" for ending in (".json", ".json5", ".jsonc"))
    return (*names, "renovate.json") if path == "default" else names
