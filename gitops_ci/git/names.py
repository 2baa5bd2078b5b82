"""Branch names that git accepts, from any text (the rules of ``git check-ref-format``)."""

import re

MAX_BRANCH = 200
"""Characters. Git has no limit of its own, but each part becomes a file name (255 bytes) and a lock beside it."""


def slug(text: str) -> str:
    """Lower case letters, digits, dots, dashes and underscores; everything else becomes one dash.

    ``Acme API: all`` gives ``acme-api-all``; a text without any such character gives an empty one.
    """
    import unicodedata

    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9._-]+", "-", plain.lower())).strip("-._")


def branch_name(text: str) -> str:
    """The nearest name that git accepts for a branch. Deterministic; a long one keeps a hash of what was cut.

    >>> branch_name("renovate/api..x prod~1/.hidden.lock")
    'renovate/api.x-prod-1/hidden'
    """
    parts = []
    for part in re.split(r"[/\\]+", text):
        part = re.sub(r"[\x00-\x20\x7f~^:?*\[\]{}@\"'`$&|;<>()!#%,=+\u0080-\U0010ffff]+", "-", part)
        part = re.sub(r"\.{2,}", ".", part)
        part = re.sub(r"-{2,}", "-", part)
        part = re.sub(r"(\.lock)+$", "", part.strip(".-"), flags=re.IGNORECASE).strip(".-")
        if part:
            parts.append(part)
    name = "/".join(parts)
    if len(name) > MAX_BRANCH:
        import hashlib

        name = (
            name[: MAX_BRANCH - 11].rstrip("/.-")
            + "-"
            + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:10]
        )
    # "HEAD" is a name git itself would be confused by.
    return name if name and name.upper() != "HEAD" else f"{name or 'update'}-update"
