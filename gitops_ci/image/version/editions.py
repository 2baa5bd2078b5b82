"""Images of which only some versions are meant to stay: Node.js (even majors) and Ubuntu (LTS).

The tags are read as ``docker`` reads them. Versions in between count as unstable, so that nobody is led there
from a long-term one, and everybody on one is led to the next long-term one. Sources:
https://nodejs.org/en/about/previous-releases, https://ubuntu.com/about/release-cycle.
"""

from collections.abc import Callable

from gitops_ci.image.version.docker import DockerScheme
from gitops_ci.image.version.value import Version


class EditionScheme(DockerScheme):
    """``node`` and ``ubuntu``."""

    def __init__(self, name: str, long_term: Callable[[tuple[int, ...]], bool]) -> None:
        super().__init__(name)
        self._long_term = long_term

    def _read(self, tag: str) -> Version | None:
        version = super()._read(tag)
        if version is None or version.shape.family != "version" or self._long_term(version.release):
            return version
        return version._replace(stable=False)


def node(name: str) -> EditionScheme:
    """Even majors are long-term."""
    return EditionScheme(name, lambda release: release[0] % 2 == 0)


def ubuntu(name: str) -> EditionScheme:
    """April of even years is long-term."""
    return EditionScheme(name, lambda release: release[0] % 2 == 0 and release[1:2] == (4,))
