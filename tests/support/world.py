"""A repository, its remote and a registry of layouts, for runs of ``gitops-ci update``."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gitops_ci import cli
from gitops_ci.image import layout
from tests.support import repositories

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    spec:
      containers:
        - name: {name}
          image: {image}   # keep me
"""
KUSTOMIZATION = "images:\n  - name: {name}\n    newTag: {tag}\n"


class World:
    """A repository, its remote, and a registry ``r.example`` of layouts."""

    def __init__(self, directory: Path, capsys):
        self.directory = directory
        self.capsys = capsys
        self.registry = directory / "registry"
        self.registry.mkdir()

    def push(self, name: str, *tags: str, days: float = 30, **values) -> str:
        digest = ""
        for tag in tags:
            digest = layout.write(str(self.registry / name), tag, created=NOW - timedelta(days=days), **values)
        return digest

    def make(self, files):
        self.clone, self.remote = repositories.make(self.directory, files)

    def arguments(self, *more: str) -> list[str]:
        return [
            "update",
            "--root",
            str(self.clone),
            "--registry-map",
            f"r.example={self.registry}",
            "--offline",
            "--now",
            NOW.isoformat(),
            "--cache-dir",
            "",
            *more,
        ]

    def run(self, *more: str, code: int | None = 0) -> dict:
        report = self.directory / "report.json"
        found = cli.main([*self.arguments(*more), "--report", str(report)])
        self.out, self.err = self.capsys.readouterr()
        assert code is None or found == code, self.out + self.err
        return json.loads(report.read_text())

    def heads(self) -> dict[str, str]:
        lines = repositories.git(self.remote, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads")
        return dict(line.split(" ") for line in lines.splitlines())

    def refs(self) -> str:
        return repositories.git(self.remote, "for-each-ref")

    def show(self, branch: str, file: str) -> str:
        return repositories.git(self.remote, "show", f"{branch}:{file}")

    def changed(self, branch: str) -> list[str]:
        return repositories.git(self.remote, "diff", "--name-only", "main", branch).splitlines()

    def add(self, files: Mapping[str, str | bytes], message: str = "Change") -> None:
        """Commit more files and push them."""
        repositories.commit(self.clone, files, message)
        repositories.git(self.clone, "push", "-q", "origin", "main")
