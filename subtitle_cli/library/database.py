"""One SQLite file, opened for many threads and processes; its errors told in words for people.

It knows the tables' layout and version, not what they mean.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from .errors import JournalError

__all__ = ["SCHEMA_VERSION", "Database", "lies_on_network"]

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,    -- of the settings that decide what is written
    description TEXT NOT NULL
);
CREATE TABLE films (
    job INTEGER NOT NULL REFERENCES jobs,
    path BLOB NOT NULL,          -- as the file system has it: names need not be text
    state TEXT NOT NULL,
    size INTEGER, mtime_ns INTEGER, audio BLOB,
    owner TEXT, beat REAL, attempts INTEGER NOT NULL DEFAULT 0,
    kind TEXT, reason TEXT,
    language TEXT, cues INTEGER, duration_s REAL, elapsed_s REAL, files TEXT,
    changed REAL NOT NULL,
    PRIMARY KEY (job, path)
) WITHOUT ROWID;
CREATE INDEX films_by_state ON films (job, state);
CREATE INDEX films_by_owner ON films (owner) WHERE owner IS NOT NULL;
CREATE INDEX films_by_audio ON films (audio);
CREATE TABLE results (
    key BLOB PRIMARY KEY,
    audio BLOB NOT NULL,         -- fingerprint of the film that it was found in
    data BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX results_by_audio ON results (audio);
"""

WAIT_S = 30.0
"""Others may hold the lock for so long."""

NETWORK = frozenset(
    "9p afs beegfs ceph cifs fuse.ceph fuse.glusterfs fuse.rclone fuse.sshfs glusterfs gpfs lustre nfs nfs4 "
    "smb3 smbfs".split()
)
"""File systems that several hosts may share: there WAL's shared memory does not reach."""


class Database:
    """The open file. One connection serves all threads of this process, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open it, or make it; a damaged or older one is set aside, for it can be found anew.

        Raises:
            JournalError: it cannot be opened or made, or a newer version of diffsub made it.
        """
        self.path = path
        self.set_aside: Path | None = None
        self._lock = RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _open(path)
        except (sqlite3.DatabaseError, _OldVersion) as error:
            if isinstance(error, sqlite3.OperationalError):
                raise self._error(error) from error
            self.set_aside = _set_aside(path)
            with self._told():
                self._connection = _open(path)
        except OSError as error:
            raise self._error(error) from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """All rows that a query finds.

        Raises:
            JournalError: it cannot be read.
        """
        with self._told():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it is kept, or nothing.

        Raises:
            JournalError: it cannot be written.
        """
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise self._error(error) from error

    def _error(self, error: Exception) -> JournalError:
        text = error.strerror if isinstance(error, OSError) else str(error)
        if "locked" in str(error):
            advice = f"another program has held it for {WAIT_S:g} s; end that program"
        elif "malformed" in str(error) or "not a database" in str(error):
            advice = "it is damaged; move it away, and the next run begins a new one"
        else:
            advice = "make room, or put it elsewhere with --journal FILE"
        return JournalError(self.path, f"the journal {str(self.path)!r} cannot be used: {text}: {advice}")


class _OldVersion(Exception):
    """An older version of diffsub made this file."""


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA journal_mode={'TRUNCATE' if lies_on_network(path.parent) else 'WAL'}")
        # In WAL mode this loses nothing when a process is killed; a power cut may cost the last seconds.
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise JournalError(
                path, f"the journal {str(path)!r} was made by a newer diffsub: install that, or move it away"
            )
        if 0 < version < SCHEMA_VERSION:
            raise _OldVersion
        if version == 0:
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
        connection.execute("COMMIT")
        # Reads what is damaged now rather than in the middle of the run.
        connection.execute("SELECT count(*) FROM jobs").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _set_aside(path: Path) -> Path:
    """Move the file away, with the two that SQLite keeps beside it; where it is now."""
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
    path.rename(kept)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return kept


def lies_on_network(folder: Path, mounts: str | None = None) -> bool:
    """Whether the folder lies on a file system that other hosts may share; unknown systems: no.

    Args:
        mounts: text in the form of /proc/self/mounts; None: that of this process.
    """
    if mounts is None:
        try:
            mounts = Path("/proc/self/mounts").read_text(errors="replace")
        except OSError:
            return False
    where = folder.resolve()
    kinds: dict[int, str] = {}
    for line in mounts.splitlines():
        _, point, kind, *_ = line.split(" ")
        place = Path(point.replace("\\040", " "))
        if where.is_relative_to(place):
            kinds[len(place.parts)] = kind
    return bool(kinds) and kinds[max(kinds)] in NETWORK
