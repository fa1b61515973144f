from importlib.metadata import files
from itertools import pairwise

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.types import Speech, Turn
from subtitle_cli.utterances import MAX_JOINED_GAP_S, PADDING_S, cut_turns, make_pieces

RATE = 16_000


def speech(*turns):
    return Speech(tuple(Turn(*turn) for turn in turns))


def tone(duration_s, *pauses):
    """A steady hum with pauses of faint noise at the (start_s, end_s) given."""
    generator = np.random.default_rng(5)
    samples = 0.3 * np.sin(np.arange(round(duration_s * RATE)) * 0.1).astype(np.float32)
    for start_s, end_s in pauses:
        hush = samples[round(start_s * RATE) : round(end_s * RATE)]
        hush[:] = 0.001 * generator.standard_normal(len(hush))
    return samples


def spans(pieces):
    return [(round(piece.start_s, 2), round(piece.end_s, 2)) for piece in pieces]


def silence(duration_s):
    return np.zeros(round(duration_s * RATE), dtype=np.float32)


def test_short_turns_are_joined_across_small_gaps_whoever_speaks():
    turns = speech((1.0, 2.0, "Ann"), (2.5, 4.0, "Bob"), (4.2, 6.0, "Ann"))
    (piece,) = make_pieces(turns, silence(10), max_s=30, best_s=20)
    assert piece.turns == turns.turns
    assert (piece.start_s, piece.end_s) == pytest.approx((1.0 - PADDING_S, 6.0 + PADDING_S), abs=1e-4)


def test_turns_are_not_joined_across_long_pauses():
    far = 2.0 + MAX_JOINED_GAP_S + 0.1
    pieces = make_pieces(speech((1.0, 2.0), (far, far + 1)), silence(10), max_s=30, best_s=20)
    assert [len(piece.turns) for piece in pieces] == [1, 1]


def test_turns_are_joined_up_to_the_best_length_only():
    turns = speech(*((i * 4.0, i * 4.0 + 3.5) for i in range(6)))
    pieces = make_pieces(turns, silence(30), max_s=30, best_s=12)
    assert [len(piece.turns) for piece in pieces] == [3, 3]


def test_the_cut_falls_into_the_longer_pause():
    turns = speech((0, 4), (4.2, 8), (9.5, 13), (13.2, 17))
    pieces = make_pieces(turns, silence(20), max_s=30, best_s=14)
    assert [len(piece.turns) for piece in pieces] == [2, 2]
    later = speech((0, 4), (5.5, 8), (8.2, 13), (13.2, 15))
    assert [len(piece.turns) for piece in make_pieces(later, silence(20), max_s=30, best_s=14)] == [1, 3]


@pytest.mark.parametrize(("speakers", "pieces"), [("ABB", ["A", "BB"]), ("AAB", ["AA", "B"])])
def test_of_equal_pauses_the_change_of_speaker_is_cut(speakers, pieces):
    spans = [(0, 4), (4.3, 8), (8.3, 12)]
    turns = speech(*((*span, speaker) for span, speaker in zip(spans, speakers, strict=True)))
    made = make_pieces(turns, silence(20), max_s=30, best_s=9)
    assert ["".join(turn.speaker for turn in piece.turns) for piece in made] == pieces


def test_a_turn_longer_than_the_best_length_is_left_whole_while_the_model_takes_it():
    (piece,) = make_pieces(speech((0, 25)), tone(25, (12, 13)), max_s=30, best_s=10)
    assert piece.duration_s == 25


def test_a_turn_longer_than_the_model_takes_is_cut_in_its_pause():
    pieces = make_pieces(speech((1, 41, "Ann")), tone(42, (16, 16.6)), max_s=30, best_s=20)
    assert len(pieces) == 2
    assert 16.1 < pieces[0].end_s == pieces[1].start_s < 16.5
    assert [turn.speaker for piece in pieces for turn in piece.turns] == ["Ann", "Ann"]


def test_a_pause_is_preferred_to_a_short_closure_that_is_as_quiet():
    samples = tone(40, (20.0, 20.08), (14, 14.5))  # a stop consonant in the very middle
    cut_s = make_pieces(speech((0, 40)), samples, max_s=30, best_s=20)[0].end_s
    assert 14.0 < cut_s < 14.5


def test_of_pauses_that_are_about_as_quiet_the_middle_one_is_taken():
    samples = tone(40, (20.5, 21.1), (12, 12.6))
    samples[12 * RATE : round(12.6 * RATE)] *= 0.9
    assert 20.5 < make_pieces(speech((0, 40)), samples, max_s=30, best_s=20)[0].end_s < 21.1


def test_without_any_pause_a_long_turn_is_halved():
    pieces = make_pieces(speech((0, 40)), silence(40), max_s=30, best_s=20)
    assert spans(pieces) == [(0.0, 20.0), (20.0, 40.0)]


def test_padding_takes_half_of_a_gap_at_most_and_stays_inside_the_film():
    turns = speech((0.05, 5), (5.1, 9.95))
    first, second = make_pieces(turns, silence(10), max_s=30, best_s=6)
    assert (first.start_s, second.end_s) == (0.0, 10.0)
    assert first.end_s == second.start_s == pytest.approx(5.05)


def test_padding_leaves_a_piece_no_longer_than_the_model_takes():
    (piece,) = make_pieces(speech((1, 10.9)), silence(20), max_s=10, best_s=10)
    assert piece.duration_s == pytest.approx(10)
    assert piece.duration_s <= 10


def test_turns_past_the_end_of_the_audio_are_cut_off():
    pieces = make_pieces(speech((1, 2), (9.5, 12), (13, 14)), silence(10), max_s=30, best_s=2)
    assert spans(pieces) == [(0.85, 2.15), (9.35, 10.0)]


def test_no_speech_gives_no_pieces():
    assert make_pieces(Speech(()), silence(1), max_s=30, best_s=20) == []


def test_a_model_that_takes_less_than_a_second_is_refused():
    with pytest.raises(AssertionError, match=r"0\.5 s"):
        make_pieces(Speech(()), silence(1), max_s=0.5, best_s=0.5)


def test_a_memory_map_serves_as_well(tmp_path):
    samples = tone(70, (20, 20.5), (47, 48))
    samples.tofile(tmp_path / "film.f32")
    mapped = np.memmap(tmp_path / "film.f32", dtype=np.float32, mode="r")
    turns = speech((0, 70))
    expected = make_pieces(turns, samples, max_s=30, best_s=30)
    assert make_pieces(turns, mapped, max_s=30, best_s=30) == expected
    assert len(expected) == 3


def test_real_speech_is_cut_where_one_sentence_has_ended():
    """Two people on the telephone; the words are in the sample's transcript, with the times of sentences."""
    sample = next(file for file in files("pyannote.audio") or () if file.name == "sample.wav").locate()
    samples, _ = soundfile.read(sample, dtype="float32")
    first, second = make_pieces(speech((6.68, 29.987)), samples, max_s=16, best_s=16)
    assert 21.475 < first.end_s == second.start_s < 21.935  # "in New Jersey now though. | Well, there isn't"


@st.composite
def random_turns(draw):
    at_s, turns = 0.0, []
    for _ in range(draw(st.integers(0, 25))):
        at_s += draw(st.floats(0, 4))
        end_s = at_s + draw(st.floats(0.01, 40))
        turns.append(Turn(at_s, end_s, draw(st.sampled_from(["Ann", "Bob", None]))))
        at_s = end_s
    return Speech(tuple(turns))


def test_long_turns_are_cut_in_pauses():
    turns = cut_turns([Turn(0, 2, "A"), Turn(3, 23, "B", "de")], tone(24, (12, 12.6)), 12)
    assert [(turn.speaker, turn.language) for turn in turns] == [("A", None), ("B", "de"), ("B", "de")]
    assert 12 < turns[1].end_s == turns[2].start_s < 12.6


def test_a_piece_is_in_one_language():
    turns = [Turn(0, 2, "A", "en"), Turn(2.1, 4, "A", "es"), Turn(4.1, 6, "B", "es"), Turn(6.2, 7, "B", "en")]
    made = make_pieces(Speech(tuple(turns)), silence(10), max_s=30, best_s=20)
    assert [(piece.language, len(piece.turns)) for piece in made] == [("en", 1), ("es", 2), ("en", 1)]


@settings(deadline=None)
@given(random_turns(), st.floats(1, 30), st.floats(1, 30))
def test_pieces_hold_all_speech_once_and_fit(speech, max_s, best_s):
    end_s = speech.turns[-1].end_s if speech.turns else 0.0
    samples = np.zeros(round(end_s * RATE) + 3, dtype=np.float32)
    pieces = make_pieces(speech, samples, max_s=max_s, best_s=best_s)
    assert all(round(piece.duration_s * RATE) <= max_s * RATE for piece in pieces)
    assert all(left.end_s <= right.start_s for left, right in pairwise(pieces))
    for piece in pieces:
        assert 0 <= piece.start_s <= piece.turns[0].start_s
        assert piece.turns[-1].end_s <= piece.end_s <= len(samples) / RATE
        gaps = [right.start_s - left.end_s for left, right in pairwise(piece.turns)]
        assert all(-1e-9 <= gap <= MAX_JOINED_GAP_S + 1e-3 for gap in gaps)
        is_joined = len(piece.turns) > 1
        assert not is_joined or piece.turns[-1].end_s - piece.turns[0].start_s <= best_s + 1e-3
    heard = sum(turn.duration_s for piece in pieces for turn in piece.turns)
    assert heard == pytest.approx(sum(turn.duration_s for turn in speech.turns), abs=1e-2)
