"""Annotations of Argo CD Image Updater on an Application: ``image-list`` and what belongs to it."""

from gitops_ci.finding import Finding
from gitops_ci.manifest.nodes import Node
from gitops_ci.update.foreign.applications import Application
from gitops_ci.update.foreign.managed_image import ManagedImage, Value, specification
from gitops_ci.update.foreign.statement import finding, text, truth

PREFIX = "argocd-image-updater.argoproj.io/"

_NOTED = {
    "pull-secret": "credentials come from registries.hostRules or the Docker configuration, not from pull-secret {}",
    "write-back-method": "changes are proposed as commits here, whatever write-back-method {} says",
    "git-branch": "changes start from the branch that is checked out, git-branch says {}",
}


class Annotations:
    """Those of one application, without their prefix."""

    def __init__(self, application: Application) -> None:
        """Reads them; those of other tools are left out."""
        self.document = application.document
        self.values: dict[str, Value] = {}
        for key, node in application.annotations.items if application.annotations else ():
            name = text(self.document, key) or ""
            value = text(self.document, node)
            if name.startswith(PREFIX) and value is not None:
                short = name.removeprefix(PREFIX)
                self.values[short] = Value(value, self.document, node, f"annotation {short}")

    def get(self, alias: str | None, name: str) -> Value | None:
        """``<alias>.<name>`` if it is there, else ``<name>`` of the whole application."""
        own = self.values.get(f"{alias.replace('/', '_')}.{name}") if alias else None
        return own or self.values.get(name)

    def string(self, alias: str | None, name: str) -> str | None:
        """The text of ``get``."""
        value = self.get(alias, name)
        return value.text if value else None

    def listed(self, alias: str | None, name: str) -> tuple[str, ...]:
        """A comma separated annotation."""
        return tuple(part.strip() for part in (self.string(alias, name) or "").split(",") if part.strip())


def annotated(application: Application) -> tuple[tuple[ManagedImage, ...], tuple[Finding, ...]]:
    """The images that an application's annotations name, and the entries that cannot be read."""
    annotations = Annotations(application)
    listing = annotations.values.get("image-list")
    if listing is None:
        return (), ()
    images: list[ManagedImage] = []
    findings: list[Finding] = []
    for entry in listing.text.split(","):
        if not entry.strip():
            continue
        parts = specification(entry)
        if parts is None or "{{" in entry:
            why = "is a template: what it stands for is not known here" if "{{" in entry else "is no image"
            told = f"annotation image-list: {entry.strip()[:100]!r} {why}"
            findings.append(finding(listing.document, listing.node, "unreadable-policy", told, status="unknown"))
        else:
            images.append(_image(annotations, listing.node, *parts))
    return tuple(images), tuple(findings)


def _image(annotations: Annotations, node: Node, alias: str | None, name: str, constraint: str | None) -> ManagedImage:
    return ManagedImage(
        alias=alias,
        name=name,
        constraint=constraint,
        document=annotations.document,
        node=node,
        label=f"annotation image-list ({alias or name})",
        strategy=annotations.get(alias, "update-strategy"),
        allow=annotations.get(alias, "allow-tags") or annotations.get(alias, "tag-match"),
        ignore=annotations.listed(alias, "ignore-tags"),
        platforms=annotations.listed(alias, "platforms"),
        force=truth(annotations.string(alias, "force-update")),
        kustomize_name=annotations.string(alias, "kustomize.image-name"),
        notes=tuple(
            told.format(value)
            for name, told in _NOTED.items()
            if (value := annotations.string(alias, name)) is not None
        ),
    )
