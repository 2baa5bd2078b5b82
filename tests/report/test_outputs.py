"""Outputs, masks and the job summary, in files as the runner reads them."""

from pathlib import Path

import pytest

from gitops_ci.report import outputs


def read_outputs(path: Path) -> dict[str, str]:
    """The runner's way of reading ``name<<DELIMITER`` entries."""
    found: dict[str, str] = {}
    lines = path.read_text().split("\n")
    while lines and lines[0]:
        name, _, delimiter = lines.pop(0).partition("<<")
        value = []
        while lines[0] != delimiter:
            value.append(lines.pop(0))
        lines.pop(0)
        found[name] = "\n".join(value)
    return found


@pytest.fixture
def output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    return tmp_path / "output"


def test_values_arrive_as_they_are(output: Path) -> None:
    assert outputs.set_outputs(
        {"changed": True, "files": ["a", "é"], "digest": None, "dry-run": False, "pull-request-number": 7}
    )
    assert read_outputs(output) == {
        "changed": "true",
        "files": '["a","é"]',
        "digest": "",
        "dry-run": "false",
        "pull-request-number": "7",
    }


def test_a_value_cannot_add_an_output(output: Path) -> None:
    hostile = "x\nEOF\ntoken<<EOF\nstolen\nEOF\nghadelimiter\n"
    outputs.set_outputs({"title": hostile})
    outputs.set_outputs({"image": "y"})
    assert read_outputs(output) == {"title": hostile, "image": "y"}
    first, second = (line for line in output.read_text().split("\n") if line.startswith(("title<<", "image<<")))
    assert first.partition("<<")[2] != second.partition("<<")[2]


@pytest.mark.parametrize("name", ["a=b", "a\nb", "", "a<<b", "1st"])
def test_a_name_that_github_would_misread_is_a_mistake(output: Path, name: str) -> None:
    with pytest.raises(ValueError, match="output's name"):
        outputs.set_outputs({"ok": 1, name: "x"})
    assert not output.exists()


def test_outside_a_workflow_nothing_is_written() -> None:
    assert not outputs.set_outputs({"a": 1})
    assert not outputs.summary("x")


def test_every_line_of_a_secret_is_masked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    outputs.mask("first%line\nsecond line\n-")
    assert capsys.readouterr().err.splitlines() == [
        "::add-mask::first%25line%0Asecond line%0A-",
        "::add-mask::first%25line",
        "::add-mask::second line",
    ]


def test_outside_a_workflow_no_secret_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    outputs.mask("secret")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""


def test_summaries_add_up_and_stay_below_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "summary"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(path))
    outputs.summary("# one")
    outputs.summary("<details><summary>s</summary>\n\n```diff\n" + "+ image: é\n" * 200_000 + "```\n\n</details>\n")
    outputs.summary("too late")
    text = path.read_bytes()
    assert text.startswith(b"# one\n<details>")
    assert len(text) <= outputs.SUMMARY_LIMIT
    tail = text.decode()[-300:]
    assert "```\n\n</details>\n\nThe rest does not fit" in tail
