"""What one file says about others, as values that travel between processes."""

from typing import NamedTuple


class Fact(NamedTuple):
    """One thing that one object says. ``key`` is (kind, namespace, name)."""

    what: str
    """``url`` of a HelmRepository, ``image`` of an ImageRepository, ``repository`` of an ImagePolicy."""
    key: tuple[str, str, str]
    value: str


class Owner(NamedTuple):
    """An Argo CD Application or a Flux Kustomization that deploys a directory of this repository."""

    file: str
    document: int
    kind: str
    """``Application`` (also of an ApplicationSet), ``Kustomization``, ``HelmRelease`` (owns only its own document)."""
    name: str
    directory: str
    """Without ``./`` and slashes at its ends; empty where the source is no directory (a chart)."""
    hints: tuple[str, ...]
    """Texts that may name an environment, best first: labels, destination, name."""
    files: tuple[str, ...] = ()
    """Value files it reads, relative to the root."""
    children: bool = False
    """Every directory right below ``directory`` is an application of its own (ApplicationSets)."""
