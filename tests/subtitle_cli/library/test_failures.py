"""What may pass is tried again, what cannot is not; failures of one cause stand together."""

import errno
from pathlib import Path

import pytest

from subtitle_cli.errors import FfmpegFailed, MediaError, OutputError
from subtitle_cli.library import run
from subtitle_cli.library.errors import FilmChanged
from subtitle_cli.library.events import SETTLED, Event, Tally
from subtitle_cli.library.failures import by_cause, may_pass
from subtitle_cli.library.journal import DONE, FAILED, Entry
from subtitle_cli.library.recognition import Recognition
from subtitle_cli.library.seeing import final_table, in_hours
from tests.support.libraries import make_library, subtitles


def caused_by(error, number):
    error.__cause__ = OSError(number, "so")
    return error


@pytest.mark.parametrize(
    "error",
    [
        caused_by(MediaError("a.mkv", "cannot be read"), errno.ESTALE),
        caused_by(OutputError("a.srt", "cannot write"), errno.EIO),
        OSError(errno.ETIMEDOUT, "so"),
        FfmpegFailed("a.mkv", "ffmpeg failed: a.mkv: Input/output error"),
        FilmChanged("a.mkv"),
    ],
    ids=str,
)
def test_network_drives_come_back(error):
    assert may_pass(error)


@pytest.mark.parametrize(
    "error",
    [
        caused_by(OutputError("a.srt", "cannot write"), errno.ENOSPC),
        caused_by(MediaError("a.mkv", "cannot be read"), errno.EACCES),
        FfmpegFailed("a.mkv", "ffmpeg failed: Invalid data found"),
        MediaError("a.mkv", "it is no film"),
        ValueError("a bug"),
    ],
    ids=str,
)
def test_other_failures_stay(error):
    assert not may_pass(error)


def failed(path, reason, kind="MediaError"):
    return Entry(Path(path), FAILED, kind, reason)


def test_failures_that_differ_in_names_and_numbers_have_one_cause():
    groups = by_cause(
        [
            failed("a", "'a' is empty (0 bytes)"),
            failed("b", "'b' ends after 17 s"),
            failed("c", "'c' ends after 4 s\nffmpeg said more"),
            failed("d", "'d' ends after 4 s", "FfmpegFailed"),
        ]
    )
    assert {cause: [str(entry.path) for entry in entries] for cause, entries in groups.items()} == {
        "'a' is empty (0 bytes)": ["a"],
        "'b' ends after 17 s": ["b", "c"],
        "'d' ends after 4 s": ["d"],
    }


def test_the_final_table_names_five_films_of_a_cause():
    tally = Tally(total=9)
    for number in range(7):
        tally(Event(SETTLED, entry=failed(f"film{number}", f"'film{number}' is empty")))
    tally(Event(SETTLED, entry=Entry(Path("good"), DONE, duration_s=7200.0)))
    table = final_table(tally)
    assert "7 films: film0, film1, film2, film3, film4 and 2 more" in table
    assert "left           1" in table
    assert "2 h 00 min of film" in table


@pytest.mark.parametrize(
    ("seconds", "text"), [(8.06, "8.1 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"), (3599.9, "1 h 00 min")]
)
def test_times_are_told_in_words(seconds, text):
    assert in_hours(seconds) == text


def test_a_drive_that_comes_back_costs_an_attempt(caption, monkeypatch, tmp_path):
    library = make_library(tmp_path / "library", 1)
    attempts = []
    genuine = run.Workshop.caption

    def away_at_first(workshop, film, reporter):
        attempts.append(film.place)
        if len(attempts) < 3:
            raise caused_by(MediaError(film.path, "the drive is away"), errno.EIO)
        return genuine(workshop, film, reporter)

    monkeypatch.setattr(run.Workshop, "caption", away_at_first)
    monkeypatch.setattr(run, "DELAYS_S", (0.0, 0.1, 0.2))
    code, _, err = caption(library)
    assert code == 0
    assert len(attempts) == 3
    assert "the drive is away; it is tried again in 0.1 s" in err
    assert len(subtitles(library)) == 1


def test_a_film_that_is_replaced_while_it_is_read_is_done_anew(caption, monkeypatch, tmp_path):
    library = make_library(tmp_path / "library", 1)
    film = library / "series 0" / "film000.wav"
    other = make_library(tmp_path / "other", 1, seconds=12.0, seed=4) / "series 0" / "film000.wav"
    expected = tmp_path / "expected"
    genuine = Recognition.transcribe

    def late(recognition, *arguments):
        if other.exists():
            other.replace(film)
        return genuine(recognition, *arguments)

    monkeypatch.setattr(Recognition, "transcribe", late)
    monkeypatch.setattr(run, "DELAYS_S", (0.0, 0.1, 0.2))
    code, _, err = caption(library)
    assert code == 0
    assert "was changed while it was read; it is tried again" in err
    assert caption(library, "-o", expected)[0] == 0
    assert list(subtitles(library).values()) == list(subtitles(expected).values())
