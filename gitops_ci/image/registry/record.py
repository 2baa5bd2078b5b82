"""ImageInfo as text, for the cache."""

import json
from datetime import datetime

from gitops_ci.image.registry import ImageInfo


def info_to_text(info: ImageInfo) -> str:
    """JSON of an ImageInfo."""
    created = info.created.isoformat() if info.created is not None else None
    return json.dumps([info.digest, created, sorted(info.platforms), info.labels])


def info_from_text(text: str) -> ImageInfo | None:
    """The ImageInfo of that JSON; None for anything else."""
    try:
        digest, created, platforms, labels = json.loads(text)
        moment = datetime.fromisoformat(created) if created is not None else None
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(digest, str) or not isinstance(platforms, list) or not isinstance(labels, dict):
        return None
    return ImageInfo(digest, moment, frozenset(str(platform) for platform in platforms), labels)
