from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.cues.timing import Shown, Spoken, show_times
from subtitle_cli.profiles import BUILT_IN, load_profile

RULES = load_profile("netflix").rules("en")  # gap 84 ms, 20 characters a second


def spoken(start_ms, end_ms, columns=10):
    return Spoken(start_ms, end_ms, columns, words=1)


def times(*speech, rules=RULES, shots=()):
    return [(shown.start_ms, shown.end_ms) for shown in show_times(speech, rules, shots)]


def test_a_lone_cue_ends_450_ms_after_its_speech():
    assert show_times([spoken(1000, 4000, 40)], RULES) == [Shown(1000, 4450)]


def test_a_short_cue_stays_for_the_minimum():
    assert times(spoken(1000, 1200, 3)) == [(1000, 1834)]


def test_a_cue_stays_until_it_can_be_read():
    assert times(spoken(1000, 2000, 60)) == [(1000, 4000)]


def test_where_words_count_it_stays_for_a_third_of_a_second_each():
    rules = load_profile("bbc").rules("en")
    assert times(Spoken(1000, 2000, columns=60, words=9), rules=rules) == [(1000, 4000)]


def test_no_cue_stays_longer_than_the_maximum():
    assert times(spoken(0, 6900, 80)) == [(0, 7000)]
    assert times(spoken(0, 9000, 80)) == [(0, 7000)]


@pytest.mark.parametrize(
    ("next_ms", "end_ms"),
    [
        (2010, 1926),  # the screen is empty for the gap only
        (2400, 2316),
        (2499, 2415),
        (2500, 2000),  # empty for half a second
        (2501, 2001),
        (2900, 2400),
        (3000, 2450),
        (5000, 2450),
    ],
)
def test_short_gaps_are_closed_and_others_are_half_a_second_at_least(next_ms, end_ms):
    assert times(spoken(0, 2000), spoken(next_ms, next_ms + 1000)) == [
        (0, end_ms),
        (next_ms, next_ms + 1450),
    ]


def test_at_the_bbc_a_gap_is_none_or_a_second():
    rules = load_profile("bbc").rules("en")
    assert times(spoken(0, 2000), spoken(2999, 4000), rules=rules)[0] == (0, 2999)
    assert times(spoken(0, 2000), spoken(3000, 4000), rules=rules)[0] == (0, 2000)


def test_the_lead_in_is_taken_from_free_time_only():
    rules = replace(RULES, lead_in_ms=200)
    assert times(spoken(100, 2000), spoken(2184, 4000), spoken(5000, 6000), rules=rules) == [
        (0, 2000),
        (2084, 4300),  # half a second stays empty before the next cue
        (4800, 6450),
    ]


# --- What gives way. ---


def test_reading_speed_gives_way_first_and_the_cue_says_so():
    assert show_times([spoken(0, 1000, 80), spoken(1500, 3000, 20)], RULES) == [
        Shown(0, 1416, ("reading_speed",)),
        Shown(1500, 3450),
    ]


def test_a_cue_without_room_for_its_minimum_comes_early_where_nobody_speaks():
    assert show_times([spoken(1000, 1300, 5), spoken(1500, 3000, 20)], RULES) == [
        Shown(582, 1416, ("sync",)),
        Shown(1500, 3450),
    ]


def test_a_start_within_three_frames_is_on_time():
    assert show_times([spoken(1000, 1300, 5), spoken(1793, 3000, 20)], RULES)[0] == Shown(875, 1709)
    assert show_times([spoken(1000, 1300, 5), spoken(1792, 3000, 20)], RULES)[0].gave_way == ("sync",)


def test_it_does_not_come_so_early_that_another_s_speech_loses_its_cue():
    assert times(spoken(0, 2000), spoken(2100, 2400, 5), spoken(2600, 4000)) == [
        (0, 2000),
        (2084, 2918),
        (3002, 4450),
    ]


def test_nor_by_more_than_half_a_second():
    assert times(spoken(5000, 5100, 5), spoken(5100, 7000)) == [(4500, 5334), (5418, 7450)]


def test_words_all_at_once_wait_for_each_other():
    shown = show_times([spoken(1000, 1000, 84)] * 3 + [spoken(4000, 5000, 20)], RULES)
    assert [(each.start_ms, each.end_ms) for each in shown] == [
        (500, 1334),
        (1418, 2252),
        (2336, 3916),
        (4000, 5450),
    ]
    assert [each.gave_way for each in shown] == [("reading_speed", "sync")] * 3 + [()]


def test_a_cue_waits_three_frames_for_the_reader_of_the_one_before():
    assert times(spoken(0, 1000, 30), spoken(1460, 3000, 20)) == [(0, 1500), (1584, 3450)]


def test_but_not_if_that_would_not_be_enough():
    assert times(spoken(0, 1000, 30), spoken(1458, 3000, 20)) == [(0, 1374), (1458, 3450)]


def test_nor_if_it_lacked_the_time_itself():
    assert times(spoken(0, 1000, 30), spoken(1500, 2500, 20), spoken(2620, 4000, 40)) == [
        (0, 1416),
        (1500, 2536),
        (2620, 4620),
    ]
    assert times(spoken(0, 1000, 30), spoken(1500, 2500, 18), spoken(2620, 4000, 40)) == [
        (0, 1500),
        (1584, 2536),
        (2620, 4620),
    ]


def test_one_that_is_too_fast_in_any_case_may_as_well_wait():
    assert times(spoken(0, 1000, 30), spoken(1500, 2500, 80), spoken(2620, 4000, 40))[1] == (1584, 2536)


def test_a_cue_comes_three_frames_early_for_its_reader_where_nobody_speaks():
    assert times(spoken(1000, 2000, 30), spoken(2500, 4000, 60)) == [(916, 2416), (2500, 5500)]


def test_for_children_cues_rather_come_late_than_too_fast():
    rules = load_profile("netflix-children").rules("en")  # 17 characters a second
    assert show_times([spoken(0, 1500, 34), spoken(1600, 3500, 20)], rules) == [
        Shown(0, 2000),
        Shown(2084, 3950, ("sync",)),
    ]


def test_but_late_by_half_a_second_at_most():
    rules = load_profile("netflix-children").rules("en")
    assert show_times([spoken(0, 1500, 68), spoken(1600, 3500, 20)], rules) == [
        Shown(0, 2016, ("reading_speed",)),
        Shown(2100, 3950, ("sync",)),
    ]


# --- Shots. ---


@pytest.mark.parametrize(
    ("shot_ms", "start_ms"),
    [(708, 1000), (709, 709), (999, 999), (1001, 1001), (1291, 1291), (1292, 1000)],
)
def test_a_cue_comes_with_a_shot_within_seven_frames(shot_ms, start_ms):
    assert times(spoken(1000, 3000), shots=[shot_ms])[0][0] == start_ms


def test_coming_with_a_shot_is_being_on_time():
    assert show_times([spoken(1000, 3000)], RULES, [1291])[0].gave_way == ()


def test_a_cue_goes_two_frames_before_a_shot_within_twelve():
    # Without shots it would end at 3450.
    ends = {shot: times(spoken(1000, 3000), shots=[shot])[0][1] for shot in (3033, 3034, 3400, 4034, 4035)}
    assert ends == {3033: 3450, 3034: 2950, 3400: 3316, 4034: 3950, 4035: 3450}


def test_seven_frames_of_speech_may_go_on_without_the_cue_but_no_more():
    slow = replace(RULES, lead_out_ms=100)
    assert times(spoken(1000, 3000), shots=[2793], rules=slow)[0][1] == 2709
    assert times(spoken(1000, 3000), shots=[2792], rules=slow)[0][1] == 3100


def test_a_shot_takes_no_time_to_read():
    assert times(spoken(1000, 2000, 50), shots=[3300])[0] == (1000, 3500)
    assert times(spoken(1000, 2000, 40), shots=[3300])[0] == (1000, 3216)


def test_the_cue_before_ends_with_the_old_shot():
    assert times(spoken(0, 2000), spoken(2100, 4000), shots=[2200]) == [(0, 2116), (2200, 4450)]


def test_two_cues_do_not_come_with_one_shot():
    assert times(spoken(0, 900), spoken(1000, 1950), spoken(2000, 3000), shots=[1750])[1:] == [
        (1000, 1916),
        (2000, 3450),
    ]


def test_a_shot_does_not_move_a_cue_into_its_neighbour():
    assert times(spoken(0, 900), spoken(950, 3000), shots=[850]) == [(0, 866), (950, 3450)]


def test_a_start_that_came_with_a_shot_stays_with_it():
    assert times(spoken(0, 1000, 30), spoken(1500, 3000, 20), shots=[1510]) == [(0, 1426), (1510, 3450)]


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
def test_a_gap_before_a_shot_is_two_whole_frames(rate):
    frame_ms = 1000 / Fraction(rate)
    rules = load_profile("netflix").rules("en", Fraction(rate))
    for frame in range(60, 160, 7):
        shot = floor(frame * frame_ms)
        (_, end), (start, _) = times(spoken(0, shot - 10), spoken(shot + 20, 9000), rules=rules, shots=[shot])
        # The last frame that shows the cue is the third before the shot, the first of the next is the shot's.
        assert [n for n in range(frame + 1) if n * frame_ms < end][-1] == frame - 3
        assert next(n for n in range(frame + 1) if n * frame_ms >= start) == frame


def test_no_cues():
    assert show_times([], RULES) == []


@st.composite
def speech(draw):
    at_ms, said = 0, []
    for _ in range(draw(st.integers(1, 12))):
        at_ms += draw(st.integers(0, 3000))
        columns = draw(st.integers(1, 84))
        words = draw(st.integers(1, 1 + columns // 2))
        said.append(Spoken(at_ms, at_ms + draw(st.integers(0, 9000)), columns, words))
        at_ms = draw(st.sampled_from([at_ms, said[-1].end_ms]))
    return said


SHOTS = st.lists(st.integers(0, 30_000), max_size=20).map(sorted)


@settings(deadline=None)
@given(speech(), st.sampled_from(BUILT_IN), st.sampled_from(["en", "de", "zh"]), SHOTS)
def test_every_cue_keeps_to_the_hard_limits_whatever_is_said_and_seen(said, house, language, shots):
    rules = load_profile(house).rules(language)
    shown = show_times(said, rules, shots)
    assert len(shown) == len(said)
    assert all(rules.min_ms <= cue.end_ms - cue.start_ms <= rules.max_ms for cue in shown)
    assert all(right.start_ms - left.end_ms >= rules.gap_ms for left, right in pairwise(shown))
    assert all(cue.start_ms >= 0 for cue in shown)


@settings(deadline=None)
@given(speech(), st.sampled_from(BUILT_IN), st.sampled_from(["en", "de", "zh"]))
def test_every_cue_has_its_time_or_says_what_gave_way(said, house, language):
    rules = load_profile(house).rules(language)
    shown = show_times(said, rules)
    followers = [*(cue.start_ms for cue in shown[1:]), None]
    for cue, each, following in zip(shown, said, followers, strict=True):
        read_ms = rules.reading_ms(each.columns, each.words)
        needed = max(each.end_ms, cue.start_ms + max(rules.min_ms, read_ms))
        is_close = following is not None and cue.end_ms == following - rules.gap_ms
        assert ("reading_speed" in cue.gave_way) == (cue.end_ms - cue.start_ms < read_ms)
        off_ms = abs(cue.start_ms - each.start_ms)
        assert ("sync" in cue.gave_way) == (off_ms > rules.frames_ms(rules.sync_frames))
        # Where there is room, speech and reading are covered, and silence by the lead-out at most.
        if not is_close:
            assert cue.end_ms >= min(needed, cue.start_ms + rules.max_ms)
            # One to be closed to the next may have to end before that, for it has stayed its longest.
            longest = cue.end_ms == cue.start_ms + rules.max_ms
            assert longest or cue.end_ms <= max(each.end_ms + rules.lead_out_ms, needed)
        # Between two cues there is the gap, or time enough to see that there is one.
        if following is not None and not is_close and cue.end_ms < cue.start_ms + rules.max_ms:
            assert following - cue.end_ms >= rules.chain_ms
