"""What earlier runs learnt, on disk: one SQLite file, shared by concurrent processes.

Nothing in it is trusted to be there or to be whole: a cache that cannot be used is a cache that is empty.
It holds no credentials and no tokens. Callers hand an entry out only after the registry has answered a
request about the same repository with the credentials of this run: what one login could see is not shown
to another.
"""

import contextlib
import os
import sqlite3
import threading
import time
from types import TracebackType
from typing import Self

_VERSION = 1
"""Of the entries' shapes; part of the file's name, so that two versions of the program do not meet."""
_KEEP = 90 * 24 * 3600.0
"""Seconds after which an unused entry goes."""
_TOUCH = 24 * 3600.0
_WAIT = 3.0


class Cache:
    """Text by key. Safe to call from threads; changes are written together when it is closed."""

    def __init__(self, directory: str | None) -> None:
        """None keeps entries for this run only."""
        self._changes: dict[str, str] = {}
        self._used: set[str] = set()
        self._lock = threading.Lock()
        self._path = os.path.join(directory, f"registry-{_VERSION}.sqlite3") if directory else None
        self._database = self._open() if self._path else None

    def get(self, key: str) -> str | None:
        """The entry, or None."""
        with self._lock:
            if key in self._changes:
                return self._changes[key]
            if self._database is None:
                return None
            try:
                row = self._database.execute("SELECT value, used FROM entries WHERE key = ?", (key,)).fetchone()
            except sqlite3.Error as error:
                self._give_up(error)
                return None
            if row is None or not isinstance(row[0], str) or not isinstance(row[1], float):
                return None
            if row[1] < time.time() - _TOUCH:
                self._used.add(key)
            return row[0]

    def put(self, key: str, value: str) -> None:
        """Keep an entry."""
        with self._lock:
            self._changes[key] = value

    def close(self) -> None:
        """Write the changes. A failure to do so only costs the next run time."""
        with self._lock:
            if self._database is None:
                return
            now = time.time()
            try:
                if self._changes or self._used:
                    with self._database as database:
                        database.executemany(
                            "INSERT OR REPLACE INTO entries VALUES (?, ?, ?)",
                            [(key, value, now) for key, value in self._changes.items()],
                        )
                        database.executemany(
                            "UPDATE entries SET used = ? WHERE key = ?", [(now, key) for key in self._used]
                        )
                        database.execute("DELETE FROM entries WHERE used < ?", (now - _KEEP,))
                self._database.close()
            except sqlite3.Error as error:
                self._give_up(error)
            self._database = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection | None:
        """The database, made anew when it is damaged or not ours; None where there can be none now."""
        path = self._path or ""
        for _ in range(2):
            database = None
            try:
                os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
                os.close(os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
                database = sqlite3.connect(path, timeout=_WAIT, check_same_thread=False)
                database.execute("PRAGMA synchronous = OFF")  # lost entries are fetched again
                database.execute(
                    "CREATE TABLE IF NOT EXISTS entries"
                    " (key TEXT PRIMARY KEY, value TEXT NOT NULL, used REAL NOT NULL) WITHOUT ROWID"
                )
                database.execute("SELECT key, value, used FROM entries LIMIT 1").fetchone()
                return database
            except OSError:
                return None
            except sqlite3.Error as error:
                if database is not None:
                    database.close()
                if not _damaged(error):
                    return None
                _remove(path)
        return None

    def _give_up(self, error: sqlite3.Error) -> None:
        """From here on there is no cache; a damaged file is removed for the next run."""
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
        if self._path and _damaged(error):
            _remove(self._path)


def _damaged(error: sqlite3.Error) -> bool:
    """Whether the file itself is at fault, and not that it is locked, read-only, or that the disk is full."""
    if isinstance(error, sqlite3.OperationalError):
        return str(error).startswith(("no such", "table entries", "malformed"))
    return isinstance(error, sqlite3.DatabaseError)


def _remove(path: str) -> None:
    for name in (path, f"{path}-journal"):
        with contextlib.suppress(OSError):
            os.unlink(name)


def default_directory() -> str | None:
    """``$XDG_CACHE_HOME/gitops-ci``, else ``~/.cache/gitops-ci``; None where there is no home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):  # to be ignored, says the specification
        base = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "gitops-ci") if os.path.isabs(base) else None
