"""ImageUse: one place in one file that names an image."""

from __future__ import annotations

from gitops_ci.image.reference import Reference, split_name
from gitops_ci.record import NamedTuple


class Place(NamedTuple):
    """One scalar that holds an image, or a piece of one, with all that is needed to rewrite it.

    An image in a Kubernetes manifest is one place (``reference``); in Helm values it may be up to four
    (``registry``, ``repository``, ``tag``, ``digest``).
    """

    holds: str
    """``reference`` (name[:tag][@digest]), ``registry``, ``repository`` (registry may be part of it),
    ``tag`` (may carry ``@digest``), ``digest``, ``version`` (a chart's)."""
    start: int
    """Byte offset in the file of the scalar's text: its quote if quoted, after anchor and YAML tag."""
    end: int
    raw: bytes
    """The file's bytes from start to end."""
    value: str
    """What YAML reads there."""
    style: str
    """``plain``, ``single``, ``double``, ``literal``, ``folded``; ``raw`` where the text is not YAML."""
    line: int
    """1-based."""
    column: int
    """1-based, in characters."""
    flow: bool = False
    """Inside ``[]`` or ``{}``: other plain texts need quotes there."""
    tagged: bool = False
    """Has an explicit YAML tag such as ``!!str``: the text's type cannot change by itself."""
    prefix: str = ""
    """What the value holds before the image and keeps: ``docker://``, ``oci://``, ``alias=``."""


class ImageUse(NamedTuple):
    """One use of an image in one file."""

    file: str
    """Relative to the root, with ``/``."""
    path: str
    """The YAML path in the file's document, ``spec.template.spec.containers[0].image``; ``FROM[1]`` in a Dockerfile."""
    document: int
    """0-based index of the YAML document in the file."""
    name: str
    """Registry and repository as written, without tag: what ``bump --image`` takes."""
    tag: str | None
    digest: str | None
    format: str
    """Renovate's word for the kind of file: kubernetes, kustomize, helm-values, helmv3, argocd, flux,
    docker-compose, dockerfile, github-actions, custom.regex."""
    places: tuple[Place, ...]
    application: str | None = None
    environment: str | None = None
    datasource: str = "docker"
    """``docker`` for images and charts in OCI registries, ``helm`` for charts from HTTP repositories."""
    markers: tuple[str, ...] = ()
    """Foreign rules that stand at this very place: the JSON texts of Flux ``$imagepolicy`` markers."""
    versioning: str | None = None
    """A versioning scheme that the place itself asks for (custom managers, charts: ``semver``)."""
    dep_type: str | None = None
    """Renovate's depType where it has one: ``container``, ``service``, ``final``, ``stage``."""
    original_name: str | None = None
    """Kustomize: the name that manifests use and that ``name`` (``newName``) replaces, where the two differ."""
    shared: tuple[str, ...] = ()
    """Names of other images that a place of this one serves as well, through YAML aliases or a global
    registry: changing it here changes those too."""
    extract_version: str | None = None
    """A regular expression by which the place itself says what the version is in a tag (custom managers)."""

    @property
    def line(self) -> int:
        """1-based line of the place that holds the version, else of the first."""
        return self.version_place.line

    @property
    def column(self) -> int:
        """1-based column, in characters, of the same place."""
        return self.version_place.column

    @property
    def version_place(self) -> Place:
        """The place that an update changes first."""
        for wanted in ("reference", "tag", "version", "digest"):
            for place in self.places:
                if place.holds == wanted:
                    return place
        return self.places[0]

    @property
    def registry(self) -> str:
        """Normalised: ``docker.io`` for Docker Hub."""
        return split_name(self.name)[0]

    @property
    def repository(self) -> str:
        """Normalised: ``library/nginx`` for ``nginx``."""
        return split_name(self.name)[1]

    @property
    def reference(self) -> Reference:
        """The three parts as one value."""
        return Reference(self.name, self.tag, self.digest)
