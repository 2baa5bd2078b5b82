"""The registries that hold the images: HTTP (OCI distribution API) and OCI image layouts on disk."""

from datetime import datetime
from typing import NamedTuple, Protocol


class ImageInfo(NamedTuple):
    """What a registry knows of one tag or digest."""

    digest: str
    """Of the manifest or index that the tag names: what a manifest pins."""
    created: datetime | None
    """From the image config (``org.opencontainers.image.created`` where the config has none); None if neither says.
    A time before 2013, which reproducible builds write, says nothing."""
    platforms: frozenset[str]
    """``linux/amd64``, ``linux/arm/v7`` …; empty where it does not say (charts and other artifacts)."""
    labels: dict[str, str]
    """OCI labels of the config, overlaid with the manifest's annotations."""


class Registry(Protocol):
    """What the rest of the toolkit may ask. Every method raises RegistryError; safe to call from threads."""

    def tags(self, repository: str) -> tuple[str, ...]:
        """All tags, in the registry's order. One request where the registry does not paginate."""

    def digest(self, repository: str, tag: str) -> str:
        """The digest that a tag names now (one HEAD request)."""

    def info(self, repository: str, reference: str) -> ImageInfo:
        """Creation time, platforms, labels of a tag or digest; cached on disk by digest for ever."""
