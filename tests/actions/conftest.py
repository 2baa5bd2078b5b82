import pytest

from tests.actions import act
from tests.support.github import github as github


@pytest.fixture
def runner() -> None:
    """Skips where no workflow can be run."""
    reason = act.unavailable()
    if reason:
        pytest.skip(reason)
