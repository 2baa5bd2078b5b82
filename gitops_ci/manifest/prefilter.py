"""What the bytes of a file tell before anybody parses them.

``bytes.find`` runs at gigabytes a second, a parser at 20 MB/s.
"""

import functools
import re
from collections.abc import Callable

from gitops_ci.manifest.formats import named_keys
from gitops_ci.manifest.formats.files import is_template, is_values
from gitops_ci.manifest.globs import is_glob

_KEY = rb"mage[A-Za-z_-]*[\"']?\s*:"
_CRD = b"\nkind: CustomResourceDefinition"
_FLUX = b"toolkit.fluxcd.io"
_ARGO = b"argoproj.io/v1"
_SPLIT_HINTS = (b"egistry", b"EGISTRY", b"epository", b"\\", b"sourceRef", b"$", b"chart", b"newName")
_OPAQUE = rb"(?:^|\n)kind: (?:ConfigMap|Secret|SealedSecret)[ \t]*\r?\n"
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

_compiled = functools.cache(re.compile)  # at the first use: a named search has none


class Everything:
    """For the inventory: does this file, this document, hold a key of interest?"""

    def __init__(self, path: str, embedded: bool = False, values: bool = False) -> None:
        self._template = is_template(path)
        self._embedded = embedded
        self._keys = named_keys(path)
        if not self._keys and (values or is_values(path)):
            self._keys = (b"mage", b"epository", b"IMAGE")

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
        if is_schema(data):
            return False
        for key in self._keys:
            if key in data:
                return True
        if _FLUX in data or (_ARGO in data and b"kind: Application" in data):
            return True
        at = data.find(b"mage")
        if at < 0:
            return False
        if b"imagepolicy" in data:
            return True
        if not self._embedded and _is_opaque(data):
            return False
        if (
            b"kind:" not in data
            and b'kind"' not in data
            and b"path" not in data
            and not (b"repository" in data and b"tag" in data)
        ):
            return False  # neither an object, nor a patch, nor values
        return _compiled(_KEY).search(data, at) is not None or b"/image" in data


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

    def quick(self, owners: bool) -> Callable[[bytearray, int], bool]:
        """A first test of a buffer's first bytes: False means that nothing else need be asked."""
        last = self._last

        def worth(buffer: bytearray, size: int) -> bool:
            if buffer.find(last, 0, size) >= 0:
                return True
            return owners and (buffer.find(_ARGO, 0, size) >= 0 or buffer.find(_FLUX, 0, size) >= 0)

        return worth

    def file(self, data: bytes) -> bool:
        """Whether a file may hold the name."""
        last = self._last
        if not last:
            return True
        at = data.find(last)
        if at < 0:
            return False
        if not self.literal:
            return True
        if len(last) == len(self._whole) or len(last) == len(data):  # the latter: a chart's name alone
            return self._stands(data, at, _is_bound)
        if self._whole in data:
            return True
        return self._stands(data, at, _ends_value) and any(hint in data for hint in _SPLIT_HINTS)

    def document(self, data: bytes) -> bool:
        """The same for one document, and no schema: prose holds every word."""
        return self.file(data) and not is_schema(data)

    def _stands(self, data: bytes, at: int, fits: Callable[[bytes, int, int], bool]) -> bool:
        """Whether the last component stands somewhere as a word of its own (``api``, but not ``apiVersion``)."""
        while at >= 0:
            if fits(data, at, at + len(self._last)):
                return True
            at = data.find(self._last, at + 1)
        return False


def _is_bound(data: bytes, start: int, end: int) -> bool:
    return (not start or data[start - 1] not in _WORD) and (end == len(data) or data[end] not in _WORD)


def _ends_value(data: bytes, start: int, end: int) -> bool:
    """Whether a word could be the end of an image's name: prose goes on behind it."""
    if not _is_bound(data, start, end):
        return False
    after = data[end : end + 80].lstrip(b" \t")[:4]
    return not after or after[0] in b"\r\n#\"':@,}]$\\" or after.upper().startswith(b"AS")


_LITERAL = rb"(?m)mage(?!Pull)[A-Za-z_-]*[\"']?[ \t]*:(?:[ \t]*\r?\n|[^\n{]+$)"


def may_be_literal(template: bytes) -> bool:
    """Whether a template has a line that gives an image literally: else nothing can be found in it, read or not."""
    return _compiled(_LITERAL).search(template) is not None


def is_object_json(data: bytes) -> bool:
    """Whether a JSON file may be Kubernetes objects, or a patch of their images: the only JSON that is read."""
    return (b'"apiVersion"' in data and b'"kind"' in data) or (b'"op"' in data and b'image"' in data)


class Partial:
    """For the second look of a named search: values that set only a tag, objects that name charts, marked values."""

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._keys = keys

    def file(self, data: bytes) -> bool:
        """Whether it holds one of the keys."""
        return any(key in data for key in self._keys)

    def document(self, data: bytes) -> bool:
        """The same, and no schema."""
        return self.file(data) and not is_schema(data)

    def quick(self, owners: bool) -> Callable[[bytearray, int], bool]:
        """A first test of a buffer's first bytes."""
        keys = self._keys
        return lambda buffer, size: any(buffer.find(key, 0, size) >= 0 for key in keys)


def is_schema(document: bytes) -> bool:
    """A custom resource definition: half of the bytes of many repositories, and never an image."""
    return _CRD in document or document.startswith(_CRD[1:])


def is_owner(data: bytes) -> bool:
    """Whether a file or document may be an object that deploys a directory, or a chart of one."""
    if _ARGO in data:
        return b"kind: Application" in data or b'"Application' in data
    if _FLUX in data:
        return b"kustomize.toolkit.fluxcd.io" in data or (
            b"helm.toolkit.fluxcd.io" in data and b"GitRepository" in data
        )
    return False


def _is_opaque(document: bytes) -> bool:
    """A ConfigMap or a Secret: its texts are nobody's images unless somebody asked for them."""
    return (b"kind: ConfigMap" in document or b"ecret" in document) and _compiled(_OPAQUE).search(document) is not None
