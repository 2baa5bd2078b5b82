"""What an update sets at one place, as one line of text: how closed and reverted proposals are recognised."""

from collections.abc import Iterable

from gitops_ci.manifest.use import ImageUse
from gitops_ci.update.model import Update


def key(use: ImageUse, update: Update) -> str:
    """``apps/api.yaml#0:spec.image=ghcr.io/acme/api:1.4.3``: stays the same when other lines of the file move."""
    value = f"{update.new_name or use.name}:{update.new_tag or ''}"
    # The digest belongs to it only where it is what changes: a tag pushed once more is not a new decision.
    if update.kind in ("digest", "pin", "pinDigest"):
        value += f"@{update.new_digest or ''}"
    return f"{use.file}#{use.document}:{use.path}={value}"


def is_set(update: Update, standing: Iterable[str]) -> bool:
    """Whether a proposal that sets ``standing`` sets a place of this update already, be it to an older version.

    A new digest of the old tag is less than a new version.
    """
    known = tuple(standing)
    of_digest = update.kind in ("digest", "pin", "pinDigest")
    for use in update.uses:
        place = f"{use.file}#{use.document}:{use.path}="
        if any(one.startswith(place) and (of_digest or "@" not in one[len(place) :]) for one in known):
            return True
    return False


def keys(updates: Iterable[Update]) -> tuple[str, ...]:
    """The keys of all uses of these updates, sorted."""
    return tuple(sorted({key(use, update) for update in updates for use in update.uses}))
