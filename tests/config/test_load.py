"""Loading .gitops-ci.yaml: what it means, and how its mistakes are told."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitops_ci.config.load import load
from gitops_ci.config.settings import Settings
from gitops_ci.errors import ConfigurationError, ConfigurationErrors

EXAMPLE = """\
environments:                 # found by themselves; named here for order and policy
  dev: {}
  staging: {after: dev, soak: 2h, promote: auto}
  prod:
    after: staging
    promote: pull-request     # auto | commit | pull-request
    approve: [acme/sre]
    freeze: [{from: "Fri 16:00", to: "Mon 08:00", timezone: Europe/Berlin}]
    clusters: [prod-eu, prod-us]
    analysis: [{template: success-rate}, "p99 < 500ms"]
    rollback: {auto: true, after: 30s}
updates:
  extends: ["config:recommended", ":automergePatch"]
  packageRules:
    - {matchPackageNames: ["ghcr.io/acme/**"], minimumReleaseAge: "3 days", groupName: acme}
holds:
  - {application: payment-api, environment: prod, reason: "INC-142", until: 2027-01-15}
validate:
  kubernetes-version: "1.34"
  packs: [best-practice, gitops, supply-chain]
  policies: [policies/]
  suppress:
    - {rule: require-probes, resource: "Job/*", reason: "batch", until: 2027-06-30}
scan: {fail-on: high, ignore-unfixed: true, max-database-age: 2d}
registries: {hostRules: [], map: {ghcr.io: mirror/ghcr}}
metrics: {production: [prod], window: 90d}
"""


def loaded(root: Path, text: str | bytes, **environment: str) -> Settings:
    (root / ".gitops-ci.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(str(root), environment=environment)


def told(root: Path, text: str | bytes) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(root, text)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


def test_every_key_of_the_example_reaches_the_settings(tmp_path: Path) -> None:
    settings = loaded(tmp_path, EXAMPLE)
    dev, staging, prod = settings.environments
    assert (dev.name, dev.after, dev.promote) == ("dev", (), None)
    assert (staging.after, staging.soak, staging.promote) == (("dev",), timedelta(hours=2), "auto")
    assert (prod.approve, prod.clusters) == (("acme/sre",), ("prod-eu", "prod-us"))
    assert (prod.freeze[0].start, prod.freeze[0].end, prod.freeze[0].timezone) == (
        "Fri 16:00",
        "Mon 08:00",
        "Europe/Berlin",
    )
    assert [(one.template, one.condition) for one in prod.analysis] == [("success-rate", None), (None, "p99 < 500ms")]
    assert (prod.rollback.auto, prod.rollback.after) == (True, timedelta(seconds=30))
    assert settings.updates["extends"] == ["config:recommended", ":automergePatch"]
    hold = settings.holds[0]
    assert (hold.application, hold.environment, hold.image, hold.reason) == ("payment-api", "prod", None, "INC-142")
    assert (hold.file, hold.line) == (".gitops-ci.yaml", 17)
    assert settings.validate.kubernetes_version == "1.34"
    assert settings.validate.suppress[0].resource == "Job/*"
    assert (settings.scan.fail_on, settings.scan.ignore_unfixed) == ("high", True)
    assert settings.scan.max_database_age == timedelta(days=2)
    assert settings.registries.map == {"ghcr.io": "mirror/ghcr"}
    assert (settings.metrics.production, settings.metrics.window) == (("prod",), timedelta(days=90))
    assert settings.warnings == ()


def test_no_file_is_all_defaults_and_reads_no_yaml_library(tmp_path: Path) -> None:
    assert load(str(tmp_path)) == Settings()
    code = (
        "import sys; from gitops_ci.config.load import load; load(sys.argv[1]); "
        "sys.exit(any(name.startswith(('ruamel', 'jsonschema')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "---\n", "{}\n", "updates:\nholds:\n", "\ufeff\n"])
def test_an_empty_file_is_all_defaults(tmp_path: Path, text: str) -> None:
    settings = loaded(tmp_path, text)
    assert (settings.environments, dict(settings.updates), settings.holds) == ((), {}, ())


def test_a_missing_config_option_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml: there is no such file; check --config"):
        load(str(tmp_path), str(tmp_path / "none.yaml"))


def test_another_file_is_read_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("metrics: {window: 1w}\n")
    settings = load(str(tmp_path), str(tmp_path / "ours.yaml"))
    assert (settings.file, settings.metrics.window) == ("ours.yaml", timedelta(weeks=1))


@pytest.mark.parametrize("name", [".gitops-ci.yml", "gitops-ci.yaml"])
def test_a_file_of_nearly_the_right_name_is_not_ignored_in_silence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("holds: []\n")
    with pytest.raises(ConfigurationError, match=r"called \.gitops-ci\.yaml; rename it"):
        load(str(tmp_path))


def test_a_link_that_leaves_the_root_is_refused(tmp_path: Path) -> None:
    outside, root = tmp_path / "secret.yaml", tmp_path / "root"
    outside.write_text("token: hunter2\n")
    root.mkdir()
    (root / ".gitops-ci.yaml").symlink_to(outside)
    with pytest.raises(ConfigurationError, match="leaves the root") as caught:
        load(str(root))
    assert "hunter2" not in str(caught.value)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".gitops-ci.yaml")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load(str(tmp_path))


def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".gitops-ci.yaml").mkdir()
    with pytest.raises(ConfigurationError, match=r"regular file|directory"):
        load(str(tmp_path))


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".gitops-ci.yaml").symlink_to("gone.yaml")
    with pytest.raises(ConfigurationError, match="link to nothing"):
        load(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("updates:\n  automerg: true\n", ".gitops-ci.yaml:2:3: unknown key 'automerg'; did you mean 'automerge'?"),
        (
            "updates: {packagerules: []}\n",
            ".gitops-ci.yaml:1:11: unknown key 'packagerules'; did you mean 'packageRules'?",
        ),
        ("scan: {fail_on: high}\n", ".gitops-ci.yaml:1:8: unknown key 'fail_on'; did you mean 'fail-on'?"),
        ("automerge: true\n", ".gitops-ci.yaml:1:1: unknown key 'automerge'; it belongs into 'updates:'"),
        ("updates: {holds: []}\n", ".gitops-ci.yaml:1:11: unknown key 'holds'; it belongs at the left margin"),
        (
            "updates: {matchPackageNames: [a]}\n",
            ".gitops-ci.yaml:1:11: unknown key 'matchPackageNames'; it belongs into 'packageRules:'",
        ),
        (
            "updates:\n  packageRules:\n    - automerge: yes\n",
            ".gitops-ci.yaml:3:18: updates.packageRules[0].automerge is the text 'yes', expected true, false, any, "
            "none, minor or patch; write true",
        ),
        (
            "updates: {pinDigests: on}\n",
            ".gitops-ci.yaml:1:23: updates.pinDigests is the text 'on', expected true or false; write true",
        ),
        (
            "environments:\n  prod: {promote: automatic}\n",
            ".gitops-ci.yaml:2:19: environments.prod.promote is the text 'automatic', expected auto, commit or "
            "pull-request; did you mean 'auto'?",
        ),
        (
            "validate:\n  kubernetes-version: 1.30\n",
            '.gitops-ci.yaml:2:23: validate.kubernetes-version is the number 1.3, expected text such as "1.34"; '
            "put it in quotes: without them 1.30 is the number 1.3",
        ),
        (
            "environments: {dev: {soak: 2 hours}}\n",
            ".gitops-ci.yaml:1:28: environments.dev.soak is the text '2 hours', expected text such as \"2h\"",
        ),
        (
            "environments: {dev: {soak: 30}}\n",
            '.gitops-ci.yaml:1:28: environments.dev.soak is the number 30, expected text such as "2h"; '
            "put it in quotes",
        ),
        ("holds: [{application: a}]\n", ".gitops-ci.yaml:1:9: holds[0] lacks 'reason' (why, for those who meet it)"),
        (
            "holds:\n  - reason: x\n",
            ".gitops-ci.yaml:2:5: holds[0] names none of 'application', 'environment', 'image'",
        ),
        (
            "holds: [{image: a, reason: x, until: 2027-02-30}]\n",
            ".gitops-ci.yaml:1:38: holds[0].until: 2027-02-30 is no date of the calendar",
        ),
        ("holds: {}\n", ".gitops-ci.yaml:1:8: holds is a mapping, expected a list"),
        ("holds: [{image: '', reason: x}]\n", ".gitops-ci.yaml:1:17: holds[0].image is empty"),
        (
            "environments: {a: {after: b}, b: {after: a}}\n",
            ".gitops-ci.yaml:1:27: environments wait in a circle: a after b after a",
        ),
        (
            "environments: {a: {after: [a]}}\n",
            ".gitops-ci.yaml:1:27: environments wait in a circle: a after a",
        ),
        (
            'environments: {a: {freeze: [{from: "Fri 16:00", to: 2027-01-04}]}}\n',
            ".gitops-ci.yaml:1:53: environments.a.freeze[0] mixes a time of the week with a date",
        ),
        (
            'environments: {a: {freeze: [{from: "Fri 16:00", to: "Mon 25:00"}]}}\n',
            ".gitops-ci.yaml:1:53: environments.a.freeze[0].to: 'Mon 25:00' is no time of the day",
        ),
        (
            'environments: {a: {freeze: [{from: "Fri 16:00", to: "Mon 08:00", timezone: Berlin}]}}\n',
            ".gitops-ci.yaml:1:76: 'Berlin' is no time zone; write one such as \"Europe/Berlin\"",
        ),
        (
            "registries: {map: {ghcr.io/acme: x}}\n",
            ".gitops-ci.yaml:1:20: 'ghcr.io/acme' is no host; write the host alone, such as ghcr.io",
        ),
        (
            "environments: {a: {analysis: [3]}}\n",
            '.gitops-ci.yaml:1:31: environments.a.analysis[0] is the number 3, expected text such as "p99 < 500ms" '
            "or a mapping; put it in quotes",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_the_way_out(tmp_path: Path, text: str, line: str) -> None:
    assert told(tmp_path, text) == [line]


def test_all_mistakes_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = "scan: {fail-on: hihg}\nupdates:\n  automerg: 1\n  schedule: 3\nmetric: {}\n"
    assert [line.split(": ")[0] for line in told(tmp_path, text)] == [
        ".gitops-ci.yaml:1:17",
        ".gitops-ci.yaml:3:3",
        ".gitops-ci.yaml:4:13",
        ".gitops-ci.yaml:5:1",
    ]


def test_errors_carry_their_parts(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        loaded(tmp_path, "a: 1\nb: 2\n")
    assert [(error.line, error.column) for error in caught.value.errors] == [(1, 1), (2, 1)]
    assert caught.value.where == ".gitops-ci.yaml:1:1"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2027-01-15", datetime(2027, 1, 16, tzinfo=UTC)),
        ("2027-01-15T18:00", datetime(2027, 1, 15, 18, tzinfo=UTC)),
        ("2027-01-15 18:00:30", datetime(2027, 1, 15, 18, 0, 30, tzinfo=UTC)),
        ("2027-01-15T18:00:00+01:00", datetime(2027, 1, 15, 17, tzinfo=UTC)),
        ("2027-01-15T18:00:00Z", datetime(2027, 1, 15, 18, tzinfo=UTC)),
        ('"2027-01-15"', datetime(2027, 1, 16, tzinfo=UTC)),
    ],
)
def test_a_date_holds_to_its_end_and_an_instant_to_itself(tmp_path: Path, written: str, expected: datetime) -> None:
    settings = loaded(tmp_path, f"holds:\n  - {{image: a, reason: b, until: {written}}}\n")
    assert settings.holds[0].until == expected


def test_an_environment_after_one_that_is_not_named_is_a_warning(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "environments:\n  prod: {after: [stagin]}\n  staging:\n")
    (warning,) = settings.warnings
    assert (warning.rule, warning.line, warning.column) == ("unnamed-environment", 2, 18)
    assert [environment.name for environment in settings.environments] == ["prod", "staging"]


def test_the_places_of_update_rules_are_kept(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "updates:\n  packageRules:\n    - automerge: true\n    - enabled: false\n")
    assert settings.position("updates", "packageRules", 1) == (4, 7)
    assert settings.position("updates", "packageRules", 1, "enabled") == (4, 7)
    assert settings.position("updates", "packageRules", 1, "missing") == (4, 7)
    assert settings.environment("prod") is None
