"""The demo's registry: OCI image layouts with the tags that make choosing hard.

Every date is counted back from :data:`NOW`, so that the demo tells the same story on any day.
"""

import os
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gitops_ci.image import layout

NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
"""The demo's today: a Tuesday."""

BOTH = ("linux/amd64", "linux/arm64")


class Tag(NamedTuple):
    """One tag of one image."""

    name: str
    days: float
    """Age in days at :data:`NOW`."""
    platforms: tuple[str, ...] = BOTH
    moved: bool = False
    """Once named another image: its old digest is what the demo's repository still pins."""


IMAGES: dict[str, tuple[Tag, ...]] = {
    "ghcr.io/acme/payment-api": (
        Tag("1.4.0", 120),
        Tag("1.4.1", 90),
        Tag("1.4.2", 40),
        Tag("1.4.3", 21),
        Tag("1.5.0", 8),
        Tag("1.5.1", 0.8),  # too young for minimumReleaseAge
        Tag("1.6.0-rc.1", 5),  # a pre-release
        Tag("1.5.0-debug", 8),  # another variant
        Tag("2.0.0", 6),  # a major version: proposed by itself
        Tag("20260301", 2),  # a date is not a version
        Tag("4f2a9c1", 2),  # nor is a commit
        Tag("latest", 0.8),
    ),
    "ghcr.io/acme/payment-migrations": (Tag("0.9.0", 90), Tag("0.9.1", 12)),
    "ghcr.io/acme/user-service": (
        Tag("2.3.0", 100),
        Tag("2.3.1", 60),
        Tag("2.3.2", 15),
        Tag("2.4.0", 9, ("linux/amd64",)),  # somebody forgot arm64
    ),
    "ghcr.io/acme/web-shop": (
        Tag("3.1.2", 80),
        Tag("3.1.4", 50),
        Tag("3.1.10", 10),  # above 3.1.9 for those who can count
        Tag("3.1.9", 20),
        Tag("3.2.0", 14),  # outside of the Image Updater's ~3.1
        Tag("3.1.11-beta", 4),
    ),
    "ghcr.io/acme/shop-worker": (Tag("1.19", 70), Tag("1.20", 11), Tag("1.20.3", 11)),
    "ghcr.io/acme/mirror": (Tag("1.0.0", 200), Tag("1.1.0", 30)),
    "ghcr.io/stefanprodan/podinfo": (Tag("6.7.0", 70), Tag("6.7.1", 40), Tag("6.7.2", 12), Tag("6.8.0", 10)),
    "quay.io/acme/backup": (Tag("24.11", 110), Tag("25.02", 20)),
    "docker.io/library/nginx": (
        Tag("1.27.3-alpine", 90),
        Tag("1.27.4-alpine", 25),
        Tag("1.27.4-alpine3.21", 25),  # another variant
        Tag("1.27.5", 20),
        Tag("stable-alpine", 25),
        Tag("mainline", 20),
    ),
    "docker.io/library/postgres": (Tag("16.6", 110), Tag("16.7", 18), Tag("17.3", 18)),
    "docker.io/library/redis": (Tag("7.4.1", 60, moved=True),),
    "docker.io/envoyproxy/envoy": (Tag("v1.32.2", 100), Tag("v1.32.3", 45), Tag("v1.33.0", 22)),
}


def write(directory: str) -> dict[str, str]:
    """Write every image below ``directory/<host>/<repository>``.

    Returns the digests: ``ghcr.io/acme/payment-api:1.4.1`` → ``sha256:…``, and for a tag that moved also
    its first one, ``docker.io/library/redis:7.4.1 before``.
    """
    digests: dict[str, str] = {}
    for name, tags in IMAGES.items():
        source = f"https://github.com/{'/'.join(name.split('/')[1:])}"
        for tag in tags:
            reference = f"{name}:{tag.name}"
            created = NOW - timedelta(days=tag.days)
            labels = {"org.opencontainers.image.source": source}
            if tag.moved:
                digests[f"{reference} before"] = layout.write(
                    os.path.join(directory, name),
                    tag.name,
                    platforms=tag.platforms,
                    created=created - timedelta(days=30),
                    labels=labels,
                )
            digests[reference] = layout.write(
                os.path.join(directory, name), tag.name, platforms=tag.platforms, created=created, labels=labels
            )
    return digests


def hosts() -> list[str]:
    """The registries that the demo stands in for."""
    return sorted({name.split("/")[0] for name in IMAGES})
