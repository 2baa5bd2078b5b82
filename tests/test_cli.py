"""The command line: what a person or a script sees of it, whatever the verb."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import pytest

from gitops_ci import __version__, cli
from gitops_ci.errors import ConfigurationError, ConfigurationErrors, RefusedError, RegistryError


class Verb(ModuleType):
    """A verb that does what a test wants."""

    HELP = "do what a test wants"

    def __init__(self, action: object) -> None:
        super().__init__("gitops_ci.commands.find")
        self.action = action

    def configure(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--image")
        parser.add_argument("paths", nargs="*")

    def run(self, arguments: argparse.Namespace) -> int:
        if isinstance(self.action, BaseException):
            raise self.action
        return self.action(arguments)  # type: ignore[operator]  # a function, in the tests that give one


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    def install(action: object) -> None:
        monkeypatch.setitem(sys.modules, "gitops_ci.commands.find", Verb(action))

    return install


def gitops_ci(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gitops_ci", *words],
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]  # passed through
    )


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"gitops-ci {__version__}\n"


def test_help_lists_every_verb_that_exists_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    text = capsys.readouterr().out
    for verb, line in cli.verbs().items():
        assert f"  {verb:<10}{line}\n" in text
    assert "2 wrong usage" in text


@pytest.mark.parametrize("verb", cli.verbs())
def test_the_table_of_verbs_says_what_the_verb_says(verb: str) -> None:
    command = import_module(f"gitops_ci.commands.{verb}")
    assert cli.VERBS[verb] == command.HELP


@pytest.mark.parametrize("verb", cli.verbs())
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([verb, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: gitops-ci {verb}")


def test_an_unknown_verb_is_one_line_with_the_closest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["shcema"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "unknown verb 'shcema', did you mean schema?" in err


def test_an_option_before_the_verb_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--root", "."]) == 2
    assert "the first word must be a verb" in capsys.readouterr().err


def test_an_unknown_option_names_the_closest_one(verb, capsys: pytest.CaptureFixture[str]) -> None:
    verb(lambda arguments: 0)
    assert cli.main(["find", "--imgae", "x"]) == 2
    err = capsys.readouterr().err
    assert err == "error: unknown option --imgae, did you mean --image?; see gitops-ci find --help\n"


def test_options_are_not_guessed_from_their_first_letters(verb) -> None:
    verb(lambda arguments: 0)
    assert cli.main(["find", "--im", "x"]) == 2


def test_paths_may_stand_on_both_sides_of_an_option(verb) -> None:
    seen: list[object] = []
    verb(lambda arguments: seen.append(arguments.paths) or 0)
    assert cli.main(["find", "a", "--image", "x", "b"]) == 0
    assert seen == [["a", "b"]]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigurationError("unknown key 'x'", file="a.yaml", line=3, column=5, remedy="did you mean 'y'"), 2),
        (RefusedError("file is encrypted by SOPS", file="a.yaml", line=3), 1),
        (RegistryError("ghcr.io did not answer"), 3),
    ],
)
def test_an_error_is_one_line_and_its_exit_code(
    verb, error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    verb(error)
    assert cli.main(["find"]) == code
    captured = capsys.readouterr()
    assert captured.err == f"error: {error}\n"
    assert captured.out == ""


def test_several_mistakes_in_a_configuration_are_a_line_each(verb, capsys: pytest.CaptureFixture[str]) -> None:
    verb(
        ConfigurationErrors(
            [ConfigurationError("bad", file="a.yaml", line=9), ConfigurationError("worse", file="a.yaml", line=3)]
        )
    )
    assert cli.main(["find"]) == 2
    assert capsys.readouterr().err == "error: a.yaml:3: worse\nerror: a.yaml:9: bad\n"


def test_an_error_in_a_workflow_is_an_annotation(
    verb, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    verb(ConfigurationError("bad", file="a,b.yaml", line=3, column=5, remedy="good"))
    assert cli.main(["find"]) == 2
    assert capsys.readouterr().err == "::error file=a%2Cb.yaml,line=3,col=5::bad; good\n"


def test_a_mistake_of_ours_is_no_traceback(verb, capsys: pytest.CaptureFixture[str]) -> None:
    verb(KeyError("x"))
    assert cli.main(["find"]) == 3
    err = capsys.readouterr().err
    assert err == "error: internal error: KeyError: 'x'; set GITOPS_CI_DEBUG=1 to see where\n"


def test_the_traceback_of_our_mistake_can_be_had(
    verb, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITOPS_CI_DEBUG", "1")
    verb(KeyError("x"))
    assert cli.main(["find"]) == 3
    assert "Traceback" in capsys.readouterr().err


def test_a_full_disk_is_told_with_the_file(verb, capsys: pytest.CaptureFixture[str]) -> None:
    verb(OSError(28, "No space left on device", "out.json"))
    assert cli.main(["find"]) == 3
    assert capsys.readouterr().err == "error: out.json: No space left on device\n"


def test_an_interrupt_is_quiet(verb, capsys: pytest.CaptureFixture[str]) -> None:
    verb(KeyboardInterrupt())
    assert cli.main(["find"]) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_ends_the_run_quietly() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "gitops_ci", "--help"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_output_that_cannot_hold_a_character_still_gets_the_text() -> None:
    script = (
        "from gitops_ci import cli; from gitops_ci.report.terminal import line; cli.main(['-V']); line('Käse \\udcff')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1] == b"K\\xe4se \\udcff"


def test_starting_loads_neither_verbs_nor_libraries() -> None:
    script = "import sys; from gitops_ci import cli; print(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {os.getcwd()!r}); {script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert not loaded & {
        "dataclasses",
        "pathlib",
        "json",
        "subprocess",
        "tempfile",
        "requests",
        "rich",
        "yaml",
        "ruamel",
    }
    assert not [name for name in loaded if name.startswith(("gitops_ci.commands", "gitops_ci.report"))]
