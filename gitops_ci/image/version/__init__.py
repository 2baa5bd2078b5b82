"""What a tag means: schemes by name. ``scheme("docker").kind("1.2.3", "1.3.0") == "minor"``."""

from gitops_ci.image.version.scheme import Scheme

ALIASES = {
    "debian": "docker",
    "redhat": "docker",
    "semver-partial": "docker",
    "pep440": "docker",
    "npm": "semver",
}
"""Renovate's names of schemes that come to the same for images."""

NAMES = ("docker", "semver", "semver-coerced", "helm", "node", "ubuntu", "loose", "regex:…")

_schemes: dict[str, Scheme] = {}


def scheme(name: str) -> Scheme:
    """The scheme of that name; the same object each time. ConfigurationError for one that nobody knows."""
    found = _schemes.get(name)
    if found is None:
        found = _schemes[name] = _make(name)
    return found


def _make(name: str) -> Scheme:
    kind = ALIASES.get(name, name)
    if kind == "docker":
        from gitops_ci.image.version.docker import DockerScheme

        return DockerScheme(name)
    if kind in ("node", "ubuntu"):
        from gitops_ci.image.version import editions

        return editions.node(name) if kind == "node" else editions.ubuntu(name)
    if kind in ("semver", "helm"):
        from gitops_ci.image.version.semver import SemverScheme

        return SemverScheme(name) if kind == "semver" else SemverScheme(name, dialect="masterminds", keep_prefix=False)
    if kind == "semver-coerced":
        from gitops_ci.image.version.semver import CoercedScheme

        return CoercedScheme(name)
    if kind == "loose":
        from gitops_ci.image.version.loose import LooseScheme

        return LooseScheme(name)
    if kind.startswith("regex:"):
        from gitops_ci.image.version.regex import RegexScheme

        return RegexScheme(name)
    from gitops_ci.image.version.scheme import unknown

    raise unknown(name, ", ".join((*NAMES, *sorted(ALIASES))))


__all__ = ["ALIASES", "NAMES", "Scheme", "scheme"]
