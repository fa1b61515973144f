"""Speech and cues at chosen times: what lacks the other is found, what only has ragged edges is not."""

import pytest

from subtitle_cli.quality.coverage import Stretch, check_coverage, without
from subtitle_cli.types import Cue, Turn

TURNS = [Turn(1.0, 4.0), Turn(10.0, 12.0), Turn(30.0, 31.0)]


def cue(start_s, end_s, text="x"):
    return Cue(round(1000 * start_s), round(1000 * end_s), (text,))


def test_cues_with_ragged_edges_cover_their_speech():
    coverage = check_coverage([cue(1.2, 3.8), cue(9.9, 12.9), cue(30, 31)], TURNS)
    assert (coverage.without_cue, coverage.without_speech) == ((), ())
    assert (coverage.speech_share, coverage.cue_share, coverage.speech_ms) == (1, 1, 6000)


def test_speech_without_a_cue_is_told():
    coverage = check_coverage([cue(1, 2), cue(30, 31)], TURNS)
    assert coverage.without_cue == (Stretch(2300, 4000), Stretch(10000, 12000))
    assert coverage.speech_share == pytest.approx(1 - 3.7 / 6)


def test_a_breath_without_a_cue_is_not():
    assert check_coverage([], [Turn(1.0, 1.4)]).without_cue == ()


def test_a_cue_without_speech_is_told_however_short():
    coverage = check_coverage([cue(1, 4), cue(6, 6.4), cue(10, 12), cue(30, 31)], TURNS)
    assert coverage.without_speech == ((2, Stretch(6000, 6400)),)
    assert coverage.cue_share == 0.75


def test_a_cue_that_lingers_or_comes_early_is_told():
    coverage = check_coverage([cue(1, 7), cue(8, 12)], TURNS)
    assert coverage.without_speech == ((1, Stretch(5000, 7000)), (2, Stretch(8000, 9000)))
    assert coverage.silent_cues == 2


@pytest.mark.parametrize("text", ["[door slams]", "(sighs)", "♪ la la ♪", "【音乐】", "# Happy birthday #"])
def test_sounds_and_songs_need_no_speech(text):
    coverage = check_coverage([cue(20, 22, text)], TURNS)
    assert (coverage.without_speech, coverage.cues, coverage.cue_share) == ((), 0, 1)


def test_a_film_without_speech_lacks_no_cue():
    coverage = check_coverage([], [])
    assert (coverage.speech_share, coverage.cue_share) == (1, 1)


def test_parts_outside_other_spans():
    assert without((0, 10), [(-5, 1), (3, 4), (9, 20)]) == [(1, 3), (4, 9)]
    assert without((0, 10), [(0, 10)]) == []
    assert without((0, 10), [(20, 30)]) == [(0, 10)]
