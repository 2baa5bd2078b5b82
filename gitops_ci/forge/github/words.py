"""The fingerprint of a proposal's words."""

import hashlib

from gitops_ci.forge.change import Change


def told(change: Change) -> str:
    """Of title and text: they are written again only when they change, a person's own words stay till then."""
    return hashlib.sha256(f"{change.title}\0{change.body}".encode("utf-8", "surrogateescape")).hexdigest()[:32]
