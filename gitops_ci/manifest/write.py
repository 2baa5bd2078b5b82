"""Reading and replacing the files of a checkout: whole or not at all, and never outside of the root."""

import os
import stat

from gitops_ci.errors import ManifestError, RefusedError

MAX_SIZE = 32 * 1024 * 1024
"""Bytes. The largest manifest of the public repositories measured has 4 MB."""


def read(root: str, file: str) -> bytes:
    """The bytes of ``file`` (relative to ``root``, links followed as long as they stay inside).

    Raises RefusedError for a path or link that leaves the root, ManifestError for what is no readable
    regular file of at most MAX_SIZE bytes.
    """
    return _read(_inside(root, file), file)


def write(root: str, file: str, old: bytes, new: bytes) -> None:
    """Replace the file's content ``old`` by ``new`` in one step; a crash leaves the one or the other.

    Mode, owner and extended attributes stay; a link inside the root stays a link. Raises RefusedError where
    the path leaves the root, the file is read-only or no longer holds ``old``; ManifestError where the
    system says no.
    """
    target = _inside(root, file)
    if _read(target, file) != old:
        raise _changed(file)
    if new == old:
        return
    try:
        status = os.stat(target)
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise RefusedError("is read-only", file=file, remedy="make it writable")
        temporary = f"{os.path.dirname(target)}/.{os.path.basename(target)[:200]}.{os.urandom(6).hex()}.tmp"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ManifestError(f"cannot be written: {error.strerror}", file=file) from None
    try:
        try:
            _fill(descriptor, new, target, status)
        finally:
            os.close(descriptor)
        if _read(target, file) != old:  # once more, as late as possible: others may write as well
            raise _changed(file)
        os.replace(temporary, target)
    except BaseException as error:
        os.unlink(temporary)
        if isinstance(error, OSError):
            raise ManifestError(f"cannot be written: {error.strerror}", file=file) from None
        raise
    _sync_directory(os.path.dirname(target))


def _inside(root: str, file: str) -> str:
    """The real path of a file, which must be below the real path of the root."""
    base = os.path.realpath(root)
    target = os.path.realpath(os.path.join(base, file))
    if not target.startswith(base.rstrip("/") + "/"):
        linked = os.path.normpath(os.path.join(base, file)).startswith(base.rstrip("/") + "/")
        what = "is a link that leaves the root" if linked else "is outside of the root"
        raise RefusedError(what, file=file, remedy="name files inside the root")
    return target


def _read(target: str, file: str) -> bytes:
    try:
        # Not blocking: a FIFO without a writer would otherwise hold the run for ever.
        descriptor = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                kind = "a directory" if stat.S_ISDIR(status.st_mode) else "no regular file"
                raise ManifestError(f"is {kind}", file=file)
            if status.st_size > MAX_SIZE:
                size = f"{status.st_size / 1e6:.0f} MB"
                raise ManifestError(f"is too large to be a manifest ({size})", file=file, remedy="exclude it")
            return _read_all(descriptor, file)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ManifestError(f"cannot be read: {error.strerror}", file=file) from None


def _read_all(descriptor: int, file: str) -> bytes:
    pieces = []
    left = MAX_SIZE + 1
    while left > 0:
        piece = os.read(descriptor, left)
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    if left <= 0:
        raise ManifestError(f"grew beyond {MAX_SIZE // 1_000_000} MB while it was read", file=file)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _fill(descriptor: int, new: bytes, target: str, status: os.stat_result) -> None:
    view = memoryview(new)
    while view:
        view = view[os.write(descriptor, view) :]
    made = os.fstat(descriptor)  # a directory may give its own group to new files
    if (status.st_uid, status.st_gid) != (made.st_uid, made.st_gid):
        try:
            os.fchown(descriptor, status.st_uid, status.st_gid)
        except PermissionError as error:
            raise OSError(error.errno, "its owner and group could not be kept") from None
    if hasattr(os, "listxattr"):
        try:
            for name in os.listxattr(target):
                os.setxattr(descriptor, name, os.getxattr(target, name))
        except OSError:
            pass  # file systems without them, and attributes that only the kernel sets
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))  # last: chown takes set-id bits away
    os.fsync(descriptor)


def _sync_directory(path: str) -> None:
    """Make the new name last through a power cut; not every file system lets a directory be synced."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def _changed(file: str) -> RefusedError:
    return RefusedError("was changed by something else in the meantime", file=file, remedy="run again")
