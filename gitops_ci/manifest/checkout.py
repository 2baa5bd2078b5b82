"""Which files of a checkout to look at: a walk without recursion that links and loops cannot lead astray.

Never entered: version control's own directories and those that tools fill (``node_modules``, ``.venv`` …).
Directories called ``test`` are entered like others: an environment may be called so. Symbolic links are not
followed: what they point to inside the checkout is met under its own name, and what lies outside is not ours.
"""

import os
from collections.abc import Callable, Sequence

from gitops_ci.errors import UsageError
from gitops_ci.finding import Finding
from gitops_ci.manifest.globs import is_glob, matcher

SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        "node_modules",
        ".venv",
        "__pycache__",
        ".terraform",
        ".tox",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
    }
)


def walk(root: str, wanted: Callable[[str, str], bool], start: str = "") -> tuple[list[str], list[Finding]]:
    """The wanted files below ``start``, relative to the root, unsorted; directories that cannot be read are findings.

    ``wanted`` gets the file's name and its path.
    """
    files: list[str] = []
    findings: list[Finding] = []
    stack = [start]
    while stack:
        folder = stack.pop()
        try:
            with os.scandir(f"{root}/{folder}" if folder else root) as entries:
                for entry in entries:
                    name = entry.name
                    path = f"{folder}/{name}" if folder else name
                    if entry.is_dir(follow_symlinks=False):
                        if name not in SKIPPED:
                            stack.append(path)
                    elif wanted(name, path):
                        if entry.is_file(follow_symlinks=False):
                            files.append(path)
                        elif entry.is_symlink():
                            finding = _link(root, path)
                            if finding is not None:
                                findings.append(finding)
        except OSError as error:
            findings.append(unreadable(folder or ".", error))
    return files, findings


def select(
    root: str, paths: Sequence[str], wanted: Callable[[str, str], bool]
) -> tuple[list[str], frozenset[str], list[Finding]]:
    """The files that ``paths`` name: all wanted ones of a directory, the very file, or what a glob matches.

    Returns the files sorted, those of them that were named one by one, and findings. Raises UsageError for a path
    that is not there, lies outside of the root, or a glob that matches nothing.
    """
    if not paths:
        files, findings = walk(root, wanted)
        return sorted(files), frozenset(), findings
    found: dict[str, None] = {}
    named: set[str] = set()
    findings = []
    everything: list[str] | None = None
    for path in paths:
        relative = _relative(root, path)
        full = f"{root}/{relative}" if relative else root
        if os.path.isdir(full):
            if os.path.islink(full) and not _inside(root, full):
                raise UsageError(f"{path} is a link that leaves {root}")
            below, more = walk(root, wanted, relative)
            found.update(dict.fromkeys(below))
            findings += more
        elif os.path.lexists(full):
            if not _inside(root, full):
                findings.append(_leaves(relative))
            elif not os.path.isfile(full) and os.path.exists(full):
                findings.append(special(relative))
            else:
                found[relative] = None
                named.add(relative)
        elif is_glob(relative):
            if everything is None:
                everything, more = walk(root, wanted)
                findings += more
            matches = matcher((relative, f"{relative.rstrip('/')}/**"))
            matched = [file for file in everything if matches(file)]
            if not matched:
                raise UsageError(f"no file matches {path!r}", remedy="paths and globs are relative to the root")
            found.update(dict.fromkeys(matched))
        else:
            raise UsageError(f"there is no {path!r}", remedy=f"paths are relative to the root, {root}")
    return sorted(found), frozenset(named), findings


def special(path: str) -> Finding:
    """A pipe, a socket or a device: reading one may never end."""
    return Finding("unreadable-file", "is no regular file", path, 1, 1, status="error", severity="high")


def unreadable(path: str, error: OSError) -> Finding:
    """A file or directory that the system does not let us read."""
    reason = error.strerror or str(error)
    return Finding(
        "unreadable-file",
        f"cannot be read: {reason[:1].lower()}{reason[1:]}",
        path,
        1,
        1,
        status="error",
        severity="high",
    )


def _relative(root: str, path: str) -> str:
    if os.path.isabs(path):
        inside = os.path.relpath(path, root)
        if inside.startswith("..") and not path.startswith(root):
            inside = os.path.relpath(path, os.path.realpath(root))
    else:
        inside = os.path.normpath(path)
    inside = inside.replace(os.sep, "/")
    if inside == ".." or inside.startswith("../"):
        raise UsageError(f"{path!r} lies outside of the root, {root}", remedy="give the directory it is in as --root")
    return "" if inside == "." else inside


def _inside(root: str, path: str) -> bool:
    top = os.path.realpath(root)
    real = os.path.realpath(path)
    return real == top or real.startswith(top.rstrip(os.sep) + os.sep)


def _link(root: str, path: str) -> Finding | None:
    full = f"{root}/{path}"
    return None if _inside(root, full) else _leaves(path)


def _leaves(path: str) -> Finding:
    return Finding(
        "link-leaves-root",
        "is a symbolic link out of the root, and not followed",
        path,
        1,
        1,
        status="skip",
        severity="low",
    )
