"""Finds and loads ``.gitops-ci.yaml``. Without a file nothing but this module is imported."""

import os
import stat
from collections.abc import Mapping

from gitops_ci.config.settings import Settings
from gitops_ci.errors import ConfigurationError

NAME = ".gitops-ci.yaml"


def load(root: str, path: str | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a checkout; defaults where it has no ``.gitops-ci.yaml``.

    ``path`` (``--config``) names another file, as seen from the working directory; it must exist.
    ``environment`` is where ``${NAME}`` in credentials is looked up, the process's own if None.

    :raises ConfigurationError: with file, line and column; :class:`gitops_ci.errors.ConfigurationErrors`
        for several mistakes at once.
    """
    file = os.path.join(root, NAME) if path is None else path
    shown = NAME if path is None else _shown(root, path)
    try:
        data = _read(file, shown, inside=root if path is None else None)
    except FileNotFoundError:
        if path is not None:
            raise ConfigurationError("there is no such file", file=shown, remedy="check --config") from None
        for other in (".gitops-ci.yml", "gitops-ci.yaml", "gitops-ci.yml"):
            if os.path.lexists(os.path.join(root, other)):
                raise ConfigurationError(
                    f"the configuration is called {NAME}", file=other, remedy="rename it"
                ) from None
        return Settings()
    from gitops_ci.config.decode import decode
    from gitops_ci.config.reader import read

    return decode(read(shown, data), os.environ if environment is None else environment)


def _shown(root: str, path: str) -> str:
    relative = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    return path if relative.startswith("..") else relative.replace(os.sep, "/")


def _read(file: str, shown: str, *, inside: str | None) -> bytes:
    """The file's bytes, at most a little more than may be; never through a link that leaves ``inside``."""
    if inside is not None and os.path.islink(file):
        home = os.path.realpath(inside)
        if os.path.commonpath([home, os.path.realpath(file)]) != home:
            raise ConfigurationError("the file is a symbolic link that leaves the root", file=shown)
    try:
        # O_NONBLOCK: opening a named pipe must not wait for somebody to write into it.
        with open(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise ConfigurationError("not a regular file", file=shown)
            return stream.read((1 << 18) + 1)
    except FileNotFoundError:
        if os.path.islink(file):
            raise ConfigurationError("the file is a symbolic link to nothing", file=shown) from None
        raise
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=shown) from None
