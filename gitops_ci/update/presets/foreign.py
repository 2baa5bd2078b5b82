"""Presets that concern no images: known, accepted, and said to do nothing.

Those that only name packages (``packages:``, ``monorepo:``) become a name that nothing has, for a rule that extends
one would otherwise match everything.
"""

from collections.abc import Mapping

from gitops_ci.update.presets.preset import Preset
from gitops_ci.update.words import words

_NAMES = words(
    """
    :automergeLinters :automergeTesters :automergeTypes :configMigration :disableDevDependencies
    :disablePeerDependencies :disablePrControls :disableVulnerabilityAlerts :doNotPinPackage :enablePreCommit
    :enableVulnerabilityAlerts :enableVulnerabilityAlertsWithAdditionalLabel :enableVulnerabilityAlertsWithLabel
    :githubComToken :gomod :maintainLockFilesDisabled :maintainLockFilesMonthly :maintainLockFilesWeekly :meteor
    :npm :onlyNpm :pinAllExceptPeerDependencies :pinDependencies :pinDevDependencies :pinOnlyDevDependencies
    :pinVersions :preserveSemverRanges :skipArtifactsUpdate :widenPeerDependencies abandonments:recommended
    customManagers:biomeVersions customManagers:mavenPropertyVersions customManagers:tsconfigNodeVersions
    customManagers:valeVersions group:monorepos helpers:disableTypesNodeMajor helpers:followTypescriptNext
    helpers:followTypescriptRc helpers:forgejoDigestChangelogs helpers:giteaDigestChangelogs
    helpers:githubDigestChangelogs helpers:gitlabDigestChangelogs helpers:goXPackagesChangelogLink
    helpers:goXPackagesNameLink helpers:pinGitHubActionDigests helpers:pinGitHubActionDigestsToSemver
    helpers:renovateChangelog mergeConfidence:age-confidence-badges mergeConfidence:all-badges preview:buildkite
    security:gomodIndirectSecurityUpdates security:minimumReleaseAgeCrate security:minimumReleaseAgeNpm
    security:minimumReleaseAgePypi security:openssf-scorecard
    """
)
_SPACES = {
    "group": "groups of libraries concern no images",
    "global": "it sets up Renovate's own runner",
    "npm": "it concerns npm packages",
    "replacements": "it concerns no images",
    "workarounds": "it concerns no images",
}
_MATCHING = {"packages": "it names libraries", "monorepo": "it names libraries"}

EXCLUDED: Mapping[str, Preset] = {
    "security:only-security-updates": Preset(
        "Nothing but security updates.",
        {"packageRules": [{"matchPackageNames": ["*"], "enabled": False}]},
        "there are no security alerts for images here, so nothing is updated",
    ),
    "preview:dockerCompose": Preset("Compose files on.", {"docker-compose": {"enabled": True}}),
    "preview:dockerVersions": Preset("Dockerfiles and compose files, major updates too.", {}),
}


def foreign(name: str) -> Preset | None:
    """A preset that Renovate has and that means nothing for images; None for a name nobody knows."""
    if name in _NAMES:
        return Preset("Concerns no images.", {}, "it concerns no images")
    space, separator, rest = name.partition(":")
    if not separator or not rest:
        return None
    if space in _MATCHING:
        return Preset("Names libraries.", {"matchPackageNames": ["/^$/"]}, _MATCHING[space])
    if space in _SPACES:
        return Preset("Concerns no images.", {}, _SPACES[space])
    return None


NAMES = _NAMES
"""Single presets; whole name spaces are in SPACES."""
SPACES = (*_SPACES, *_MATCHING)
