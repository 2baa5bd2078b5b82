"""Renovate's files: found in its order, read with comments and as JSON5, errors with their place."""

import json
import os
import time
from pathlib import Path

import pytest

from gitops_ci.config.renovate import FILES, PresetFiles, load
from gitops_ci.errors import ConfigurationError
from gitops_ci.update.model import Dependency
from gitops_ci.update.rules import Rules


def write(root: Path, name: str, text: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def test_without_a_file_there_is_no_configuration(tmp_path: Path) -> None:
    assert load(str(tmp_path)) is None


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_renovate_is_read(tmp_path: Path, name: str) -> None:
    config = {"labels": ["x"]}
    write(tmp_path, name, json.dumps({"name": "web", "renovate": config} if name == "package.json" else config))
    found = load(str(tmp_path))
    assert found is not None
    assert (found.file, found.config, found.warnings) == (name, config, ())


def test_the_first_in_renovates_order_counts_and_the_others_are_named(tmp_path: Path) -> None:
    for name in ("package.json", ".renovaterc", ".github/renovate.json5", "renovate.json"):
        write(tmp_path, name, '{"renovate": {}, "labels": []}')
    found = load(str(tmp_path))
    assert found is not None
    assert found.file == "renovate.json"
    assert "renovate.json counts; .github/renovate.json5, .renovaterc, package.json" in found.warnings[0].message


def test_a_package_json_without_the_key_is_no_configuration(tmp_path: Path) -> None:
    write(tmp_path, "package.json", '{"name": "web", "description": "not \\"renovate\\""}')
    assert load(str(tmp_path)) is None
    write(tmp_path, "package.json", "{broken")
    assert load(str(tmp_path)) is None


@pytest.mark.parametrize(
    "text",
    [
        '{"labels": ["x"]}',
        '\ufeff{"labels": ["x"]}',
        '// why\n{\n  /* what */ "labels": ["x"], // here\n}',
        "{labels: ['x',],}",
        "{labels: ['\\x78'],\r\n}",
        "{\n  'labels': [\n    \"x\",\n  ],\n}\n",
    ],
)
def test_json_with_comments_and_json5_are_read_under_any_name(tmp_path: Path, text: str) -> None:
    write(tmp_path, "renovate.json", text)
    found = load(str(tmp_path))
    assert found is not None
    assert found.config == {"labels": ["x"]}


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ('{\n  "labels": [\n    "x",,\n  ]\n}', "3:9", "not JSON"),
        ('{\n  "labels": tru\n}', "2:", "not JSON"),
        ('{"labels": ["x"]', "", "not JSON"),
        ("", "", "not JSON"),
        ("[]", "1:1", "is not an object"),
        ("{a: '\n'}", "", "not JSON"),
        (b'{"labels": "\xff"}', "1", "not UTF-8"),
        ("[" * 100_000, "1:61", "nested deeper than 60 levels"),
        ('{"a":' * 100_000, "1:", "nested deeper than 60 levels"),
        ('{"a": "' + "x" * 10_000_000 + '"}', "", "more than 1048576 bytes"),
        ("/*" * 500_000, "", "not JSON"),
        ('"\\"' * 300_000, "", "not JSON"),
        ("'" * 1_000_000, "", "not JSON"),
        ("{" + "a:{}," * 200_000 + "b", "", "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error_with_its_place_and_soon(
    tmp_path: Path, text: str | bytes, place: str, what: str
) -> None:
    write(tmp_path, "renovate.json", text)
    start = time.perf_counter()
    with pytest.raises(ConfigurationError) as error:
        load(str(tmp_path))
    assert str(error.value).startswith(f"renovate.json:{place}" if place else "renovate.json")
    assert what in str(error.value)
    assert "\n" not in str(error.value)
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            '{\n  "packageRules": [\n    {"matchDepNames": ["*"], "automerge": true},\n    {"labels": ["x"]}\n  ]\n}',
            "renovate.json:4:5: packageRules[1] has no matcher",
        ),
        (
            '{\n  "packageRules": [\n    {\n      "matchPackageNames": [\n        "a",\n        "/(/"\n      ],\n'
            '      "enabled": false\n    }\n  ]\n}',
            "renovate.json:6:9: matchPackageNames '/(/'",
        ),
        (
            '{\n  "packageRules": [{\n    "excludePackagePatterns": ["ok",\n      "("], "enabled": false\n  }]\n}',
            "renovate.json:4:7: matchPackageNames '!/(/'",
        ),
        ('{\n  "schedule": ["before 5am",\n   "whenever"]\n}', "renovate.json:2:15: schedule"),
        ('{\n  "aliases": 3\n}', "renovate.json:2:14: registryAliases is 3"),
        ('{\n  "patch": {\n    "automerge": "yes"\n  }\n}', "renovate.json:3:18: patch.automerge"),
        (
            '{\n  "packageRules": [{"matchJsonata": ["(("], "enabled": false}]\n}',
            "renovate.json:2:38: matchJsonata '(('",
        ),
    ],
)
def test_errors_point_at_the_very_value_also_under_an_old_name(tmp_path: Path, text: str, error: str) -> None:
    write(tmp_path, "renovate.json", text)
    found = load(str(tmp_path))
    assert found is not None
    with pytest.raises(ConfigurationError) as raised:
        Rules((found.source,))
    assert str(raised.value).startswith(error)


def test_findings_and_origins_have_lines(tmp_path: Path) -> None:
    write(
        tmp_path,
        "renovate.json5",
        "{\n  // comment\n  autmerge: true,\n  packageRules: [\n    {matchDepNames: ['*'], labels: ['x']},\n  ],\n}",
    )
    found = load(str(tmp_path))
    assert found is not None
    rules = Rules((found.source,))
    assert [(finding.file, finding.line, finding.column) for finding in rules.warnings] == [("renovate.json5", 3, 13)]
    origin = rules.options(Dependency("a", "a", "docker", "kubernetes", "a.yaml")).origins["labels"]
    assert (origin.source, origin.detail, origin.line) == ("renovate.json5", "packageRules[0]", 5)


def test_a_key_that_stands_twice_is_said(tmp_path: Path) -> None:
    write(tmp_path, "renovate.json", '{\n  "labels": ["a"],\n  "labels": ["b"]\n}')
    found = load(str(tmp_path))
    assert found is not None
    assert found.config == {"labels": ["b"]}
    assert (found.warnings[0].line, found.warnings[0].column) == (3, 3)
    assert "'labels' stands here a second time" in found.warnings[0].message


def test_a_link_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    (tmp_path / "repo").mkdir()
    os.symlink(outside, tmp_path / "repo" / "renovate.json")
    with pytest.raises(ConfigurationError, match="leads out of the repository"):
        load(str(tmp_path / "repo"))


def test_a_link_within_the_repository_is_followed(tmp_path: Path) -> None:
    write(tmp_path, "config/renovate.json", '{"labels": ["x"]}')
    os.symlink("config/renovate.json", tmp_path / "renovate.json")
    found = load(str(tmp_path))
    assert found is not None
    assert found.config == {"labels": ["x"]}


def test_a_directory_of_that_name_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "renovate.json").mkdir()
    with pytest.raises(ConfigurationError, match="this is a directory"):
        load(str(tmp_path))


# Presets that are files.


@pytest.mark.parametrize(
    ("reference", "file"),
    [
        ("local>acme/gitops", "default.json"),
        ("local>acme/gitops", "renovate.json"),
        ("local>acme/gitops:images", "images.json"),
        ("local>acme/gitops:images.json5", "images.json5"),
        ("local>acme/gitops:images", "images.json5"),
        ("local>acme/gitops//renovate/images", "renovate/images.json"),
        ("local>acme/gitops//.renovate/images.json5", ".renovate/images.json5"),
        ("github>Acme/GitOps//renovate/images", "renovate/images.json"),
    ],
)
def test_presets_of_this_repository_are_read_from_its_files(tmp_path: Path, reference: str, file: str) -> None:
    write(tmp_path, file, '{"labels": ["x"]}')
    source = PresetFiles(str(tmp_path), "acme/gitops")(reference)
    assert source is not None
    assert (source.file, source.config) == (file, {"labels": ["x"]})


def test_a_part_of_a_file_is_a_preset_too(tmp_path: Path) -> None:
    write(tmp_path, "images.json", '{\n "weekly": {"schedule": ["before 5am"],\n "labels": 3}}')
    source = PresetFiles(str(tmp_path), "acme/gitops")("local>acme/gitops:images/weekly")
    assert source is not None
    assert source.config == {"schedule": ["before 5am"], "labels": 3}
    assert source.position(("labels",)) == (3, 12)
    with pytest.raises(ConfigurationError, match="has no 'monthly'"):
        PresetFiles(str(tmp_path), "acme/gitops")("local>acme/gitops:images/monthly")


@pytest.mark.parametrize(
    "reference",
    [
        "github>other/repo", "local>other/repo:x", "local>acme/gitops#v1", "gitlab>acme/gitops2", "npm-preset",
        "https://example.org/a.json", "@scope/x", "github>acme/gitops//a.json#main",
    ],
)  # fmt: skip
def test_presets_of_other_repositories_revisions_and_hosts_are_not_read(tmp_path: Path, reference: str) -> None:
    write(tmp_path, "default.json", "{}")
    assert PresetFiles(str(tmp_path), "acme/gitops")(reference) is None


@pytest.mark.parametrize(
    "reference",
    [
        "local>acme/gitops//../secret", "local>acme/gitops:../secret", "local>acme/gitops///etc/passwd",
        "local>acme/gitops//a/../../secret.json", "local>acme/gitops//a\\..\\secret",
    ],
)  # fmt: skip
def test_a_preset_does_not_lead_out_of_the_repository(tmp_path: Path, reference: str) -> None:
    write(tmp_path, "secret.json", "{}")
    (tmp_path / "repo").mkdir()
    with pytest.raises(ConfigurationError, match="leads out of the repository"):
        PresetFiles(str(tmp_path / "repo"), "acme/gitops")(reference)


def test_a_missing_preset_file_is_an_error_at_the_line_that_names_it(tmp_path: Path) -> None:
    write(tmp_path, "renovate.json", '{\n  "extends": [\n    "local>acme/gitops:missing"\n  ]\n}')
    found = load(str(tmp_path))
    assert found is not None
    with pytest.raises(ConfigurationError) as error:
        Rules((found.source,), presets=PresetFiles(str(tmp_path), "acme/gitops"))
    assert str(error.value).startswith("renovate.json:3:5: preset 'local>acme/gitops:missing': missing.json or")


def test_where_the_repositorys_name_is_not_known_a_local_file_is_used_and_said(tmp_path: Path) -> None:
    write(tmp_path, "images.json", '{"labels": ["x"]}')
    read = PresetFiles(str(tmp_path))
    assert read("local>acme/gitops:images") is not None
    assert "which repository this is is not known" in read.warnings[0].message
    assert read("local>acme/gitops:missing") is None
    assert read("github>acme/gitops:images") is None


def test_an_error_in_a_preset_file_points_into_it(tmp_path: Path) -> None:
    write(tmp_path, "renovate.json", '{"extends": ["local>acme/gitops:images"]}')
    write(tmp_path, "images.json", '{\n  "packageRules": [{"matchDepNames": ["/(/"], "enabled": false}]\n}')
    found = load(str(tmp_path))
    assert found is not None
    with pytest.raises(ConfigurationError) as error:
        Rules((found.source,), presets=PresetFiles(str(tmp_path), "acme/gitops"))
    assert str(error.value).startswith("images.json:2:39:")
