"""Child processes are bounded, ask nothing and run no code of the checkout."""

import sys
import time

import pytest

from gitops_ci.errors import GitError
from gitops_ci.git.process import ProcessFailed, git, git_environment, redacted, run
from tests.support import repositories


def test_output_and_input_pass_through(tmp_path):
    assert run([sys.executable, "-Sc", "print(input())"], cwd=str(tmp_path), input=b"hello\n") == b"hello\n"


def test_a_process_that_hangs_is_stopped_with_its_children(tmp_path):
    started = time.monotonic()
    with pytest.raises(ProcessFailed, match=r"took longer than 0.3 s"):
        run(["sh", "-c", "sleep 30 & sleep 30"], cwd=str(tmp_path), timeout=0.3)
    assert time.monotonic() - started < 5


def test_endless_output_is_cut_off(tmp_path):
    with pytest.raises(ProcessFailed, match="printed more than 1000 bytes"):
        run(["yes"], cwd=str(tmp_path), limit=1000)


def test_the_error_is_the_last_line_of_stderr(tmp_path):
    with pytest.raises(ProcessFailed, match=r"^sh exit failed: really$|really") as caught:
        run(["sh", "-c", "echo first >&2; echo really >&2; exit 7"], cwd=str(tmp_path))
    assert caught.value.status == 7


def test_a_missing_program_says_what_to_install(tmp_path):
    with pytest.raises(ProcessFailed, match="install no-such-program"):
        run(["no-such-program"], cwd=str(tmp_path))


def test_hooks_and_fsmonitor_of_a_checkout_do_not_run(tmp_path):
    clone, _ = repositories.make(tmp_path, {"a": "1"})
    ran = tmp_path / "ran"
    for hook in ("post-checkout", "pre-push", "reference-transaction", "post-index-change"):
        path = clone / ".git" / "hooks" / hook
        path.write_text(f"#!/bin/sh\ntouch {ran}\n")
        path.chmod(0o755)
    repositories.git(clone, "config", "core.fsmonitor", f"touch {ran};")
    git(["update-ref", "refs/heads/x", "HEAD"], cwd=str(clone))
    git(["status"], cwd=str(clone))
    git(["push", "origin", "x"], cwd=str(clone))
    assert not ran.exists()


def test_variables_that_point_elsewhere_are_not_passed_on(tmp_path, monkeypatch):
    clone, _ = repositories.make(tmp_path, {"a": "1"})
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -i key")
    assert git(["rev-parse", "--abbrev-ref", "HEAD"], cwd=str(clone)) == b"main\n"
    assert git_environment()["GIT_SSH_COMMAND"] == "ssh -i key"


def test_a_remote_that_would_run_a_program_is_refused(tmp_path):
    clone, _ = repositories.make(tmp_path, {"a": "1"})
    with pytest.raises(GitError, match="ext"):
        git(["ls-remote", f"ext::sh -c touch% {tmp_path}/ran"], cwd=str(clone))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("fatal: unable to access 'https://x:ghs_1@h/a/': no", "fatal: unable to access 'https://h/a/': no"),
        ("could not read Password for 'https://ghs_1@h': no", "could not read Password for 'https://h': no"),
        ("ssh://git@h:22/a and https://u:p@q@h/a", "ssh://h:22/a and https://h/a"),
        ("https://h/a@v1 and git@h:a", "https://h/a@v1 and git@h:a"),
    ],
)
def test_who_logs_in_is_not_printed(text, printed):
    assert redacted(text) == printed
