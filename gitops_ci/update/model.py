"""The values that travel through an update run: Dependency → Options → Decision → Update."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gitops_ci.manifest.use import ImageUse

UPDATE_TYPES = ("major", "minor", "patch", "pin", "pinDigest", "digest", "rollback", "replacement")


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a rule can be matched against. None is "not known (yet)", and a matcher on it does not match."""

    package_name: str
    """What is looked up, as written in the file (``ghcr.io/acme/api``, ``nginx``), after registryAliases."""
    dep_name: str
    """As written in the file."""
    datasource: str
    """``docker`` or ``helm``."""
    manager: str
    """Renovate's manager name: ``kubernetes``, ``kustomize``, ``helm-values`` …"""
    file: str
    current_value: str | None = None
    """The tag as written."""
    current_version: str | None = None
    current_digest: str | None = None
    current_age: datetime | None = None
    """When the current version was released."""
    dep_type: str | None = None
    update_type: str | None = None
    """One of UPDATE_TYPES; None before the look-up."""
    new_value: str | None = None
    new_version: str | None = None
    source_url: str | None = None
    registry_url: str | None = None
    base_branch: str | None = None
    repository: str | None = None
    """``owner/name`` of the repository that is being updated."""
    is_breaking: bool | None = None
    application: str | None = None
    environment: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Which line of which configuration said something: shown by ``--explain`` and in PR bodies."""

    source: str
    """``renovate.json``, ``.gitops-ci.yaml``, ``preset config:recommended``, ``argocd-image-updater`` …"""
    detail: str
    """``packageRules[3]``, ``annotation argocd-image-updater.argoproj.io/api.allow-tags`` …"""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The options in force for one dependency, Renovate's words as keys (camelCase), defaults filled in.

    ``values`` is never changed; reading goes through ``get``. ``origins`` says for each key that is not
    a default which configuration set it last.
    """

    values: Mapping[str, object]
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def get(self, name: str) -> object:
        """The value of an option. KeyError for a name that no table knows: a mistake in this package."""
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One tag that a registry offered, and what became of it."""

    tag: str
    dropped_by: Origin | None = None
    """None while it may still be chosen."""
    reason: str | None = None
    """For people: ``suffix -alpine is not the current one``, ``released 4 h ago, minimumReleaseAge is 3 days``."""


@dataclass(frozen=True, slots=True)
class Update:
    """A set of uses of one image with the value they have and the value they should get."""

    uses: tuple[ImageUse, ...]
    dependency: Dependency
    """With update_type, new_value and new_version filled in."""
    kind: str
    """One of UPDATE_TYPES."""
    current_tag: str | None
    current_digest: str | None
    new_tag: str | None
    new_digest: str | None
    new_name: str | None = None
    """For replacements."""
    options: Options = field(default_factory=lambda: Options({}))
    decided_by: tuple[Origin, ...] = ()
    released: datetime | None = None
    pending: str | None = None
    """Why it may not be proposed yet (schedule, minimum age, hold, limit, approval); None when it may."""
    source_url: str | None = None
    """Where the release notes are, from OCI labels."""
    unproven: str | None = None
    """Why, though it is proposed, it must not merge yet: its minimum age (``internalChecksFilter`` not strict)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """All that was considered for one image use set: what ``--explain`` prints."""

    uses: tuple[ImageUse, ...]
    candidates: tuple[Candidate, ...]
    updates: tuple[Update, ...]
    notes: tuple[str, ...] = ()
    error: str | None = None
    """One line when the look-up failed; the image is then reported as failed, never as up to date."""


@dataclass(frozen=True, slots=True)
class SelectionPolicy:
    """How one image chooses its next tag when a foreign policy next to it says so (Argo CD Image Updater,
    Flux ImagePolicy). It replaces the version scheme's own choice; the rules' other options stay."""

    strategy: str
    """``semver``, ``newest-build``, ``alphabetical``, ``numerical``, ``digest``."""
    origin: Origin
    constraint: str | None = None
    """A semver range (Masterminds/semver words), or for ``digest`` the tag that is followed."""
    allow: str | None = None
    """A regular expression (Go's RE2) that a tag must match; an invalid one matches nothing."""
    extract: str | None = None
    """Flux ``filterTags.extract``: what is compared instead of the tag, ``$1`` or ``$name`` expanded."""
    ignore: tuple[str, ...] = ()
    """Globs of tags to leave out."""
    descending: bool = False
    """Flux ``order: desc``: the lowest value wins."""
    platforms: tuple[str, ...] = ()
    digest: str = "as-is"
    """``as-is`` (keep a digest where there is one), ``always`` (write one), ``never``."""
    force: bool = False
    """Update even an image whose current tag the policy cannot read."""
