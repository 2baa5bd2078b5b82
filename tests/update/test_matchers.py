"""Each matcher: what it matches, what it does not, and that what is not known matches nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitops_ci.update.matchers import MatcherError, build
from gitops_ci.update.model import Dependency
from gitops_ci.update.options import MATCHERS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NGINX = Dependency(
    package_name="docker.io/library/nginx",
    dep_name="nginx",
    datasource="docker",
    manager="helm-values",
    file="apps/shop/values-prod.yaml",
    current_value="1.25.3-alpine",
    current_version="1.25.3-alpine",
    current_age=NOW - timedelta(days=200),
    dep_type="container",
    update_type="minor",
    new_value="1.26.0-alpine",
    new_version="1.26.0-alpine",
    source_url="https://github.com/nginx/nginx",
    registry_url="https://index.docker.io",
    base_branch="main",
    repository="acme/gitops",
    is_breaking=False,
)
NOTHING = Dependency("", "", "", "", "")

MATCHES: list[tuple[str, object, bool]] = [
    ("matchPackageNames", ["docker.io/library/nginx"], True),
    ("matchPackageNames", ["nginx"], False),
    ("matchPackageNames", "docker.io/**", True),
    ("matchPackageNames", ["/nginx$/", "!docker.io/**"], False),
    ("matchDepNames", ["nginx"], True),
    ("matchDepNames", ["NGINX"], True),
    ("matchDepNames", ["redis"], False),
    ("matchDatasources", ["docker"], True),
    ("matchDatasources", ["helm", "npm"], False),
    ("matchManagers", ["helm-values"], True),
    ("matchManagers", ["helm*"], True),
    ("matchManagers", ["npm"], False),
    ("matchCategories", ["helm"], True),
    ("matchCategories", ["kubernetes", "ci"], True),
    ("matchCategories", ["docker"], False),
    ("matchCategories", ["!helm"], False),
    ("matchFileNames", ["apps/**"], True),
    ("matchFileNames", ["**/values-*.yaml"], True),
    ("matchFileNames", ["values-prod.yaml"], False),
    ("matchFileNames", ["/^apps\\//", "!**/values-prod.yaml"], False),
    ("matchDepTypes", ["container"], True),
    ("matchDepTypes", ["final"], False),
    ("matchUpdateTypes", ["minor", "patch"], True),
    ("matchUpdateTypes", ["!major"], True),
    ("matchUpdateTypes", ["digest"], False),
    ("matchCurrentValue", "/-alpine$/", True),
    ("matchCurrentValue", "!/-alpine$/", False),
    ("matchCurrentValue", "1.25.3-alpine", True),
    ("matchCurrentValue", "1.25.*", True),
    ("matchNewValue", "/^1\\.26/", True),
    ("matchNewValue", "/rc/", False),
    ("matchCurrentVersion", "/^1\\./", True),
    ("matchCurrentVersion", "!/^0/", True),
    ("matchCurrentVersion", ">=1.0.0", True),
    ("matchCurrentVersion", "<1.25.0", False),
    ("matchCurrentVersion", ">=1.20 <2", True),
    ("matchCurrentVersion", "1.25.3-alpine", True),
    ("matchCurrentAge", "> 3 months", True),
    ("matchCurrentAge", ">= 200 days", True),
    ("matchCurrentAge", "> 1 year", False),
    ("matchCurrentAge", "< 1 year", True),
    ("matchSourceUrls", ["https://github.com/nginx/**"], True),
    ("matchSourceUrls", ["https://github.com/acme/**"], False),
    ("matchRegistryUrls", ["https://index.docker.io"], True),
    ("matchRegistryUrls", ["!https://index.docker.io"], False),
    ("matchBaseBranches", ["main"], True),
    ("matchBaseBranches", ["/^release/"], False),
    ("matchRepositories", ["acme/*"], True),
    ("matchRepositories", ["!acme/**"], False),
    ("matchJsonata", ["datasource = 'docker'"], True),
    ("matchJsonata", ["datasource = 'x'", "updateType = 'minor' and isMinor"], True),
    ("matchJsonata", ["$contains(depName, /NG/i)"], True),
    ("matchJsonata", ["currentVersionAgeInDays > 300"], False),
    ("matchJsonata", ["$exists(environment)"], False),
    ("matchJsonata", ["$detectPlatform(sourceUrl) = 'github'"], True),
    ("matchIsBreaking", False, True),
    ("matchIsBreaking", True, False),
    ("matchConfidence", ["high"], False),
    ("matchPackageNames", [], False),
]


@pytest.mark.parametrize(("name", "value", "expected"), MATCHES)
def test_matcher(name: str, value: object, expected: bool) -> None:
    assert build(name, value, NOW).test(NGINX, "docker") is expected


def test_every_matcher_is_in_the_table_above() -> None:
    assert {name for name, _, _ in MATCHES} == set(MATCHERS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("matchDepTypes", ["!x"]),
        ("matchUpdateTypes", ["!major"]),
        ("matchCurrentValue", "!/x/"),
        ("matchNewValue", "!/x/"),
        ("matchCurrentVersion", "!/^0/"),
        ("matchCurrentVersion", ">0"),
        ("matchCurrentAge", "> 1 day"),
        ("matchSourceUrls", ["!x"]),
        ("matchRegistryUrls", ["!x"]),
        ("matchBaseBranches", ["!x"]),
        ("matchRepositories", ["!x"]),
        ("matchCategories", ["!x"]),
        ("matchIsBreaking", False),
    ],
)
def test_what_is_not_known_matches_nothing_not_even_a_negated_pattern(name: str, value: object) -> None:
    assert build(name, value, NOW).test(NOTHING, "docker") is False


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("matchPackageNames", ["/(/"], "missing )"),
        ("matchPackageNames", [""], "empty pattern"),
        ("matchUpdateTypes", ["majro"], "no type of update"),
        ("matchCurrentAge", "bogus", "write it like '> 1 year'"),
        ("matchCurrentAge", "1 year", "write it like '> 1 year'"),
        ("matchCurrentAge", "> soon", "not a duration"),
        ("matchCurrentVersion", ">=one of these", "no version, no range"),
        ("matchCurrentVersion", "", "empty"),
        ("matchJsonata", ["(("], "no JSONata"),
        ("matchJsonata", ["$eval('1')"], "not allowed"),
        ("matchJsonata", ["[1..10000000]"], "not allowed"),
        ("matchJsonata", ["($f := function($x){$f($x)}; $f(1))"], "not allowed"),
        ("matchJsonata", ["(" * 1500], "nested too deeply"),
        ("matchJsonata", ["x" * 5000], "5000 characters"),
        ("matchJsonata", ["$match(depName, /(?=a)/)"], "cannot be used"),
    ],
)
def test_a_matcher_that_cannot_be_used_says_why(name: str, value: object, reason: str) -> None:
    with pytest.raises(MatcherError) as error:
        build(name, value, NOW)
    assert reason in str(error.value)


def test_ranges_are_read_in_the_versioning_in_force() -> None:
    matcher = build("matchCurrentVersion", "<2", NOW)
    versioning = r"regex:^rel-(?<major>\d+)$"
    relese = Dependency("a", "a", "docker", "kubernetes", "a.yaml", current_value="rel-1", current_version="rel-1")
    assert matcher.test(relese, versioning)
    assert not matcher.test(relese, "docker")


CHART = replace(
    NGINX,
    package_name="charts.example.com/stable/redis",
    dep_name="charts.example.com/stable/redis",
    datasource="helm",
    registry_url="https://charts.example.com/stable",
)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("matchPackageNames", ["redis"], True),
        ("matchPackageNames", ["/^redis$/"], True),
        ("matchPackageNames", ["charts.example.com/**"], True),
        ("matchPackageNames", ["*", "!redis"], False),
        ("matchPackageNames", ["nginx"], False),
        ("matchDepNames", ["redis"], True),
        ("matchRegistryUrls", ["https://charts.example.com{/,}**"], True),
    ],
)
def test_a_chart_is_known_by_its_own_name_as_well(name, value, expected):
    assert build(name, value, NOW).test(CHART, "helm") is expected
