"""A run of ``gitops-ci update`` over 1,000 manifests with 200 images against a real local registry.

    python -m benchmarks.update [--manifests 1000] [--images 200] [--rounds 3] [--profile] [--peer COMMAND]

Makes a GitOps repository with a bare remote, starts a ``docker-registry`` on a free port, pushes the images
and runs the command line as a process of its own: CPU (user and system, children included), peak memory and
requests of each case. Cases: nothing changed (every image is at its newest version), a dry run and a real run
with updates for every tenth image, and a second real run, which must change nothing. The bar beside
them is ``python -I -c pass`` of the same run. Then 5 files with 20 images.

``--peer``, or the environment variable PEER, is the command of another tool that looks the same images up, without
writing anything: Renovate's is ``renovate --platform=local --dry-run=lookup --base-dir={cache}``. It is run in the
checkout, where both find their rules in ``renovate.json``, against the same registry, ``{cache}`` being a new
directory each time; what it needs more than this toolkit is printed behind its figures.
"""

import argparse
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import repositories
from tests.support.registry import Registry

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {environment}
  labels: {{app.kubernetes.io/name: {name}}}
spec:
  replicas: 2
  template:
    spec:
      containers:{containers}
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: {environment}}}
spec: {{selector: {{app.kubernetes.io/name: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}
"""
CONTAINER = """
        - name: {name}
          image: {image}
          ports: [{{containerPort: 8080}}]
          resources: {{requests: {{cpu: 10m, memory: 32Mi}}}}"""
RULES = {
    "kubernetes": {"managerFilePatterns": ["/^clusters/.+\\.yaml$/"]},
    "packageRules": [
        {"matchPackageNames": ["**/team-1/**"], "groupName": "team-1"},
        {"matchUpdateTypes": ["major"], "enabled": False},
        {"matchPackageNames": ["**/team-2/**"], "schedule": ["before 6am on monday"]},
        {"matchFileNames": ["clusters/prod/**"], "labels": ["prod"]},
        {"matchPackageNames": ["docker.io/library/**"], "pinDigests": True},
    ],
}
ENVIRONMENTS = ("dev", "test", "staging", "prod-eu", "prod-us")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifests", type=int, default=1000)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="print where the time of the first case goes")
    parser.add_argument("--extends", metavar="PRESET", action="append", default=[], help="a preset under the rules")
    parser.add_argument("--peer", metavar="COMMAND", default=os.environ.get("PEER"), help="see above")
    arguments = parser.parse_args()
    reason = Registry.available()
    if reason:
        sys.exit(reason)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as directory, Registry.start() as registry:
        RULES["extends"] = arguments.extends
        clone = make(Path(directory), registry, arguments.manifests, arguments.images)
        print(f"{arguments.manifests} manifests, {arguments.images} images of 20 tags, {os.cpu_count()} CPUs")
        print(f"{'case':<42}{'CPU s':>8}{'wall s':>8}{'MB':>6}{'requests':>10}{'per image':>11}")
        floor = min(measure([sys.executable, "-I", "-c", "pass"])[0] for _ in range(arguments.rounds))
        print(f"{'python -I -c pass':<42}{floor:>8.3f}")
        cases(Path(directory), clone, registry, arguments)
        if not arguments.peer:
            print("the peer is left out: neither --peer nor PEER names its command")
        small = Path(directory, "small")
        small.mkdir()
        arguments.images = 20
        clone = make(small, registry, 5, 20, containers=4)
        words = ["update", "--root", str(clone), "--cache-dir", "", "--dry-run"]
        ours = run("5 files, 20 images, dry run, no cache", words, registry, arguments)
        peer(ours, clone, registry, arguments)


def cases(directory, clone, registry, arguments):
    common = ["update", "--root", str(clone), "--cache-dir"]
    cold = [*common, ""]
    warm = [*common, str(directory / "cache")]
    if arguments.profile:
        profile([*cold, "--dry-run"])
    ours = run("nothing changed, dry run, no cache", [*cold, "--dry-run"], registry, arguments)
    peer(ours, clone, registry, arguments)
    run("nothing changed, real run, no cache", cold, registry, arguments)
    run("nothing changed, real run, warm cache", warm, registry, arguments)
    for number in range(0, arguments.images, 10):
        registry.push(name(number), "1.0.20")
    ours = run("every tenth image is newer, dry run", [*cold, "--dry-run"], registry, arguments)
    peer(ours, clone, registry, arguments)
    run("every tenth image is newer, first real run", cold, registry, arguments, rounds=1)
    run("the same again: nothing to do", cold, registry, arguments)


def run(title, words, registry, arguments, rounds=None):
    """The figures of the best of some rounds, printed: CPU seconds, wall seconds, MB, requests."""
    command = [sys.executable, "-m", "gitops_ci", *words]
    best = min(counted(command, registry, path=ROOT) for _ in range(rounds or arguments.rounds))
    show(title, best, arguments)
    return best


def peer(ours, clone, registry, arguments):
    """The same by the peer's command, once, and how many times as much it took."""
    if not arguments.peer:
        return
    with tempfile.TemporaryDirectory(prefix="peer-") as cache:
        command = [word.replace("{cache}", cache) for word in shlex.split(arguments.peer)]
        theirs = counted(command, registry, cwd=clone)
    show("  the peer", theirs, arguments)
    ratios = [theirs[index] / max(ours[index], 0.001) for index in range(4)]
    print(f"{'  times as much':<42}{ratios[0]:>8.1f}{ratios[1]:>8.1f}{ratios[2]:>6.1f}{ratios[3]:>10.1f}", flush=True)


def counted(command, registry, **where):
    before = registry.requests()
    figures = measure(command, **where)
    return (*figures, registry.requests() - before)


def show(title, figures, arguments):
    cpu, wall, memory, asked = figures
    print(f"{title:<42}{cpu:>8.2f}{wall:>8.2f}{memory:>6.0f}{asked:>10}{asked / arguments.images:>11.2f}", flush=True)


def measure(command, path=None, cwd=None):
    """``(CPU seconds, wall seconds, peak MB)`` of a process and its children."""
    environment = {**os.environ, **({"PYTHONPATH": str(path)} if path else {})}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    # A process in between: RUSAGE_CHILDREN's peak is that of the largest child ever.
    asker = (
        "import json,resource,subprocess,sys;"
        "code=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode;"
        "print(json.dumps([code,resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))"
    )
    done = subprocess.run(
        [sys.executable, "-ISc", asker, *command], env=environment, cwd=cwd, stdout=subprocess.PIPE, check=True
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    code, peak = json.loads(done.stdout)
    if code:
        sys.exit(f"{' '.join(command)} ended with {code}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, peak / 1024


def profile(words):
    subprocess.run(
        [sys.executable, "-m", "cProfile", "-s", "tottime", "-m", "gitops_ci", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )


def name(number):
    return f"team-{number % 7}/app-{number}"


def make(directory, registry, manifests, images, containers=1):
    """A repository of so many files, with so many containers in each; the images are pushed unless they are there."""
    store = next(Path(registry._directory).rglob("repositories"), None)
    for number in range(images):
        if store is None or not (store / name(number)).exists():
            registry.push(name(number), "1.0.19")
    # Tags are cheap to add on disk: the registry lists what it finds.
    store = next(Path(registry._directory).rglob("repositories"))
    for number in range(images):
        tags = store / name(number) / "_manifests" / "tags"
        for tag in range(19):
            if not (tags / f"1.0.{tag}").exists():
                shutil.copytree(tags / "1.0.19", tags / f"1.0.{tag}")
    insecure = [{"matchHost": registry.host, "insecureRegistry": True}]
    files = {"renovate.json": json.dumps({**RULES, "hostRules": insecure}, indent=2)}
    for number in range(manifests):
        environment = ENVIRONMENTS[number * containers // images % len(ENVIRONMENTS)]
        numbers = [(number * containers + index) % images for index in range(containers)]
        text = "".join(
            CONTAINER.format(name=f"app-{one}", image=f"{registry.host}/{name(one)}:1.0.19") for one in numbers
        )
        application = f"app-{numbers[0]}"
        files[f"clusters/{environment}/{application}/deployment-{number}.yaml"] = MANIFEST.format(
            name=application, environment=environment, containers=text
        )
    clone, _ = repositories.make(directory, files)
    return clone


if __name__ == "__main__":
    main()
