"""A diff that is printed must be one that git applies."""

import subprocess
from pathlib import Path

import pytest

from gitops_ci.report.diff import unified


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("a.yaml", b"a\nb\n", b"a\nc\n"),
        ("crlf and spaces.yaml", b"a\r\nb\r\n", b"a\r\nc\r\n"),
        ("no-newline.yaml", b"a\nb", b"a\nc"),
        ("newline-added.yaml", b"a\nb", b"a\nb\n"),
        ('quoted "é\n.yaml', b"a\x0cb\nz\n", b"a\x0cb\ny\n"),
        ("not-utf8", b"\xff\n1\n", b"\xff\n2\n"),
        ("bare-cr", b"a\rb\rc\n", b"a\rB\rc\n"),
    ],
)
def test_git_applies_the_diff(tmp_path: Path, name: str, old: bytes, new: bytes) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / name).write_bytes(old)
    done = subprocess.run(
        ["git", "apply", "-"], input=unified(name, old, new), cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / name).read_bytes() == new


def test_equal_files_have_no_diff() -> None:
    assert unified("a", b"x\n", b"x\n") == b""
