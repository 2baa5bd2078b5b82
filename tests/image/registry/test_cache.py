import os
import sqlite3
import stat
import subprocess
import sys
import time

import pytest

from gitops_ci.image.registry.cache import Cache, default_directory


def _file(directory):
    (path,) = [each for each in directory.iterdir() if each.suffix == ".sqlite3"]
    return path


def test_an_entry_outlives_the_run(tmp_path):
    with Cache(str(tmp_path)) as cache:
        cache.put("key", "value")
        assert cache.get("key") == "value"
    with Cache(str(tmp_path)) as cache:
        assert cache.get("key") == "value"
        assert cache.get("other") is None


def test_only_its_owner_can_read_it(tmp_path):
    with Cache(str(tmp_path / "new")) as cache:
        cache.put("key", "value")
    assert stat.S_IMODE(os.stat(tmp_path / "new").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(_file(tmp_path / "new")).st_mode) == 0o600


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_rebuilt(tmp_path, damage):
    with Cache(str(tmp_path)) as cache:
        cache.put("key", "value")
    _file(tmp_path).write_bytes(damage)
    with Cache(str(tmp_path)) as cache:
        assert cache.get("key") is None
        cache.put("key", "again")
    with Cache(str(tmp_path)) as cache:
        assert cache.get("key") == "again"


def test_a_file_damaged_further_inside_is_no_failure(tmp_path):
    with Cache(str(tmp_path)) as cache:
        for number in range(2000):
            cache.put(f"key {number}", "value" * 20)
    data = bytearray(_file(tmp_path).read_bytes())
    data[8192:-4096] = b"\xff" * (len(data) - 12288)
    _file(tmp_path).write_bytes(data)
    for _ in range(2):
        with Cache(str(tmp_path)) as cache:
            for number in range(0, 2000, 100):
                assert cache.get(f"key {number}") in (None, "value" * 20)
            cache.put("new", "entry")
    with Cache(str(tmp_path)) as cache:
        assert cache.get("new") == "entry"


def test_a_database_that_is_locked_for_long_costs_nothing_but_the_entry(tmp_path, monkeypatch):
    monkeypatch.setattr("gitops_ci.image.registry.cache._WAIT", 0.05)
    with Cache(str(tmp_path)) as cache:
        cache.put("key", "value")
    other = sqlite3.connect(_file(tmp_path), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with Cache(str(tmp_path)) as cache:
        assert cache.get("key") is None
        cache.put("lost", "x")
    other.execute("ROLLBACK")
    other.close()
    with Cache(str(tmp_path)) as cache:
        assert (cache.get("key"), cache.get("lost")) == ("value", None)


def test_another_table_in_the_file_is_no_failure(tmp_path):
    with Cache(str(tmp_path)):
        pass
    with sqlite3.connect(_file(tmp_path)) as database:
        database.execute("DROP TABLE entries")
        database.execute("CREATE TABLE entries (something INTEGER)")
    database.close()
    with Cache(str(tmp_path)) as cache:
        cache.put("key", "value")
        assert cache.get("key") == "value"
    with Cache(str(tmp_path)) as cache:
        assert cache.get("key") == "value"


@pytest.mark.parametrize("directory", ["/proc/nothing", "/dev/null/x", None])
def test_without_a_place_to_write_there_is_no_cache_and_no_failure(directory):
    with Cache(directory) as cache:
        cache.put("key", "value")
        assert cache.get("key") == "value"


def test_a_link_is_not_followed(tmp_path):
    with Cache(str(tmp_path / "a")):
        pass
    name = _file(tmp_path / "a").name
    (tmp_path / "b").mkdir()
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "b" / name).symlink_to(tmp_path / "target")
    with Cache(str(tmp_path / "b")) as cache:
        cache.put("key", "value")
    assert (tmp_path / "target").read_bytes() == b"precious"


def test_many_processes_write_at_once(tmp_path):
    code = (
        "import sys\nfrom gitops_ci.image.registry.cache import Cache\n"
        "with Cache(sys.argv[1]) as cache:\n"
        "    for number in range(200): cache.put(f'{sys.argv[2]} {number}', 'x')\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(number)]) for number in range(4)]
    assert [process.wait(30) for process in processes] == [0, 0, 0, 0]
    with Cache(str(tmp_path)) as cache:
        assert all(cache.get(f"{process} {number}") == "x" for process in range(4) for number in range(200))


def test_what_nobody_uses_goes(tmp_path):
    with Cache(str(tmp_path)) as cache:
        cache.put("old", "x")
        cache.put("used", "x")
    with sqlite3.connect(_file(tmp_path)) as database:
        database.execute("UPDATE entries SET used = ?", (time.time() - 80 * 24 * 3600,))
    database.close()
    with Cache(str(tmp_path)) as cache:
        cache.get("used")
    with sqlite3.connect(_file(tmp_path)) as database:
        database.execute("UPDATE entries SET used = used - ?", (20 * 24 * 3600,))
    database.close()
    with Cache(str(tmp_path)) as cache:
        cache.put("new", "x")
    with Cache(str(tmp_path)) as cache:
        assert [cache.get(key) for key in ("old", "used", "new")] == [None, "x", "x"]


def test_where_it_is(monkeypatch, machine):
    assert default_directory() == str(machine / ".cache/gitops-ci")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_directory() == "/somewhere/gitops-ci"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert default_directory() == str(machine / ".cache/gitops-ci")
