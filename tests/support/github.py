"""The fixture ``github``: a GitHub of the test's own, whose test fails when something breaks GitHub's description."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.github import GitHub


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHub]:
    with GitHub.start(tmp_path) as double:
        yield double
    double.check()
