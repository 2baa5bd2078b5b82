"""Presets: each resolves, does what its name says, and none can loop or explode."""

import time

import pytest

from gitops_ci.config.source import Source
from gitops_ci.errors import ConfigurationError
from gitops_ci.update import presets
from gitops_ci.update.model import Dependency
from gitops_ci.update.rules import Rules


def image(name: str = "nginx", **fields: object) -> Dependency:
    values: dict[str, object] = {
        "package_name": name,
        "dep_name": name,
        "datasource": "docker",
        "manager": "kubernetes",
        "file": "a.yaml",
        "current_value": "1.2.3",
        "current_version": "1.2.3",
        **fields,
    }
    return Dependency(**values)  # type: ignore[arg-type]  # a keyword for each field


# Preset, the dependency's fields, what is then in force.
EFFECTS: list[tuple[str, dict[str, object], dict[str, object]]] = [
    ("config:recommended", {}, {"dependencyDashboard": True, "semanticCommitType": "chore", "automerge": False}),
    ("config:base", {}, {"dependencyDashboard": True}),
    ("config:js-app", {}, {"dependencyDashboard": True}),
    ("config:js-lib", {}, {"dependencyDashboard": True}),
    ("config:best-practices", {}, {"dependencyDashboard": True, "pinDigests": True}),
    (
        "config:semverAllMonthly",
        {},
        {"groupName": "all dependencies", "schedule": ["* 0-3 1 * *"], "separateMajorMinor": False},
    ),
    ("config:semverAllWeekly", {}, {"groupName": "all dependencies", "schedule": ["* 0-3 * * 1"]}),
    (":automergeAll", {"update_type": "major"}, {"automerge": True}),
    (":automergeMajor", {"update_type": "major"}, {"automerge": True}),
    (":automergeMinor", {"update_type": "minor"}, {"automerge": True}),
    (":automergeMinor", {"update_type": "patch"}, {"automerge": True}),
    (":automergeMinor", {"update_type": "major"}, {"automerge": False}),
    (":automergePatch", {"update_type": "patch"}, {"automerge": True, "separateMinorPatch": True}),
    (":automergePatch", {"update_type": "minor"}, {"automerge": False}),
    (":automergeDigest", {"update_type": "digest"}, {"automerge": True}),
    (":automergeDigest", {"update_type": "patch"}, {"automerge": False}),
    (":automergeStableNonMajor", {"update_type": "minor"}, {"automerge": True}),
    (":automergeStableNonMajor", {"update_type": "major"}, {"automerge": False}),
    (":automergeStableNonMajor", {"update_type": "minor", "current_version": "0.9.0"}, {"automerge": False}),
    (":automergeStableNonMajor", {"update_type": "minor", "current_version": "v0.9.0"}, {"automerge": False}),
    (":automergeBranch", {}, {"automergeType": "branch"}),
    (":automergePr", {}, {"automergeType": "pr"}),
    (":automergeDisabled", {}, {"automerge": False}),
    (":automergeRequireAllStatusChecks", {}, {"ignoreTests": False}),
    (":skipStatusChecks", {}, {"ignoreTests": True}),
    ("docker:pinDigests", {}, {"pinDigests": True}),
    ("docker:pinDigests", {"manager": "argocd"}, {"pinDigests": False}),
    ("docker:pinDigests", {"manager": "kustomize"}, {"pinDigests": True}),
    (":pinDigestsDisabled", {}, {"pinDigests": False}),
    ("docker:enableMajor", {"update_type": "major"}, {"enabled": True}),
    ("docker:disableMajor", {"update_type": "major"}, {"enabled": False}),
    ("docker:disableMajor", {"update_type": "minor"}, {"enabled": True}),
    ("docker:disable", {"manager": "dockerfile"}, {"enabled": False}),
    ("docker:disable", {"manager": "docker-compose"}, {"enabled": False}),
    (":disableMajorUpdates", {"update_type": "major"}, {"enabled": False}),
    (":disableDigestUpdates", {"update_type": "digest"}, {"enabled": False}),
    (":approveMajorUpdates", {"update_type": "major"}, {"dependencyDashboardApproval": True}),
    (":disableRenovate", {}, {"enabled": False}),
    ("security:only-security-updates", {}, {"enabled": False}),
    ("group:all", {}, {"groupName": "all dependencies", "groupSlug": "all", "separateMajorMinor": False}),
    (
        "group:allNonMajor",
        {"update_type": "minor"},
        {"groupName": "all non-major dependencies", "groupSlug": "all-minor-patch"},
    ),
    ("group:allNonMajor", {"update_type": "major"}, {"groupName": None}),
    ("group:allDigest", {"update_type": "digest"}, {"groupSlug": "all-digest"}),
    ("schedule:daily", {}, {"schedule": ["* 0-3 * * *"]}),
    ("schedule:earlyMondays", {}, {"schedule": ["* 0-3 * * 1"]}),
    ("schedule:weekly", {}, {"schedule": ["* 0-3 * * 1"]}),
    ("schedule:nonOfficeHours", {}, {"schedule": ["* 0-4,22-23 * * 1-5", "* * * * 0,6"]}),
    ("schedule:officeHours", {}, {"schedule": ["* 8-17 * * 1-5"]}),
    ("schedule:weekdays", {}, {"schedule": ["* * * * 1-5"]}),
    ("schedule:weekends", {}, {"schedule": ["* * * * 0,6"]}),
    ("schedule:monthly", {}, {"schedule": ["* 0-3 1 * *"]}),
    ("schedule:quarterly", {}, {"schedule": ["* * 1 */3 *"]}),
    ("schedule:yearly", {}, {"schedule": ["* * 1 */12 *"]}),
    ("schedule:automergeWeekly", {}, {"automergeSchedule": ["* 0-3 * * 1"], "schedule": ["at any time"]}),
    ("schedule:automergeNonOfficeHours", {}, {"automergeSchedule": ["* 0-4,22-23 * * 1-5", "* * * * 0,6"]}),
    (":semanticCommits", {}, {"semanticCommits": "enabled"}),
    (":semanticCommitsDisabled", {}, {"semanticCommits": "disabled"}),
    (":semanticCommitType(build)", {}, {"semanticCommitType": "build"}),
    (":semanticCommitTypeAll(ci)", {}, {"semanticCommitType": "ci"}),
    (":semanticCommitScope(image)", {}, {"semanticCommitScope": "image"}),
    (":semanticCommitScopeDisabled", {}, {"semanticCommitScope": None}),
    (":semanticPrefixFix", {}, {"semanticCommitType": "fix"}),
    (":semanticPrefixChore", {}, {"semanticCommitType": "chore"}),
    (":pathSemanticCommitType(*.yaml, ci)", {}, {"semanticCommitType": "ci"}),
    (":label(blue)", {}, {"labels": ["blue"]}),
    (":labels(blue, red)", {}, {"labels": ["blue", "red"]}),
    (":assignee(joe)", {}, {"assignees": ["joe"]}),
    (":reviewer(team:sre)", {}, {"reviewers": ["team:sre"]}),
    (":assignAndReview(ann)", {}, {"assignees": ["ann"], "reviewers": ["ann"]}),
    (":prHourlyLimit1", {}, {"prHourlyLimit": 1}),
    (":prHourlyLimit4", {}, {"prHourlyLimit": 4}),
    (":prHourlyLimitNone", {}, {"prHourlyLimit": 0}),
    (":prConcurrentLimit20", {}, {"prConcurrentLimit": 20}),
    (":prConcurrentLimitNone", {}, {"prConcurrentLimit": 0}),
    (":disableRateLimiting", {}, {"prConcurrentLimit": 0, "prHourlyLimit": 0}),
    (":timezone(Europe/Berlin)", {}, {"timezone": "Europe/Berlin"}),
    ("default:timezone(Europe/Berlin)", {}, {"timezone": "Europe/Berlin"}),
    (":separateMajorReleases", {}, {"separateMajorMinor": True}),
    (":separateMultipleMajorReleases", {}, {"separateMultipleMajor": True, "separateMajorMinor": True}),
    (":separatePatchReleases", {}, {"separateMinorPatch": True}),
    (":combinePatchMinorReleases", {}, {"separateMinorPatch": False}),
    (":dependencyDashboard", {}, {"dependencyDashboard": True}),
    (":disableDependencyDashboard", {}, {"dependencyDashboard": False}),
    (":dependencyDashboardApproval", {}, {"dependencyDashboardApproval": True}),
    (":rebaseStalePrs", {}, {"rebaseWhen": "behind-base-branch"}),
    (":ignoreUnstable", {}, {"ignoreUnstable": True}),
    (":gitSignOff", {}, {"commitTrailers": ["Signed-off-by: {{{gitAuthor}}}"]}),
    (":pinSkipCi", {"update_type": "pin"}, {"commitBody": "[skip ci]"}),
    (":followTag(nginx, stable)", {}, {"followTag": "stable"}),
    (":noUnscheduledUpdates", {}, {"updateNotScheduled": False}),
    (":prNotPending", {}, {"prCreation": "not-pending"}),
    (
        "workarounds:all",
        {"package_name": "node", "current_value": "22-alpine"},
        {"allowedVersions": "/^\\d*[02468](?:[.-]|$)/"},
    ),
    ("workarounds:all", {"package_name": "node", "current_value": "23"}, {"allowedVersions": None}),
    ("workarounds:all", {"package_name": "kindest/node", "current_value": "v1.30.0"}, {"allowedVersions": None}),
    (
        "workarounds:all",
        {"package_name": "ubuntu", "current_value": "24.04"},
        {"allowedVersions": "/^\\d[02468]\\.04/"},
    ),
    ("workarounds:all", {"package_name": "alpine", "current_version": "3.20"}, {"allowedVersions": "!/^\\d{8}$/"}),
    ("replacements:all", {"package_name": "gcr.io/openssf/scorecard"}, {"replacementName": "ghcr.io/ossf/scorecard"}),
    (
        "replacements:zap",
        {"package_name": "owasp/zap2docker-stable", "current_version": "2.13.0"},
        {"replacementVersion": "2.14.0"},
    ),
    (
        "group:recommended",
        {"package_name": "mcr.microsoft.com/dotnet/aspnet"},
        {"groupName": ".NET Core Docker containers"},
    ),
]


@pytest.mark.parametrize(("name", "fields", "expected"), EFFECTS)
def test_a_preset_does_what_it_says(name: str, fields: dict[str, object], expected: dict[str, object]) -> None:
    fields = dict(fields)
    package = str(fields.pop("package_name", "nginx"))
    options = Rules.of({"extends": [name]}).options(image(package, **fields))
    assert {key: options.get(key) for key in expected} == expected


@pytest.mark.parametrize("name", sorted(presets.BUILT_IN))
def test_every_preset_resolves_without_an_unknown_word(name: str) -> None:
    arguments = "packages:eslint, b" if name == ":group" else "Europe/Berlin, b"
    call = f"{name}({arguments})" if "{{arg" in str(presets.BUILT_IN[name].config) else name
    rules = Rules((Source("test", {"extends": [call]}, "test"),))
    assert [
        finding for finding in rules.warnings if finding.rule not in ("preset", "no-effect-on-images", "no-effect")
    ] == []
    assert presets.BUILT_IN[name].summary.endswith(".")


@pytest.mark.parametrize(
    "name",
    [
        "group:monorepos", "group:reactMonorepo", "npm:anything", "helpers:pinGitHubActionDigests",
        ":maintainLockFilesWeekly", ":onlyNpm", "security:minimumReleaseAgeNpm", "abandonments:recommended",
        "customManagers:biomeVersions",
        "workarounds:typesNodeVersioning", "mergeConfidence:all-badges", "monorepo:react",
    ],
)  # fmt: skip
def test_presets_that_concern_no_images_are_accepted_and_said_to_do_nothing(name: str) -> None:
    rules = Rules.of({"extends": [name]})
    assert [finding.rule for finding in rules.warnings] == ["preset"]
    assert [finding.status for finding in rules.warnings] == ["skip"]


def test_what_a_rule_gets_from_a_preset_of_libraries_does_not_make_it_match_everything() -> None:
    config = {"packageRules": [{"extends": ["packages:eslint"], "matchPackageNames": ["!x"], "automerge": True}]}
    assert Rules.of(config).options(image()).get("automerge") is False


def test_a_rule_whose_matchers_are_in_a_missing_preset_is_left_out() -> None:
    config = {"packageRules": [{"extends": ["github>acme/presets:critical"], "automerge": True}]}
    rules = Rules.of(config)
    assert rules.options(image()).get("automerge") is False
    assert {"rule-left-out", "unknown-preset"} <= {finding.rule for finding in rules.warnings}


def test_a_preset_in_a_rule_is_for_that_rule_only() -> None:
    config = {"packageRules": [{"matchPackageNames": ["nginx"], "extends": ["schedule:weekly", ":automergePatch"]}]}
    rules = Rules.of(config)
    assert rules.options(image()).get("schedule") == ["* 0-3 * * 1"]
    assert rules.options(image(update_type="patch")).get("automerge") is True
    assert rules.options(image("redis", update_type="patch")).get("automerge") is False


def test_rules_of_a_preset_in_a_rule_are_narrowed_by_it() -> None:
    config = {"packageRules": [{"matchDepNames": ["nginx"], "extends": ["docker:disableMajor"]}]}
    rules = Rules.of(config)
    assert rules.options(image(update_type="major")).get("enabled") is False
    assert rules.options(image(update_type="minor")).get("enabled") is True
    assert rules.options(image("redis", update_type="major")).get("enabled") is True


def test_a_block_beside_such_a_preset_keeps_its_own_type() -> None:
    rule = {"matchDepNames": ["nginx"], "extends": ["group:allNonMajor"], "major": {"groupName": "majors"}}
    rules = Rules.of({"packageRules": [rule]})
    assert rules.options(image(update_type="major")).get("groupName") == "majors"
    assert rules.options(image(update_type="minor")).get("groupSlug") == "all-minor-patch"
    assert rules.options(image("redis", update_type="major")).get("groupName") is None


def test_presets_in_blocks_count() -> None:
    config = {"patch": {"extends": ["schedule:weekly"]}, "kubernetes": {"extends": [":label(k8s)"]}}
    options = Rules.of(config).options(image(update_type="patch"))
    assert (options.get("schedule"), options.get("labels")) == (["* 0-3 * * 1"], ["k8s"])


def test_what_is_written_wins_over_what_is_extended() -> None:
    options = Rules.of({"labels": ["mine"], "extends": [":label(a)", ":label(b)"]}).options(image())
    assert options.get("labels") == ["mine"]
    assert Rules.of({"extends": [":label(a)", ":label(b)"]}).options(image()).get("labels") == ["b"]


@pytest.mark.parametrize("ignored", [":dependencyDashboard", "default:dependencyDashboard"])
def test_ignored_presets_stay_out_however_deep(ignored: str) -> None:
    rules = Rules.of({"extends": ["config:best-practices"], "ignorePresets": [ignored, "docker:pinDigests"]})
    options = rules.options(image())
    assert (options.get("dependencyDashboard"), options.get("pinDigests")) == (False, False)


def files(**sources: dict[str, object]) -> Rules:
    def read(reference: str) -> Source | None:
        name = reference.removeprefix("local>me//")
        return Source(name, sources[name], name) if name in sources else None

    return Rules((Source("renovate.json", {"extends": ["local>me//a"]}, "renovate.json"),), presets=read)


def test_a_loop_of_presets_ends_and_is_said() -> None:
    rules = files(a={"extends": ["local>me//b"], "labels": ["a"]}, b={"extends": ["local>me//a"], "automerge": True})
    options = rules.options(image())
    assert (options.get("labels"), options.get("automerge")) == (["a"], True)
    assert "preset-loop" in {finding.rule for finding in rules.warnings}


def test_presets_that_multiply_are_stopped() -> None:
    sources: dict[str, dict[str, object]] = {
        f"p{n}": {"extends": [f"local>me//p{n + 1}"] * 1 + [f"local>me//p{n + 1}(x)"]} for n in range(30)
    }
    start = time.perf_counter()
    with pytest.raises(ConfigurationError, match="more than 2000 presets"):
        files(a={"extends": ["local>me//p0"]}, **sources)
    assert time.perf_counter() - start < 5


def test_a_rule_without_matchers_in_a_preset_file_is_for_everything_and_is_said() -> None:
    rules = files(a={"packageRules": [{"labels": ["x"]}]})
    assert rules.options(image()).get("labels") == ["x"]
    assert "rule-without-matcher" in {finding.rule for finding in rules.warnings}


def test_origins_name_the_preset_and_the_line_that_extends_it() -> None:
    source = Source(
        "renovate.json", {"extends": ["config:recommended"]}, "renovate.json", lambda path: (7, 3) if path else None
    )
    origin = Rules((source,)).options(image()).origins["dependencyDashboard"]
    assert (origin.source, origin.line) == ("preset :dependencyDashboard", 7)


@pytest.mark.parametrize("name", sorted(name for name in presets.BUILT_IN if name.startswith("customManagers:")))
def test_custom_managers_find_a_version_under_its_comment(name: str) -> None:
    import re2

    text = {
        "dockerfileVersions": "# renovate: datasource=docker depName=ghcr.io/a/b versioning=x\nENV B_VERSION=1.2.3\n",
        "makefileVersions": "# renovate: datasource=docker depName=ghcr.io/a/b\nB_VERSION ?= 1.2.3\n",
        "tfvarsVersions": '# renovate: datasource=docker depName=ghcr.io/a/b\nb_version = "1.2.3"\n',
        "helmChartYamlAppVersions": "# renovate: image=ghcr.io/a/b\nappVersion: 1.2.3\n",
        "bitbucketPipelinesVersions": "# renovate: datasource=docker depName=ghcr.io/a/b\n  - export B_VERSION=1.2.3\n",
    }.get(name.partition(":")[2], "# renovate: datasource=docker depName=ghcr.io/a/b\n  B_VERSION: '1.2.3'\n")
    (manager,) = Rules.of({"extends": [name]}).custom_managers
    strings = manager["matchStrings"]
    assert isinstance(strings, list)
    found = re2.compile(strings[0]).search(text)
    assert (found["depName"], found["currentValue"]) == ("ghcr.io/a/b", "1.2.3")
