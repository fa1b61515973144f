import numpy as np
import pytest

from diffasr_plugin.backends.whisper.align import TokenTimes
from diffasr_plugin.backends.whisper.doubts import (
    is_broken,
    is_dream,
    is_focused,
    is_unheard,
    unbroken,
)
from diffasr_plugin.backends.whisper.search import Draft


def draft(ids=(1, 2, 3), log_prob=-0.2, no_speech=0.1, end=-0.1):
    return Draft(tuple(ids), (log_prob,) * len(ids), "en", no_speech, end)


def test_a_text_that_ends_is_not_broken():
    assert not is_broken(draft(), "This is Diane in New Jersey.")


@pytest.mark.parametrize(
    ("bad", "text"),
    [
        (draft(end=None), "no end"),
        (draft([5, 6] * 10), "loop"),
        (draft(), "I don't know. I don't know, I don't know! " * 4),
    ],
)
def test_circles_and_texts_without_end_are_broken(bad, text):
    assert is_broken(bad, text)


def test_a_circle_is_gone_round_once():
    assert unbroken(draft([1, *[5, 6] * 10, 2])).ids == (1, 5, 6, 2)


@pytest.mark.parametrize(
    ("log_prob", "no_speech", "dream", "dream_after_end"),
    [
        (-0.3, 0.05, False, False),  # plain speech
        (-1.1, 0.3, False, False),
        (-1.5, 0.3, False, True),
        (-0.7, 0.81, False, True),  # a quiet "hello"
        (-2.1, 0.1, False, True),
        (-0.7, 0.85, True, True),  # "thank you", in half a second of noise
        (-2.5, 0.1, True, True),  # a chord
        (-1.7, 0.86, True, True),
        (-0.1, 1.0, True, True),
    ],
)
def test_doubtful_texts_are_dreams(log_prob, no_speech, dream, dream_after_end):
    text = draft(log_prob=log_prob, no_speech=no_speech, end=log_prob)
    assert is_dream(text, after_end=False) is dream
    assert is_dream(text, after_end=True) is dream_after_end


@pytest.mark.parametrize(("log_prob", "dream"), [(-0.3, False), (-0.8, False), (-1.0, True), (-1.3, True)])
def test_a_phrase_that_was_passed_over_must_be_clear(log_prob, dream):
    assert is_dream(draft(log_prob=log_prob, end=log_prob), after_end=False, alone=True) is dream


@pytest.mark.parametrize(("focus", "focused"), [([0.8, 0.3], True), ([0.3, 0.3], False), ([], False)])
def test_speech_is_looked_at_in_one_place(focus, focused):
    times = TokenTimes(np.zeros(len(focus) + 1, np.int64), np.zeros(len(focus), np.int64), np.array(focus))
    assert is_focused(times) is focused


@pytest.mark.parametrize(
    ("focus", "log_prob", "no_speech", "unheard"),
    [
        ([0.6, 0.5], -0.2, 0.1, False),
        ([0.5, 0.1], -0.2, 0.1, True),
        ([], -0.2, 0.1, True),
        ([0.45, 0.45], -1.0, 0.1, True),  # "thank you", over music
        ([0.45, 0.45], -0.5, 0.1, False),
        ([0.7, 0.7], -1.5, 0.1, False),
        ([0.54, 0.54], -0.17, 0.84, False),  # speech after silence, in a window of 18 s
    ],
)
def test_tokens_that_look_elsewhere_were_not_heard(focus, log_prob, no_speech, unheard):
    times = TokenTimes(np.zeros(len(focus) + 1, np.int64), np.zeros(len(focus), np.int64), np.array(focus))
    assert is_unheard(draft(log_prob=log_prob, no_speech=no_speech, end=log_prob), times) is unheard
