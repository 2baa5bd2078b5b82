"""Many builds that hand over at the same moment: ``gitops-ci bump --push`` from clones of their own to one branch.

    python -m benchmarks.push [--count 20] [--rounds 3] [--kills 200]

Two cases: each build changes a file of its own, and all change lines of the same file (where a textual merge
would conflict). All commits must be in the branch at the end. Beside it stands what the same number of runs take
one after the other. Then runs are killed (SIGKILL) at random moments and run again: no file may be
torn, no commit lost, and the second run must end in the remote.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.support import repositories

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "PYTHONPATH": str(ROOT),
}


def pod(images):
    containers = "".join(f"    - name: c{number}\n      image: {image}\n" for number, image in enumerate(images))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n{containers}"


def image(number):
    return f"ghcr.io/acme/service-{number}"


def start(clone, number, tag, *more):
    command = [sys.executable, "-m", "gitops_ci", "bump", "--root", str(clone), "--image", image(number), "--tag", tag]
    return subprocess.Popen(
        [*command, "--commit", "--push", *more], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


class Field:
    """A remote, and a clone for each of ``count`` builds."""

    def __init__(self, directory, count, *, same_file):
        self.count = count
        self.same_file = same_file
        if same_file:
            files = {"all.yaml": pod([f"{image(number)}:1.0.0" for number in range(count)])}
        else:
            files = {f"apps/{number}.yaml": pod([f"{image(number)}:1.0.0"]) for number in range(count)}
        _, self.remote = repositories.make(directory, files)
        self.clones = []
        for number in range(count):
            clone = directory / f"clone-{number}"
            repositories.git(directory, "clone", "-q", str(self.remote), str(clone))
            self.clones.append(clone)

    def check(self, tags):
        """Every build's version is in the branch's files, and in a commit of its own."""
        path = "all.yaml" if self.same_file else None
        for number, tag in enumerate(tags):
            text = repositories.git(self.remote, "show", f"main:{path or f'apps/{number}.yaml'}")
            assert f"{image(number)}:{tag}\n" in text + "\n", f"{image(number)} is not at {tag}\n{text}"
        commits = repositories.git(self.remote, "rev-list", "--count", "main")
        assert int(commits) == 1 + len(tags), f"{commits} commits"
        repositories.git(self.remote, "fsck", "--strict")


def race(directory, count=20, *, same_file=False):
    """Seconds until all of ``count`` builds that start together have ended well, and each one's seconds."""
    field = Field(directory, count, same_file=same_file)
    started = time.perf_counter()
    running = [start(clone, number, "1.0.1") for number, clone in enumerate(field.clones)]
    ended = {}
    while len(ended) < count:
        for number, process in enumerate(running):
            if number not in ended and process.poll() is not None:
                ended[number] = time.perf_counter() - started
        time.sleep(0.01)
    seconds = time.perf_counter() - started
    for process in running:
        text = process.communicate()[0].decode()
        assert process.returncode == 0, text
    field.check(["1.0.1"] * count)
    return seconds, sorted(ended.values())


def queue(directory, count=20):
    """Seconds for the same, one after the other."""
    field = Field(directory, count, same_file=False)
    started = time.perf_counter()
    for number, clone in enumerate(field.clones):
        process = start(clone, number, "1.0.1")
        text = process.communicate()[0].decode()
        assert process.returncode == 0, text
    seconds = time.perf_counter() - started
    field.check(["1.0.1"] * count)
    return seconds


def kills(directory, times, *, seed=0, push=True):
    """Kill ``times`` runs at random moments, each followed by a whole one. Returns how many had pushed already."""
    chance = random.Random(seed)
    clone, remote = repositories.make(directory, {"pod.yaml": pod([f"{image(0)}:0.0.0", "docker.io/library/nginx:1"])})
    other = directory / "other"
    repositories.git(directory, "clone", "-q", str(remote), str(other))
    late = 0
    version, foreign = 0, 0
    usual = _usual(clone)
    version += 1
    for number in range(times):
        version += 1
        tag = f"0.0.{version}"
        if number % 5 == 0:  # somebody else's commit, which must still be there at the end
            foreign += 1
            repositories.git(other, "pull", "-q", "--rebase")
            repositories.commit(other, {f"foreign/{foreign}.txt": "x\n"}, "Foreign")
            repositories.git(other, "push", "-q")
        process = start(clone, 0, tag)
        time.sleep(chance.uniform(0, usual * 1.1))
        process.kill()
        process.communicate()
        whole = {pod([f"{image(0)}:0.0.{known}", "docker.io/library/nginx:1"]) for known in range(version + 1)}
        assert (clone / "pod.yaml").read_text() in whole, "a torn file"
        _settled(clone)
        late += f":{tag}\n" in repositories.git(remote, "show", "main:pod.yaml")
        process = start(clone, 0, tag)
        text = process.communicate()[0].decode()
        assert process.returncode == 0, text
        assert f":{tag}\n" in repositories.git(remote, "show", "main:pod.yaml"), text
        assert repositories.git(clone, "status", "--porcelain") == "", text
    assert int(repositories.git(remote, "rev-list", "--count", "main")) == 1 + foreign + version, (
        "a commit too many or few"
    )
    assert len(repositories.git(remote, "ls-tree", "--name-only", "main", "foreign/").splitlines()) == foreign
    repositories.git(remote, "fsck", "--strict")
    repositories.git(clone, "fsck", "--strict")
    return late


def _usual(clone):
    started = time.perf_counter()
    process = start(clone, 0, "0.0.1")
    text = process.communicate()[0].decode()
    assert process.returncode == 0, text
    return time.perf_counter() - started


def _settled(clone):
    """Wait for a git that outlived the run that started it: it finishes what it was told."""
    for _ in range(200):
        if not list((clone / ".git").rglob("*.lock")):
            return
        time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=200)
    arguments = parser.parse_args()
    count = arguments.count
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:

        def place():
            return Path(tempfile.mkdtemp(dir=scratch))

        one = statistics.median(queue(place(), count) for _ in range(arguments.rounds))
        print(f"{count} bumps pushed one after the other        {one:6.1f} s")
        for title, same in (("a file each", False), ("one file", True)):
            runs = [race(place(), count, same_file=same) for _ in range(arguments.rounds)]
            seconds = statistics.median(run[0] for run in runs)
            middle = statistics.median(run[1][count // 2] for run in runs)
            print(
                f"{count} bumps pushed at once, {title:<12}      {seconds:6.1f} s   {seconds / one:.2f} x"
                f"   (the middle one {middle:.1f} s), all landed"
            )
        started = time.perf_counter()
        late = kills(place(), arguments.kills)
        seconds = time.perf_counter() - started
        print(
            f"{arguments.kills} kills at random moments        {seconds:6.1f} s   {late} after the push, all converged"
        )


if __name__ == "__main__":
    main()
