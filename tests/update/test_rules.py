"""Rules: which options are in force, and who said so."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import gitops_ci
from gitops_ci.config.source import Source
from gitops_ci.errors import ConfigurationError
from gitops_ci.update.model import Dependency
from gitops_ci.update.options import LISTS_OF_OBJECTS, OPTIONS, STRUCTURE, UNREAD
from gitops_ci.update.rules import Rules


def dependency(name: str = "nginx", **fields: object) -> Dependency:
    values: dict[str, object] = {
        "package_name": name,
        "dep_name": name,
        "datasource": "docker",
        "manager": "kubernetes",
        "file": "apps/shop/deployment.yaml",
        "current_value": "1.2.3",
        "current_version": "1.2.3",
        **fields,
    }
    return Dependency(**values)  # type: ignore[arg-type]  # a keyword for each field


def option(config: Mapping[str, object], name: str, image: str = "nginx", **fields: object) -> object:
    return Rules.of(config).options(dependency(image, **fields)).get(name)


def test_the_articles_example_merges_patches_of_everything_and_nothing_else() -> None:
    rules = Rules.of(
        {"packageRules": [{"matchPackagePatterns": ["*"], "matchUpdateTypes": ["patch"], "automerge": True}]}
    )
    assert rules.options(dependency(update_type="patch")).get("automerge") is True
    assert rules.options(dependency("ghcr.io/a/b", update_type="patch")).get("automerge") is True
    assert rules.options(dependency(update_type="minor")).get("automerge") is False
    assert rules.options(dependency()).get("automerge") is False


def test_without_configuration_the_defaults_hold_and_have_no_origin() -> None:
    options = Rules().options(dependency())
    assert options.get("prHourlyLimit") == 2
    assert options.get("versioning") == "docker"
    assert options.get("schedule") == ["at any time"]
    assert options.origins == {}
    with pytest.raises(KeyError):
        options.get("prHourlyLimits")


def test_later_rules_win_and_lists_add_up_or_replace() -> None:
    config = {
        "labels": ["root"],
        "addLabels": ["a"],
        "packageRules": [
            {"matchPackageNames": ["*"], "labels": ["x"], "addLabels": ["b"], "groupName": "one"},
            {"matchPackageNames": ["nginx"], "labels": ["y"], "addLabels": ["b", "c"], "groupName": "two"},
            {"matchPackageNames": ["redis"], "labels": ["z"], "addLabels": ["d"]},
        ],
    }
    options = Rules.of(config).options(dependency())
    assert options.get("labels") == ["y"]
    assert options.get("addLabels") == ["a", "b", "c"]
    assert options.get("groupName") == "two"
    assert options.origins["groupName"].detail == "packageRules[1]"


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("addLabels", (["a"], ["b"]), ["a", "b"]),
        ("additionalReviewers", (["a"], ["b"]), ["a", "b"]),
        ("ignoreDeps", (["a"], ["b"]), ["a", "b"]),
        ("registryAliases", ({"a": "1", "b": "2"}, {"a": "3"}), {"a": "3", "b": "2"}),
        ("prBodyNotes", (["a"], ["b"]), ["a", "b"]),
        ("commitTrailers", (["a"], ["b"]), ["a", "b"]),
        ("labels", (["a"], ["b"]), ["b"]),
        ("reviewers", (["a"], ["b"]), ["b"]),
        ("assignees", (["a"], ["b"]), ["b"]),
        ("schedule", (["before 5am"], ["before 6am"]), ["before 6am"]),
        ("automergeSchedule", (["before 5am"], ["before 6am"]), ["before 6am"]),
        ("ignorePaths", (["a"], ["b"]), ["b"]),
    ],
)
def test_what_adds_up_and_what_replaces(name: str, values: tuple[object, object], expected: object) -> None:
    first, second = (Source(f"{number}.json", {name: value}) for number, value in enumerate(values))
    assert Rules((first, second)).options(dependency("a/b")).get(name) == expected


def test_host_rules_and_custom_managers_of_all_sources_add_up_and_show_no_secret() -> None:
    rules = Rules(
        (
            Source("a", {"hostRules": [{"matchHost": "ghcr.io", "token": "hush", "timeout": 5000}]}),
            Source("b", {"hostRules": [{"matchHost": "quay.io", "password": "{{ secrets.X }}"}], "customManagers": []}),
        )
    )
    first, second = rules.host_rules
    assert (first.match_host, first.token, first.timeout) == ("ghcr.io", "hush", 5.0)
    assert (second.match_host, second.password) == ("quay.io", None)
    assert "hush" not in repr((rules.options(dependency()), rules.root, rules.host_rules, rules.warnings))
    assert [warning.rule for warning in rules.warnings] == ["secret-in-file", "missing-variable"]


def test_host_rules_take_their_secrets_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GHCR", "swordfish")
    config = {
        "hostRules": [
            {"matchHost": "ghcr.io", "token": "{{ secrets.GHCR }}"},
            {"matchHost": "quay.io", "username": "robot", "password": "${GHCR}"},
            {"hostType": "npm", "token": "x"},
            {"matchHost": "ecr.aws", "encrypted": {"password": "abc"}},
        ]
    }
    rules = Rules.of(config)
    assert [(rule.token, rule.password) for rule in rules.host_rules[:3]] == [
        ("swordfish", None), (None, "swordfish"), (None, None)
    ]  # fmt: skip
    told = [warning.rule for warning in rules.warnings if warning.rule != "no-effect-on-images"]
    assert told == ["host-rule-without-host", "encrypted-credentials"]


def test_rules_beat_blocks_and_blocks_beat_the_root() -> None:
    config = {"automerge": False, "patch": {"automerge": True}}
    assert option(config, "automerge", update_type="patch") is True
    assert option(config, "automerge", update_type="minor") is False
    stronger = {**config, "packageRules": [{"matchPackageNames": ["*"], "automerge": False}]}
    assert option(stronger, "automerge", update_type="patch") is False


def test_a_block_within_a_rule_beats_the_rule_and_is_for_its_type_only() -> None:
    config = {"packageRules": [{"matchPackageNames": ["nginx"], "groupName": "all", "major": {"groupName": "majors"}}]}
    assert option(config, "groupName", update_type="major") == "majors"
    assert option(config, "groupName", update_type="minor") == "all"
    assert option(config, "groupName", "redis", update_type="major") is None


def test_force_beats_everything_and_does_not_add_up() -> None:
    config = {
        "force": {"automerge": True, "addLabels": ["f"]},
        "addLabels": ["a"],
        "patch": {"automerge": False},
        "packageRules": [{"matchPackageNames": ["*"], "automerge": False}],
    }
    assert option(config, "automerge", update_type="patch") is True
    assert option(config, "addLabels") == ["f"]


def test_a_managers_block_is_for_its_files_only() -> None:
    config = {"kubernetes": {"labels": ["k"]}, "docker-compose": {"labels": ["c"]}, "regex": {"labels": ["r"]}}
    assert option(config, "labels") == ["k"]
    assert option(config, "labels", manager="docker-compose") == ["c"]
    assert option(config, "labels", manager="custom.regex") == ["r"]
    assert option(config, "labels", manager="kustomize") == []


def test_rules_in_a_managers_block_count_for_it() -> None:
    config = {"kubernetes": {"packageRules": [{"matchPackageNames": ["nginx"], "labels": ["k"]}]}}
    assert option(config, "labels") == ["k"]
    assert option(config, "labels", manager="kustomize") == []


def test_pinning_at_the_root_leaves_helm_values_and_kustomize_alone_as_renovate_does() -> None:
    assert option({"pinDigests": True}, "pinDigests") is True
    assert option({"pinDigests": True}, "pinDigests", manager="helm-values") is False
    assert option({"extends": ["docker:pinDigests"]}, "pinDigests", manager="helm-values") is True


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"enabled": False}, "enabled"),
        ({"kubernetes": {"enabled": False}}, "kubernetes"),
        ({"enabledManagers": ["kustomize"]}, "enabledManagers"),
        ({"ignoreDeps": ["nginx"]}, "ignoreDeps"),
        ({"packageRules": [{"matchPackageNames": ["nginx"], "enabled": False}]}, "packageRules[0]"),
    ],
)
def test_what_is_turned_off_says_by_what(config: dict[str, object], why: str) -> None:
    options = Rules.of(config).options(dependency())
    assert options.get("enabled") is False
    assert options.origins["enabled"].detail == why


def test_no_rule_turns_on_what_the_root_or_a_manager_turned_off_but_force_does() -> None:
    on = {"packageRules": [{"matchPackageNames": ["*"], "enabled": True}]}
    assert option({"enabled": False, **on}, "enabled") is False
    assert option({"kubernetes": {"enabled": False}, **on}, "enabled") is False
    assert option({"enabled": False, "force": {"enabled": True}}, "enabled") is True


def test_everything_off_but_some() -> None:
    config = {
        "packageRules": [
            {"matchPackageNames": ["*"], "enabled": False},
            {"matchPackageNames": ["ghcr.io/acme/**"], "enabled": True},
        ]
    }
    assert option(config, "enabled") is False
    assert option(config, "enabled", "ghcr.io/acme/api") is True


def test_null_resets() -> None:
    config = {"schedule": ["before 5am"], "semanticCommitScope": "x", "packageRules": []}
    rules = [{"matchPackageNames": ["*"], "schedule": None, "semanticCommitScope": None, "automerge": None}]
    assert option({**config, "packageRules": rules}, "schedule") == ["at any time"]
    assert option({**config, "packageRules": rules}, "semanticCommitScope") is None
    assert option({**config, "packageRules": rules}, "automerge") is False


def test_a_new_group_name_ends_an_older_slug() -> None:
    config = {"groupSlug": "old", "packageRules": [{"matchPackageNames": ["*"], "groupName": "New group"}]}
    assert option(config, "groupSlug") is None


def test_a_later_rule_reads_ranges_in_the_versioning_that_an_earlier_one_set() -> None:
    config = {
        "packageRules": [
            {"matchPackageNames": ["nginx"], "versioning": "regex:^rel-(?<major>\\d+)$"},
            {"matchPackageNames": ["*"], "matchCurrentVersion": "<2", "labels": ["old"]},
        ]
    }
    assert option(config, "labels", current_value="rel-1", current_version="rel-1") == ["old"]
    assert option(config, "labels", "redis", current_value="rel-1", current_version="rel-1") == []


def test_later_sources_win_over_earlier_ones_and_their_presets() -> None:
    renovate = Source(
        "renovate.json", {"extends": [":automergeAll"], "packageRules": [{"matchPackageNames": ["*"], "labels": ["r"]}]}
    )
    ours = Source(
        ".gitops-ci.yaml", {"automerge": False, "packageRules": [{"matchPackageNames": ["*"], "labels": ["g"]}]}
    )
    options = Rules((renovate, ours)).options(dependency())
    assert (options.get("automerge"), options.get("labels")) == (False, ["g"])
    assert options.origins["labels"].source == ".gitops-ci.yaml"


def test_aliases_are_applied_to_whole_path_components_the_longest_first() -> None:
    rules = Rules.of(
        {
            "registryAliases": {"mirror.acme.io": "ghcr.io", "mirror.acme.io/hub": "docker.io", "$REG": "quay.io/x"},
            "kustomize": {"registryAliases": {"local": "ghcr.io/acme"}},
        }
    )
    assert rules.package_name("mirror.acme.io/a/b", "kubernetes") == "ghcr.io/a/b"
    assert rules.package_name("mirror.acme.io/hub/nginx", "kubernetes") == "docker.io/nginx"
    assert rules.package_name("mirror.acme.iox/a", "kubernetes") == "mirror.acme.iox/a"
    assert rules.package_name("$REG/a", "kubernetes") == "quay.io/x/a"
    assert rules.package_name("local/api", "kubernetes") == "local/api"
    assert rules.package_name("local/api", "kustomize") == "ghcr.io/acme/api"


def test_the_recommended_preset_does_not_hide_an_environment_called_test() -> None:
    rules = Rules.of({"extends": ["config:recommended"]})
    assert rules.ignores_path("apps/shop/overlays/test/kustomization.yaml") is None
    assert rules.ignores_path("clusters/tests/app.yaml") is None
    ignored = rules.ignores_path("web/node_modules/x/deployment.yaml")
    assert ignored is not None
    assert ignored.detail == "ignorePaths **/node_modules/**"


def test_paths_are_left_out_by_part_or_glob_and_say_who_left_them_out() -> None:
    rules = Rules.of({"ignorePaths": ["docs/", "**/old/**"], "includePaths": ["apps/**", "docs/**"]})
    assert rules.ignores_path("docs/a.yaml").detail == "ignorePaths docs/"  # type: ignore[union-attr]  # asserts it is there
    assert rules.ignores_path("apps/old/a.yaml").detail == "ignorePaths **/old/**"  # type: ignore[union-attr]  # the same
    assert rules.ignores_path("infra/a.yaml").detail == "includePaths"  # type: ignore[union-attr]  # the same
    assert rules.ignores_path("apps/new/a.yaml") is None


def test_file_patterns_and_custom_managers_come_out() -> None:
    rules = Rules.of(
        {
            "kubernetes": {"fileMatch": ["deploy/.+\\.tmpl$"]},
            "customManagers": [
                {"customType": "regex", "managerFilePatterns": ["x"], "matchStrings": ["a"], "enabled": False},
                {"customType": "regex", "managerFilePatterns": ["y"], "matchStrings": ["b"]},
            ],
        }
    )
    assert rules.file_patterns == {"kubernetes": ("/deploy/.+\\.tmpl$/",)}
    assert [manager["managerFilePatterns"] for manager in rules.custom_managers] == [["y"]]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"packageRules": [{"labels": ["x"]}]}, "packageRules[0] has no matcher"),
        ({"packageRules": [{"matchPackageNames": ["/(/"], "enabled": False}]}, "missing )"),
        (
            {"packageRules": [{"matchPackageNames": ["x"], "matchUpdateTypes": ["minor"], "allowedVersions": "<2"}]},
            "both",
        ),
        ({"packageRules": [{"matchCurrentAge": "bogus", "enabled": False}]}, "> 1 year"),
        ({"packageRules": {}}, "packageRules is {}, expected a list"),
        ({"packageRules": [1]}, "packageRules[0] is 1, expected an object"),
        ({"matchPackageNames": ["x"]}, "matchPackageNames stands outside of packageRules"),
        ({"automerge": "yes"}, 'automerge is "yes", expected true or false'),
        ({"prHourlyLimit": "3"}, 'prHourlyLimit is "3", expected a whole number'),
        ({"prHourlyLimit": -1}, "expected a number from 0 on"),
        ({"prHourlyLimit": True}, "expected a whole number"),
        ({"labels": "x"}, 'labels is "x", expected a list of texts'),
        ({"labels": ["x", 1]}, "labels[1] is 1, expected a text"),
        ({"rebaseWhen": "sometimes"}, "use auto or never"),
        ({"schedule": ["whenever"]}, "schedule"),
        ({"timezone": "Mars/Olympus"}, "unknown time zone"),
        ({"extends": [":timezone(Mars)"]}, "unknown time zone"),
        ({"minimumReleaseAge": "soon"}, "not a duration"),
        ({"packageRules": [{"matchPackageNames": ["x"], "allowedVersions": "/(/"}]}, "missing )"),
        ({"packageRules": [{"matchPackageNames": ["x"], "allowedVersions": "about 2"}]}, "no range"),
        ({"versioning": "regex:("}, "versioning"),
        ({"versioning": "bogus"}, "bogus"),
        ({"enabledManagers": ["kubernets"]}, "is no manager"),
        ({"ignorePaths": ["[z-a]"]}, "ignorePaths[0]"),
        (
            {"customManagers": [{"customType": "regex", "managerFilePatterns": ["x"], "matchStrings": ["(?!a)"]}]},
            "look-ahead",
        ),
        ({"patch": 1}, "patch is 1, expected an object"),
        ({"extends": [1]}, "extends[0] is 1"),
    ],
)
def test_what_cannot_be_understood_is_an_error(config: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        Rules.of(config)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("config", "message", "remedy"),
    [
        ({"autmerge": True}, "unknown option 'autmerge'", "did you mean 'automerge'?"),
        (
            {"packageRules": [{"matchPackageNames": ["x"], "labls": []}]},
            "unknown option 'packageRules[0].labls'",
            "'labels'",
        ),
        ({"kubernetes": {"enabld": False}}, "unknown option 'kubernetes.enabld'", "'enabled'"),
        ({"allowedVersions": "<2"}, "allowedVersions has an effect in packageRules only", ""),
        (
            {"gomod": {"enabled": False}, "postUpdateOptions": []},
            "without effect on images: gomod, postUpdateOptions",
            "",
        ),
        ({"dryRun": "full"}, "dryRun belongs to Renovate's administrator", ""),
        ({"extends": ["github>acme/renovate"]}, "'github>acme/renovate' lies outside of this repository", "copy"),
        ({"extends": ["config:recomended"]}, "'config:recomended' is not known", "'config:recommended'"),
        ({"extends": [":labels(a)"]}, "':labels(a)' has too few arguments", ""),
        ({"extends": ["helpers:pinGitHubActionDigests"]}, "it concerns no images", ""),
        ({"packageRules": [{"matchPackageNames": [], "enabled": False}]}, "matches nothing", ""),
        ({"packageRules": [{"matchConfidence": ["high"], "enabled": False}]}, "never matches here", ""),
        ({"versioning": "maven"}, "'maven' is not for images", ""),
        ({"stabilityDays": 3}, "stabilityDays is written as minimumReleaseAge now", ""),
    ],
)
def test_what_can_be_ignored_is_said(config: dict[str, object], message: str, remedy: str) -> None:
    found = [finding for finding in Rules.of(config).warnings if message in finding.message]
    assert len(found) == 1
    assert remedy in (found[0].remedy or "")


def test_a_missing_argument_leaves_no_braces_behind() -> None:
    assert option({"extends": [":labels(a)"]}, "labels") == ["a"]


def test_the_same_answer_comes_from_memory() -> None:
    rules = Rules.of({"packageRules": [{"matchDepNames": ["nginx"], "automerge": True}]})
    first = rules.options(dependency(file="a.yaml"))
    assert rules.options(dependency(file="b.yaml")) is first, "no rule looks at files"
    assert rules.options(dependency("redis")) is not first


def test_ten_rules_are_weighed_in_the_time_promised() -> None:
    config = {
        "packageRules": [{"matchPackageNames": [f"ghcr.io/acme{n}/**", "!x"], "addLabels": [str(n)]} for n in range(10)]
    }
    rules = Rules.of(config)
    images = [dependency(f"ghcr.io/acme{n % 12}/app-{n}") for n in range(500)]
    start = time.perf_counter()
    for image in images:
        rules.options(image)
    assert (time.perf_counter() - start) / len(images) < 500e-6, "ten times what is promised: the machine may be busy"


def test_an_option_that_nothing_reads_is_named_to_whoever_sets_it() -> None:
    rule = {"matchPackageNames": ["a"], "followTag": "stable"}
    findings = Rules.of({"hashedBranchLength": 20, "packageRules": [rule]}).warnings
    assert [finding.message for finding in findings] == ["accepted, and without effect: followTag, hashedBranchLength"]
    assert Rules.of({"hashedBranchLength": None, "extends": ["config:recommended"]}).warnings == ()


def test_the_options_that_nothing_reads_are_listed() -> None:
    package = Path(gitops_ci.__file__).parent
    tables = {"options.py", "old_names.py", "migrate.py", "values.py", "question.py"}
    text = "".join(
        path.read_text("utf-8")
        for path in package.rglob("*.py")
        if not (path.parent.name == "update" and path.name in tables) and path.parent.name != "presets"
    )
    unread = {name for name in OPTIONS if f'"{name}"' not in text} - STRUCTURE - set(LISTS_OF_OBJECTS)
    assert unread == UNREAD
