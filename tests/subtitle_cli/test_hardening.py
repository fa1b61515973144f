"""What people throw at a captioning tool: odd names, machines, plugins. Nothing is lost or half-written."""

import math
import os
import stat
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli.media import find_ffmpeg
from tests.support.fake_models import CountingModel, make_spec

PLAIN = ["--lang", "en", "--no-diarize"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


NAMES = [
    "with space.mp4",
    'it\'s "quoted".mp4',
    "two\nlines.mp4",
    "-leading dash.mp4",
    "--lang.mp4",
    "ünïcödé 電影.mp4",
    "$(touch pwned); rm -rf *.mp4",
    "%d pattern [1].mp4",
    "http:colon.mp4",
    "no suffix",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_name(diffsub, talking_film, here, name):
    (here / name).write_bytes(talking_film.read_bytes())
    code, _, err = diffsub(*PLAIN, "--", name)
    assert code == 0, err
    stem = name.removesuffix(".mp4")
    assert {file.name for file in here.iterdir()} == {name, f"{stem}.en.srt"}


def test_a_name_that_is_no_text_is_still_a_name(diffsub, talking_film, here):
    raw = b"caf\xe9.mp4"
    (here / os.fsdecode(raw)).write_bytes(talking_film.read_bytes())
    code, _, _ = diffsub(*PLAIN, "--format", "srt,json", os.fsdecode(raw))
    assert code == 0
    assert os.path.exists(b"caf\xe9.en.srt")
    assert "caf\N{REPLACEMENT CHARACTER}.mp4" in open(b"caf\xe9.en.json", encoding="utf-8").read()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "there is no file"),
        (lambda path: path.mkdir(), "folder"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_text("just text, renamed"), "film.mp4"),
    ],
    ids=["missing", "folder", "zero bytes", "text"],
)
def test_what_is_no_film_is_one_clear_line(diffsub, here, make, reason):
    make(here / "film.mp4")
    code, out, err = diffsub(*PLAIN, "film.mp4")
    assert (code, out) == (1, "")
    assert reason in err.lower()
    assert "Traceback" not in err
    assert list(here.glob("*.srt")) == []


def test_a_picture_without_sound_is_one_clear_line(diffsub, here):
    picture = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=5:duration=1"]
    subprocess.run([find_ffmpeg(), "-v", "error", *picture, here / "mute.mp4"], check=True)
    code, _, err = diffsub(*PLAIN, "mute.mp4")
    assert code == 1
    assert "no audio stream" in err


def test_a_silent_film_has_valid_empty_subtitles_and_a_note(diffsub, here):
    soundfile.write(here / "silent.wav", np.zeros(16_000 * 5), 16_000)
    code, _, err = diffsub(*PLAIN, "--format", "srt,vtt", "silent.wav")
    assert code == 0
    assert (here / "silent.en.srt").read_text() == ""
    assert (here / "silent.en.vtt").read_text().strip() == "WEBVTT"
    assert "nobody speaks" in err


def test_a_playlist_cannot_open_other_files(diffsub, talking_film, here):
    (here / "list.mp4").write_text(f"ffconcat version 1.0\nfile '{talking_film}'\n")
    (here / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:10,\nfile://{talking_film}\n#EXT-X-ENDLIST\n")
    for name in ("list.mp4", "list.m3u8"):
        code, _, _ = diffsub(*PLAIN, name)
        assert code == 1
    assert list(here.glob("*.srt")) == []


def plugin_that(give):
    """A spec whose model gives back what `give(utterances)` says."""

    class Odd(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            return give(utterances)

    return make_spec("odd-plugin", Odd)


FAULTS = {
    "too few": lambda utterances: [],
    "nan times": lambda utterances: [Transcript("x", "en", (Word("x", math.nan, 1.0),)) for _ in utterances],
    "outside": lambda utterances: [Transcript("x", "en", (Word("x", 0.0, 1e6),)) for _ in utterances],
    "raises": lambda utterances: 1 / 0,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_plugin_at_fault_is_named_and_nothing_written(diffsub, specs, talking_film, here, fault):
    specs[:] = [plugin_that(FAULTS[fault])]
    code, _, err = diffsub(*PLAIN, talking_film, "-o", "out", "--backend", "odd-plugin")
    assert code == 1
    assert "division by zero" in err if fault == "raises" else "odd-plugin" in err
    assert "Traceback" not in err
    assert list((here / "out").iterdir()) == []


def test_vv_shows_where_it_happened(diffsub, specs, talking_film, here):
    specs[:] = [plugin_that(FAULTS["raises"])]
    assert "Traceback" in diffsub(*PLAIN, talking_film, "-o", "out", "-vv")[2]


def test_the_umask_is_honoured(diffsub, talking_film, here):
    before = os.umask(0o077)
    try:
        assert diffsub(*PLAIN, talking_film, "-o", "private.srt")[0] == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((here / "private.srt").stat().st_mode) == 0o600


def test_a_dry_run_says_what_would_be_done_and_does_nothing(diffsub, talking_film, german_film, here):
    (here / "out").mkdir()
    (here / "out" / "demo.de.srt").write_text("kept")
    words = ["--dry-run", "--lang", "de", "--format", "srt,vtt", "-o", "out"]
    code, out, _ = diffsub(*words, talking_film, german_film)
    assert code == 0
    assert "would write out/demo.de.vtt" in out
    assert "would leave out/demo.de.srt alone" in out
    assert "audio stream 1 (de, aac)" in out
    assert [file.name for file in (here / "out").iterdir()] == ["demo.de.srt"]
    assert diffsub("--dry-run", "gone.mp4")[0] == 1


def process(*words, **environment):
    command = [sys.executable, "-m", "subtitle_cli", *map(str, words)]
    env = {**os.environ, **{key: str(value) for key, value in environment.items()}}
    return subprocess.run(command, capture_output=True, env=env, timeout=120, stdin=subprocess.DEVNULL)


def test_a_terminal_that_cannot_show_a_name_ends_nothing(talking_film, here):
    raw = b"caf\xe9.mp4"
    (here / os.fsdecode(raw)).write_bytes(talking_film.read_bytes())
    done = process("--dry-run", os.fsdecode(raw), "--lang", "en", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0, done.stderr
    assert b"caf\\udce9.en.srt" in done.stdout
    assert process("backends", PYTHONIOENCODING="ascii:strict").returncode == 0


def test_model_files_find_a_place_where_the_home_cannot_be_written(here):
    (here / "home").write_text("a file in the place of the home folder")
    (here / "tmp").mkdir()
    done = process(
        "models", "list", HOME=here / "home", XDG_CACHE_HOME=here / "home" / "c", TMPDIR=here / "tmp"
    )
    assert done.returncode == 0, done.stderr
    done = process(
        "doctor", "--offline", HOME=here / "home", XDG_CACHE_HOME=here / "home" / "c", TMPDIR=here / "tmp"
    )
    assert str(here / "tmp" / "diffsub-").encode() in done.stdout
