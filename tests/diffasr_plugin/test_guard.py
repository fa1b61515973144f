from __future__ import annotations

import importlib.util
import math
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.asr import SAMPLE_RATE
from diffasr_plugin.guard import GuardConfig, Sound, judge, measure_sound

CLEAR, UNHEARD = math.log(0.8), math.log(1e-6)
TEXT = [11, 12, 13, 14, 15, 16]
SPEECH = Sound(level_dbfs=-25.0, range_db=30.0, active_s=2.0, duration_s=2.5)


def made(source: str) -> np.ndarray:
    """Mono samples that ffmpeg makes from the description of a source."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", source]
    command += ["-f", "f32le", "-ac", "1", "-ar", str(SAMPLE_RATE), "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, dtype=np.float32)


@pytest.fixture(scope="module")
def conversation() -> np.ndarray:
    """30 s of two people on the telephone; the first words are at 6.7 s."""
    spec = importlib.util.find_spec("pyannote.audio")
    sample = Path(spec.origin).parent / "sample" / "sample.wav"
    return soundfile.read(sample, dtype="float32")[0]


def verdict(log_probs: list[float], sound: Sound = SPEECH, heard: list[int] | None = None):
    return judge(TEXT[: len(log_probs)], log_probs, TEXT if heard is None else heard, sound)


def test_text_that_the_audio_says_is_kept():
    kept = verdict([CLEAR] * 6)
    assert (kept.action, kept.reason) == ("keep", "")
    assert kept.confidence(0.97) == 0.97
    assert (kept.scores.heard, kept.scores.agreement) == (1.0, 1.0)
    assert kept.scores.tokens_per_s == 3.0


def test_text_that_the_audio_does_not_say_is_dropped():
    dropped = verdict([UNHEARD] * 6, heard=[])
    assert (dropped.action, dropped.reason) == ("drop", "the text is not in the audio")
    assert dropped.confidence(0.97) == 0.0


def test_text_of_which_little_is_heard_is_never_shown_as_sure():
    flagged = verdict([CLEAR, CLEAR, UNHEARD, UNHEARD, UNHEARD, UNHEARD])
    assert (flagged.action, flagged.reason) == ("flag", "little of the text is in the audio")
    assert flagged.confidence(0.97) == 0.3
    assert flagged.confidence(0.1) == 0.1


def test_text_unlike_what_ctc_hears_is_flagged():
    flagged = verdict([CLEAR] * 6, heard=[91, 92, 93, 94, 95, 96])
    assert (flagged.action, flagged.reason) == ("flag", "the text differs from what CTC hears")


def test_text_that_the_sound_has_no_room_for_is_flagged():
    flagged = verdict([CLEAR] * 6, sound=Sound(-25.0, 30.0, active_s=0.2, duration_s=2.0))
    assert (flagged.action, flagged.reason) == ("flag", "more text than the sound has room for")


def test_nothing_written_nothing_to_judge():
    empty = judge([], [], [5, 6], measure_sound(np.zeros(SAMPLE_RATE, np.float32)))
    assert empty.action == "keep"


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(2 * SAMPLE_RATE, np.float32),
        np.full(SAMPLE_RATE, 0.5, np.float32),  # a constant offset is no sound
        np.zeros(100, np.float32),
        np.zeros(0, np.float32),
    ],
)
def test_silence_says_nothing_whatever_ctc_hears(samples):
    dropped = verdict([CLEAR] * 6, sound=measure_sound(samples))
    assert (dropped.action, dropped.reason) == ("drop", "silence")


@pytest.mark.parametrize(
    "source",
    [
        "anoisesrc=color=white:amplitude=0.3:duration=3:seed=1:sample_rate=16000",
        "anoisesrc=color=pink:amplitude=0.3:duration=3:seed=1:sample_rate=16000",
        "sine=frequency=50:duration=3:sample_rate=16000",
    ],
)
def test_steady_noise_of_which_little_is_heard_is_dropped(source):
    sound = measure_sound(made(source))
    assert sound.range_db < 6.0
    unsure = [CLEAR, CLEAR, UNHEARD, UNHEARD, UNHEARD, UNHEARD]
    assert (verdict(unsure, sound).action, verdict(unsure, sound).reason) == ("drop", "steady noise")
    assert verdict([CLEAR] * 6, sound).action == "keep", "speech in loud noise, clearly heard, stays"


def test_music_is_loud_and_lively_so_ctc_decides():
    """Plucked notes of a chord, two a second: their level rises and falls as that of speech does."""
    plucked = "+".join(f"sin(2*PI*{hz}*t)*exp(-6*mod(t+{i}/6,0.5))" for i, hz in enumerate((220, 277, 330)))
    sound = measure_sound(made(f"aevalsrc=exprs='0.2*({plucked})':duration=3:sample_rate=16000"))
    assert sound.level_dbfs > -40
    assert verdict([UNHEARD] * 6, sound, heard=[]).action == "drop"


def test_a_short_word_is_not_called_steady():
    word = Sound(level_dbfs=-25.0, range_db=3.0, active_s=0.3, duration_s=0.3)
    assert verdict([CLEAR, UNHEARD, UNHEARD], word, heard=[11]).action == "flag"


def test_real_speech_passes_and_the_silence_before_it_does_not(conversation):
    for start_s in range(7, 28, 2):
        sound = measure_sound(conversation[start_s * SAMPLE_RATE : (start_s + 2) * SAMPLE_RATE])
        assert sound.level_dbfs > -40
        assert sound.range_db > 15
        assert 0.7 < sound.active_s <= sound.duration_s == 2.0
        assert verdict([CLEAR] * 6, sound).action == "keep"
    before = measure_sound(conversation[: SAMPLE_RATE // 2 * 2])
    assert verdict([CLEAR] * 6, before).reason == "silence"


def test_real_speech_in_noise_as_loud_as_itself_is_not_called_steady(conversation):
    speech = conversation[10 * SAMPLE_RATE : 15 * SAMPLE_RATE]
    noise = np.random.default_rng(0).normal(0.0, np.sqrt(np.mean(speech**2)), len(speech))
    assert measure_sound((speech + noise).astype(np.float32)).range_db > GuardConfig().steady_db


def test_level_of_a_known_tone():
    tone = made("sine=frequency=440:duration=1:sample_rate=16000")  # a sine of amplitude 1/8
    assert measure_sound(tone).level_dbfs == pytest.approx(20 * math.log10(1 / 8 / math.sqrt(2)), abs=0.1)


@given(
    st.lists(st.floats(-30.0, 0.0), max_size=20),
    st.lists(st.integers(0, 5), max_size=20),
    st.floats(-120.0, 0.0),
    st.floats(0.0, 60.0),
)
def test_every_verdict_is_consistent(log_probs, heard, level, spread):
    judged = judge(list(range(len(log_probs))), log_probs, heard, Sound(level, spread, 1.0, 2.0))
    assert 0.0 <= judged.scores.heard <= 1.0
    assert 0.0 <= judged.scores.agreement <= 1.0
    most = {"keep": 1.0, "flag": 0.3, "drop": 0.0}[judged.action]
    assert judged.confidence(1.0) == most
    assert bool(judged.reason) == (judged.action != "keep")
