"""What holds for every test: no setting of the person, the shell or the workflow that runs them gets in."""

import pytest

_OUTSIDE = ("GITHUB_", "RUNNER_", "GITOPS_CI_", "DOCKER_")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith(_OUTSIDE) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)
