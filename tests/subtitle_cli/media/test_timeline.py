import pytest

from subtitle_cli.media.timeline import HOLE, JITTER, OVERLAP, Stretch, Timeline

SECOND = 16000


def stretches(zero, *pieces):
    timeline = Timeline(zero)
    for stamp, length in pieces:
        timeline.add(stamp, length)
    return timeline.stretches


def test_pieces_that_follow_on_each_other_are_one_stretch():
    assert stretches(0, (0, 100), (100, 50), (150, 10)) == (Stretch(0, 160),)


def test_positions_count_from_the_start_of_the_picture():
    assert stretches(1000, (1000, 100), (1100, 50)) == (Stretch(0, 150),)


@pytest.mark.parametrize("start", [1, JITTER - 1, 30 * SECOND, -1, -JITTER, -2 * OVERLAP])
def test_the_first_piece_lies_exactly_where_its_stamp_says(start):
    assert stretches(0, (start, 100)) == (Stretch(start, 100),)


def test_a_jump_ahead_is_a_hole():
    assert stretches(0, (0, 100), (SECOND, 50)) == (Stretch(0, 100), Stretch(SECOND, 50))


@pytest.mark.parametrize("off", [JITTER, -JITTER])
def test_a_jitter_does_not_cut_up_the_sound(off):
    assert stretches(0, (0, 10000), (10000 + off, 100), (10100, 100)) == (Stretch(0, 10200),)


def test_a_drift_is_followed_once_it_is_more_than_jitter():
    pieces = [(number * 1001, 1000) for number in range(JITTER + 2)]
    first, second = stretches(0, *pieces)
    assert first == Stretch(0, (JITTER + 1) * 1000)
    assert second == Stretch((JITTER + 1) * 1001, 1000)


def test_a_small_step_back_is_an_overlap():
    assert stretches(0, (0, SECOND), (SECOND - OVERLAP, 50)) == (
        Stretch(0, SECOND),
        Stretch(SECOND - OVERLAP, 50),
    )


@pytest.mark.parametrize("stamp", [0, SECOND - OVERLAP - 1, SECOND + HOLE + 1])
def test_a_clock_set_anew_goes_on_from_the_sound_before(stamp):
    again = ((stamp, SECOND), (stamp + SECOND, SECOND))
    assert stretches(0, (0, SECOND), *again) == (Stretch(0, 3 * SECOND),)


def test_a_hole_after_a_clock_was_set_anew_keeps_its_length():
    assert stretches(0, (0, SECOND), (0, SECOND), (5 * SECOND, 10)) == (
        Stretch(0, 2 * SECOND),
        Stretch(6 * SECOND, 10),
    )


def test_an_hour_of_nothing_is_still_a_hole():
    assert stretches(0, (0, 10), (10 + HOLE, 10)) == (Stretch(0, 10), Stretch(10 + HOLE, 10))


def test_pieces_without_a_stamp_follow_on():
    assert stretches(500, (None, 100), (None, 50)) == (Stretch(0, 150),)


def test_no_pieces_are_no_stretches():
    timeline = Timeline(0)
    assert timeline.stretches == ()
    assert timeline.end == 0


def test_the_end_is_that_of_the_last_piece():
    timeline = Timeline(0)
    timeline.add(0, 100)
    timeline.add(SECOND, 50)
    assert timeline.end == SECOND + 50
