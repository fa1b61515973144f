"""A newcomer's first commands, with the real recogniser on real speech, each in a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise

import pysubs2
import pytest

from diffasr_plugin.scoring import word_errors
from tests.conftest import GERMAN


def diffsub(*words, **options):
    command = [sys.executable, "-m", "subtitle_cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=280, **options)


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, diffsub("demo", "--backend", "whisper", "-o", folder / "out")


def test_the_demo_prints_subtitles_and_says_where_the_files_are(demo):
    folder, done = demo
    assert done.returncode == 0, done.stderr
    assert "Hello." in done.stdout
    for name in ("demo.mp4", "demo.en.srt", "demo.en.vtt", "demo.en.json"):
        assert str(folder / "out" / name) in done.stderr
        assert (folder / "out" / name).stat().st_size > 0


def test_the_demo_hears_what_is_said_and_who_says_it(demo, conversation):
    folder, _ = demo
    cues = pysubs2.load(str(folder / "out" / "demo.en.srt"))
    rows = [line.split(maxsplit=5) for line in conversation.with_suffix(".stm").read_text().splitlines()]
    reference = " ".join(row[5] for row in sorted(rows, key=lambda row: float(row[3])))
    shown = " ".join(cue.plaintext.replace("SPEAKER 1:", "").replace("SPEAKER 2:", "") for cue in cues)
    assert word_errors(reference, shown.replace("\n", " ").replace("-", " "), "en").rate <= 0.25
    assert "SPEAKER 1:" in cues[0].plaintext
    # Diane speaks of New Jersey at 13 s, Sheila of Texas at 16 s.
    (diane,) = [cue for cue in cues if "Diane" in cue.plaintext]
    (sheila,) = [cue for cue in cues if "Sheila" in cue.plaintext]
    assert diane.start < 14_000 < sheila.start < 18_000
    assert "SPEAKER" in sheila.plaintext  # the speaker has changed


def test_every_cue_keeps_to_the_rules(demo):
    folder, _ = demo
    cues = list(pysubs2.load(str(folder / "out" / "demo.en.srt")))
    for cue in cues:
        lines = cue.plaintext.split("\n")
        assert len(lines) <= 2
        assert max(map(len, lines)) <= 42
        assert 5 / 6 <= cue.duration / 1000 <= 7
    assert all(later.start - earlier.end >= 80 for earlier, later in pairwise(cues))


def test_a_german_film(german_film, tmp_path):
    film = tmp_path / "morgen.mp4"
    film.write_bytes(german_film.read_bytes())
    done = diffsub(film, "--lang", "de", "--backend", "whisper", "--no-diarize")
    assert done.returncode == 0, done.stderr
    text = " ".join(cue.plaintext for cue in pysubs2.load(str(tmp_path / "morgen.de.srt")))
    assert word_errors(GERMAN, text.replace("\n", " "), "de").rate <= 0.25


def test_the_language_is_found_out(german_film, tmp_path):
    done = diffsub(german_film, "--backend", "whisper", "--no-diarize", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the language is 'de'" in done.stderr
    assert (tmp_path / "morgen.de.srt").exists()


def test_two_languages_in_a_film_are_each_heard_in_their_own(conversation, german_film, tmp_path):
    film = tmp_path / "both.wav"
    parts = ["-i", conversation, "-i", german_film]
    english = "[0:a]atrim=6:14,asetpts=N/SR/TB,aresample=16000[a]"
    mix = f"{english};[1:a]aresample=16000,adelay=1500[b];[a][b]concat=v=0:a=1"
    subprocess.run(["ffmpeg", "-v", "error", *parts, "-filter_complex", mix, "-ac", "1", film], check=True)
    done = diffsub(film, "--backend", "whisper", "--no-diarize", "--lang", "en,de", "-o", "-")
    assert done.returncode == 0, done.stderr
    english, _, german = done.stdout.partition("design")
    assert "there" in english
    german = " ".join(cue.plaintext for cue in pysubs2.SSAFile.from_string(done.stdout) if cue.start > 8500)
    assert word_errors(GERMAN, german.replace("\n", " "), "de").rate <= 0.3


def test_a_language_that_the_shipped_recogniser_does_not_write_goes_to_another(tmp_path):
    if shutil.which("espeak-ng") is None:
        pytest.skip("the Italian film needs espeak-ng (apt install espeak-ng)")
    said = "Buongiorno a tutti. Oggi il sole splende e noi andiamo in treno a Roma."
    film = tmp_path / "oggi.wav"
    subprocess.run(["espeak-ng", "-v", "it", "-s", "130", "-w", film, said], check=True)
    done = diffsub(film, "--no-diarize", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "recogniser: diffusion-mini" in done.stderr
    assert "diffusion-mini cannot understand 'it'" in done.stderr
    assert "Roma" in (tmp_path / "oggi.it.srt").read_text(encoding="utf-8")


def test_a_film_through_a_pipe(talking_film):
    words = ["-", "--lang", "en", "--backend", "whisper", "--no-diarize", "-o", "-"]
    with talking_film.open("rb") as film:
        done = diffsub(*words, stdin=film)
    assert done.returncode == 0, done.stderr
    assert "-->" in done.stdout


def test_offline_with_nothing_fetched_says_so_at_once(talking_film, tmp_path):
    done = diffsub(
        talking_film,
        *["--lang", "en", "--offline", "--backend", "whisper"],
        env={**os.environ, "DIFFASR_HOME": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "diffsub models fetch" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_leaves_nothing_behind(talking_film, tmp_path):
    command = [sys.executable, "-m", "subtitle_cli", talking_film, "--lang", "en", "-o", tmp_path / "out"]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        command,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.PIPE,
        text=True,
        # A shell may have started the tests with interrupts ignored, which is handed down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    # Once its temporary folder is there, it is at work.
    while not list(temporary.iterdir()) and process.poll() is None:
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert list(temporary.iterdir()) == []
    assert list(tmp_path.glob("out/*")) == []  # it may not have come so far as to make the folder
