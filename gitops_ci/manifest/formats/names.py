"""How keys of Helm values name an image and its parts."""

TAGS = ("imagetag", "tag", "imageversion")
"""Endings of a key (after its prefix) that hold a tag."""

_NAMES = ("imagerepository", "imagerepo", "imagename", "image")
_ENDINGS = (
    *_NAMES,
    "imagetag",
    "imageversion",
    "imagedigest",
    "imagesha",
    "repository",
    "registry",
    "tag",
    "version",
    "digest",
    "name",
    "repo",
    "sha256",
    "sha",
)


def normal(key: str) -> str:
    """``workerImage_Tag`` → ``workerimagetag``."""
    return key.lower().replace("_", "").replace("-", "")


def is_image(key: str) -> bool:
    """Whether a key says that what stands under it is an image, or several."""
    lower = key.lower()
    return "image" in lower and lower.rstrip("s").endswith("image") and "pull" not in lower


def stems(name: str) -> str | None:
    """The prefix of a normalised key that holds an image's name (``workerimage`` → ``worker``), else None."""
    if "pull" in name or name.startswith("background"):
        return None
    for ending in _NAMES:
        if name.endswith(ending):
            return name[: -len(ending)]
    return None


def slot(path: str) -> tuple[str, str]:
    """Which image a path belongs to: ``image.tag`` → ``("image", "")``, ``a.workerImageTag`` → ``("a", "worker")``."""
    folder, _, last = path.rpartition(".")
    name = normal(last)
    for ending in _ENDINGS:
        if name.endswith(ending):
            return folder, name[: -len(ending)]
    return folder, name
