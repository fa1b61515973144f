import logging
import os
import struct
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from subtitle_cli.errors import FfmpegFailed, MediaError, NoAudio
from subtitle_cli.media import choose_stream, decode, ffmpeg, probe
from tests.support.films import (
    RATE,
    VARYING_RATE,
    beep_formula,
    beeps,
    film,
    hear,
    onsets,
    picture,
    render,
    tone,
)

EXACT_S = 0.005
LOSSY_S = 0.02
FLAC = ("-c:v", "mpeg4", "-c:a", "flac")
BROADCAST = ("-c:v", "mpeg2video", "-c:a", "ac3")


@pytest.fixture(params=["on the path", "in the package"])
def any_ffmpeg(request, monkeypatch):
    """Both an ffmpeg of the system and that of the package imageio-ffmpeg."""
    if request.param == "in the package":
        pytest.importorskip("imageio_ffmpeg")
        monkeypatch.setenv("PATH", "")


@pytest.mark.parametrize(
    ("name", "codec", "within_s"),
    [
        ("a.mkv", "flac", EXACT_S),
        ("a.mov", "pcm_s16le", EXACT_S),
        ("a.mp4", "aac", LOSSY_S),
        ("a.avi", "mp2", LOSSY_S),
        ("a.ts", "ac3", LOSSY_S),
        ("a.mpg", "mp2", LOSSY_S),
        ("a.nut", "libvorbis", LOSSY_S),
    ],
)
def test_beeps_are_heard_where_they_were_put(tmp_path, name, codec, within_s):
    samples = hear(film(tmp_path / name, 0.5, 3.0, codec=codec), tmp_path)
    assert samples.dtype == np.float32
    assert onsets(samples) == pytest.approx([0.5, 3.0], abs=within_s)
    assert len(samples) / RATE == pytest.approx(4.0, abs=0.1)


@pytest.mark.parametrize(
    "name", ["a.wav", "a.flac", "a.mp3", "a.m4a", "a.ogg", "a.opus", "a.wma", "a.aac", "a.w64"]
)
def test_sound_alone_is_a_film_too(tmp_path, name):
    samples = hear(render(tmp_path / name, *beeps(0.5, 3.0, seconds=4)), tmp_path)
    # ADTS and WMA cannot say how many samples their encoders put in front.
    assert onsets(samples) == pytest.approx([0.5, 3.0], abs=0.06 if name in ("a.aac", "a.wma") else LOSSY_S)


def test_the_containers_zero_is_the_pictures(tmp_path, any_ffmpeg):
    whole = [*picture(4), *beeps(1.0, seconds=4), *BROADCAST]
    late = render(tmp_path / "late.ts", *whole, "-output_ts_offset", "4000")
    assert onsets(hear(late, tmp_path)) == pytest.approx([1.0], abs=LOSSY_S)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.mpg"])
def test_sound_that_starts_late_is_late(tmp_path, name, any_ffmpeg):
    codecs = FLAC if name == "a.mkv" else BROADCAST
    path = render(
        tmp_path / name,
        *(*picture(12), "-itsoffset", "9.5", *beeps(1.0, seconds=2), "-map", "0", "-map", "1", *codecs),
    )
    samples = hear(path, tmp_path)
    assert onsets(samples) == pytest.approx([10.5], abs=0.045)  # a broadcast's picture is a frame late itself
    assert not samples[: 9 * RATE].any()


def test_sound_that_starts_after_many_bytes_of_picture_is_known(tmp_path):
    """In such a container a stream tells what it is only once it comes; ffmpeg by itself looks at 5 MB."""
    path = render(
        tmp_path / "a.mpg",
        *("-f", "lavfi", "-i", "testsrc2=size=640x480:duration=4,noise=alls=100"),
        *("-itsoffset", "3", *beeps(0.5, seconds=1), "-map", "0", "-map", "1"),
        *("-c:v", "mpeg2video", "-q:v", "2", "-c:a", "mp2"),
    )
    assert path.stat().st_size > 8_000_000
    assert [(stream.channels, stream.sample_rate) for stream in probe(path).audio] == [(1, 48000)]
    assert onsets(hear(path, tmp_path)) == pytest.approx([3.5], abs=0.045)


def test_a_picture_that_starts_late_does_not_move_the_sound(tmp_path):
    path = render(
        tmp_path / "a.mkv",
        *("-itsoffset", "2", *picture(2), *beeps(1.0, seconds=4), "-map", "0", "-map", "1", *FLAC),
    )
    assert onsets(hear(path, tmp_path)) == pytest.approx([1.0], abs=EXACT_S)


def test_sound_that_stops_early_is_kept_and_told(tmp_path, caplog):
    path = render(tmp_path / "a.mkv", *picture(20), *beeps(1.0, seconds=3), *FLAC)
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(path, tmp_path)
    assert len(samples) / RATE == pytest.approx(3, abs=0.1)
    assert onsets(samples) == pytest.approx([1.0], abs=EXACT_S)
    assert "its sound ends after 3 s, though it says that it is 20 s long" in caplog.text


def test_a_whole_film_gives_no_warning(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        hear(film(tmp_path / "a.mkv", 1.0), tmp_path)
    assert caplog.text == ""


@pytest.mark.parametrize("name", ["a.mkv", "a.ts"])
def test_a_hole_is_silent_and_moves_nothing(tmp_path, name, any_ffmpeg):
    path = render(
        tmp_path / name,
        *(*picture(40), *beeps(1.0, 38.0, seconds=40), "-af", "aselect=not(between(t\\,5\\,30))"),
        *(FLAC if name == "a.mkv" else BROADCAST),
    )
    samples = hear(path, tmp_path)
    assert onsets(samples) == pytest.approx([1.0, 38.0], abs=LOSSY_S)
    assert len(samples) / RATE == pytest.approx(40, abs=0.1)
    assert not samples[6 * RATE : 29 * RATE].any()


@pytest.fixture(scope="module")
def broadcasts(tmp_path_factory):
    """Three seconds with a beep at 1 s, in stereo; and the same ten seconds on, and in 5.1."""
    folder = tmp_path_factory.mktemp("broadcasts")
    whole = [*picture(3), *beeps(1.0, seconds=3), *BROADCAST]
    return {
        "stereo": render(folder / "a.ts", *whole, "-ac", "2"),
        "later": render(folder / "b.ts", *whole, "-ac", "2", "-output_ts_offset", "10"),
        "later in 5.1": render(folder / "c.ts", *whole, "-ac", "6", "-output_ts_offset", "10"),
    }


@pytest.mark.parametrize(
    ("second", "at_s"),
    [("stereo", 4.0), ("later", 11.0), ("later in 5.1", 11.0)],
    ids=["clock set anew", "time missing", "time missing, other channels"],
)
def test_joined_broadcasts_stay_on_the_picture(tmp_path, broadcasts, second, at_s, any_ffmpeg, caplog):
    joined = tmp_path / "joined.ts"
    joined.write_bytes(broadcasts["stereo"].read_bytes() + broadcasts[second].read_bytes())
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(joined, tmp_path)
    # AC-3 comes in pieces of 32 ms, and the first part's last one is padded.
    assert onsets(samples) == pytest.approx([1.0, at_s], abs=0.035)
    assert caplog.text == ""


@pytest.mark.parametrize("factor", [0.25, 100])
def test_a_length_that_is_a_lie_loses_nothing(tmp_path, factor, caplog):
    data = film(tmp_path / "a.mkv", 1.0, 3.5).read_bytes()
    # Matroska's element "Duration": its id, its size of 8 bytes, and a double.
    before, mark, after = data.partition(b"\x44\x89\x88")
    honest_ms = struct.unpack(">d", after[:8])[0]
    liar = tmp_path / "b.mkv"
    liar.write_bytes(before + mark + struct.pack(">d", honest_ms * factor) + after[8:])
    assert probe(liar).duration_s == pytest.approx(4 * factor, rel=0.05)
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(liar, tmp_path)
    assert onsets(samples) == pytest.approx([1.0, 3.5], abs=EXACT_S)
    assert ("states a wrong length" in caplog.text) == (factor > 1)


def test_a_varying_frame_rate_moves_nothing(tmp_path):
    path = render(
        tmp_path / "a.mp4",
        *(*picture(6, "30"), *beeps(1.0, 5.0, seconds=6), *VARYING_RATE, "-c:v", "mpeg4", "-c:a", "aac"),
    )
    assert onsets(hear(path, tmp_path)) == pytest.approx([1.0, 5.0], abs=LOSSY_S)


def test_the_stream_that_was_chosen_is_heard(tmp_path):
    path = render(
        tmp_path / "a.mkv",
        *(*picture(4), *beeps(1.0, seconds=4), *beeps(2.0, seconds=4), "-map", "0", "-map", "1", "-map", "2"),
        *(*FLAC, "-metadata:s:1", "language=eng", "-metadata:s:2", "language=ger"),
    )
    known = probe(path)
    for language, at_s in (("en", 1.0), ("de", 2.0)):
        samples = decode(known, choose_stream(known, language), tmp_path)
        assert onsets(samples) == pytest.approx([at_s], abs=EXACT_S)


@pytest.mark.parametrize("sample_rate", [8000, 22050, 44100, 96000, 192000])
def test_any_sample_rate_becomes_16_khz(tmp_path, sample_rate):
    path = render(tmp_path / "a.wav", *beeps(0.5, seconds=1, sample_rate=sample_rate))
    samples = hear(path, tmp_path)
    assert len(samples) == pytest.approx(RATE, abs=2)
    assert onsets(samples) == pytest.approx([0.5], abs=EXACT_S)
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("channels", "layout", "level"),
    [
        ("{b}|0", "stereo", 0.5 * 2**-0.5),  # one dead channel
        ("{b}|{b}", "stereo", 0.5 * 2**0.5),
        ("0|0|{b}|0|0|0", "5.1", 0.5),  # dialogue is in the centre
        ("{b}|0|0|0|0|0", "5.1", 0.5 * 2**-0.5),
        ("0|0|{b}|0|0|0|0|0", "7.1", 0.5),
    ],
)
def test_channels_are_mixed_so_that_dialogue_keeps_its_level(tmp_path, channels, layout, level):
    formula = channels.format(b=beep_formula(0.5))
    path = render(tmp_path / "a.wav", *tone(f"{formula}:c={layout}", 1), "-c:a", "pcm_s16le")
    samples = hear(path, tmp_path)
    assert onsets(samples) == pytest.approx([0.5], abs=EXACT_S)
    assert np.abs(samples).max() == pytest.approx(level, rel=0.05)


@pytest.mark.parametrize("channels", [2, 6, 8, 12])
def test_full_scale_on_all_channels_is_not_clipped(tmp_path, channels):
    path = render(tmp_path / "a.wav", *tone("|".join(["sin(2*PI*300*t)"] * channels), 2))
    samples = hear(path, tmp_path)
    peak = float(np.abs(samples).max())
    assert 0.9 < peak <= 1.0
    # A sine whose tops are cut off would have more than the half of its peak's power.
    assert np.mean(samples[1000:-1000] ** 2) == pytest.approx(peak**2 / 2, rel=0.02)


def test_samples_that_are_no_numbers_are_silence_and_told(tmp_path, caplog):
    sound = np.zeros(RATE, "<f4")
    sound[8000:8800] = 0.5
    sound[100], sound[200] = np.nan, np.inf
    header = struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + sound.nbytes, b"WAVE", b"fmt ", 16, 3, 1, RATE, 4 * RATE, 4, 32
    )
    path = tmp_path / "a.wav"
    path.write_bytes(header + struct.pack("<4sI", b"data", sound.nbytes) + sound.tobytes())
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(path, tmp_path)
    assert np.isfinite(samples).all()
    assert onsets(samples) == pytest.approx([0.5], abs=EXACT_S)
    assert "no numbers" in caplog.text


def test_a_film_that_is_cut_off_is_heard_as_far_as_it_goes(tmp_path, any_ffmpeg, caplog):
    whole = render(
        tmp_path / "a.mp4",
        *(
            *picture(20),
            *beeps(1.0, 19.0, seconds=20),
            "-c:v",
            "mpeg4",
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
        ),
    )
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(cut, tmp_path)
    assert onsets(samples) == pytest.approx([1.0], abs=LOSSY_S)
    assert "its sound ends after" in caplog.text


def test_damage_in_the_middle_is_told(tmp_path, caplog):
    whole = render(tmp_path / "a.mp4", *tone("0.3*sin(2*PI*300*t)", 10), "-c:a", "ac3")
    damaged = bytearray(whole.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 3000] = bytes(3000)
    path = tmp_path / "b.mp4"
    path.write_bytes(damaged)
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(path, tmp_path)
    assert len(samples) > 9 * RATE
    assert "b.mp4: damaged, parts of its sound may be missing" in caplog.text


@pytest.mark.parametrize("codec", ["mpeg2video", "libx264"])
def test_a_recording_that_begins_within_a_picture_is_not_called_damaged(tmp_path, any_ffmpeg, caplog, codec):
    """ffmpeg complains of the picture then, which nobody looks at here."""
    sound = beeps(3.0, seconds=4)
    whole = render(
        tmp_path / "a.ts", *picture(4), *sound, "-g", "25", "-c:v", codec, "-c:a", "ac3"
    ).read_bytes()
    packets = len(whole) // 188
    cut = tmp_path / "b.ts"
    # The tables of what is in it, and then all from a tenth on.
    cut.write_bytes(whole[: 3 * 188] + whole[packets // 10 * 188 :])
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        samples = hear(cut, tmp_path)
    assert len(onsets(samples)) == 1
    assert caplog.text == ""


def test_sound_that_ends_before_the_picture_starts_is_none(tmp_path):
    known = replace(probe(film(tmp_path / "a.mkv", 1.0, seconds=2)), start_s=2.2)
    with pytest.raises(NoAudio, match="holds no sound"):
        decode(known, choose_stream(known), tmp_path)


def test_a_sample_rate_without_room_for_speech_is_refused_before_it_fills_the_disk(tmp_path):
    whole = bytearray(render(tmp_path / "a.wav", *tone("0.1", 1.0, 16000)).read_bytes())
    whole[24:28] = (2).to_bytes(4, "little")
    (tmp_path / "slow.wav").write_bytes(whole)
    with pytest.raises(NoAudio, match="sampled at 2 Hz"):
        hear(tmp_path / "slow.wav", tmp_path)


def test_a_stream_without_any_sound_is_told(tmp_path):
    path = render(tmp_path / "a.wav", *beeps(seconds=1))
    path.write_bytes(path.read_bytes()[:78] + bytes(2))
    known = probe(path)
    path.write_bytes(path.read_bytes()[:78])
    with pytest.raises(NoAudio, match=r"audio stream 0 of .* holds no sound"):
        decode(known, choose_stream(known), tmp_path)


def test_a_film_that_goes_away_is_told(tmp_path):
    path = film(tmp_path / "a.mkv", seconds=1)
    known = probe(path)
    path.unlink()
    with pytest.raises(FfmpegFailed, match=r"exit code .*: .*No such file or directory"):
        decode(known, choose_stream(known), tmp_path)


def fake_ffmpeg(folder, program):
    """An ffmpeg that lists its formats like the real one, and else does what `program` says."""
    real = ffmpeg.find_ffmpeg()
    fake = folder / "bin" / "ffmpeg"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\ncase "$*" in *-demuxers*) exec {real} "$@";; esac\n{program}\n')
    fake.chmod(0o755)
    return str(fake.parent)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("echo thinking >&2; sleep 300", r"wrote nothing for 0\.5 s on '.*a\.mkv' and was stopped: thinking"),
        ("echo bad news >&2; kill -SEGV $$", r"crashed on '.*a\.mkv' \(SIGSEGV\): bad news"),
        ("echo no way >&2; exit 7", r"failed on '.*a\.mkv' with exit code 7: no way"),
    ],
    ids=["hangs", "crashes", "fails"],
)
def test_an_ffmpeg_that_fails_is_told_and_leaves_no_files(tmp_path, monkeypatch, program, told):
    known = probe(film(tmp_path / "a.mkv", seconds=1))
    monkeypatch.setenv("PATH", f"{fake_ffmpeg(tmp_path, program)}:{os.environ['PATH']}")
    monkeypatch.setattr(ffmpeg, "IDLE_S", 0.5)
    folder = tmp_path / "private"
    folder.mkdir()
    with pytest.raises(FfmpegFailed, match=told):
        decode(known, choose_stream(known), folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("sound", ["", "echo 'ashowinfo [info] pts:0 nb_samples:1 ' >&2;"])
def test_an_ffmpeg_that_gets_nowhere_is_stopped(tmp_path, monkeypatch, sound):
    known = probe(film(tmp_path / "a.mkv", seconds=1))
    program = f"while :; do {sound} echo still thinking >&2; sleep 0.05; done"
    monkeypatch.setenv("PATH", f"{fake_ffmpeg(tmp_path, program)}:{os.environ['PATH']}")
    monkeypatch.setitem(decode.__globals__, "PATIENCE_S", 0.5)
    with pytest.raises(FfmpegFailed, match=r"gave 0 s of sound in 1 s of '.*a\.mkv' and was stopped"):
        decode(known, choose_stream(known), tmp_path)


def test_holes_without_end_are_refused_before_they_fill_the_disk(tmp_path):
    """Time stamps that jump by almost an hour, time and again."""
    sparse = "asetnsamples=4800,asetpts=PTS+floor(T*10)*3500/TB"
    path = render(tmp_path / "a.mp4", *tone("0.1*sin(2000*t)", 12), "-af", sparse, "-c:a", "aac")
    known, folder = probe(path), tmp_path / "private"
    folder.mkdir()
    with pytest.raises(MediaError, match=r"'.*a\.mp4' goes on past 48 hours: .* asetpts=N/SR/TB"):
        decode(known, choose_stream(known), folder)
    assert list(folder.iterdir()) == []
    mended = render(tmp_path / "b.mp4", "-i", path, "-af", "asetpts=N/SR/TB", "-c:a", "aac")
    assert len(hear(mended, tmp_path)) / RATE == pytest.approx(12, abs=0.2)


def test_a_full_disk_is_told(tmp_path, monkeypatch):
    known = probe(film(tmp_path / "a.mkv", seconds=1))
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda dir: open("/dev/full", "r+b", buffering=0))
    with pytest.raises(MediaError, match=r"cannot be kept in .*: No space left on device; .*TMPDIR"):
        decode(known, choose_stream(known), tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    known = probe(film(tmp_path / "a.mkv", seconds=1))
    with pytest.raises(MediaError, match=r"cannot be kept in .*nowhere: No such file or directory"):
        decode(known, choose_stream(known), tmp_path / "nowhere")


def test_temporary_files_have_no_names_that_others_could_read(tmp_path):
    path = film(tmp_path / "a.mkv", 1.0)
    folder = tmp_path / "private"
    folder.mkdir()
    samples = hear(path, folder)
    assert list(folder.iterdir()) == []
    assert len(samples) > 0


def test_samples_can_be_changed_without_changing_the_film(tmp_path):
    """Libraries that take arrays over, as torch does, want them writeable."""
    samples = hear(film(tmp_path / "a.mkv", 1.0), tmp_path)
    samples[:] = 1.0
    assert samples.min() == 1.0


def test_progress_grows_to_the_end(tmp_path):
    known = probe(film(tmp_path / "a.mkv", 1.0, seconds=20))
    told = []
    decode(known, choose_stream(known), tmp_path, told.append)
    assert told == sorted(told)
    assert len(told) > 20
    assert told[-1] == pytest.approx(1.0, abs=0.02)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a process's own peak")
def test_memory_does_not_grow_with_the_film(tmp_path):
    """An hour that is too loud, so that it is written twice; in a process of its own, to measure it alone."""
    sound = tone("sin(2*PI*300*t)|sin(2*PI*300*t)", 60, 8000)
    minute = render(tmp_path / "minute.wav", *sound)
    path = render(tmp_path / "hour.wav", "-stream_loop", "59", "-i", str(minute), "-c", "copy")
    program = (
        "import re, sys, pathlib; from subtitle_cli.media import *\n"
        "film = probe(sys.argv[1])\n"
        "samples = decode(film, choose_stream(film), pathlib.Path(sys.argv[2]))\n"
        # Not getrusage(): its peak is handed down from the process that started this one.
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(len(samples), re.search(r'VmHWM:\\s+(\\d+)', status)[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, path, tmp_path], capture_output=True, text=True, check=True
    )
    length, peak_kb = map(int, done.stdout.split())
    assert length == pytest.approx(3600 * RATE, abs=RATE)
    # The sound has 230 MB.
    assert peak_kb < 150_000
