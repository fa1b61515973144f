from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.asr.types import is_valid_span
from diffasr_plugin.ctc import FrameClock
from diffasr_plugin.words import Piece, words_from_pieces

CLOCK = FrameClock(frame_s=0.1, first_s=0.0, frames=300)


def words_of(*texts: str):
    """Piece i is said in frame 10 i."""
    pieces = [Piece(text, 10 * i, 10 * i + 1, 1.0) for i, text in enumerate(texts)]
    return words_from_pieces(pieces, CLOCK, 30.0)


def texts_of(*texts: str) -> list[tuple[str, bool]]:
    return [(word.text, word.space_before) for word in words_of(*texts)]


def test_spaces_part_words_and_punctuation_stays():
    assert texts_of("He", "llo", ",", " wor", "ld", "!", " “", "Yes", "”") == [
        ("Hello,", False),
        ("world!", True),
        ("“Yes”", True),
    ]


def test_a_word_lasts_from_its_first_piece_to_its_last():
    first, second = words_of("He", "llo", " there")
    assert (first.start_s, first.end_s) == (0.0, pytest.approx(1.1))
    assert (second.start_s, second.end_s) == (pytest.approx(2.0), pytest.approx(2.1))


def test_digits_are_one_word():
    assert texts_of(" ", "1", "9", "8", "4", " was") == [("1984", True), ("was", True)]


def test_a_piece_of_several_words():
    assert texts_of("of the", "m all") == [("of", False), ("them", True), ("all", True)]


def test_pieces_without_text_and_loose_spaces():
    assert texts_of("", "  ", "a", "", " ", "\n", "b") == [("a", True), ("b", True)]
    assert texts_of("", " ") == []


def test_chinese_breaks_at_tokens_and_keeps_its_marks():
    assert texts_of("我们", "喜欢", "，", "「", "音乐", "」", "。") == [
        ("我们", False),
        ("喜欢，", False),
        ("「音乐」。", False),
    ]


def test_scripts_without_spaces_beside_those_with():
    assert texts_of("我", "love", "你", " ok") == [
        ("我", False),
        ("love", False),
        ("你", False),
        ("ok", True),
    ]


def test_korean_is_parted_by_spaces():
    assert texts_of("안녕", "하세요", " 여러", "분", "!") == [("안녕하세요", False), ("여러분!", True)]


def test_words_that_share_a_frame_do_not_overlap():
    pieces = [Piece("a", 0, 1), Piece(" b", 0, 1), Piece(" c", 1, 2)]
    words = words_from_pieces(pieces, CLOCK, 9.0)
    assert [(w.start_s, w.end_s) for w in words] == [(0.0, 0.0), (0.0, 0.1), (0.1, 0.2)]


def test_the_japanese_long_vowel_stays_with_its_word():
    assert texts_of("コ", "ーヒ", "ー") == [("コーヒー", False)]


def test_hindi_is_parted_by_spaces_only():
    assert texts_of("नम", "स्ते", " दु", "निया", "।") == [("नमस्ते", False), ("दुनिया।", True)]


def test_a_word_is_as_sure_as_its_weakest_piece():
    pieces = [Piece("a", 0, 1, 0.9), Piece("b", 1, 2, 0.4), Piece(" c", 2, 3, None)]
    assert [word.confidence for word in words_from_pieces(pieces, CLOCK, 1.0)] == [0.4, None]


@pytest.mark.parametrize(("gap", "end_s"), [(0, 1.0), (3, 1.3), (4, 1.0)])
def test_a_gap_of_two_frames_is_no_pause(gap, end_s):
    pieces = [Piece("a", 0, 10), Piece(" b", 10 + gap, 11 + gap)]
    assert words_from_pieces(pieces, CLOCK, 9.0)[0].end_s == pytest.approx(end_s)


PIECES = st.lists(st.text(alphabet="ab,. 我の。「é\n1", max_size=4), max_size=12)


@given(PIECES, st.floats(0.05, 30.0), st.randoms(use_true_random=False))
def test_no_text_is_lost_and_times_are_in_order_inside_the_audio(texts, duration_s, random):
    frame, pieces = 0, []
    for text in texts:
        start = frame + random.randint(0, 5)
        frame = start + random.randint(1, 5)
        pieces.append(Piece(text, start, frame, random.random()))
    words = words_from_pieces(pieces, FrameClock(), duration_s)
    written = "".join(f" {w.text}" if w.space_before else w.text for w in words)
    assert written.split() == "".join(texts).split()
    assert all(is_valid_span(w.start_s, w.end_s, duration_s) for w in words)
    assert [w.start_s for w in words] == sorted(w.start_s for w in words)
    assert all(a.end_s <= b.start_s for a, b in pairwise(words))
