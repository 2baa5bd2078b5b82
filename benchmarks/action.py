"""What a step with ``actions/bump`` takes: the first of a job, which installs the packages, and each one after it.

    python -m benchmarks.action [ROUNDS]

Under a real runner (act), against a composite action that does nothing, with uv on PATH and with pip. Packages
come from the installer's own cache where it has one, as on a runner that is not new.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from tests.actions import act

FIRST, LATER = 3.0, 1.0
"""Targets, seconds."""
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: a\n      image: ghcr.io/acme/api:1.0.0\n"
NOTHING = """\
name: nothing
description: a composite action that does nothing
runs:
  using: composite
  steps:
    - {shell: bash, run: "true"}
"""
WORKFLOW = f"""\
on: push
jobs:
  bump:
    runs-on: ubuntu-24.04
    steps:
      - uses: {act.CHECKOUT}
      - {{id: nothing, uses: ./nothing}}
""" + "".join(
    f"      - {{id: {step}, uses: {act.NAME}/actions/bump@v1, with: {{image: ghcr.io/acme/api, tag: 1.0.{number}}}}}\n"
    for number, step in enumerate(("first", "second", "third"), start=1)
)


def measure(rounds: int, *, uv: bool) -> dict[str, float]:
    """Step → median seconds."""
    times: dict[str, list[float]] = {step: [] for step in ("nothing", "first", "second", "third")}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as directory:
            consumer = act.Consumer(Path(directory), {"pod.yaml": POD, "nothing/action.yml": NOTHING}, uv=uv)
            run = consumer.run(WORKFLOW)
            assert run.exit_code == 0, (run.annotations, run.stderr)
            for step, values in times.items():
                values.append(run.seconds(step))
    return {step: statistics.median(values) for step, values in times.items()}


def main() -> int:
    reason = act.unavailable()
    if reason:
        print(f"left out: {reason}")
        return 0
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    within = True
    for name in ("uv", "pip"):
        times = measure(rounds, uv=name == "uv")
        later = statistics.mean((times["second"], times["third"]))
        print(f"{name:4} a step that does nothing {times['nothing']:5.2f} s")
        print(f"{name:4} first bump of a job      {times['first']:5.2f} s   (target {FIRST} s)")
        print(f"{name:4} each later bump          {later:5.2f} s   (target {LATER} s)")
        within = within and times["first"] <= FIRST and later <= LATER
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
