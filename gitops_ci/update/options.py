"""Renovate's options as far as images need them: name, kind, default, and how two values of one merge.

Names, kinds and defaults are Renovate's (https://docs.renovatebot.com/configuration-options/). A text option
whose default is None has this tool's own wording. Options that cannot concern images are in ``WITHOUT_EFFECT``:
they are accepted, and named once in a finding.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gitops_ci.update.words import words

UPDATE_BLOCKS = ("major", "minor", "patch", "pin", "pinDigest", "digest", "rollback", "replacement", "bump")
"""Blocks of options for one type of update; ``bump`` is accepted and never happens to an image."""

ANY = ("root", "rules", "block")
RULES = ("rules",)
ROOT = ("root",)


class Option(NamedTuple):
    """One option."""

    kind: str
    """``boolean``, ``integer``, ``string``, ``strings``, ``object``, ``objects``."""
    default: object = None
    adds: bool = False
    """Values of several rules add up (lists are joined, objects merged); else the last one replaces."""
    places: tuple[str, ...] = ANY
    """Where it may stand: ``root``, ``rules`` (packageRules), ``block`` (an update type's or a manager's)."""
    choices: tuple[str, ...] = ()
    listed: bool = False
    """A single text is taken for a list of one."""


def _matcher() -> Option:
    return Option("strings", adds=True, places=RULES, listed=True)


def _text(default: str | None = None, *choices: str) -> Option:
    return Option("string", default, choices=choices)


MATCHERS: Mapping[str, Option] = MappingProxyType(
    {
        "matchPackageNames": _matcher(),
        "matchDepNames": _matcher(),
        "matchDatasources": _matcher(),
        "matchManagers": _matcher(),
        "matchCategories": _matcher(),
        "matchFileNames": _matcher(),
        "matchDepTypes": _matcher(),
        "matchUpdateTypes": _matcher(),
        "matchCurrentValue": Option("string", places=RULES),
        "matchNewValue": Option("string", places=RULES),
        "matchCurrentVersion": Option("string", places=RULES),
        "matchCurrentAge": Option("string", places=RULES),
        "matchSourceUrls": _matcher(),
        "matchRegistryUrls": _matcher(),
        "matchBaseBranches": _matcher(),
        "matchRepositories": _matcher(),
        "matchJsonata": _matcher(),
        "matchConfidence": _matcher(),
        "matchIsBreaking": Option("boolean", places=RULES),
    }
)

OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        # What is updated.
        "enabled": Option("boolean", True),
        "enabledManagers": Option("strings", [], places=ROOT),
        "ignoreDeps": Option("strings", [], adds=True),
        "ignorePaths": Option("strings", ["**/node_modules/**", "**/bower_components/**"]),
        "includePaths": Option("strings", []),
        "ignorePresets": Option("strings", [], listed=True, places=ROOT),
        "baseBranchPatterns": Option("strings", [], places=ROOT),
        "registryAliases": Option("object", {}, adds=True),
        "registryUrls": Option("strings", []),
        "customManagers": Option("objects", [], adds=True, places=ROOT),
        "hostRules": Option("objects", [], adds=True, places=ROOT),
        "managerFilePatterns": Option("strings", [], adds=True, listed=True),
        "timezone": _text(),
        # To which version.
        "versioning": _text(),
        "versionCompatibility": _text(),
        "extractVersion": _text(),
        "allowedVersions": Option("string", places=RULES),
        "ignoreUnstable": Option("boolean", True),
        "respectLatest": Option("boolean", True),
        "followTag": _text(),
        "maxMajorIncrement": Option("integer", 500),
        "separateMajorMinor": Option("boolean", True),
        "separateMinorPatch": Option("boolean", False),
        "separateMultipleMajor": Option("boolean", False),
        "separateMultipleMinor": Option("boolean", False),
        "rangeStrategy": _text("auto", "auto", "pin", "bump", "replace", "widen", "update-lockfile", "in-range-only"),
        "pinDigests": Option("boolean", False),
        "rollbackPrs": Option("boolean", False),
        "replacementName": Option("string", places=RULES),
        "replacementNameTemplate": Option("string", places=RULES),
        "replacementVersion": Option("string", places=RULES),
        "overrideDatasource": Option("string", places=RULES),
        "overrideDepName": Option("string", places=RULES),
        "overridePackageName": Option("string", places=RULES),
        # When.
        "schedule": Option("strings", ["at any time"], listed=True),
        "automergeSchedule": Option("strings", ["at any time"], listed=True),
        "updateNotScheduled": Option("boolean", True),
        "minimumReleaseAge": _text(),
        "minimumReleaseAgeBehaviour": _text("timestamp-required", "timestamp-required", "timestamp-optional"),
        "internalChecksFilter": _text("strict", "strict", "flexible", "none"),
        "prCreation": _text("immediate", "immediate", "not-pending", "status-success", "approval"),
        "prNotPendingHours": Option("integer", 25),
        "prHourlyLimit": Option("integer", 2),
        "commitHourlyLimit": Option("integer", 0),
        "prConcurrentLimit": Option("integer", 10),
        "branchConcurrentLimit": Option("integer"),
        "prPriority": Option("integer", 0, places=RULES),
        "rebaseWhen": _text("auto", "auto", "never", "conflicted", "behind-base-branch", "automerging"),
        "recreateWhen": _text("auto", "auto", "always", "never"),
        # Merging.
        "automerge": Option("boolean", False),
        "automergeType": _text("pr", "pr", "branch", "pr-comment"),
        "automergeStrategy": _text("auto", "auto", "fast-forward", "merge-commit", "rebase", "rebase-merge", "squash"),
        "automergeComment": _text("automergeComment"),
        "platformAutomerge": Option("boolean", True),
        "ignoreTests": Option("boolean", False),
        "pruneBranchAfterAutomerge": Option("boolean", True),
        # Together.
        "group": Option("object", {}, adds=True),
        "groupName": _text(),
        "groupSlug": _text(),
        "groupSingleUpdates": Option("boolean", False),
        "minimumGroupSize": Option("integer", 1),
        # Branches and texts.
        "branchName": _text(),
        "branchPrefix": _text("renovate/"),
        "branchTopic": _text(),
        "additionalBranchPrefix": _text(""),
        "hashedBranchLength": Option("integer"),
        "commitMessage": _text(),
        "commitMessagePrefix": _text(),
        "commitMessageAction": _text("Update"),
        "commitMessageTopic": _text(),
        "commitMessageExtra": _text(),
        "commitMessageSuffix": _text(),
        "commitMessageLowerCase": _text("auto", "auto", "never"),
        "commitBody": _text(),
        "commitBodyTable": Option("boolean", False),
        "commitTrailers": Option("strings", [], adds=True),
        "gitAuthor": _text(),
        "semanticCommits": _text("auto", "auto", "enabled", "disabled"),
        "semanticCommitType": _text("chore"),
        "semanticCommitScope": _text("deps"),
        "prTitle": _text(),
        "prHeader": _text(),
        "prFooter": _text(),
        "prBodyTemplate": _text(),
        "prBodyNotes": Option("strings", [], adds=True, listed=True),
        "prBodyColumns": Option("strings", []),
        "prBodyDefinitions": Option("object", {}, adds=True),
        "changelogUrl": Option("string", places=RULES),
        "sourceUrl": Option("string", places=RULES),
        "sourceDirectory": Option("string", places=RULES),
        "fetchChangeLogs": _text("pr", "off", "branch", "pr"),
        # People.
        "draftPR": Option("boolean", False),
        "labels": Option("strings", []),
        "addLabels": Option("strings", [], adds=True),
        "assignees": Option("strings", []),
        "assigneesFromCodeOwners": Option("boolean", False),
        "assigneesSampleSize": Option("integer"),
        "assignAutomerge": Option("boolean", False),
        "reviewers": Option("strings", []),
        "reviewersFromCodeOwners": Option("boolean", False),
        "reviewersSampleSize": Option("integer"),
        "additionalReviewers": Option("strings", [], adds=True),
        "ignoreReviewers": Option("strings", []),
        "rebaseLabel": _text("rebase"),
        "stopUpdatingLabel": _text("stop-updating"),
        "keepUpdatedLabel": _text(),
        "milestone": Option("integer"),
        "dependencyDashboard": Option("boolean", False),
        "dependencyDashboardApproval": Option("boolean", False),
        "dependencyDashboardAutoclose": Option("boolean", False),
        "dependencyDashboardTitle": _text("Dependency Dashboard"),
        "dependencyDashboardHeader": _text(),
        "dependencyDashboardFooter": _text(),
        "dependencyDashboardLabels": Option("strings", []),
        "dockerMaxPages": Option("integer", 20, places=ROOT),
        # Structure.
        "description": Option("strings", [], adds=True, listed=True),
        "extends": Option("strings", [], listed=True),
        "force": Option("object", {}, adds=True, places=ROOT),
        "packageRules": Option("objects", [], adds=True),
        **{name: Option("object", {}, adds=True) for name in UPDATE_BLOCKS},
    }
)

UNREAD = words(
    """
    assignAutomerge assigneesFromCodeOwners assigneesSampleSize changelogUrl commitBodyTable commitHourlyLimit
    fetchChangeLogs followTag groupSingleUpdates hashedBranchLength keepUpdatedLabel overrideDatasource
    overrideDepName prBodyColumns prNotPendingHours respectLatest reviewersFromCodeOwners reviewersSampleSize
    sourceDirectory
    """
)
"""Known and kept, and nothing looks at them: said to whoever sets them. A test holds this list to the code."""

STRUCTURE = frozenset(
    {"description", "extends", "force", "packageRules", "ignorePresets", "managerFilePatterns", *UPDATE_BLOCKS}
)
"""Consumed while rules are built; no dependency has them as options."""

LISTS_OF_OBJECTS = frozenset({"hostRules", "customManagers"})
"""Of the run, never of a dependency: secrets may stand in them, and options are printed."""

DEFAULTS: Mapping[str, object] = MappingProxyType(
    {name: option.default for name, option in OPTIONS.items() if name not in STRUCTURE | LISTS_OF_OBJECTS}
)

BLOCK_DEFAULTS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "pin": {"rebaseWhen": "behind-base-branch", "commitMessageAction": "Pin"},
        "pinDigest": {"commitMessageAction": "Pin"},
        "rollback": {"commitMessageAction": "Roll back", "semanticCommitType": "fix"},
        "replacement": {"commitMessageAction": "Replace"},
    }
)
"""What an update type changes by itself. Pins are not put into one group as Renovate does: here a change belongs
to one application and environment unless a rule says otherwise."""

HOST_RULE = MappingProxyType(
    {
        "matchHost": Option("string"),
        "hostType": Option("string"),
        "token": Option("string"),
        "username": Option("string"),
        "password": Option("string"),
        "insecureRegistry": Option("boolean"),
        "concurrentRequestLimit": Option("integer"),
        "timeout": Option("integer"),
        "enabled": Option("boolean"),
        "description": Option("strings", listed=True),
    }
)
HOST_RULE_WITHOUT_EFFECT = words(
    """
    abortIgnoreStatusCodes abortOnError artifactAuth authType dnsCache enableHttp2 encrypted headers
    httpsCertificate httpsCertificateAuthority httpsPrivateKey keepAlive maxRequestsPerSecond maxRetryAfter
    newLogLevel readOnly
    """
)

CUSTOM_MANAGER = MappingProxyType(
    {
        "customType": Option("string", choices=("regex", "jsonata")),
        "managerFilePatterns": Option("strings", listed=True),
        "matchStrings": Option("strings"),
        "matchStringsStrategy": Option("string", "any", choices=("any", "recursive", "combination")),
        **{
            f"{name}Template": Option("string")
            for name in (
                "autoReplaceString",
                "currentDigest",
                "currentValue",
                "datasource",
                "depName",
                "depType",
                "extractVersion",
                "packageName",
                "registryUrl",
                "versioning",
            )
        },
        "fileFormat": Option("string", choices=("json", "toml", "yaml")),
        "enabled": Option("boolean"),
        "description": Option("strings", listed=True),
    }
)

MANAGERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "argocd": ("kubernetes", "cd"),
        "custom.regex": ("custom",),
        "docker-compose": ("docker",),
        "dockerfile": ("docker",),
        "flux": ("cd", "kubernetes"),
        "github-actions": ("ci",),
        "helm-values": ("helm", "kubernetes"),
        "helmv3": ("helm", "kubernetes"),
        "kubernetes": ("kubernetes",),
        "kustomize": ("kubernetes",),
    }
)
"""The managers of this tool and the categories they are in (matchCategories)."""

MANAGER_DEFAULTS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "custom.regex": {"pinDigests": False},
        "helm-values": {"pinDigests": False},
        "kustomize": {"pinDigests": False},
    }
)
"""Stronger than the root's options, weaker than what a manager's block or a rule says, as in Renovate."""

DATASOURCE_DEFAULTS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {"docker": {"versioning": "docker"}, "helm": {"versioning": "helm"}}
)

FOREIGN_MANAGERS = words(
    """
    ansible ansible-galaxy ant apm asdf azure-pipelines batect batect-wrapper bazel bazel-module bazelisk bicep
    bitbucket-pipelines bitrise buildkite buildpacks bun bun-version bundler cake cargo cdnurl circleci cloudbuild
    cocoapods composer conan copier cpanfile crossplane crow deno deps-edn devbox devcontainer droneci fleet fvm
    git-submodules gitlabci gitlabci-include glasskube gleam gomod gradle gradle-wrapper haskell-cabal
    helm-requirements helmfile helmsman hermit homeassistant-manifest homebrew html jenkins jsonata jsonnet-bundler
    kotlin-script leiningen maven maven-wrapper meteor mint mise mix nix nodenv npm nuget nvm ocb osgi pep621 pep723
    pip-compile pip_requirements pip_setup pipenv pixi poetry pre-commit proto pub puppet pyenv quadlet
    renovate-config ruby-version runtime-version rust-toolchain sbt scalafmt setup-cfg smithy sveltos swift tekton
    terraform terraform-version terragrunt terragrunt-version tflint-plugin travis typst unity3d velaci vendir
    woodpecker xcodegen
    """
)

WITHOUT_EFFECT = words(
    """
    abandonmentThreshold autoApprove autoReplaceGlobalMatch azureWorkItemId azureWorkItemType bbAutoResolvePrTasks
    bbUseDefaultReviewers branchNameStrict branchPrefixOld bumpVersion bumpVersions cloneSubmodules
    cloneSubmodulesFilter composerIgnorePlatformReqs confidential configMigration configWarningReuseIssue
    constraints constraintsFiltering constraintsVersioning customDatasources customizeDashboard
    defaultRegistryUrls dependencyDashboardCategory dependencyDashboardOSVVulnerabilitySummary
    dependencyDashboardReportAbandonment encrypted env excludeCommitPaths expandCodeOwnersGroups
    filterUnavailableUsers forkModeDisallowMaintainerEdits forkProcessing gitIgnoredAuthors gitLabIgnoreApprovals
    goGetDirs ignoreDeprecated ignorePlugins ignoreScripts internalChecksAsSuccess jsonata lockFileMaintenance
    logLevelRemap minimumReleaseAgeBuffer mode npmToken npmrc npmrcMerge osvVulnerabilityAlerts overrideDescription
    platformCommit postUpdateOptions postUpgradeTasks prBodyHeadingDefinitions prTitleStrict printConfig
    pruneStaleBranches replacementApproach replacementVersionTemplate skipArtifactsUpdate
    skipInstalls statusCheckNames statusCheckWhen suppressNotifications toolSettings transformTemplates
    updateInternalDeps updatePinnedDependencies useBaseBranchConfig userStrings vulnerabilityAlerts
    vulnerabilityFixStrategy $schema
    """
)
"""Known to Renovate, without meaning for images or for a tool that runs in CI."""

SELF_HOSTED = words(
    """
    allowedCommands allowedEnv allowedHeaders allowScripts allowPlugins autodiscover autodiscoverFilter baseDir
    binarySource cacheDir checkedBranches configFileNames customEnvVariables dryRun endpoint executionTimeout
    exposeAllEnv forkToken gitNoVerify gitPrivateKey gitUrl globalExtends inheritConfig logContext onboarding
    onboardingConfig optimizeForDisabled password persistRepoData platform presetCachePersistence privateKey
    productLinks redisUrl repositories repositoryCache requireConfig secrets token unicodeEmoji userAgent username
    variables
    """
)
"""Of Renovate's administrators: a repository cannot set them there either."""


def block_manager(name: str) -> str | None:
    """The manager that a block of this name configures: ``regex`` is ``custom.regex``; None for no manager."""
    if name == "regex":
        return "custom.regex"
    return name if name in MANAGERS else None


def nearest(name: str) -> str | None:
    """The known option that looks most like a name."""
    import difflib

    known = (*OPTIONS, *MATCHERS, *MANAGERS, *WITHOUT_EFFECT)
    folded = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.7)
    return folded[found[0]] if found else None
