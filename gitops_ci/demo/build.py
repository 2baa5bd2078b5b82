"""Puts the demo up in a directory: a repository with one commit, its bare remote, and a registry of layouts."""

import os
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from gitops_ci.demo import registry
from gitops_ci.errors import RefusedError
from gitops_ci.git.process import git

AUTHOR = "Alex Doe <alex@acme.example>"
_DIGEST = re.compile(rb"@DIGEST ([^@]+)@")


class Demo(NamedTuple):
    """Where everything is."""

    root: str
    """The checkout, ``acme-gitops``; its remote ``origin`` is the next one."""
    remote: str
    registry: str
    """Holds ``<host>/<repository>`` for each of ``hosts``."""
    hosts: tuple[str, ...]
    images: int
    tags: int
    manifests: int


def build(directory: str) -> Demo:
    """Write all of it below an empty or missing directory. RefusedError where something is in the way."""
    if os.path.isdir(directory) and os.listdir(directory):
        raise RefusedError("the directory is not empty", file=directory, remedy="name a new one")
    root, remote, layouts = (os.path.join(directory, name) for name in ("acme-gitops", "remote.git", "registry"))
    digests = registry.write(layouts)
    contents = dict(repository(digests))
    for path, data in contents.items():
        target = os.path.join(root, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(data)
    _commit(directory, root, remote)
    tags = sum(len(tags) for tags in registry.IMAGES.values())
    return Demo(root, remote, layouts, tuple(registry.hosts()), len(registry.IMAGES), tags, len(contents))


def repository(digests: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every file. ``@DIGEST name:tag@`` in one of them stands for that image's digest."""
    for path, source in _walk(files("gitops_ci.demo").joinpath("repository"), ""):
        yield path, _DIGEST.sub(lambda found: digests[found[1].decode()].encode(), source.read_bytes())


def _walk(directory: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(directory.iterdir(), key=lambda entry: entry.name):
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _walk(entry, f"{path}/")
        else:
            yield path, entry


def _commit(directory: str, root: str, remote: str) -> None:
    # The same commit on every machine: author and date are the demo's, and no setting of the user's takes part.
    name, _, mail = AUTHOR.rstrip(">").partition(" <")
    when = f"{int(registry.NOW.timestamp()) - 86_400} +0000"
    environment = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in {"NAME": name, "EMAIL": mail, "DATE": when}.items()
    }
    git(["init", "--quiet", "--bare", "--initial-branch=main", remote], cwd=directory)
    git(["init", "--quiet", "--initial-branch=main", root], cwd=directory)
    for command in (
        ["config", "user.name", name],
        ["config", "user.email", mail],
        ["config", "core.autocrlf", "false"],
        ["config", "commit.gpgSign", "false"],
        ["remote", "add", "origin", remote],
        ["add", "--all", "--force"],
        ["commit", "--quiet", "--message", "feat: what acme runs"],
        ["push", "--quiet", "--set-upstream", "origin", "main"],
    ):
        git(command, cwd=root, env=environment)
