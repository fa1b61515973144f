"""What a journal knows, who may work on what, and what it says when it cannot be used."""

import os
import sqlite3
from pathlib import Path

import pytest

from subtitle_cli.library import database
from subtitle_cli.library.database import SCHEMA_VERSION, Database, lies_on_network
from subtitle_cli.library.errors import JournalError
from subtitle_cli.library.fingerprint import Stamp
from subtitle_cli.library.journal import DONE, FAILED, SKIPPED, TAKEN, WAITING, Entry, Journal, Result
from subtitle_cli.library.leases import Watch, is_gone, this_process

FILM = Path("series/film.mkv")
STAMP = Stamp(100, 5)


@pytest.fixture
def file(tmp_path):
    return tmp_path / ".diffsub" / "journal.sqlite"


@pytest.fixture
def journal(file):
    return Journal(Database(file), this_process())


@pytest.fixture
def job(journal):
    return journal.job("key", "a job")


def another(file, **changes):
    """A further process's view of the journal."""
    return Journal(Database(file), this_process(), **changes)


def test_a_job_has_one_number_whoever_asks(journal, job, file):
    assert another(file).job("key", "a job") == job
    assert journal.job("other", "another job") != job
    assert journal.jobs()[job] == "a job"


def test_a_film_is_given_to_one_process_alone(journal, job, file):
    journal.expect(job, [FILM])
    assert journal.counts(job)[WAITING] == 1
    assert journal.claim(job, FILM, STAMP).is_ours
    other = another(file).claim(job, FILM, STAMP)
    assert (other.is_ours, other.entry.state, other.entry.owner) == (False, TAKEN, journal.owner)


def test_a_settled_film_is_not_given_again_until_it_changes_or_is_asked_for(journal, job):
    for state in (DONE, SKIPPED, FAILED):
        path = Path(state)
        journal.claim(job, path, STAMP)
        journal.settle(job, Entry(path, state, reason="so", files=("a.srt",), cues=3), STAMP)
        known = journal.claim(job, path, STAMP)
        assert not known.is_ours
        assert known.entry == Entry(path, state, reason="so", files=("a.srt",), cues=3, attempts=1)
        assert journal.claim(job, path, STAMP, again=True).is_ours
        journal.settle(job, Entry(path, state), STAMP)
        assert journal.claim(job, path, Stamp(101, 5)).is_ours


def test_names_that_are_no_text_are_kept(journal, job):
    odd = Path(os.fsdecode(b"caf\xe9\n.mkv"))
    journal.claim(job, odd, STAMP)
    assert [entry.path for entry in journal.entries(job)] == [odd]


def test_what_is_not_settled_is_given_back(journal, job, file):
    journal.claim(job, FILM, STAMP)
    journal.release_all()
    assert another(file).claim(job, FILM, STAMP).is_ours
    # Whoever has lost a film can say nothing of it any more.
    journal.settle(job, Entry(FILM, DONE), STAMP)
    assert journal.entry(job, FILM).state == TAKEN


def test_a_process_of_this_machine_that_has_ended_loses_its_films_at_once(journal, job, file):
    place, _, started, chance = this_process().rsplit("/", 3)
    ended = Journal(Database(file), "/".join([place, str(2**22 + 1), started, chance]))
    ended.claim(job, FILM, STAMP)
    assert is_gone(ended.owner)
    assert not is_gone(journal.owner)
    assert journal.claim(job, FILM, STAMP).is_ours


def test_a_later_process_of_the_same_number_is_another_one():
    place, number, _, chance = this_process().rsplit("/", 3)
    assert is_gone("/".join([place, number, "1", chance]))
    assert not is_gone("/".join(["another host", number, "1", chance]))


def test_a_process_elsewhere_keeps_its_films_as_long_as_it_gives_signs_of_life(journal, job, file):
    far = Journal(Database(file), "far away/1/1/abc")
    far.claim(job, FILM, STAMP)
    near = another(file, watch=Watch(lease_s=-1.0))
    near.watch.is_lost(far.owner, beat=0.0)  # seen before, with another beat
    patient = another(file, watch=Watch(lease_s=1000.0))
    assert not patient.claim(job, FILM, STAMP).is_ours
    assert near.claim(job, FILM, STAMP).is_ours


def test_a_beat_is_seen_by_others(journal, job, file):
    journal.claim(job, FILM, STAMP)
    before = journal.entry(job, FILM).beat
    journal.beat()
    assert another(file).entry(job, FILM).beat > before


def test_the_same_content_is_known_under_another_name(journal, job):
    journal.claim(job, FILM, STAMP)
    assert journal.identify(job, FILM, b"content") == []
    renamed = Path("renamed.mkv")
    journal.claim(job, renamed, STAMP)
    assert journal.identify(job, renamed, b"content") == [FILM]
    journal.drop(job, FILM)
    assert [entry.path for entry in journal.entries(job)] == [renamed]


def test_results_are_kept_all_or_none(journal, file):
    results = [Result(bytes([n]) * 16, b"film", b"data %d" % n) for n in range(200)]
    journal.keep(results)
    wanted = [result.key for result in results] + [b"unknown"] * 600
    assert another(file).look_up(wanted) == {result.key: result.data for result in results}
    with pytest.raises(JournalError):
        journal.keep([Result(b"new", b"film", b"x"), Result(b"bad", b"film", None)])
    assert journal.look_up([b"new"]) == {}


def test_films_are_forgotten_with_their_results(journal, job):
    for path, audio in ((FILM, b"one"), (Path("other"), b"two")):
        journal.claim(job, path, STAMP)
        journal.identify(job, path, audio)
        journal.keep([Result(audio, audio, b"data")])
    assert journal.forget([FILM]) == {"films": 1, "results": 1}
    assert journal.look_up([b"one", b"two"]) == {b"two": b"data"}
    assert journal.forget([FILM]) == {"films": 0, "results": 0}
    assert journal.forget() == {"films": 1, "results": 1}
    assert journal.counts(job)[TAKEN] == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"this is no database, but long enough to be read as one" * 100),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: None,
    ],
    ids=["text", "truncated", "older"],
)
def test_a_damaged_or_older_journal_is_set_aside(journal, job, file, spoil, monkeypatch):
    monkeypatch.setattr(database, "SCHEMA_VERSION", SCHEMA_VERSION + 1)
    journal.expect(job, [Path(str(number)) for number in range(500)])
    journal.database.close()
    spoil(file)
    fresh = another(file)
    assert fresh.jobs() == {}
    assert fresh.database.set_aside.exists()
    assert fresh.database.set_aside.parent == file.parent


def test_a_journal_of_a_newer_version_is_left_alone(journal, file):
    sqlite3.connect(file).execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    with pytest.raises(JournalError, match="newer diffsub"):
        another(file)


def test_a_journal_that_another_program_holds_is_told(journal, job, file, monkeypatch):
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    waiting = another(file)
    journal.database._connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="another program has held it"):
        waiting.expect(job, [FILM])
    with pytest.raises(JournalError, match="another program has held it"):
        another(file)


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError, match="--journal FILE"):
        Database(tmp_path / "file" / "journal.sqlite")
    (tmp_path / "folder").mkdir()
    with pytest.raises(JournalError, match="--journal FILE"):
        Database(tmp_path / "folder")


def test_a_full_disk_is_told(journal, job):
    journal.database._connection.execute("PRAGMA max_page_count = 20")
    with pytest.raises(JournalError, match="full"):
        journal.keep([Result(bytes([n]), b"film", b"x" * 10_000) for n in range(20)])


@pytest.mark.parametrize(
    ("folder", "answer"), [("/films/new", True), ("/films", True), ("/home", False), ("/films/local", False)]
)
def test_network_drives_are_known(folder, answer):
    mounts = "/dev/sda / ext4 rw 0 0\nserver:/films /films nfs4 rw 0 0\n/dev/sdb /films/local ext4 rw 0 0\n"
    assert lies_on_network(Path(folder), mounts) is answer
