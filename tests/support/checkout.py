"""A checkout made of texts, and what a scan finds in it."""

import textwrap
from pathlib import Path

from gitops_ci.manifest.scan import Scan, ScanConfig, scan
from gitops_ci.manifest.use import ImageUse


def write(root: Path, files: dict[str, str | bytes]) -> None:
    """Make the files; texts may be indented as a whole."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = textwrap.dedent(content).lstrip("\n").encode()
        path.write_bytes(content)


def look(
    root: Path, files: dict[str, str | bytes], *, image: str | None = None, config: ScanConfig | None = None
) -> Scan:
    """Make the files and scan them. Every place must hold the very bytes of its file."""
    write(root, files)
    result = scan(str(root), image=image, config=config, processes=1)
    for use in result.uses:
        data = (root / use.file).read_bytes()
        for place in use.places:
            assert data[place.start : place.end] == place.raw, (use, place)
            assert 1 <= place.line <= data.count(b"\n") + data.count(b"\r") + 1
    return result


def written(use: ImageUse) -> str:
    """``name:tag@digest``, shortened digests."""
    text = use.name + (f":{use.tag}" if use.tag is not None else "")
    return text + (f"@{use.digest[:10]}" if use.digest is not None else "")


def images(result: Scan) -> list[str]:
    """What is found, in order."""
    return [written(use) for use in result.uses]


def paths(result: Scan) -> dict[str, str]:
    """YAML path → what is found there."""
    return {use.path: written(use) for use in result.uses}
