"""How fast rules are built and weighed: ``python benchmarks/rules.py``.

One run prints the build time of three configurations, and the time per dependency with a cold memory (every
dependency is new to the rules) and a warm one. The target is 50 µs per dependency with ten rules.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from gitops_ci.update.model import Dependency
from gitops_ci.update.rules import Rules

TEN_RULES: dict[str, object] = {
    "packageRules": [
        {"matchPackageNames": ["*"], "labels": ["images"]},
        {"matchDatasources": ["docker"], "matchUpdateTypes": ["minor", "patch"], "automerge": True},
        {"matchPackageNames": ["ghcr.io/acme/**"], "groupName": "acme", "addLabels": ["acme"]},
        {"matchPackageNames": ["/^quay\\.io\\//", "!quay.io/prometheus/**"], "minimumReleaseAge": "3 days"},
        {"matchFileNames": ["apps/*/overlays/prod/**"], "schedule": ["before 5am"], "reviewers": ["team:sre"]},
        {"matchManagers": ["helm-values", "helmv3"], "semanticCommitScope": "helm"},
        {"matchDepNames": ["nginx", "redis", "postgres*"], "pinDigests": True},
        {"matchCurrentValue": "/^v?0\\./", "automerge": False},
        {"matchUpdateTypes": ["major"], "dependencyDashboardApproval": True},
        {"matchPackageNames": ["docker.io/library/*"], "prPriority": 5},
    ]
}
CASES: dict[str, dict[str, object]] = {
    "no configuration": {},
    "ten rules": TEN_RULES,
    "config:recommended and ten rules": {"extends": ["config:recommended"], **TEN_RULES},
}


def dependencies(count: int) -> list[Dependency]:
    """As many as a repository with that many images has, no two alike."""
    hosts = ("ghcr.io/acme", "quay.io/prometheus", "docker.io/library", "registry.k8s.io", "quay.io/team")
    found = []
    for index in range(count):
        name = f"{hosts[index % len(hosts)]}/app-{index // 5}"
        version = f"1.{index % 40}.0"
        file = f"apps/app-{index}/overlays/{('dev', 'staging', 'prod')[index % 3]}/deployment.yaml"
        found.append(Dependency(name, name, "docker", "kubernetes", file, version, version, update_type="minor"))
    return found


def best(action: Callable[[], object], repeat: int = 5) -> float:
    """The median of several runs, in seconds."""
    times = []
    for _ in range(repeat):
        gc.collect()
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def once(rules: Rules, images: list[Dependency]) -> float:
    """Seconds for all images by rules that have seen none of them."""
    gc.collect()
    start = time.perf_counter()
    for image in images:
        rules.options(image)
    return time.perf_counter() - start


def main() -> int:
    """Print the figures; 1 if the target is missed."""
    images = dependencies(1000)
    Rules.of(CASES["config:recommended and ten rules"])
    missed = False
    print(f"{'configuration':36} {'build ms':>9} {'cold µs':>9} {'warm µs':>9}")
    for name, config in CASES.items():
        build = best(partial(Rules.of, config))
        cold = min(once(Rules.of(config), images) for _ in range(5)) / len(images)
        rules = Rules.of(config)
        once(rules, images)
        warm = min(once(rules, images) for _ in range(5)) / len(images)
        print(f"{name:36} {build * 1e3:9.2f} {cold * 1e6:9.1f} {warm * 1e6:9.1f}")
        missed |= name == "ten rules" and cold > 50e-6
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
