import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.backends.whisper.loops import (
    Loop,
    barred_by_repetition,
    find_loop,
    is_repetitive,
    without_loops,
)


@pytest.mark.parametrize(
    ("ids", "loop"),
    [
        ([7] * 13, Loop(0, 13, 1)),
        ([7] * 12, None),  # eleven repetitions: people laugh longer than one thinks
        ([1, 2, *[5, 6, 7] * 5, 9], Loop(2, 17, 3)),
        ([5, 6, 7] * 4, None),
        ([1, 2, 3, 4, 5] * 4, Loop(0, 20, 5)),
        ([1, 2, 3, 4, 5] * 3, None),
        (list(range(100)), None),
        ([], None),
        ([4], None),
    ],
)
def test_a_loop_is_a_phrase_said_often_enough_in_a_row(ids, loop):
    assert find_loop(ids) == loop


def test_the_longest_loop_is_named():
    assert find_loop([1] * 14 + [0] + [2, 3] * 20) == Loop(15, 55, 2)


def test_each_loop_is_said_once():
    ids = [1, 2, *[5, 6, 7] * 6, 3, *[8] * 30, 4]
    assert [ids[position] for position in without_loops(ids)] == [1, 2, 5, 6, 7, 3, 8, 4]


@given(st.lists(st.integers(0, 3), max_size=80))
def test_what_is_left_is_in_order_and_without_loops(ids):
    kept = without_loops(ids)
    assert kept == sorted(set(kept))
    assert find_loop([ids[position] for position in kept]) is None


@pytest.mark.parametrize(
    ("text", "repetitive"),
    [
        ("I don't know. I don't know, I don't know! I don't know, I don't know. " * 2, True),
        ("Ich habe es nicht mehr zu tun. Ich habe es nicht mehr tun. " * 3, True),
        ("No, no, no, no, no, no!", False),  # short: people say so
        ("Row, row, row your boat, gently down the stream. Merrily, merrily, merrily, merrily.", False),
        ("This is Diane in New Jersey. And I'm Sheila in Texas, originally from Chicago.", False),
        ("मेरा नाम दीपक है और मैं दिल्ली में रहता हूँ। आज मौसम बहुत अच्छा है, इसलिए हम बाहर जा रहे हैं।", False),
        ("", False),
    ],
)
def test_saying_much_the_same_again_and_again_is_told_from_speech(text, repetitive):
    assert is_repetitive(text) is repetitive


def test_a_token_is_barred_if_it_would_end_a_phrase_said_before():
    assert barred_by_repetition([1, 2, 3, 9, 1, 2], 3) == [3]
    assert barred_by_repetition([1, 2, 3, 1, 2, 4, 1, 2], 3) == [3, 4]
    assert barred_by_repetition([1, 2, 3], 3) == []
    assert barred_by_repetition([1, 2], 3) == []
