"""A bump is the last step of every build: it may not cost much more than Python itself."""

import runpy
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[1] / "benchmarks" / "cold_start.py"


@pytest.mark.slow
def test_a_bump_starts_fast() -> None:
    """The target is 3.0, measured by the benchmark on a quiet machine; here a bound that no neighbour breaks."""
    base, change, _ = runpy.run_path(str(BENCHMARK))["measure"](5)
    assert change < 7 * base
