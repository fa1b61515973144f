"""--embed, --burn and --speaker-names as users type them."""

from fractions import Fraction
from pathlib import Path

import pytest
import webvtt

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli.composing import compose, write_all
from subtitle_cli.diarization import DiarizationOptions
from subtitle_cli.errors import FfmpegFailed
from subtitle_cli.listening import Heard
from subtitle_cli.media import Film
from subtitle_cli.mux import FilmWish
from subtitle_cli.output import Destination
from subtitle_cli.progress import PlainReporter
from subtitle_cli.settings import Settings
from subtitle_cli.speaker_names import SpeakerNames
from subtitle_cli.transcribe import Recognised
from subtitle_cli.types import Piece, Speech, Turn
from tests.support.films import beeps, film, render
from tests.support.muxed_films import probe, shown

FAST = ("--lang", "de", "--no-diarize")


@pytest.fixture
def movie(talking_film, tmp_path):
    path = tmp_path / "movie.mp4"
    path.write_bytes(talking_film.read_bytes())
    return path


def test_a_film_with_its_subtitles_lies_beside_it(diffsub, movie, tmp_path):
    before = movie.read_bytes()
    code, _, err = diffsub("--embed", "movie.mp4", *FAST)
    assert code == 0, err
    assert "movie.de.srt, movie.de.embedded.mp4" in err
    assert movie.read_bytes() == before
    streams = probe(tmp_path / "movie.de.embedded.mp4")["streams"]
    assert [(each["codec_type"], each["tags"].get("language")) for each in streams[2:]] == [
        ("subtitle", "deu")
    ]
    read = webvtt.from_srt("movie.de.srt").captions
    assert [text for *_, text in shown(tmp_path / "movie.de.embedded.mp4", "0:s:0")] == [
        each.text for each in read
    ]


def test_films_that_exist_are_left_alone_but_those_that_lack_are_made(diffsub, movie, tmp_path):
    assert diffsub("movie.mp4", *FAST)[0] == 0
    made = (tmp_path / "movie.de.srt").stat().st_mtime_ns
    code, _, err = diffsub("movie.mp4", "--embed=out.mkv", *FAST)
    assert (code, (tmp_path / "movie.de.srt").stat().st_mtime_ns) == (0, made)
    assert "movie.de.srt exists, left alone" in err
    embedded = (tmp_path / "out.mkv").read_bytes()
    code, _, err = diffsub("movie.mp4", "--embed=out.mkv", *FAST)
    assert (code, (tmp_path / "out.mkv").read_bytes() == embedded) == (0, True)
    assert "out.mkv exists, left alone" in err


def test_a_film_without_a_picture_fails_before_the_work(diffsub, tmp_path):
    render(tmp_path / "talk.flac", *beeps(1.0, seconds=2))
    for extra in ((), ("--dry-run",)):
        code, _, err = diffsub("talk.flac", "--burn", *FAST, *extra)
        assert code == 1
        assert "talk.flac' has no picture, so subtitles cannot be put into it" in err
    assert [path.name for path in tmp_path.iterdir()] == ["talk.flac"]


def test_nobody_speaks_so_no_film_is_written(diffsub, tmp_path):
    film(tmp_path / "silent.mkv")
    code, _, err = diffsub("silent.mkv", "--embed", "--burn", "--lang", "en", "--no-diarize")
    assert code == 0
    assert "nobody speaks in it, so no film with subtitles is written" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["silent.en.srt", "silent.mkv"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("movie.mp4", "--burn=movie.mp4"), "'movie.mp4' is the film itself"),
        (("movie.mp4", "--embed=x.txt"), "cannot be written to 'x.txt'"),
        (("-", "--embed"), "needs the film as a file"),
        (("movie.mp4", "--speaker-names", "none.toml"), "'none.toml' cannot be read"),
        (("movie.mp4", "--speaker-names", "spk.toml", "--no-diarize"), "leave out --no-diarize"),
    ],
)
def test_wrong_usage_is_told_at_once(diffsub, movie, words, told):
    code, _, err = diffsub(*words)
    assert code == 2
    assert told in err


def test_what_would_be_written_is_told(diffsub, movie):
    code, out, _ = diffsub("movie.mp4", "--embed", "--burn=x.mkv", *FAST, "--dry-run")
    assert code == 0
    written = [line.removeprefix("  would write ") for line in out.splitlines() if "would write" in line]
    assert written == ["movie.de.srt", "movie.de.embedded.mp4", "x.mkv"]


@pytest.mark.parametrize(("value", "written"), [("true", True), ('""', True), ("false", False)])
def test_a_configuration_file_may_ask_for_it(diffsub, movie, tmp_path, value, written):
    (tmp_path / "diffsub.toml").write_text(f"embed = {value}\n")
    _, out, _ = diffsub("movie.mp4", *FAST, "--dry-run")
    assert ("movie.de.embedded.mp4" in out) == written


def spoken(*said):
    """What was heard and recognised of (speaker, text), a second for each word."""
    words, turns = [], []
    for speaker, text in said:
        start_s = float(len(words))
        words += [Word(word, len(words) + at, len(words) + at + 0.8) for at, word in enumerate(text.split())]
        turns.append(Turn(start_s, float(len(words)), speaker))
    piece = Piece(0.0, float(len(words)), tuple(turns))
    film = Film(Path("movie.mkv"), piece.end_s, 0.0, Fraction(24000, 1001), ())
    transcript = Transcript(" ".join(word.text for word in words), "en", tuple(words))
    heard = Heard(film, piece.end_s, "en", Speech(tuple(turns)), (piece,))
    return heard, Recognised((transcript,), "fake", {})


def composed(names, *said):
    settings = Settings(
        Destination(), ("en",), diarization=DiarizationOptions(), speaker_labels=True, speaker_names=names
    )
    return compose(Path("movie.mkv"), *spoken(*said), settings)


LONG = "Wolfgang Amadeus von Habsburg zu Hohenlohe"


def test_names_are_given_before_cues_are_cut_so_that_labels_keep_to_the_width():
    said = ("SPEAKER_00", "One two three four five six seven."), ("SPEAKER_01", "And eight nine.")
    subtitles = composed(SpeakerNames({"SPEAKER 1": LONG[:30], "SPEAKER 2": "Bob"}), *said)
    lines = [line for cue in subtitles.cues for line in cue.lines]
    assert any(f"{LONG[:30]}:" in line for line in lines)
    assert max(map(len, lines)) <= 42
    assert subtitles.speakers == (LONG[:30], "Bob")
    assert {word.speaker for cue in subtitles.cues for word in cue.words} == {LONG[:30], "Bob"}


def test_colours_are_there_only_where_the_file_wants_them():
    said = ("SPEAKER_00", "One two three four."), ("SPEAKER_01", "And eight nine.")
    assert composed(None, *said).colours == {}
    assert composed(SpeakerNames({"SPEAKER 1": "Anna"}), *said).colours == {}
    coloured = composed(SpeakerNames({"SPEAKER 1": "Anna"}, {"Anna": "#FFE600"}), *said)
    assert coloured.colours == {"Anna": "#FFE600", "SPEAKER_01": "#FFFFFF"}
    assert coloured.frame_rate == Fraction(24000, 1001)


def test_texts_are_written_even_if_a_film_cannot_be(tmp_path):
    settings = Settings(Destination(folder=tmp_path), ("en",), films=(FilmWish("embed"),))
    missing = tmp_path / "movie.mkv"
    subtitles = compose(missing, *spoken(("SPEAKER_00", "One two.")), settings)
    with pytest.raises(FfmpegFailed, match=r"cannot decode the picture of .*movie\.mkv"):
        write_all(missing, subtitles, settings.plan(missing, "en").targets, PlainReporter(False))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["movie.en.srt"]
