"""The presets without a name space, ``config:`` and ``group:``."""

from collections.abc import Mapping

from gitops_ci.update.presets.preset import Preset

_ALL = {"matchPackageNames": ["*"]}

GENERAL: Mapping[str, Preset] = {
    "config:recommended": Preset(
        "The usual start.",
        {
            "extends": [
                ":dependencyDashboard",
                ":semanticPrefixFixDepsChoreOthers",
                ":ignoreModulesAndTests",
                "group:monorepos",
                "group:recommended",
                "mergeConfidence:age-confidence-badges",
                "replacements:all",
                "workarounds:all",
            ]
        },
    ),
    "config:best-practices": Preset(
        "config:recommended, with digests pinned.",
        {"extends": ["config:recommended", "docker:pinDigests", "helpers:pinGitHubActionDigests"]},
    ),
    "config:semverAllMonthly": Preset(
        "Everything in one change, monthly.",
        {"extends": ["group:all", "schedule:monthly"], "separateMajorMinor": False},
    ),
    "config:semverAllWeekly": Preset(
        "Everything in one change, weekly.",
        {"extends": ["group:all", "schedule:weekly"], "separateMajorMinor": False},
    ),
    "config:js-app": Preset("config:recommended for applications.", {"extends": ["config:recommended"]}),
    "config:js-lib": Preset("config:recommended for libraries.", {"extends": ["config:recommended"]}),
    # Merging.
    ":automergeAll": Preset("Merge every update.", {"automerge": True}),
    ":automergeMajor": Preset("Merge every update.", {"automerge": True}),
    ":automergeDisabled": Preset("Merge nothing by itself.", {"automerge": False}),
    ":automergeMinor": Preset(
        "Merge minor updates, patches and pins.",
        {"minor": {"automerge": True}, "patch": {"automerge": True}, "pin": {"automerge": True}},
    ),
    ":automergePatch": Preset(
        "Merge patches and pins, and offer patches apart from minor updates.",
        {"patch": {"automerge": True}, "pin": {"automerge": True}, "separateMinorPatch": True},
    ),
    ":automergeDigest": Preset("Merge new digests of the same tag.", {"digest": {"automerge": True}}),
    ":automergeStableNonMajor": Preset(
        "Merge minor updates and patches from 1.0 on.",
        {
            "packageRules": [
                {"matchUpdateTypes": ["minor", "patch"], "matchCurrentVersion": "!/^v?0/", "automerge": True},
            ]
        },
    ),
    ":automergeBranch": Preset("Merge without a pull request where tests pass.", {"automergeType": "branch"}),
    ":automergePr": Preset("Merge through pull requests.", {"automergeType": "pr"}),
    ":automergeRequireAllStatusChecks": Preset("Merge when all checks are green.", {"ignoreTests": False}),
    ":skipStatusChecks": Preset("Merge without waiting for checks.", {"ignoreTests": True}),
    # Kinds of updates.
    ":separateMajorReleases": Preset("Major updates apart from others.", {"separateMajorMinor": True}),
    ":separateMultipleMajorReleases": Preset(
        "One change for each major version.", {"separateMajorMinor": True, "separateMultipleMajor": True}
    ),
    ":separateMultipleMinorReleases": Preset("One change for each minor version.", {"separateMultipleMinor": True}),
    ":separatePatchReleases": Preset("Patches apart from minor updates.", {"separateMinorPatch": True}),
    ":combinePatchMinorReleases": Preset("Patches and minor updates together.", {"separateMinorPatch": False}),
    ":disableMajorUpdates": Preset("No major updates.", {"major": {"enabled": False}}),
    ":disableDigestUpdates": Preset("No new digests for the same tag.", {"digest": {"enabled": False}}),
    ":approveMajorUpdates": Preset(
        "Major updates wait for approval.",
        {"packageRules": [{"matchUpdateTypes": ["major"], "dependencyDashboardApproval": True}]},
    ),
    ":ignoreUnstable": Preset("No pre-releases unless one is in use.", {"ignoreUnstable": True}),
    ":respectLatest": Preset("Not beyond the tag latest.", {"respectLatest": True}),
    ":followTag": Preset(
        "Follow a tag ({{arg1}}) for an image ({{arg0}}).",
        {"packageRules": [{"matchPackageNames": ["{{arg0}}"], "followTag": "{{arg1}}"}]},
    ),
    ":pinDigestsDisabled": Preset("Do not pin digests.", {"pinDigests": False}),
    ":enableRenovate": Preset("On.", {"enabled": True}),
    ":disableRenovate": Preset("Off.", {"enabled": False}),
    ":docker": Preset(
        "Dockerfiles and compose files on.", {"dockerfile": {"enabled": True}, "docker-compose": {"enabled": True}}
    ),
    # Limits and times.
    **{f":prHourlyLimit{n}": Preset(f"At most {n} new changes an hour.", {"prHourlyLimit": n}) for n in (1, 2, 4)},
    ":prHourlyLimitNone": Preset("No limit on new changes an hour.", {"prHourlyLimit": 0}),
    **{f":prConcurrentLimit{n}": Preset(f"At most {n} open changes.", {"prConcurrentLimit": n}) for n in (10, 20)},
    ":prConcurrentLimitNone": Preset("No limit on open changes.", {"prConcurrentLimit": 0}),
    ":disableRateLimiting": Preset("No limits.", {"prHourlyLimit": 0, "prConcurrentLimit": 0, "commitHourlyLimit": 0}),
    ":timezone": Preset("Schedules are in the time zone {{arg0}}.", {"timezone": "{{arg0}}"}),
    ":updateNotScheduled": Preset("Keep branches current outside of the schedule.", {"updateNotScheduled": True}),
    ":noUnscheduledUpdates": Preset("Leave branches alone outside of the schedule.", {"updateNotScheduled": False}),
    ":prImmediately": Preset("Propose at once.", {"prCreation": "immediate"}),
    ":prNotPending": Preset("Propose when checks are done.", {"prCreation": "not-pending"}),
    ":rebaseStalePrs": Preset("Rebase when the base moves.", {"rebaseWhen": "behind-base-branch"}),
    # Texts.
    ":semanticCommits": Preset("Commit messages like 'chore(deps): …'.", {"semanticCommits": "enabled"}),
    ":semanticCommitsDisabled": Preset("Commit messages without a type.", {"semanticCommits": "disabled"}),
    ":semanticCommitType": Preset("The type is {{arg0}}.", {"semanticCommitType": "{{arg0}}"}),
    ":semanticCommitTypeAll": Preset(
        "The type is {{arg0}}, whatever other presets say.",
        {"packageRules": [{"matchFileNames": ["**/*"], "semanticCommitType": "{{arg0}}"}]},
    ),
    ":semanticCommitScope": Preset("The scope is {{arg0}}.", {"semanticCommitScope": "{{arg0}}"}),
    ":semanticCommitScopeDisabled": Preset("No scope.", {"semanticCommitScope": None}),
    ":semanticPrefixChore": Preset("The type is chore.", {"extends": [":semanticCommitType(chore)"]}),
    ":semanticPrefixFix": Preset("The type is fix.", {"extends": [":semanticCommitType(fix)"]}),
    ":semanticPrefixFixDepsChoreOthers": Preset(
        "The type is chore, and fix for what an application is built of.",
        {
            "packageRules": [
                {**_ALL, "semanticCommitType": "chore"},
                {"matchDepTypes": ["dependencies", "require"], "semanticCommitType": "fix"},
            ]
        },
    ),
    ":pathSemanticCommitType": Preset(
        "The type is {{arg1}} for files {{arg0}}.",
        {"packageRules": [{"matchFileNames": ["{{arg0}}"], "semanticCommitType": "{{arg1}}"}]},
    ),
    ":gitSignOff": Preset("Sign commits off.", {"commitTrailers": ["Signed-off-by: {{{gitAuthor}}}"]}),
    ":renovatePrefix": Preset("Branches begin with renovate/.", {"branchPrefix": "renovate/"}),
    ":pinSkipCi": Preset("No CI for pins.", {"pin": {"commitBody": "[skip ci]"}}),
    # People.
    ":label": Preset("The label {{arg0}}.", {"labels": ["{{arg0}}"]}),
    ":labels": Preset("The labels {{arg0}} and {{arg1}}.", {"labels": ["{{arg0}}", "{{arg1}}"]}),
    ":assignee": Preset("Assign to {{arg0}}.", {"assignees": ["{{arg0}}"]}),
    ":reviewer": Preset("Ask {{arg0}} for review.", {"reviewers": ["{{arg0}}"]}),
    ":assignAndReview": Preset(
        "Assign to {{arg0}} and ask for review.", {"extends": [":assignee({{arg0}})", ":reviewer({{arg0}})"]}
    ),
    ":dependencyDashboard": Preset("Keep a dashboard.", {"dependencyDashboard": True}),
    ":dependencyDashboardApproval": Preset("Every update waits for approval.", {"dependencyDashboardApproval": True}),
    ":disableDependencyDashboard": Preset("No dashboard.", {"dependencyDashboard": False}),
    # Files and hosts.
    ":ignoreModulesAndTests": Preset(
        "Leave vendored code, examples and fixtures alone.",
        {
            "ignorePaths": [
                "**/node_modules/**",
                "**/bower_components/**",
                "**/vendor/**",
                "**/examples/**",
                "**/__tests__/**",
                "**/__fixtures__/**",
            ]
        },
    ),
    ":includeNodeModules": Preset("Look everywhere.", {"ignorePaths": []}),
    ":disableHost": Preset(
        "Never ask the host {{arg0}}.", {"hostRules": [{"matchHost": "https://{{arg0}}", "enabled": False}]}
    ),
    ":disableDomain": Preset(
        "Never ask the domain {{arg0}}.", {"hostRules": [{"matchHost": "{{arg0}}", "enabled": False}]}
    ),
    # Groups.
    ":group": Preset(
        "What {{arg0}} matches as the group {{arg1}}.",
        {"packageRules": [{"extends": ["{{arg0}}"], "groupName": "{{arg1}}"}]},
    ),
    "group:all": Preset(
        "Everything in one change.",
        {
            "groupName": "all dependencies",
            "groupSlug": "all",
            "separateMajorMinor": False,
            "packageRules": [{**_ALL, "groupName": "all dependencies", "groupSlug": "all"}],
        },
    ),
    "group:allNonMajor": Preset(
        "Minor updates and patches in one change.",
        {
            "packageRules": [
                {
                    **_ALL,
                    "matchUpdateTypes": ["minor", "patch"],
                    "groupName": "all non-major dependencies",
                    "groupSlug": "all-minor-patch",
                }
            ]
        },
    ),
    "group:allDigest": Preset(
        "New digests in one change.",
        {
            "packageRules": [
                {**_ALL, "matchUpdateTypes": ["digest"], "groupName": "all digest updates", "groupSlug": "all-digest"}
            ]
        },
    ),
    "group:dotNetCore": Preset(
        "Images of .NET in one change.",
        {
            "packageRules": [
                {
                    "matchDatasources": ["docker"],
                    "matchPackageNames": ["mcr.microsoft.com/dotnet/**"],
                    "groupName": ".NET Core Docker containers",
                }
            ]
        },
    ),
    "group:recommended": Preset("Groups for libraries; of images, those of .NET.", {"extends": ["group:dotNetCore"]}),
}
