"""hostRules: credentials from the environment, never repeated."""

from pathlib import Path

import pytest

from gitops_ci.config.load import load
from gitops_ci.config.settings import Settings
from gitops_ci.errors import ConfigurationError


def loaded(root: Path, text: str, **environment: str) -> Settings:
    (root / ".gitops-ci.yaml").write_text(text)
    return load(str(root), environment=environment)


def test_credentials_come_from_the_environment(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        "registries:\n  hostRules:\n"
        "    - {matchHost: ghcr.io, hostType: docker, username: robot, password: '${GHCR}', timeout: 2500}\n"
        "    - {matchHost: a.io, token: '{{ secrets.ACME }}', concurrentRequestLimit: 4, insecureRegistry: true}\n",
        GHCR="hunter2",
        ACME="swordfish",
    )
    first, second = settings.registries.host_rules
    assert (first.match_host, first.host_type) == ("ghcr.io", "docker")
    assert (first.username, first.password) == ("robot", "hunter2")
    assert first.timeout == 2.5
    assert (second.token, second.concurrent_request_limit, second.insecure_registry) == ("swordfish", 4, True)
    assert settings.warnings == ()
    assert "hunter2" not in repr(settings) and "swordfish" not in repr(settings)


def test_a_variable_that_is_not_set_is_named_and_the_host_asked_without(tmp_path: Path) -> None:
    text = "registries:\n  hostRules:\n    - {matchHost: ghcr.io, username: robot, password: '${GHCR}'}\n"
    settings = loaded(tmp_path, text)
    (rule,) = settings.registries.host_rules
    assert (rule.username, rule.password) == (None, None)
    (warning,) = settings.warnings
    assert (warning.rule, warning.line, warning.column) == ("missing-variable", 3, 55)
    assert "GHCR" in warning.message


def test_a_secret_in_the_file_is_used_but_warned_about_without_repeating_it(tmp_path: Path) -> None:
    settings = loaded(tmp_path, "updates: {hostRules: [{matchHost: a.io, token: hunter2}]}\n")
    assert settings.registries.host_rules[0].token == "hunter2"
    assert "hunter2" not in repr(settings)
    (warning,) = settings.warnings
    assert (warning.rule, warning.severity) == ("secret-in-file", "high")
    assert "hunter2" not in f"{warning.message} {warning.remedy}"


def test_credentials_for_no_host_in_particular_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"1:36: hostRules\[0\] has a token but no matchHost"):
        loaded(
            tmp_path,
            "registries: {hostRules: [{token: '${T}'}]}\n".replace("[{", "[ {").replace("{token", "{ token"),
            T="x",
        )


def test_a_mistyped_secret_is_not_repeated_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, "registries: {hostRules: [{matchHost: a.io, password: 83741}]}\n")
    assert "83741" not in str(caught.value)
    assert "registries.hostRules[0].password" in str(caught.value)
