"""Inputs become arguments, one by one, whatever they hold."""

import pytest

from gitops_ci.commands.inputs import arguments, free
from gitops_ci.errors import UsageError


def given(**values: str) -> dict[str, str]:
    return {f"GITOPS_CI_INPUT_{name.upper()}": value for name, value in values.items()}


def test_what_is_empty_is_not_given() -> None:
    assert arguments("bump", given(image="a", tag="", digest=" \n", dry_run="false", environment="")) == ["--image=a"]


def test_one_value_a_line() -> None:
    words = arguments("bump", given(image="a", environment="dev\r\n\n  staging \n", path="apps/a\n-b c.yaml\n"))
    assert words == ["--image=a", "--environment=dev", "--environment=staging", "--", "apps/a", "-b c.yaml"]


@pytest.mark.parametrize("value", ["--root=/", "-h", "$(id)", "a\nb", "::set-output name=a::b", "%0A", '"', "'`id`"])
def test_a_value_is_one_argument_and_never_an_option(value: str) -> None:
    assert arguments("bump", given(image="a", tag=value)) == ["--image=a", f"--tag={value}"]


@pytest.mark.parametrize(("value", "words"), [("true", ["--offline"]), ("True", ["--offline"]), ("FALSE", [])])
def test_switches(value: str, words: list[str]) -> None:
    assert arguments("update", given(offline=value)) == words


def test_a_switch_that_is_neither_on_nor_off_is_an_error() -> None:
    with pytest.raises(UsageError, match="input dry-run: 'yes' is neither true nor false"):
        arguments("update", given(dry_run="yes"))


def test_any_verb_takes_an_option_and_its_value_on_one_line() -> None:
    text = "--image  ghcr.io/acme/api\n--tag=1 2\n\n--offline\napps/with a blank\n"
    assert free(given(arguments=text)) == [
        "--image", "ghcr.io/acme/api", "--tag=1 2", "--offline", "apps/with a blank"
    ]  # fmt: skip
