"""A diff that is printed must be one that git applies."""

import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


_sides = st.lists(st.sampled_from([b"a", b"b", b"", b"c\r", b"\xff"]), max_size=40).map(b"\n".join)


@settings(max_examples=150, deadline=None)
@given(_sides, _sides, st.integers(0, 4))
def test_a_diff_says_all_that_changed(old: bytes, new: bytes, context: int) -> None:
    assert applied(old, unified("f", old, new, context)) == new


def applied(old: bytes, diff: bytes) -> bytes:
    """A strict reader of unified diffs: every old line must be there, every hunk as long as it says."""
    lines, out, at = old.split(b"\n"), [], 0
    lines = [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    body = diff.split(b"\n")[2:-1]
    for number, line in enumerate(body):
        ends = number + 1 < len(body) and body[number + 1].startswith(b"\\")
        text = line[1:] + (b"" if ends else b"\n")
        if line.startswith(b"@@"):
            start, _, length = line.split()[1][1:].partition(b",")
            begin = int(start) - (length != b"0")
            out += lines[at:begin]
            at = begin
        elif line[:1] in (b" ", b"-"):
            assert lines[at] == text
            at += 1
            if line[:1] == b" ":
                out.append(text)
        elif line[:1] == b"+":
            out.append(text)
    return b"".join(out + lines[at:])


def test_the_diff_of_a_long_file_with_far_edits_takes_no_time() -> None:
    line = [b"  key: value %d" % (number % 7) for number in range(60_000)]
    new = list(line)
    new[10], new[30_000:30_000], new[59_990] = b"x", [b"inserted"], b"y"
    started = time.process_time()
    diff = unified("f", b"\n".join(line), b"\n".join(new))
    assert time.process_time() - started < 0.5
    assert diff.count(b"\n@@") == 3
    assert (diff.count(b"\n+"), diff.count(b"\n-")) == (4, 2)
