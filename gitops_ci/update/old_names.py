"""Renovate's former names and what they are called now, as tables (docs/rules.md shows them)."""

from collections.abc import Mapping
from types import MappingProxyType

from gitops_ci.update.words import words

RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "aliases": "registryAliases",
        "azureAutoApprove": "autoApprove",
        "azureAutoComplete": "platformAutomerge",
        "baseBranch": "baseBranchPatterns",
        "baseBranches": "baseBranchPatterns",
        "compatibility": "constraints",
        "customChangelogUrl": "changelogUrl",
        "endpoints": "hostRules",
        "gitLabAutomerge": "platformAutomerge",
        "lookupNameTemplate": "packageNameTemplate",
        "managerBranchPrefix": "additionalBranchPrefix",
        "masterIssue": "dependencyDashboard",
        "masterIssueApproval": "dependencyDashboardApproval",
        "masterIssueAutoclose": "dependencyDashboardAutoclose",
        "masterIssueFooter": "dependencyDashboardFooter",
        "masterIssueHeader": "dependencyDashboardHeader",
        "masterIssueLabels": "dependencyDashboardLabels",
        "masterIssueTitle": "dependencyDashboardTitle",
        "multipleMajorPrs": "separateMultipleMajor",
        "packageFiles": "includePaths",
        "regexManagers": "customManagers",
        "renovate-config-presets": "renovate-config",
        "separateMajorReleases": "separateMajorMinor",
        "separatePatchReleases": "separateMinorPatch",
        "versionScheme": "versioning",
        "versionStrategy": "rangeStrategy",
    }
)

REMOVED = words(
    """
    allowCommandTemplating allowPostUpgradeCommandTemplating deepExtract gitFs groupBranchName groupCommitMessage
    groupPrBody groupPrTitle lazyGrouping maintainYarnLock raiseDeprecationWarnings statusCheckVerify supportPolicy
    transitiveRemediation yarnCacheFolder yarnMaintenanceBranchName yarnMaintenanceCommitMessage
    yarnMaintenancePrBody yarnMaintenancePrTitle
    """
)

MATCHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "baseBranchList": "matchBaseBranches",
        "datasources": "matchDatasources",
        "depTypeList": "matchDepTypes",
        "languages": "matchCategories",
        "managers": "matchManagers",
        "matchFiles": "matchFileNames",
        "matchLanguages": "matchCategories",
        "matchPaths": "matchFileNames",
        "packageName": "matchPackageNames",
        "packageNames": "matchPackageNames",
        "paths": "matchFileNames",
        "updateTypes": "matchUpdateTypes",
    }
)
"""In packageRules: the values stay as they are."""

MATCHER_FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "excludedPackageNames": ("matchPackageNames", "!{}"),
        "excludeDepNames": ("matchDepNames", "!{}"),
        "excludeDepPatterns": ("matchDepNames", "!/{}/"),
        "excludeDepPrefixes": ("matchDepNames", "!{}{{/,}}**"),
        "excludePackageNames": ("matchPackageNames", "!{}"),
        "excludePackagePatterns": ("matchPackageNames", "!/{}/"),
        "excludePackagePrefixes": ("matchPackageNames", "!{}{{/,}}**"),
        "excludeRepositories": ("matchRepositories", "!{}"),
        "matchDepPatterns": ("matchDepNames", "/{}/"),
        "matchDepPrefixes": ("matchDepNames", "{}{{/,}}**"),
        "matchPackagePatterns": ("matchPackageNames", "/{}/"),
        "matchPackagePrefixes": ("matchPackageNames", "{}{{/,}}**"),
        "matchSourceUrlPrefixes": ("matchSourceUrls", "{}{{/,}}**"),
        "packagePattern": ("matchPackageNames", "/{}/"),
        "packagePatterns": ("matchPackageNames", "/{}/"),
        "sourceUrlPrefixes": ("matchSourceUrls", "{}{{/,}}**"),
    }
)
"""In packageRules: the matcher it is now, and how each value is written there. The pattern ``*`` stays ``*``."""

LANGUAGES = words("docker dotnet golang java js node php python ruby rust")
"""Root blocks that are now a rule with matchCategories."""

DEPENDENCY_TYPES = words("dependencies devDependencies optionalDependencies peerDependencies engines")
"""Root blocks that are now a rule with matchDepTypes."""

TEMPLATE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "baseDir": "packageFileDir",
        "depNameShort": "depName",
        "fromVersion": "currentVersion",
        "lookupName": "packageName",
        "managerBranchPrefix": "additionalBranchPrefix",
        "newValueMajor": "newMajor",
        "newValueMinor": "newMinor",
        "newVersionMajor": "newMajor",
        "newVersionMinor": "newMinor",
        "toVersion": "newVersion",
    }
)
"""Inside ``{{ }}`` of any text."""

HOST_NAMES = frozenset({"baseUrl", "domainName", "endpoint", "host", "hostName"})
"""In hostRules: all are matchHost now; ``platform`` is hostType."""

PRESETS: Mapping[str, str] = MappingProxyType(
    {
        ":app": "config:js-app",
        ":automergeBranchMergeCommit": ":automergeBranch",
        ":automergeBranchPush": ":automergeBranch",
        ":base": "config:recommended",
        ":js-app": "config:js-app",
        ":library": "config:js-lib",
        ":masterIssue": ":dependencyDashboard",
        ":masterIssueApproval": ":dependencyDashboardApproval",
        ":unpublishSafe": "security:minimumReleaseAgeNpm",
        "config:application": "config:js-app",
        "config:base": "config:recommended",
        "config:base-js": "config:recommended",
        "config:library": "config:js-lib",
        "default:base": "config:recommended",
        "default:unpublishSafe": "security:minimumReleaseAgeNpm",
        "helpers:unpublishSafe": "security:minimumReleaseAgeNpm",
        "npm:unpublishSafe": "security:minimumReleaseAgeNpm",
    }
)
GONE_PRESETS = frozenset(
    {":autodetectPinVersions", ":switchToGradleLite", "helpers:oddIsUnstable", "helpers:oddIsUnstablePackages"}
)
"""Presets that Renovate dropped: they meant nothing any more."""
