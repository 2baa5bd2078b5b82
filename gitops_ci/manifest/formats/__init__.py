"""The registry of formats: one finder a module, all with the same few names.

A new format is a module with ``find`` and a line in ``FORMATS``; what recognises its files and documents stands in
``recognise``, so that a finder is imported only where there is something for it. A document belongs to the first
format that wants its file and claims it. Custom managers (``custom.regex``) come from a configuration, not from here.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from gitops_ci.manifest.document import Document
from gitops_ci.manifest.formats import recognise

if TYPE_CHECKING:
    from gitops_ci.manifest.formats.build import Pending
    from gitops_ci.manifest.formats.raw import Text
    from gitops_ci.manifest.use import ImageUse


class Format:
    """One kind of file that names images."""

    __slots__ = ("KEYS", "NAME", "_module", "claims", "wants")

    def __init__(
        self,
        name: str,
        module: str,
        wants: Callable[[str], bool],
        claims: Callable[[Document], bool] | None,
        keys: tuple[bytes, ...],
    ) -> None:
        self.NAME = name
        """Renovate's name of its manager."""
        self._module = module
        self.wants = wants
        """Whether a file of this name may be one of its files."""
        self.claims = claims
        """Whether a document of such a file is; None for files that are no YAML."""
        self.KEYS = keys
        """A document (or file) that holds none of these has nothing to find."""

    def find(self, source: Any) -> "Iterator[ImageUse | Pending]":  # noqa: ANN401 - Document or Text, by format
        """The uses in one Document, or in one Text where the format is not YAML."""
        return self.load().find(source)  # type: ignore[no-any-return]  # each module's `find` gives just this

    def load(self) -> Any:  # noqa: ANN401 - a module
        """The module, imported now."""
        return __import__(f"{__name__}.{self._module}", fromlist=["find"])


_R = recognise
YAML_FORMATS = (
    Format("kustomize", "kustomize", _R.is_kustomization, _R.claims_kustomize, (b"images", b"helmChart", b"patch", b"bases")),
    Format("helmv3", "helmv3", _R.is_chart, _R.claims_chart, (b"dependencies",)),
    Format("argocd", "argocd", _R.is_data, _R.claims_argocd, (b"argoproj.io",)),
    Format("flux", "flux", _R.is_data, _R.claims_flux, (b"toolkit.fluxcd.io",)),
    Format("github-actions", "github_actions", _R.is_workflow, _R.claims_workflow, (b"docker://", b"container", b"services")),
    Format("docker-compose", "docker_compose", _R.is_compose, _R.claims_plain, (b"image",)),
    Format("kubernetes", "kubernetes", _R.is_data, _R.claims_kubernetes, (b"mage",)),
    Format("helm-values", "helm_values", _R.is_yaml, _R.claims_plain, (b"mage", b"epository")),
)
"""In the order in which they are asked."""
TEXT_FORMATS = (Format("dockerfile", "dockerfile", _R.is_dockerfile, None, (b"FROM", b"from")),)
FORMATS = (*YAML_FORMATS, *TEXT_FORMATS)
NAMES = (*(form.NAME for form in FORMATS), "custom.regex")


def read(document: Document, forced: str | None = None) -> "Iterator[ImageUse | Pending]":
    """The uses in one document, by the format of the name ``forced``, else by the first that claims it."""
    for form in YAML_FORMATS:
        if forced == form.NAME if forced else form.wants(document.file) and form.claims and form.claims(document):
            if forced == "helm-values":
                yield from form.load().walk(document, document.root, None, forced)
            else:
                yield from form.find(document)
            return


def find_text(text: "Text", form: Format) -> "Iterator[ImageUse]":
    """The uses in one file that is no YAML."""
    yield from form.load().find(text)
