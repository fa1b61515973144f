"""What users complain about most, where it is about what is heard: real speech, and the real recogniser.

The fifteen complaints are numbered; this file and its neighbours hold a test for each.
"""

from itertools import groupby

import numpy as np
import pytest
import soundfile

from diffasr_plugin.scoring import word_errors
from tests.conftest import GERMAN
from tests.support.real_runs import RATE, WHISPER, music, rumble, run, silence

SAID = (
    "Hello? Hello? Oh, hello. I didn't know you were there. Neither did I. "
    "Okay, then I thought you know, I heard a beep. This is Diane in New Jersey."
)
BEGINS_S, ENDS_S = 0.68, 8.18
"""Where the speech in the talk begins and ends, by its reference."""

QUIET = 10 ** (-28 / 20)
"""28 dB below the loud talk, as a voice from the next room is."""


@pytest.fixture(scope="module")
def mixed(talk, tmp_path_factory):
    """The same talk three times, the second time quiet; music and noise between: (the run, starts)."""
    folder = tmp_path_factory.mktemp("mixed")
    parts = [silence(6), talk, music(10), talk * QUIET, rumble(10), talk, silence(6)]
    edges = np.cumsum([0, *(len(part) for part in parts)]) / RATE
    soundfile.write(folder / "film.wav", np.concatenate(parts), RATE)
    done = run(folder, "film.wav", *WHISPER, "--lang", "en", "--no-diarize", "-f", "srt,json")
    assert done.code == 0, done.told
    return done, [float(edges[number]) for number in (1, 3, 5)]


def text_between(cues, start_s, end_s):
    inside = [cue for cue in cues if start_s <= cue.start / 1000 < end_s]
    return " ".join(cue.plaintext.replace("\n", " ") for cue in inside)


def test_complaint_01_no_text_is_invented_in_silence_music_or_noise(mixed):
    # SubtitleEdit#13081, Whisper-WebUI#152, WhisperLive#185, vibe#674
    done, starts_s = mixed
    cues = done.cues("film.en.srt")
    spoken = [(start_s, start_s + ENDS_S) for start_s in starts_s]
    for cue in cues:
        assert any(start_s <= cue.start / 1000 <= end_s for start_s, end_s in spoken), cue.text
    texts = [cue.plaintext for cue in cues]
    assert max(len(list(same)) for _, same in groupby(texts)) < 3


def test_complaint_02_quiet_speech_is_not_dropped(mixed):
    # subarr#543
    done, (_, quiet_s, _) = mixed
    heard = text_between(done.cues("film.en.srt"), quiet_s, quiet_s + ENDS_S)
    assert word_errors(SAID, heard, "en").rate <= 0.5
    assert len(heard.split()) >= 0.7 * len(SAID.split())


def test_complaint_03_cues_neither_linger_nor_start_early(mixed):
    # buzz#1339, Whisper-WebUI#249, Whisper-WebUI#287
    done, starts_s = mixed
    cues = done.cues("film.en.srt")
    for start_s in starts_s:
        own = [cue for cue in cues if start_s <= cue.start / 1000 < start_s + ENDS_S]
        assert own[0].start / 1000 >= start_s + BEGINS_S - 0.1
        # Half a second of lead-out, and what the recogniser may be off in noise.
        assert own[-1].end / 1000 <= start_s + ENDS_S + 0.5 + 0.3
    loud = [cue for cue in cues if cue.start / 1000 < starts_s[1]]
    assert loud[0].start / 1000 == pytest.approx(starts_s[0] + BEGINS_S, abs=0.2)


def test_complaint_08_numbers_have_times(say_aloud, tmp_path):
    # whisperX#314, #869, #1104, #1115
    speech = say_aloud("There are 25 people in room 316, and 7 of them sleep.", "en")
    soundfile.write(tmp_path / "film.wav", np.concatenate([silence(2), speech, silence(1)]), RATE)
    done = run(
        tmp_path, "film.wav", *WHISPER, "--lang", "en", "--no-diarize", "-f", "json", "--numbers", "digits"
    )
    assert done.code == 0, done.told
    words = [word for cue in done.json("film.en.json")["cues"] for word in cue["words"]]
    numbers = [word for word in words if any(sign.isdigit() for sign in word["text"])]
    assert {"25", "316"} <= {word["text"].strip(".,") for word in numbers}
    for number in numbers:
        assert 2.0 <= number["start_s"] < number["end_s"] <= 2.0 + len(speech) / RATE + 0.2
        assert number["end_s"] - number["start_s"] >= 0.1
    assert [word["start_s"] for word in words] == sorted(word["start_s"] for word in words)


def test_complaint_13_the_first_half_minute_does_not_lock_the_language(say_aloud, conversation, tmp_path):
    # Whisper-WebUI#491, SubtitleEdit#10101
    german = say_aloud(GERMAN, "de")
    english = soundfile.read(conversation, dtype="float32")[0][6 * RATE :]
    opening_s = len(german) / RATE
    soundfile.write(tmp_path / "film.wav", np.concatenate([german, silence(2), english]), RATE)
    done = run(tmp_path, "film.wav", *WHISPER, "--no-diarize")
    assert done.code == 0, done.told
    cues = done.cues("film.en.srt")
    assert word_errors(GERMAN, text_between(cues, 0, opening_s), "de").rate <= 0.3
    later = text_between(cues, opening_s, 1000)
    assert "New Jersey" in later
    assert "Chicago" in later
