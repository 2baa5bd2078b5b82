"""What a ``gitops-ci bump`` on one file costs, against the start of Python itself.

    python benchmarks/cold_start.py [ROUNDS]

Runs ``python -I -c pass`` and the bump in turns, so that both see the same machine, and compares the medians of
their CPU times (user and system, with children). The bump really changes the file each time. The target is 3.0.
Byte code is compiled beforehand, as an installed package's is.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile

TARGET = 3.0
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: ghcr.io/acme/api:1.0.0\n"
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
START = f"import sys; sys.path.insert(0, {PACKAGE!r}); from gitops_ci.cli import main; sys.exit(main(sys.argv[1:]))"


def cpu(arguments):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def measure(rounds):
    """Median milliseconds of (Python alone, a bump, a bump that changes nothing)."""
    with tempfile.TemporaryDirectory() as root:
        with open(os.path.join(root, "pod.yaml"), "w") as stream:
            stream.write(POD)
        base, change, same = [], [], []
        for number in range(rounds + 2):  # the first two warm the caches and write the byte code
            call = [
                "-I",
                "-c",
                START,
                "bump",
                "--root",
                root,
                "--image",
                "ghcr.io/acme/api",
                "--tag",
                f"1.0.{number + 1}",
            ]
            times = cpu(["-I", "-c", "pass"]), cpu(call), cpu(call)
            if number >= 2:
                for values, value in zip((base, change, same), times, strict=True):
                    values.append(value)
    return statistics.median(base), statistics.median(change), statistics.median(same)


def main():
    base, change, same = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
    print(f"python -I -c pass              {base:6.1f} ms CPU")
    print(f"gitops-ci bump, one change     {change:6.1f} ms CPU   {change / base:.2f} x   (target {TARGET:.1f} x)")
    print(f"gitops-ci bump, nothing to do  {same:6.1f} ms CPU   {same / base:.2f} x")
    return 0 if change / base <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
