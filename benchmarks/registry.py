"""What looking up 200 images costs against a real registry: CPU time of the whole process, and requests.

    python -m benchmarks.registry

Each line is the median of five processes. Needs Debian's docker-registry (tests/support/registry.py).
"""

import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime

from tests.support.registry import Registry

IMAGES = 200
TAGS = 5
RUNS = 5

OURS = """
import sys
from gitops_ci.image.registry.pool import Registries
names = [f"{sys.argv[1]}/team/app{n}" for n in range(int(sys.argv[2]))]
with Registries(cache_dir=sys.argv[3]) as registries:
    failed = registries.prefetch(names)
    assert not failed, failed
    assert all(len(registries.tags(name)) == int(sys.argv[4]) for name in names)
    if sys.argv[5] == "info":
        assert all(registries.info(name, "1.0.0").created for name in names)
"""
PLAIN = """
import sys
import requests
session = requests.Session()
for n in range(int(sys.argv[2])):
    answer = session.get(f"http://{sys.argv[1]}/v2/team/app{n}/tags/list", timeout=10)
    assert len(answer.json()["tags"]) == int(sys.argv[4])
"""
NOTHING = ""
# The peak memory of this very program: getrusage would count what the process was forked from.
REPORT = """
import resource
used = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(used.ru_utime + used.ru_stime, int(peak) / 1024)
"""


def measure(registry: Registry, code: str, cache: str, what: str = "tags") -> tuple[float, float, float]:
    """Median CPU seconds, MB, and requests an image."""
    cpu, memory, requests = [], [], []
    for _ in range(RUNS):
        before = registry.requests()
        arguments = [registry.host, str(IMAGES), cache, str(TAGS), what]
        command = [sys.executable, "-c", code + REPORT, *arguments]
        output = subprocess.run(command, check=True, capture_output=True, timeout=120)
        seconds, megabytes = map(float, output.stdout.split())
        cpu.append(seconds)
        memory.append(megabytes)
        requests.append((registry.requests() - before) / IMAGES)
    return statistics.median(cpu), statistics.median(memory), statistics.median(requests)


def main() -> None:
    """Print one line for each way to look the images up."""
    reason = Registry.available()
    if reason:
        sys.exit(reason)
    os.environ.pop("HTTP_PROXY", None)
    with Registry.start() as registry, tempfile.TemporaryDirectory() as cache:
        for number in range(IMAGES):
            for tag in range(TAGS):
                created = datetime(2024, 1, 1 + tag, tzinfo=UTC)
                registry.push(f"team/app{number}", f"1.{tag}.0", created=created, labels={"app": str(number)})
        nothing = measure(registry, NOTHING, "")
        rows = [
            ("tag lists", measure(registry, OURS, "")),
            ("tag lists and creation times, first run", measure(registry, OURS, "", "info")),
        ]
        measure(registry, OURS, cache, "info")
        rows.append(("tag lists and creation times, later runs", measure(registry, OURS, cache, "info")))
        rows.append(("for comparison: requests.Session in a loop, tag lists", measure(registry, PLAIN, "")))
    print(f"{IMAGES} images with {TAGS} tags each; Python alone takes {nothing[0]:.3f} s and {nothing[1]:.0f} MB")
    print(f"{'':55} {'CPU s':>6} {'ratio':>6} {'MB':>4} {'requests an image':>18}")
    for name, (cpu, memory, requests) in rows:
        print(f"{name:55} {cpu:6.3f} {cpu / nothing[0]:6.1f} {memory:4.0f} {requests:18.2f}")


if __name__ == "__main__":
    main()
