"""Who speaks when, with the real models, on real speech and on what is no speech."""

import os
import subprocess
import sys

import numpy as np
import pytest

from subtitle_cli.diarization import DiarizationOptions, diarize, find_speech, needed_assets
from subtitle_cli.diarization.assets import ASSETS, SEGMENTATION
from subtitle_cli.errors import DiarizationError, UsageError

RATE = 16_000
RNG = np.random.default_rng(0)
SECONDS = np.arange(20 * RATE) / RATE


@pytest.fixture(scope="module")
def reference(conversation):
    """The turns of the transcript as a pyannote annotation."""
    from pyannote.database.util import load_rttm

    return load_rttm(conversation.with_suffix(".rttm"))["sample"]


@pytest.fixture(scope="module")
def found(speech):
    return diarize(speech, DiarizationOptions())


def error_rate(reference, turns, seconds=30.0):
    from pyannote.core import Annotation, Segment, Timeline
    from pyannote.metrics.diarization import DiarizationErrorRate

    hypothesis = Annotation()
    for number, (start, end, speaker) in enumerate(turns):
        hypothesis[Segment(start, end), number] = speaker
    uem = Timeline([Segment(0, seconds)])
    return DiarizationErrorRate(collar=0.0, skip_overlap=False)(reference, hypothesis, uem=uem)


def spoken_s(speech, start_s, end_s):
    """Seconds of turns inside a span."""
    spans = [(max(turn.start_s, start_s), min(turn.end_s, end_s)) for turn in speech.turns]
    return sum(end - start for start, end in spans if end > start)


def test_two_speakers_are_told_apart(reference, found):
    turns = [(turn.start_s, turn.end_s, turn.speaker) for turn in found.turns]
    # Exclusive turns cannot hold the second voice of an overlap: more than the pipeline's own DER.
    assert error_rate(reference, turns) < 0.12
    assert {turn.speaker for turn in found.turns} == {"SPEAKER_00", "SPEAKER_01"}
    assert found.turns[0].speaker == "SPEAKER_00"


def test_with_overlaps_the_error_rate_is_as_measured(reference, speech):
    from subtitle_cli.diarization.pipelines import load_pipeline
    from subtitle_cli.diarization.turns import find_turns

    heard = find_turns(speech, load_pipeline(None), DiarizationOptions()).overlapping
    assert error_rate(reference, [(turn.start_s, turn.end_s, turn.speaker) for turn in heard]) <= 0.06


def test_turns_are_in_order_and_never_overlap(found):
    assert list(found.turns) == sorted(found.turns)
    assert all(a.end_s <= b.start_s for a, b in zip(found.turns, found.turns[1:], strict=False))
    assert all(turn.duration_s > 0 for turn in found.turns)


def test_overlaps_are_kept_as_a_fact(found):
    # In the transcript one interrupts the other at 18.15 s.
    assert any(start < 18.4 and end > 18.2 for start, end in found.overlaps)


@pytest.mark.parametrize("count", [1, 2])
def test_the_number_of_speakers_is_obeyed(speech, count):
    # In these twelve seconds two speak; the first one much more.
    found = diarize(speech[7 * RATE : 19 * RATE], DiarizationOptions(speakers=count))
    assert {turn.speaker for turn in found.turns} == {f"SPEAKER_{number:02d}" for number in range(count)}


def test_speech_is_found_where_it_is(speech, reference):
    found = find_speech(speech)
    # Nobody speaks in the first six and a half seconds.
    assert spoken_s(found, 0.0, 6.4) == 0.0
    assert spoken_s(found, 6.6, 30.0) > 0.95 * reference.get_timeline().support().duration()
    assert {turn.speaker for turn in found.turns} == {None}


def test_quiet_speech_survives(speech, found):
    quiet = speech.copy()
    quiet[15 * RATE :] *= 10 ** (-35 / 20)
    loud_s, all_s = spoken_s(found, 15.0, 30.0), spoken_s(find_speech(speech), 15.0, 30.0)
    assert spoken_s(find_speech(quiet), 15.0, 30.0) > 0.95 * all_s
    assert spoken_s(diarize(quiet, DiarizationOptions()), 15.0, 30.0) > 0.95 * loud_s


NOISES = {
    "digital silence": np.zeros(len(SECONDS)),
    "white noise": RNG.normal(0, 0.1, len(SECONDS)),
    "white noise at -60 dB": RNG.normal(0, 1e-3, len(SECONDS)),
    "dither": np.round(RNG.normal(0, 0.7, len(SECONDS))) / 32768,
    "hum": sum(0.1 / k * np.sin(2 * np.pi * 50 * k * SECONDS) for k in (1, 2, 3, 5)),
    "hum at -60 dB": sum(1e-3 / k * np.sin(2 * np.pi * 50 * k * SECONDS) for k in (1, 2, 3, 5)),
    "tone": 0.3 * np.sin(2 * np.pi * 440 * SECONDS),
    "brown noise": 0.01 * np.cumsum(RNG.normal(0, 0.05, len(SECONDS))),
}


@pytest.mark.parametrize("name", NOISES)
def test_what_is_no_speech_gives_no_turns(name):
    noise = NOISES[name].astype(np.float32)
    assert find_speech(noise).turns == ()
    assert diarize(noise, DiarizationOptions()).turns == ()


@pytest.mark.parametrize("count", [0, 1, RATE // 10, RATE])
def test_very_short_sound_is_taken(count):
    assert find_speech(np.zeros(count, np.float32)).turns == ()


def test_progress_ends_at_the_whole(speech):
    told = []
    find_speech(speech, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    diarize(speech[: 12 * RATE], DiarizationOptions(), told.append)
    assert told[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    "numbers",
    [
        {"speakers": 0},
        {"min_speakers": -1},
        {"min_speakers": 3, "max_speakers": 2},
        {"speakers": 4, "max_speakers": 3},
        {"speakers": 1, "min_speakers": 2},
    ],
)
def test_numbers_that_contradict_each_other_are_refused(numbers):
    with pytest.raises(UsageError, match="speakers"):
        DiarizationOptions(**numbers)


def test_a_model_that_cannot_be_had_is_named_with_its_page(speech, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(
        DiarizationError, match=r"'someone/gated'.*https://hf.co/someone/gated.*hf auth login"
    ):
        diarize(speech[: 8 * RATE + RATE], DiarizationOptions(model="someone/gated"))


def test_a_folder_that_holds_no_pipeline_is_refused(speech, tmp_path):
    with pytest.raises(DiarizationError, match=r"no config\.yaml"):
        diarize(speech[: 9 * RATE], DiarizationOptions(model=str(tmp_path)))
    (tmp_path / "config.yaml").write_text("nonsense: true")
    with pytest.raises(DiarizationError, match="no speaker diarization"):
        diarize(speech[: 9 * RATE], DiarizationOptions(model=str(tmp_path)))
    with pytest.raises(DiarizationError, match="no such folder"):
        diarize(speech[: 9 * RATE], DiarizationOptions(model="./nowhere"))


def test_only_what_is_needed_is_fetched():
    assert needed_assets(None) == (SEGMENTATION,)
    assert needed_assets(DiarizationOptions(model="some/other")) == (SEGMENTATION,)
    assert needed_assets(DiarizationOptions()) == ASSETS


def test_speech_is_found_without_fetching_anything(speech, tmp_path):
    program = (
        "import numpy, sys; from subtitle_cli.diarization import find_speech\n"
        "print(len(find_speech(numpy.load(sys.argv[1])).turns))"
    )
    numpy_file = tmp_path / "speech.npy"
    np.save(numpy_file, speech[: 15 * RATE])
    nothing_here = {**os.environ, "DIFFASR_HOME": str(tmp_path / "empty"), "DIFFASR_OFFLINE": "1"}
    command = [sys.executable, "-c", program, numpy_file]
    found = subprocess.run(command, capture_output=True, text=True, env=nothing_here, check=True)
    assert int(found.stdout) > 0
    assert not (tmp_path / "empty").exists()
