"""Many bumps at once, and bumps that are killed: nothing is lost, nothing is torn, the next run converges.

The work is done by ``benchmarks/push.py``, which also measures it. GITOPS_CI_KILLS=200 kills more often.
"""

import os
import runpy
from pathlib import Path

import pytest

from tests.support import repositories

PUSH = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "push.py"))
KILLS = int(os.environ.get("GITOPS_CI_KILLS", "60"))


@pytest.mark.slow
@pytest.mark.parametrize("same_file", [False, True], ids=["a file each", "one file"])
def test_twenty_pushes_at_once_all_land(tmp_path: Path, same_file: bool) -> None:
    PUSH["race"](tmp_path, 20, same_file=same_file)


@pytest.mark.slow
@pytest.mark.parametrize("more", [["--push"], []], ids=["push", "commit"])
def test_bumps_at_once_in_one_checkout_leave_it_clean(tmp_path: Path, more: list[str]) -> None:
    field = PUSH["Field"](tmp_path, 1, same_file=True)
    clone = field.clones[0]
    images = [PUSH["image"](number) for number in range(6)]
    repositories.commit(clone, {"all.yaml": PUSH["pod"]([f"{image}:1.0.0" for image in images])})
    repositories.git(clone, "push", "-q")
    running = [PUSH["start"](clone, number, "1.0.1", *more) for number in range(6)]
    for process in running:
        text = process.communicate()[0].decode()
        assert process.returncode == 0, text
    assert (clone / "all.yaml").read_text() == PUSH["pod"]([f"{image}:1.0.1" for image in images])
    assert repositories.git(clone, "status", "--porcelain") == ""
    assert repositories.git(clone, "rev-list", "--count", "HEAD") == "8"
    if more:
        assert repositories.git(clone, "rev-parse", "HEAD") == repositories.git(field.remote, "rev-parse", "main")


@pytest.mark.slow
@pytest.mark.timeout(120 + KILLS * 3)
@pytest.mark.parametrize(
    ("push", "times"), [(True, KILLS * 2 // 3), (False, KILLS - KILLS * 2 // 3)], ids=["push", "commit"]
)
def test_a_killed_bump_tears_nothing_and_the_next_one_converges(tmp_path: Path, push: bool, times: int) -> None:
    PUSH["kills"](tmp_path, times, push=push)
