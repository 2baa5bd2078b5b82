"""What the bytes of a file tell before anybody parses them. ``bytes.find`` runs at gigabytes a second, a parser at 20 MB/s."""

import re

from gitops_ci.manifest.formats import docker_compose, github_actions, helm_values, helmv3, is_template, kustomize
from gitops_ci.manifest.globs import is_glob

_KEY = re.compile(rb"mage[A-Za-z_-]*[\"']?\s*:")
_CRD = b"\nkind: CustomResourceDefinition"
_FLUX = b"toolkit.fluxcd.io"
_ARGO = b"argoproj.io"
_SPLIT_HINTS = (b"egistry", b"EGISTRY", b"epository", b"\\/", b"sourceRef", b"$", b"chart", b"newName")
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Everything:
    """For the inventory: does this file, this document, hold a key of interest?"""

    def __init__(self, path: str) -> None:
        self._keys: tuple[bytes, ...]
        self._template = is_template(path)
        if kustomize.wants(path):
            self._keys = kustomize.KEYS
        elif helmv3.wants(path):
            self._keys = helmv3.KEYS
        elif github_actions.wants(path):
            self._keys = github_actions.KEYS
        elif docker_compose.wants(path):
            self._keys = docker_compose.KEYS
        elif helm_values.is_values(path):
            self._keys = (b"mage", b"epository", b"IMAGE")
        else:
            self._keys = ()

    def file(self, data: bytes) -> bool:
        """Whether any document may be worth parsing."""
        if self._template and b"{{" in data and not may_be_literal(data):
            return False
        for key in self._keys:
            if key in data:
                return True
        return b"mage" in data or _FLUX in data or _ARGO in data

    def document(self, data: bytes) -> bool:
        """Whether this document is; schemas (half of the bytes of many repositories) never are."""
        if _CRD in data or data.startswith(_CRD[1:]):
            return False
        for key in self._keys:
            if key in data:
                return True
        if _FLUX in data or (_ARGO in data and b"kind: Application" in data):
            return True
        at = data.find(b"mage")
        if at < 0:
            return False
        return _KEY.search(data, at) is not None or b"/image" in data or b"imagepolicy" in data


class Named:
    """For one image: does this file hold its name, in one piece or in several?

    A name may be cut into registry, repository and name (Helm values, charts, ``ARG``); its last component is always
    in one piece. So that is looked for, and then either the whole name or a hint that something is cut.
    """

    def __init__(self, image: str) -> None:
        pieces = [piece for piece in image.replace("**", "/").split("/") if piece and not is_glob(piece)]
        self.literal = not is_glob(image)
        self._whole = image.encode() if self.literal else b""
        self._last = (image.rpartition("/")[2] if self.literal else max(pieces, key=len, default="")).encode()

    def file(self, data: bytes) -> bool:
        """The same for a file and for a document of it."""
        last = self._last
        if not last:
            return True
        at = data.find(last)
        if at < 0:
            return False
        if not self.literal or len(last) == len(self._whole):
            return self._bounded(data, at)
        return self._whole in data or (self._bounded(data, at) and any(hint in data for hint in _SPLIT_HINTS))

    document = file

    def _bounded(self, data: bytes, at: int) -> bool:
        """Whether the last component stands somewhere as a word of its own (``api``, but not ``apiVersion``)."""
        size = len(self._last)
        if not self.literal:
            return True
        while at >= 0:
            before = data[at - 1] if at else 32
            after = data[at + size] if at + size < len(data) else 32
            if before not in _WORD and after not in _WORD:
                return True
            at = data.find(self._last, at + 1)
        return False


_LITERAL = re.compile(rb"mage(?!Pull)[A-Za-z_-]*[\"']?[ \t]*:(?:[ \t]*\r?\n|[^\n{]+$)", re.MULTILINE)


def may_be_literal(template: bytes) -> bool:
    """Whether a template has a line that gives an image literally: else nothing can be found in it, read or not."""
    return _LITERAL.search(template) is not None


def is_object_json(data: bytes) -> bool:
    """Whether a JSON file may be Kubernetes objects: the only JSON that is read."""
    return b'"apiVersion"' in data and b'"kind"' in data


class Partial:
    """For the second look of a named search: values, parameters and markers that set only a tag, and what names charts."""

    def file(self, data: bytes) -> bool:
        """The same for a file and for a document of it."""
        if b"mage" in data and (b"tag" in data or b"Tag" in data or b"digest" in data or b"imagepolicy" in data):
            return _KEY.search(data, data.find(b"mage")) is not None or b"image.tag" in data or b"imagepolicy" in data
        return b"HelmRepository" in data or b"kind: ImagePolicy" in data

    document = file
