from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffasr_plugin.asr import SAMPLE_RATE, Transcript, Utterance, Word
from diffasr_plugin.asr.long import OVERLAP_S, cut_points, join

RNG = np.random.default_rng(0)


def noise(seconds):
    return RNG.normal(0, 0.1, int(seconds * SAMPLE_RATE)).astype(np.float32)


def test_short_audio_is_one_window():
    assert cut_points(noise(5), 10) == [(0, 5 * SAMPLE_RATE)]


def test_audio_is_cut_in_its_pauses():
    audio = noise(25)
    for pause_s in (8.0, 16.5):
        audio[int(pause_s * SAMPLE_RATE) :][: SAMPLE_RATE // 2] = 0
    windows = cut_points(audio, 10)
    assert [end for _, end in windows[:-1]] == pytest.approx(
        [8.2 * SAMPLE_RATE, 16.7 * SAMPLE_RATE], abs=4000
    )
    assert [start for start, _ in windows[1:]] == [end for _, end in windows[:-1]]


def test_where_there_is_no_pause_windows_overlap():
    windows = cut_points(noise(25), 10)
    assert all(left[1] - right[0] == OVERLAP_S * SAMPLE_RATE for left, right in pairwise(windows))


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 60), st.floats(1, 30), st.integers(0, 9))
def test_windows_cover_everything_and_fit(seconds, max_s, seed):
    rng = np.random.default_rng(seed)
    loudness = np.repeat(rng.choice([0.0, 0.01, 0.2], 61), SAMPLE_RATE)[: int(seconds * SAMPLE_RATE)]
    audio = (rng.normal(0, 1, len(loudness)) * loudness).astype(np.float32)
    windows = cut_points(audio, max_s)
    assert windows[0][0] == 0
    assert windows[-1][1] == len(audio)
    assert all(0 <= end - start <= max_s * SAMPLE_RATE for start, end in windows)
    assert all(a[0] < b[0] <= a[1] for a, b in pairwise(windows))


def window(start_s, seconds):
    return Utterance(np.zeros(int(seconds * SAMPLE_RATE), np.float32), start_s=start_s)


def said(*words):
    return Transcript(
        " ".join(text for text, *_ in words), "en", tuple(Word(*word) for word in words), confidence=0.5
    )


def test_a_word_heard_twice_in_an_overlap_is_kept_once():
    joined = join(
        [window(0, 10), window(8, 10)],
        [
            said(("the", 7.0, 7.5), ("quick", 8.2, 8.7), ("brown", 9.0, 9.4)),
            said(("quick", 0.2, 0.7), ("brown,", 0.95, 1.5), ("fox", 2.0, 2.5)),
        ],
    )
    assert joined.text in {"the quick brown fox", "the quick brown, fox"}
    assert [word.start_s for word in joined.words] == sorted(word.start_s for word in joined.words)


def test_windows_that_only_touch_keep_all_their_words():
    joined = join(
        [window(0, 10), window(10, 10)],
        [said(("no", 9.0, 9.9)), said(("no", 0.0, 0.6), ("more", 0.7, 1.0))],
    )
    assert joined.text == "no no more"
    assert joined.words[-1] == Word("more", 10.7, 11.0)
    assert joined.confidence == 0.5


def test_texts_without_times_are_put_in_a_row():
    assert join([window(0, 10), window(10, 10)], [Transcript("a b"), Transcript("c")]).text == "a b c"


def test_silence_joins_to_nothing():
    assert join([window(0, 10)], [Transcript("")]) == Transcript("")
