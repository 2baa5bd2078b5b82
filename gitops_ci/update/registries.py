"""Look-ups by datasource: images and OCI charts from registries, other charts from Helm repositories."""

from gitops_ci.errors import RegistryError
from gitops_ci.image.registry import ImageInfo
from gitops_ci.image.registry.pool import Registries


class RegistryLookup:
    """What :mod:`gitops_ci.update.lookup` asks, answered by :class:`Registries`."""

    def __init__(self, registries: Registries) -> None:
        self._registries = registries

    def tags(self, datasource: str, name: str) -> tuple[str, ...]:
        """All tags, or a chart's versions."""
        if datasource == "helm":
            return tuple(version.version for version in self._registries.chart_versions(name))
        return self._registries.tags(name)

    def digest(self, datasource: str, name: str, tag: str) -> str:
        """The digest of a tag; charts of Helm repositories have none that a file could name."""
        if datasource == "helm":
            raise RegistryError(f"{name} is a chart of a Helm repository: it has no digest")
        return self._registries.digest(name, tag)

    def info(self, datasource: str, name: str, reference: str) -> ImageInfo:
        """Creation time, platforms and labels; of a chart only the time, as the repository's index says it."""
        if datasource != "helm":
            return self._registries.info(name, reference)
        for version in self._registries.chart_versions(name):
            if version.version == reference:
                return ImageInfo(version.digest or "", version.created, frozenset(), {})
        raise RegistryError(f"{name} has no version {reference}", status=404)
