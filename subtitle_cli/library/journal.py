"""What is known of a library: its films' states, who works on which, what was heard and recognised in them.

It knows no films on the disk: only paths, stamps and bytes that it is told. Each call is one transaction, and
quick, so that many threads and processes share one journal.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Row

from .database import Database
from .fingerprint import Stamp
from .leases import Watch

__all__ = ["DONE", "FAILED", "SKIPPED", "STATES", "TAKEN", "WAITING", "Claim", "Entry", "Journal", "Result"]

WAITING, TAKEN, DONE, SKIPPED, FAILED = "waiting", "taken", "done", "skipped", "failed"
STATES = (WAITING, TAKEN, DONE, SKIPPED, FAILED)

LOOK_UP_AT_ONCE = 500
"""SQLite takes a limited number of values in one query."""


@dataclass(frozen=True)
class Entry:
    """What is known of one film.

    Attributes:
        path: of the film, relative to the library.
        state: of `STATES`.
        kind: the class of the error that it failed with.
        reason: why it failed or was skipped.
        language: of its subtitles.
        duration_s: of its sound.
        elapsed_s: from its begin to its end.
        files: those that were written, relative to the library where they lie in it.
        attempts: how often it was begun.
        owner: the process that works on it, with its last sign of life.
    """

    path: Path
    state: str = WAITING
    kind: str | None = None
    reason: str | None = None
    language: str | None = None
    cues: int | None = None
    duration_s: float | None = None
    elapsed_s: float | None = None
    files: tuple[str, ...] = ()
    attempts: int = 0
    owner: str | None = None
    beat: float | None = None


@dataclass(frozen=True)
class Claim:
    """The answer to a wish to work on a film: whether it is ours now, and what is known of it otherwise."""

    is_ours: bool
    entry: Entry


@dataclass(frozen=True)
class Result:
    """Something that was found in a film, as bytes under a key that says all that it depends on."""

    key: bytes
    audio: bytes
    data: bytes


@dataclass
class Journal:
    """The journal of one library, as one process sees it.

    Attributes:
        database: where it is kept.
        owner: the name of this process.
        watch: over other processes' signs of life.
    """

    database: Database
    owner: str
    watch: Watch = field(default_factory=Watch)

    def job(self, key: str, description: str) -> int:
        """The number of a job: films are done, or not, with the settings of one job."""
        with self.database.writing() as connection:
            connection.execute(
                "INSERT INTO jobs (key, description) VALUES (?, ?) ON CONFLICT (key) DO NOTHING",
                (key, description),
            )
            (number,) = connection.execute("SELECT id FROM jobs WHERE key = ?", (key,)).fetchone()
        return int(number)

    def jobs(self) -> dict[int, str]:
        """Descriptions of all jobs by their numbers."""
        return {row["id"]: row["description"] for row in self.database.rows("SELECT * FROM jobs ORDER BY id")}

    def expect(self, job: int, paths: Iterable[Path]) -> None:
        """Films that are to be done: those that are not known yet are waiting from now on."""
        now = time.time()
        rows = [(job, os.fsencode(path), WAITING, now) for path in paths]
        with self.database.writing() as connection:
            connection.executemany(
                "INSERT INTO films (job, path, state, changed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                rows,
            )

    def claim(self, job: int, path: Path, stamp: Stamp, again: bool = False) -> Claim:
        """Take a film, unless it is done, was skipped, has failed, or somebody else works on it.

        Args:
            stamp: a film that was changed since is taken whatever became of it before.
            again: take it even if it is done, skipped or failed.
        """
        name = os.fsencode(path)
        with self.database.writing() as connection:
            row = connection.execute("SELECT * FROM films WHERE job = ? AND path = ?", (job, name)).fetchone()
            known = _entry(row) if row else Entry(path)
            if known.state == TAKEN:
                is_free = self.watch.is_lost(known.owner or "", known.beat or 0.0)
            elif known.state == WAITING:
                is_free = True
            else:
                is_free = again or Stamp(row["size"], row["mtime_ns"]) != stamp
            if not is_free:
                return Claim(False, known)
            now = time.time()
            connection.execute(
                "INSERT INTO films (job, path, state, size, mtime_ns, owner, beat, attempts, changed)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?7)"
                " ON CONFLICT DO UPDATE SET state = ?3, size = ?4, mtime_ns = ?5, owner = ?6, beat = ?7,"
                " attempts = attempts + 1, changed = ?7",
                (job, name, TAKEN, stamp.size, stamp.mtime_ns, self.owner, now),
            )
        return Claim(True, known)

    def entry(self, job: int, path: Path) -> Entry:
        """What is known of a film."""
        found = self.database.rows("SELECT * FROM films WHERE job = ? AND path = ?", (job, os.fsencode(path)))
        return _entry(found[0]) if found else Entry(path)

    def identify(self, job: int, path: Path, audio: bytes) -> list[Path]:
        """Note a film's fingerprint; the other paths under which the job knows the same content."""
        name = os.fsencode(path)
        with self.database.writing() as connection:
            connection.execute("UPDATE films SET audio = ? WHERE job = ? AND path = ?", (audio, job, name))
            same = connection.execute(
                "SELECT path FROM films WHERE audio = ? AND job = ? AND path != ?", (audio, job, name)
            ).fetchall()
        return [Path(os.fsdecode(row["path"])) for row in same]

    def drop(self, job: int, path: Path) -> None:
        """Know nothing of a path any more, as where its film was given another name."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM films WHERE job = ? AND path = ?", (job, os.fsencode(path)))

    def settle(self, job: int, entry: Entry, stamp: Stamp) -> None:
        """Note what became of a film that this process has taken; without effect if it lost the lease."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE films SET state = ?, kind = ?, reason = ?, language = ?, cues = ?, duration_s = ?,"
                " elapsed_s = ?, files = ?, size = ?, mtime_ns = ?, changed = ?, owner = NULL, beat = NULL"
                " WHERE job = ? AND path = ? AND owner = ?",
                (
                    entry.state,
                    entry.kind,
                    entry.reason,
                    entry.language,
                    entry.cues,
                    entry.duration_s,
                    entry.elapsed_s,
                    json.dumps(entry.files),
                    stamp.size,
                    stamp.mtime_ns,
                    time.time(),
                    job,
                    os.fsencode(entry.path),
                    self.owner,
                ),
            )

    def beat(self) -> None:
        """Show a sign of life: this process keeps what it has taken."""
        with self.database.writing() as connection:
            connection.execute("UPDATE films SET beat = ? WHERE owner = ?", (time.time(), self.owner))

    def release_all(self) -> None:
        """Give back all that this process has taken and not settled."""
        with self.database.writing() as connection:
            connection.execute(
                "UPDATE films SET state = ?, owner = NULL, beat = NULL WHERE owner = ?", (WAITING, self.owner)
            )

    def counts(self, job: int) -> dict[str, int]:
        """How many films are in each state."""
        rows = self.database.rows(
            "SELECT state, count(*) AS films FROM films WHERE job = ? GROUP BY state", (job,)
        )
        return dict.fromkeys(STATES, 0) | {row["state"]: row["films"] for row in rows}

    def entries(self, job: int, state: str | None = None) -> list[Entry]:
        """All films of a job, or those in one state, in the order of their paths."""
        rows = self.database.rows(
            "SELECT * FROM films WHERE job = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY path", (job, state)
        )
        return [_entry(row) for row in rows]

    def look_up(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Data of those results that are known, by key."""
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), LOOK_UP_AT_ONCE):
            some = keys[start : start + LOOK_UP_AT_ONCE]
            marks = ", ".join("?" * len(some))
            rows = self.database.rows(f"SELECT key, data FROM results WHERE key IN ({marks})", some)
            found |= {row["key"]: row["data"] for row in rows}
        return found

    def keep(self, results: Iterable[Result]) -> None:
        """Keep results: all of them, or none if it fails."""
        with self.database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO results (key, audio, data) VALUES (?, ?, ?)",
                [(result.key, result.audio, result.data) for result in results],
            )

    def forget(self, paths: Sequence[Path] | None = None) -> Mapping[str, int]:
        """Know nothing any more of these films, or of all; how many films and results were forgotten.

        Results of a film go with it, also where a copy of the film would use them.
        """
        with self.database.writing() as connection:
            if paths is None:
                films = connection.execute("DELETE FROM films").rowcount
                return {"films": films, "results": connection.execute("DELETE FROM results").rowcount}
            films = results = 0
            for path in paths:
                name = (os.fsencode(path),)
                results += connection.execute(
                    "DELETE FROM results WHERE audio IN (SELECT audio FROM films WHERE path = ?)", name
                ).rowcount
                films += connection.execute("DELETE FROM films WHERE path = ?", name).rowcount
        return {"films": films, "results": results}


def _entry(row: Row) -> Entry:
    return Entry(
        Path(os.fsdecode(row["path"])),
        row["state"],
        row["kind"],
        row["reason"],
        row["language"],
        row["cues"],
        row["duration_s"],
        row["elapsed_s"],
        tuple(json.loads(row["files"] or "[]")),
        row["attempts"],
        row["owner"],
        row["beat"],
    )
