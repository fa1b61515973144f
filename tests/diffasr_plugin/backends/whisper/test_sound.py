from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.backends.whisper.sound import RoughSpan, fit_to_sound, is_silent, loud_frames, unspoken


def sound(*levels, frames=10, seed=0):
    """Noise of each level for ten frames of 20 ms."""
    noise = np.random.default_rng(seed).normal(size=len(levels) * frames * 320)
    return (noise * np.repeat(levels, frames * 320)).astype(np.float32)


def loud_in(*stretches, frames=100):
    loud = np.zeros(frames, bool)
    for start, end in stretches:
        loud[start:end] = True
    return loud


@pytest.mark.parametrize(
    ("samples", "silent"),
    [
        (np.zeros(0, np.float32), True),
        (np.ones(319, np.float32), True),
        (np.zeros(16_000, np.float32), True),
        (np.full(16_000, 6e-5, np.float32), True),  # two steps of 16-bit audio
        (np.full(16_000, -2e-4, np.float32), False),
    ],
)
def test_silence_is_what_nobody_hears(samples, silent):
    assert is_silent(samples) is silent


def test_speech_is_loud_and_its_pauses_are_not():
    loud = loud_frames(sound(1e-4, 0.1, 0.05, 1e-4, 0.1, 1e-4))
    assert loud.tolist() == [False] * 10 + [True] * 20 + [False] * 10 + [True] * 10 + [False] * 10


def test_speech_stands_out_of_a_hum():
    loud = loud_frames(sound(0.003, 0.1, 0.003, 0.003, 0.02))
    assert loud.reshape(5, 10).mean(axis=1).tolist() == [0, 1, 0, 0, 1]


def test_where_all_is_loud_all_is_loud():
    assert loud_frames(sound(0.1, 0.08, 0.1, 0.09)).all()


def test_a_word_sheds_the_silence_before_it_and_keeps_its_last_syllable():
    # Attention: the first word from 0, the full stop from 40 on, the next word from 55 on.
    loud = loud_in((30, 48), (70, 90))
    spans = [RoughSpan(0, 55, 35, 38), RoughSpan(55, 100, 72, 80)]
    assert fit_to_sound(spans, loud) == [(30, 48), (70, 90)]


def test_words_without_a_pause_stay_as_attention_saw_them():
    loud = loud_in((10, 60))
    spans = [RoughSpan(10, 22, 15, 15), RoughSpan(22, 40, 30, 30), RoughSpan(40, 60, 45, 55)]
    assert fit_to_sound(spans, loud) == [(10, 22), (22, 40), (40, 60)]


def test_a_click_far_from_the_word_is_not_the_word():
    loud = loud_in((3, 5), (60, 80))
    assert fit_to_sound([RoughSpan(0, 100, 66, 66)], loud) == [(60, 80)]


def test_short_quiet_is_bridged():
    loud = loud_in((20, 30), (36, 50))
    assert fit_to_sound([RoughSpan(0, 90, 25, 25)], loud) == [(20, 50)]


def test_a_word_in_no_sound_stays_where_it_was():
    assert fit_to_sound([RoughSpan(10, 20, 12, 12)], loud_in()) == [(10, 20)]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ([], [(4, 76), (94, 156)]),
        ([(10, 30), (100, 150)], []),
        ([(10, 30)], [(94, 156)]),
        ([(75, 96)], []),  # in the quiet between them: it may belong to either
        ([(30, 40), (170, 200)], [(94, 156)]),
    ],
)
def test_a_second_of_sound_without_a_word_was_passed_over(words, left):
    loud = loud_in((10, 70), (100, 120), (125, 150), (170, 200), frames=200)
    assert unspoken(loud, words) == left


def test_words_in_one_frame_are_moved_apart():
    spans = [RoughSpan(98, 98, 98, 98), RoughSpan(98, 98, 98, 98), RoughSpan(98, 100, 99, 99)]
    assert fit_to_sound(spans, loud_in((0, 100))) == [(97, 98), (98, 99), (99, 100)]


@given(
    st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)), min_size=1, max_size=30),
    st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_words_are_in_order_inside_and_apart(places, loud):
    starts = sorted(start for start, _ in places)
    spans = [
        RoughSpan(start, end, min(59, start + peak % 3), max(start, min(59, end - 1)))
        for start, end, (_, peak) in zip(starts, [*starts[1:], 60], places, strict=True)
    ]
    fitted = fit_to_sound(spans, np.array(loud))
    assert all(0 <= start < end <= 60 for start, end in fitted)
    assert all(before[1] <= after[0] for before, after in pairwise(fitted))


def test_more_words_than_frames_still_lie_inside():
    fitted = fit_to_sound([RoughSpan(0, 2, 0, 0)] * 5, np.ones(2, bool))
    assert all(0 <= start < end <= 2 for start, end in fitted)
    assert [start for start, _ in fitted] == sorted(start for start, _ in fitted)
