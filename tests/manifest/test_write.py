"""Writing: whole or not at all, as the file was, and never outside of the root."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from gitops_ci.errors import GitopsError, ManifestError, RefusedError
from gitops_ci.manifest import write

PROJECT = str(Path(__file__).parents[2])


def refusal(root: Path, file: str, old: bytes = b"a", new: bytes = b"b") -> str:
    with pytest.raises(GitopsError) as caught:
        write.write(str(root), file, old, new)
    assert caught.value.exit_code == 1 and "\n" not in str(caught.value) and file in str(caught.value)
    return str(caught.value)


def test_content_is_replaced_and_mode_and_owner_stay(tmp_path: Path) -> None:
    file = tmp_path / "a b.yaml"
    file.write_bytes(b"a")
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 1234, 4321)
    before = file.stat()
    write.write(str(tmp_path), "a b.yaml", b"a", b"b")
    after = file.stat()
    assert file.read_bytes() == b"b" and after.st_ino != before.st_ino
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert os.listdir(tmp_path) == ["a b.yaml"]


def test_a_link_inside_the_root_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/real.yaml").write_bytes(b"a")
    (tmp_path / "link.yaml").symlink_to("sub/real.yaml")
    write.write(str(tmp_path), "link.yaml", b"a", b"b")
    assert (tmp_path / "link.yaml").is_symlink() and (tmp_path / "sub/real.yaml").read_bytes() == b"b"


def test_a_root_that_is_a_link_itself_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/f.yaml").write_bytes(b"a")
    (tmp_path / "root").symlink_to("real")
    write.write(str(tmp_path / "root"), "f.yaml", b"a", b"b")
    assert (tmp_path / "real/f.yaml").read_bytes() == b"b"


@pytest.mark.parametrize("how", ["link", "directory", "dots", "absolute", "sibling"])
def test_nothing_outside_of_the_root_is_touched(tmp_path: Path, how: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "root-2"
    root.mkdir()
    outside.mkdir()
    (outside / "f.yaml").write_bytes(b"a")
    (root / "link.yaml").symlink_to(outside / "f.yaml")
    (root / "folder").symlink_to(outside)
    file = {
        "link": "link.yaml",
        "directory": "folder/f.yaml",
        "dots": "../root-2/f.yaml",
        "absolute": str(outside / "f.yaml"),
        "sibling": "./../root-2/f.yaml",
    }[how]
    assert "root" in refusal(root, file)
    with pytest.raises(RefusedError):
        write.read(str(root), file)
    assert (outside / "f.yaml").read_bytes() == b"a"


def test_a_file_that_changed_in_the_meantime_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_bytes(b"other")
    assert "meantime" in refusal(tmp_path, "f.yaml")
    assert (tmp_path / "f.yaml").read_bytes() == b"other"


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"a")
    file.chmod(0o444)
    assert "read-only" in refusal(tmp_path, "f.yaml")
    assert file.read_bytes() == b"a" and os.listdir(tmp_path) == ["f.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may do everything")
def test_no_permission_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"a")
    file.chmod(0)
    assert "Permission" in refusal(tmp_path, "f.yaml")
    file.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        assert "Permission" in refusal(tmp_path, "f.yaml")
    finally:
        tmp_path.chmod(0o755)


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    assert "directory" in refusal(tmp_path, "folder.yaml")
    assert "no regular file" in refusal(tmp_path, "pipe.yaml")
    assert "cannot be read" in refusal(tmp_path, "loop.yaml")
    assert "No such file" in refusal(tmp_path, "missing.yaml")


def test_a_file_of_100_mb_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "big.yaml", "wb") as stream:
        stream.truncate(100 * 1024 * 1024)
    with pytest.raises(ManifestError, match="too large"):
        write.read(str(tmp_path), "big.yaml")


def test_a_full_disk_leaves_the_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.yaml").write_bytes(b"a")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert "No space" in refusal(tmp_path, "f.yaml")
    assert (tmp_path / "f.yaml").read_bytes() == b"a" and os.listdir(tmp_path) == ["f.yaml"]


def test_set_id_bits_survive(tmp_path: Path) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(b"a")
    file.chmod(0o2755)
    before = stat.S_IMODE(file.stat().st_mode)
    write.write(str(tmp_path), "f.yaml", b"a", b"b")
    assert stat.S_IMODE(file.stat().st_mode) == before


def test_a_killed_writer_leaves_the_old_or_the_new_content(tmp_path: Path) -> None:
    """Killed at many moments while it writes 4 MB again and again: the file is never torn."""
    size = 4_000_000
    file = tmp_path / "f.yaml"
    file.write_bytes(b"0" * size)
    program = (
        f"import sys; sys.path.insert(0, {PROJECT!r})\n"
        "from gitops_ci.manifest import write\n"
        f"old = write.read({str(tmp_path)!r}, 'f.yaml')\n"
        "print('go', flush=True)\n"
        "while True:\n"
        f"    new = bytes([49 if old[0] == 48 else 48]) * {size}\n"
        f"    write.write({str(tmp_path)!r}, 'f.yaml', old, new)\n"
        "    old = new\n"
    )
    for number in range(6):
        child = subprocess.Popen([sys.executable, "-I", "-c", program], stdout=subprocess.PIPE)
        try:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(0.003 + 0.007 * number)
        finally:
            child.send_signal(signal.SIGKILL)
            child.communicate()
        content = file.read_bytes()
        assert content in (b"0" * size, b"1" * size)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a directory to another group")
def test_the_group_of_a_file_stays_where_its_directory_hands_out_groups() -> None:
    """As a user: new files have the directory's group; a file of a group that one is not in is left alone."""
    top = Path(tempfile.mkdtemp())  # pytest's own directories are closed to others
    shared, foreign = top / "shared", top / "foreign"
    for folder, group in ((shared, 1), (foreign, 65534)):
        folder.mkdir()
        (folder / "a.yaml").write_bytes(b"a: 1\n")
        os.chown(folder / "a.yaml", 65534, 1)
        os.chown(folder, 65534, group)
        folder.chmod(0o2775)
    top.chmod(0o755)
    child = os.fork()
    if child == 0:
        code = 9
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            write.write(str(shared), "a.yaml", b"a: 1\n", b"a: 2\n")
            try:
                write.write(str(foreign), "a.yaml", b"a: 1\n", b"a: 2\n")
            except ManifestError as error:
                code = 0 if "group could not be kept" in str(error) else 8
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert (shared / "a.yaml").read_bytes() == b"a: 2\n"
    assert (shared / "a.yaml").stat().st_gid == 1
    assert os.listdir(foreign) == ["a.yaml"]
    assert (foreign / "a.yaml").read_bytes() == b"a: 1\n"
    shutil.rmtree(top)
