"""Holds: what is to stay at its version for now, by whose reason, and until when.

A hold names an application, an environment, an image, or several of them, each as an exact name or a
glob; all that it names must fit. An expired hold holds nothing and is reported instead.
"""

from collections.abc import Sequence
from datetime import datetime

from gitops_ci.config.settings import Hold
from gitops_ci.finding import Finding
from gitops_ci.image.reference import split_name
from gitops_ci.manifest.use import ImageUse


def find(
    holds: Sequence[Hold],
    *,
    application: str | None,
    environment: str | None,
    images: Sequence[str] = (),
    now: datetime,
) -> Hold | None:
    """The first hold in force that covers this application in this environment, or one of these images.

    ``environment`` None is a place that all environments share (a kustomize base): changing it changes
    the held environment too, so a hold on any environment covers it. ``application`` None is unknown,
    and no hold on an application covers it. Images are names without tag; ``nginx`` and
    ``docker.io/library/nginx`` are the same one. ``now`` carries a time zone.
    """
    for hold in holds:
        if hold.until is not None and now >= hold.until:
            continue
        if hold.application is not None and (application is None or not _fits(hold.application, application)):
            continue
        if hold.environment is not None and environment is not None and not _fits(hold.environment, environment):
            continue
        if hold.image is not None and not any(_names(hold.image, image) for image in images):
            continue
        return hold
    return None


def find_for(holds: Sequence[Hold], use: ImageUse, now: datetime) -> Hold | None:
    """The first hold in force that covers one use of an image."""
    return find(holds, application=use.application, environment=use.environment, images=(use.name,), now=now)


def expired(holds: Sequence[Hold], now: datetime) -> tuple[Finding, ...]:
    """A finding for each hold whose end has come: what it held is updated again."""
    return tuple(
        Finding(
            "expired-hold",
            f"the hold on {describe(hold)} ({' '.join(hold.reason.split())}) "
            f"ended at {hold.until:%Y-%m-%d %H:%M} UTC: it holds nothing",
            hold.file,
            hold.line,
            severity="low",
            remedy="remove it, or give it a later 'until'",
        )
        for hold in holds
        if hold.until is not None and now >= hold.until
    )


def describe(hold: Hold) -> str:
    """``payment-api in prod``, ``ghcr.io/acme/** in prod``, ``prod``."""
    what = [text for text in (hold.application, hold.image) if text]
    where = [hold.environment] if hold.environment else []
    return " in ".join([" with ".join(what), *where] if what else where)


def _names(pattern: str, name: str) -> bool:
    """An image's name against a hold's: as written, and with Docker Hub's short forms written out."""
    canonical = "/".join(split_name(name))
    return _fits(pattern, name) or _fits(pattern, canonical) or "/".join(split_name(pattern)) == canonical


def _fits(pattern: str, name: str) -> bool:
    if pattern == name:
        return True
    if not any(character in pattern for character in "*?["):
        return False
    from wcmatch import glob

    # No alternatives in braces: too many of them are an error there, and a hold must never fail open.
    return bool(glob.globmatch(name, pattern, flags=glob.GLOBSTAR | glob.DOTGLOB))
