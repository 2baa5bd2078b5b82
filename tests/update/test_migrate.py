"""Old names: one line each, with what Renovate 44 makes of them."""

import copy

import pytest

from gitops_ci.update.migrate import migrate
from gitops_ci.update.old_names import MATCHER_FORMS, MATCHER_NAMES, REMOVED, RENAMED
from gitops_ci.update.options import FOREIGN_MANAGERS, HOST_RULE, MATCHERS, OPTIONS, WITHOUT_EFFECT


def rule(**words: object) -> dict[str, object]:
    return {"packageRules": [words]}


MIGRATIONS: list[tuple[dict[str, object], dict[str, object]]] = [
    # The article's example: everything, as a pattern of its own.
    (
        rule(matchPackagePatterns=["*"], matchUpdateTypes=["patch"], automerge=True),
        rule(matchPackageNames=["*"], matchUpdateTypes=["patch"], automerge=True),
    ),
    (
        rule(matchPackagePatterns=["^foo", "bar"], matchPackageNames=["x"], enabled=False),
        rule(matchPackageNames=["/^foo/", "/bar/", "x"], enabled=False),
    ),
    (
        rule(
            matchPackagePrefixes=["foo"],
            excludePackageNames=["a"],
            excludePackagePatterns=["b"],
            excludePackagePrefixes=["c"],
        ),
        rule(matchPackageNames=["foo{/,}**", "!a", "!/b/", "!c{/,}**"]),
    ),
    (rule(packageNames=["a"]), rule(matchPackageNames=["a"])),
    (rule(packagePatterns=["^b"]), rule(matchPackageNames=["/^b/"])),
    (rule(excludePackageNames=["q"], packagePatterns=["*"]), rule(matchPackageNames=["!q", "*"])),
    (rule(packageName="x"), rule(matchPackageNames=["x"])),
    (rule(packagePattern="x"), rule(matchPackageNames=["/x/"])),
    (
        rule(
            matchDepPatterns=["a"],
            matchDepPrefixes=["b"],
            excludeDepNames=["c"],
            excludeDepPatterns=["d"],
            excludeDepPrefixes=["e"],
        ),
        rule(matchDepNames=["/a/", "b{/,}**", "!c", "!/d/", "!e{/,}**"]),
    ),
    (rule(matchSourceUrlPrefixes=["https://a"]), rule(matchSourceUrls=["https://a{/,}**"])),
    (rule(sourceUrlPrefixes=["https://a"]), rule(matchSourceUrls=["https://a{/,}**"])),
    (rule(excludeRepositories=["r"]), rule(matchRepositories=["!r"])),
    (rule(matchPaths=["a/b"]), rule(matchFileNames=["a/b"])),
    (rule(matchFiles=["x"]), rule(matchFileNames=["x"])),
    (rule(paths=["y"]), rule(matchFileNames=["y"])),
    (rule(updateTypes=["major"]), rule(matchUpdateTypes=["major"])),
    (rule(managers=["regex"]), rule(matchManagers=["custom.regex"])),
    (rule(datasources=["docker"]), rule(matchDatasources=["docker"])),
    (rule(depTypeList=["x"]), rule(matchDepTypes=["x"])),
    (rule(languages=["docker"]), rule(matchCategories=["docker"])),
    (rule(matchLanguages=["docker"]), rule(matchCategories=["docker"])),
    (rule(baseBranchList=["main"]), rule(matchBaseBranches=["main"])),
    ({"packages": [{"packageName": "a", "automerge": True}]}, rule(matchPackageNames=["a"], automerge=True)),
    ({"pathRules": [{"paths": ["p"], "automerge": True}]}, rule(matchFileNames=["p"], automerge=True)),
    ({"depTypes": [{"depType": "x", "automerge": True}]}, rule(matchDepTypes=["x"], automerge=True)),
    ({"docker": {"enabled": False}}, rule(matchCategories=["docker"], enabled=False)),
    ({"devDependencies": {"automerge": True}}, rule(matchDepTypes=["devDependencies"], automerge=True)),
    (
        {"automerge": "patch"},
        {"patch": {"automerge": True}, "minor": {"automerge": False}, "major": {"automerge": False}},
    ),
    ({"automerge": "minor"}, {"minor": {"automerge": True}, "major": {"automerge": False}}),
    ({"automerge": "none"}, {"automerge": False}),
    ({"automerge": "any"}, {"automerge": True}),
    ({"automergeMajor": True}, {"major": {"automerge": True}}),
    ({"automergeMinor": True}, {"minor": {"automerge": True}}),
    ({"automergePatch": True, "patch": {"labels": ["x"]}}, {"patch": {"labels": ["x"]}}),
    ({"patch": {"labels": ["x"]}, "automergePatch": True}, {"patch": {"labels": ["x"], "automerge": True}}),
    ({"automergeType": "branch-push"}, {"automergeType": "branch"}),
    ({"recreateClosed": True}, {"recreateWhen": "always"}),
    ({"recreateClosed": False}, {"recreateWhen": "auto"}),
    ({"stabilityDays": 3}, {"minimumReleaseAge": "3 days"}),
    ({"stabilityDays": 1}, {"minimumReleaseAge": "1 day"}),
    ({"stabilityDays": 0}, {"minimumReleaseAge": None}),
    ({"unpublishSafe": True}, {}),
    ({"extends": ["npm:unpublishSafe"]}, {"extends": ["security:minimumReleaseAgeNpm"]}),
    ({"baseBranch": "main"}, {"baseBranchPatterns": ["main"]}),
    ({"baseBranches": ["main"]}, {"baseBranchPatterns": ["main"]}),
    ({"kubernetes": {"fileMatch": ["a/.+"]}}, {"kubernetes": {"managerFilePatterns": ["/a/.+/"]}}),
    (
        {"regexManagers": [{"fileMatch": "x$", "matchStrings": ["(?<lookupName>a)"], "lookupNameTemplate": "y"}]},
        {
            "customManagers": [
                {
                    "customType": "regex",
                    "managerFilePatterns": ["/x$/"],
                    "matchStrings": ["(?<packageName>a)"],
                    "packageNameTemplate": "y",
                }
            ]
        },
    ),
    ({"aliases": {"a": "b"}}, {"registryAliases": {"a": "b"}}),
    ({"versionScheme": "docker"}, {"versioning": "docker"}),
    ({"separatePatchReleases": True}, {"separateMinorPatch": True}),
    ({"separateMajorReleases": False}, {"separateMajorMinor": False}),
    ({"multipleMajorPrs": True}, {"separateMultipleMajor": True}),
    ({"semanticPrefix": "fix(deps): "}, {"semanticCommitType": "fix", "semanticCommitScope": "deps"}),
    ({"semanticPrefix": "chore:"}, {"semanticCommitType": "chore", "semanticCommitScope": None}),
    ({"semanticCommits": True}, {"semanticCommits": "enabled"}),
    ({"rebaseStalePrs": True}, {"rebaseWhen": "behind-base-branch"}),
    ({"rebaseStalePrs": False}, {"rebaseWhen": "conflicted"}),
    ({"rebaseStalePrs": None}, {"rebaseWhen": "auto"}),
    ({"rebaseConflictedPrs": False}, {"rebaseWhen": "never"}),
    (
        {"masterIssue": True, "masterIssueApproval": True},
        {"dependencyDashboard": True, "dependencyDashboardApproval": True},
    ),
    ({"requiredStatusChecks": None}, {"ignoreTests": True}),
    (
        {"branchPrefix": "renovate/{{parentDir}}-"},
        {"branchPrefix": "renovate/", "additionalBranchPrefix": "{{parentDir}}-"},
    ),
    ({"managerBranchPrefix": "x"}, {"additionalBranchPrefix": "x"}),
    ({"groupBranchName": "x"}, {}),
    ({"gitLabAutomerge": True}, {"platformAutomerge": True}),
    ({"customChangelogUrl": "x"}, {"changelogUrl": "x"}),
    ({"ignoreNodeModules": True}, {"ignorePaths": ["node_modules/"]}),
    ({"packageFiles": ["a.json"]}, {"includePaths": ["a.json"]}),
    ({"enabledManagers": ["regex", "docker-compose"]}, {"enabledManagers": ["custom.regex", "docker-compose"]}),
    (
        {
            "hostRules": [
                {"platform": "docker", "endpoint": "https://x.io", "token": "t"},
                {"hostName": "ghcr.io"},
                {"baseUrl": "b"},
            ]
        },
        {
            "hostRules": [
                {"hostType": "docker", "matchHost": "https://x.io", "token": "t"},
                {"matchHost": "ghcr.io"},
                {"matchHost": "b"},
            ]
        },
    ),
    (
        {
            "extends": [
                "config:base",
                ":base",
                ":masterIssue",
                "regexManagers:dockerfileVersions",
                "helpers:oddIsUnstable",
                ":library",
            ]
        },
        {
            "extends": [
                "config:recommended",
                ":dependencyDashboard",
                "customManagers:dockerfileVersions",
                "config:js-lib",
            ]
        },
    ),
    (
        {"prTitle": "{{baseDir}} {{{lookupName}}} lookupName"},
        {"prTitle": "{{packageFileDir}} {{{packageName}}} lookupName"},
    ),
    (
        rule(
            matchManagers=["kustomize"], groupName="x", packageRules=[{"matchPackageNames": ["a"], "automerge": True}]
        ),
        rule(matchManagers=["kustomize"], groupName="x", matchPackageNames=["a"], automerge=True),
    ),
    ({"patch": {"automerge": True}, "labels": ["x"]}, {"patch": {"automerge": True}, "labels": ["x"]}),
]


@pytest.mark.parametrize(("old", "new"), MIGRATIONS)
def test_old_words_become_todays(old: dict[str, object], new: dict[str, object]) -> None:
    before = copy.deepcopy(old)
    migrated = migrate(old)
    assert migrated.config == new
    assert old == before, "the configuration that was given stays as it was"


def test_what_was_changed_is_said() -> None:
    config = {"aliases": {}, "packageRules": [{"matchPaths": ["a"], "stabilityDays": 3}], "extends": ["config:base"]}
    assert [note.message for note in migrate(config).notes] == [
        "aliases is called registryAliases now",
        "extends[0] names config:base, which is called config:recommended now",
        "packageRules[0].matchPaths is called matchFileNames now",
        "packageRules[0].stabilityDays is written as minimumReleaseAge now",
    ]


def test_what_is_written_in_todays_words_stays_and_needs_no_note() -> None:
    new = {"extends": ["config:recommended"], "packageRules": [{"matchPackageNames": ["a"], "automerge": True}]}
    assert migrate(new).config == new
    assert migrate(new).notes == ()


def test_migrating_twice_changes_nothing_more() -> None:
    for old, _ in MIGRATIONS:
        once = migrate(old).config
        assert migrate(once).config == once


def test_each_rule_knows_where_it_stood() -> None:
    config = {
        "docker": {"enabled": False},
        "packages": [{"packageName": "x", "enabled": False}],
        "packageRules": [{"paths": ["a"], "packageRules": [{"labels": ["b"]}, {"labels": ["c"]}]}],
    }
    migrated = migrate(config)
    assert migrated.rules == (
        ("docker",),
        ("packageRules", 0, "packageRules", 0),
        ("packageRules", 0, "packageRules", 1),
        ("packages", 0),
    )
    assert migrated.origin(("packageRules", 3, "matchPackageNames")) == ("packages", 0, "packageName")


def test_every_new_name_is_one_that_the_tables_know() -> None:
    known = {*OPTIONS, *MATCHERS, *WITHOUT_EFFECT, *FOREIGN_MANAGERS, *HOST_RULE, "packageNameTemplate"}
    assert set(RENAMED.values()) <= known
    assert {*MATCHER_NAMES.values(), *(target for target, _ in MATCHER_FORMS.values())} <= set(MATCHERS)
    assert not REMOVED & {*OPTIONS, *MATCHERS}


def test_a_configuration_of_the_wrong_shape_is_left_for_the_check() -> None:
    odd: list[dict[str, object]] = [{"packageRules": {"matchPaths": 1}}, {"hostRules": [1]}, {"packageRules": [1]}]
    odd += [{"extends": {}}, {"aliases": 3}]
    for config in odd:
        migrate(config)
