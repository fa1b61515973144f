"""What users complain about most, where it is about getting the tool to run, and to the end."""

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import distribution

import pytest
import soundfile
from packaging.requirements import Requirement
from packaging.version import Version

from diffasr_plugin.asr import OutOfMemory
from diffasr_plugin.assets import cache_home
from subtitle_cli import listening, output
from subtitle_cli.types import Speech, Turn
from tests.support.fake_models import CountingModel, make_spec
from tests.support.films import beeps, picture, render
from tests.support.real_runs import RATE, WHISPER, run
from tests.support.scripted import cast
from tests.support.spoken import say


def film(path):
    return render(path, *picture(20), *beeps(0.1, seconds=20), "-c:v", "mpeg4", "-c:a", "flac")


@pytest.fixture(scope="module")
def clip(talk, tmp_path_factory):
    """A folder with eight seconds of talk in it."""
    folder = tmp_path_factory.mktemp("clip")
    soundfile.write(folder / "talk.wav", talk, RATE)
    return folder


def needed(name, extras=(), seen=None):
    """(who asks, requirement) for all that a distribution needs, and what that needs."""
    seen = set() if seen is None else seen
    for text in distribution(name).requires or []:
        requirement = Requirement(text)
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            continue
        yield name, requirement
        if requirement.name not in seen:
            seen.add(requirement.name)
            yield from needed(requirement.name, requirement.extras, seen)


def test_complaint_09_what_is_needed_fits_together():
    # whisperX#1392, whisperX#1398, VideoLingo#354
    asked = list(needed("diffsub"))
    assert {"torch", "torchaudio", "torchcodec", "pyannote.audio"} <= {each.name for _, each in asked}
    conflicts = [
        f"{who} needs {requirement}, not {distribution(requirement.name).version}"
        for who, requirement in asked
        if not requirement.specifier.contains(
            Version(distribution(requirement.name).version), prereleases=True
        )
    ]
    assert conflicts == []


def test_complaint_10_no_account_no_token_no_network(clip):
    # whisperX#393, whisperX#674, whisperX#873
    fetched = run(clip, "models", "fetch", "whisper-base", "campplus-speaker-embedding", HF_TOKEN="")
    assert fetched.code == 0, fetched.told
    # Where nobody answers: whatever asked the network would fail.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:1")
    done = run(clip, "talk.wav", *WHISPER, "--lang", "en", "--offline", HF_TOKEN="", **nowhere)
    assert done.code == 0, done.told
    assert "Diane" in (clip / "talk.en.srt").read_text()


class Hungry(CountingModel):
    """Runs out of memory with more than so many utterances at once."""

    most = 2

    def transcribe_batch(self, utterances, options, **callbacks):
        if len(utterances) > self.most:
            raise OutOfMemory("hungry", len(utterances), "cpu")
        return super().transcribe_batch(utterances, options, **callbacks)


class Starved(Hungry):
    most = 0


def everywhere(samples, told):
    """Ten turns of a second, with long pauses between them."""
    return Speech(tuple(Turn(float(at_s), at_s + 1.0) for at_s in range(0, 100, 10)))


@pytest.fixture
def long_film(tmp_path, monkeypatch):
    monkeypatch.setattr(listening, "find_speech", everywhere)
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=100"]
    return render(tmp_path / "film.wav", *sound)


def test_complaint_11_out_of_memory_is_smaller_batches_or_an_error_never_half_a_file(
    diffsub, specs, long_film, tmp_path
):
    # faster-whisper#550, subgen#72
    words = [long_film, "--lang", "en", "--no-diarize"]
    specs[:] = [make_spec("starved", Starved)]
    code, _, err = diffsub(*words)
    assert code == 1
    assert "film.wav" in err
    assert "ran out of memory on cpu with 1 utterances" in err
    assert list(tmp_path.glob("*.srt")) == []
    specs[:] = [make_spec("hungry", Hungry)]
    code, _, err = diffsub(*words)
    assert code == 0, err
    whole = (tmp_path / "film.en.srt").read_text()
    assert whole.count(" --> ") == 10
    specs[:] = [make_spec("counting")]
    code, _, err = diffsub(*words, "--overwrite")
    assert code == 0, err
    assert (tmp_path / "film.en.srt").read_text() == whole


def test_complaint_11_a_full_disk_leaves_no_truncated_file(diffsub, specs, long_film, tmp_path, monkeypatch):
    # faster-whisper#550
    specs[:] = [make_spec("counting")]
    (tmp_path / "film.en.srt").write_text("the old ones\n")

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(output.os, "fsync", full)
    code, _, err = diffsub(long_film, "--lang", "en", "--no-diarize", "--overwrite")
    assert code == 1
    assert "No space left on device" in err
    assert (tmp_path / "film.en.srt").read_text() == "the old ones\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.en.srt", "film.wav"]


def test_complaint_12_one_bad_film_ends_no_batch_and_the_next_run_does_the_rest(
    diffsub, specs, monkeypatch, tmp_path
):
    # WhisperJAV#328, VideoCaptioner#185
    cast(monkeypatch, specs, say("This is what they say.", at_s=1))
    films = [film(tmp_path / "a.mkv"), tmp_path / "b.mkv", film(tmp_path / "c.mkv")]
    films[1].write_bytes(b"this is no film")
    code, _, err = diffsub(*films, "--lang", "en", "--no-diarize")
    assert code == 1
    assert "1 of 3 films failed" in err
    assert "b.mkv" in err.splitlines()[-1]
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.glob("*.srt")}
    assert set(written) == {"a.en.srt", "c.en.srt"}
    film(films[1])
    code, _, err = diffsub(*films, "--lang", "en", "--no-diarize")
    assert code == 0, err
    assert (tmp_path / "b.en.srt").read_text() == (tmp_path / "a.en.srt").read_text()
    assert all((tmp_path / name).stat().st_mtime_ns == time for name, time in written.items())


def test_complaint_15_it_runs_without_gpu_ffmpeg_or_an_account(clip, tmp_path):
    # SubtitleEdit#10667
    bare = {"PATH": str(tmp_path), "CUDA_VISIBLE_DEVICES": "", "HF_TOKEN": "", "HOME": str(tmp_path / "home")}
    # Model files are fetched without an account too, but not again for this test.
    bare["DIFFASR_HOME"] = str(cache_home())
    done = run(clip, "talk.wav", *WHISPER, "--lang", "en", "--no-diarize", "-o", "bare/", **bare)
    assert done.code == 0, done.told
    assert "there" in (clip / "bare" / "talk.en.srt").read_text()


def test_complaint_12_a_library_that_was_killed_goes_on_where_it_was(talk, tmp_path):
    # WhisperJAV#328, VideoCaptioner#185
    for name in ("a.wav", "b.wav"):
        soundfile.write(tmp_path / name, talk, RATE)
    (tmp_path / "bad.wav").write_bytes(b"this is no sound")
    words = [".", "-r", "--lang", "en", "--no-diarize", *WHISPER]
    killed = subprocess.Popen(
        [sys.executable, "-m", "subtitle_cli", *words],
        cwd=tmp_path,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    while not list(tmp_path.glob("*.srt")) and killed.poll() is None:
        time.sleep(0.05)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    kept = {path: (path.read_text(), path.stat().st_mtime_ns) for path in tmp_path.glob("*.srt")}
    assert kept
    done = run(tmp_path, *words)
    assert done.code == 1, done.told  # the bad one is told again, with its reason
    assert "bad.wav" in done.told
    assert {path.name for path in tmp_path.glob("*.srt")} == {"a.en.srt", "b.en.srt"}
    assert {path: (path.read_text(), path.stat().st_mtime_ns) for path in kept} == kept
    told = next(line for line in done.told.splitlines() if line.startswith("done ")).split()
    assert int(told[1]) + int(told[3]) == 2
    assert int(told[3]) >= len(kept) - 1  # the last one may have been killed before the journal knew
