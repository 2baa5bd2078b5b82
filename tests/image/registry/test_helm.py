import gzip
import time
from datetime import UTC, datetime

import pytest

from gitops_ci.config.hosts import HostRule
from gitops_ci.errors import RegistryError
from gitops_ci.image.registry.helm import _cut
from gitops_ci.image.registry.pool import Registries
from tests.doubles.faulty_registry import Answer

INDEX = b"""\
apiVersion: v1
entries:
  web-extras:
  - version: 9.9.9
  web:
  - appVersion: "2.0"
    created: "2024-05-01T10:00:00.123456789+02:00"
    description: |
      web:
      - version: 6.6.6
    digest: 0f1e
    name: web
    urls:
    - https://charts.example.com/web-1.10.tgz
    version: 1.10
  - created: "2023-01-01T00:00:00Z"
    deprecated: true
    name: web
    version: 1.9.0
  zulu:
  - version: 0.1.0
generated: "2024-05-01T00:00:00Z"
"""
INDEX_PATH = "/stable/index.yaml"


def test_versions_of_a_chart(faulty, registries):
    faulty.on(INDEX_PATH, Answer(200, INDEX))
    first, second = registries.chart_versions(f"{faulty.host}/stable/web")
    assert first.version == "1.10"
    assert first.created == datetime(2024, 5, 1, 8, 0, 0, 123456, tzinfo=UTC)
    assert (first.app_version, first.digest, first.deprecated) == ("2.0", "0f1e", False)
    assert (second.version, second.deprecated) == ("1.9.0", True)


def test_charts_of_one_repository_cost_one_request(faulty, registries):
    faulty.on(INDEX_PATH, Answer(200, INDEX))
    charts = [f"{faulty.host}/stable/{chart}" for chart in ("web", "zulu", "web-extras")]
    assert registries.prefetch([], charts=charts) == {}
    assert registries.chart_versions(charts[1])[0].version == "0.1.0"
    assert len(faulty.asked) == 1


def test_an_unchanged_index_is_not_sent_again(faulty):
    faulty.script = lambda asked: (
        Answer(304) if asked.headers.get("if-none-match") == '"x"' else Answer(200, INDEX, {"ETag": '"x"'})
    )
    seen = []
    for _ in range(2):
        with Registries() as registries:
            seen.append(registries.chart_versions(f"{faulty.host}/stable/web"))
    assert seen[0] == seen[1]
    with Registries() as registries:
        assert registries.chart_versions(f"{faulty.host}/stable/zulu")[0].version == "0.1.0"


def test_a_packed_index_is_unpacked_within_the_limit(faulty, registries, monkeypatch):
    headers = {"Content-Encoding": "gzip"}
    faulty.on(INDEX_PATH, Answer(200, gzip.compress(INDEX), headers))
    assert len(registries.chart_versions(f"{faulty.host}/stable/web")) == 2
    monkeypatch.setattr("gitops_ci.image.registry.helm.LARGEST_INDEX", 1_000_000)
    faulty.on("/bomb/index.yaml", Answer(200, gzip.compress(b" " * 100_000_000), headers))
    with pytest.raises(RegistryError, match="more than 1000000 bytes"):
        registries.chart_versions(f"{faulty.host}/bomb/web")


def test_a_login_from_a_host_rule(faulty):
    faulty.on(INDEX_PATH, Answer(200, INDEX))
    rule = HostRule(match_host=f"http://{faulty.host}/stable", host_type="helm", username="u", password="p")
    with Registries(host_rules=[rule]) as registries:
        registries.chart_versions(f"{faulty.host}/stable/web")
    assert faulty.asked[0].authorization == "Basic dTpw"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"- a",
        b"entries: []",
        b"entries:\n  web: 1\n",
        b"\t\x00",
        b"a: &a [*a, " + b"[" * 5000,
        b"a: &a x\nb: {<<: *c}",
        b"<html>",
    ],
)
def test_what_is_no_index_is_an_error(faulty, registries, body):
    faulty.on(INDEX_PATH, Answer(200, body))
    with pytest.raises(RegistryError, match=r"index\.yaml"):
        registries.chart_versions(f"{faulty.host}/stable/web")


def test_billion_laughs_cost_nothing(faulty, registries):
    lines = [b"a0: &a0 [x]"] + [b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 12)]
    faulty.on(INDEX_PATH, Answer(200, b"\n".join(lines) + b"\nentries: {web: [{version: 1.0.0}]}\n"))
    started = time.monotonic()
    assert registries.chart_versions(f"{faulty.host}/stable/web")[0].version == "1.0.0"
    assert time.monotonic() - started < 1


def test_what_is_not_there(faulty, registries):
    faulty.on(INDEX_PATH, Answer(200, INDEX))
    with pytest.raises(RegistryError, match="chart none is not in"):
        registries.chart_versions(f"{faulty.host}/stable/none")
    with pytest.raises(RegistryError, match="answers 404"):
        registries.chart_versions(f"{faulty.host}/none/web")
    for name in ("web", "/web", f"{faulty.host}/../web", f"{faulty.host}/"):
        with pytest.raises(RegistryError):
            registries.chart_versions(name)


def test_one_chart_is_cut_out_of_a_large_index():
    entry = b"  - created: '2024-01-01T00:00:00Z'\n    version: 1.2.%d\n    description: |\n      chart-7:\n      x\n"
    charts = b"".join(b"  chart-%d:\n" % chart + b"".join(entry % n for n in range(50)) for chart in range(400))
    cut = _cut(b"apiVersion: v1\nentries:\n" + charts + b"generated: x\n", "chart-7")
    assert cut is not None
    assert cut.startswith(b"entries:\n  chart-7:\n")
    assert cut.count(b"version:") == 50
    assert b"chart-8" not in cut


@pytest.mark.parametrize(
    "index",
    [
        b"entries: {web: [{version: 1.0.0}]}\n",
        b"entries:\n  ? web\n  : - version: 1.0.0\n",
        b'{"entries": {"web": [{"version": "1.0.0"}]}}',
        b"entries:\n    web:\n        - version: 1.0.0\n",
        b"entries:\r\n  web:\r\n  - version: 1.0.0\r\n  zulu:\r\n  - version: 2.0.0\r\n",
        b"entries:\n\n# a comment\n  'web':\n\n  # another\n  - version: 1.0.0\n",
        b"x: &x\n- version: 1.0.0\nentries:\n  web: *x\n",
        b"entries:\n  all:\n  - &v {version: 1.0.0}\n  web:\n  - *v\n",
    ],
)
def test_other_ways_to_write_an_index(faulty, registries, index):
    faulty.on(INDEX_PATH, Answer(200, index))
    assert [each.version for each in registries.chart_versions(f"{faulty.host}/stable/web")] == ["1.0.0"]
