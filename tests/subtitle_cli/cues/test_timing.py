from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.cues.timing import Spoken, show_times
from subtitle_cli.profiles import load_profile

RULES = load_profile("netflix").rules("en")  # gap 84 ms, 20 characters a second


def test_a_lone_cue_ends_450_ms_after_its_speech():
    assert show_times([Spoken(1000, 4000, 40)], RULES) == [(1000, 4450)]


def test_a_short_cue_stays_for_the_minimum():
    assert show_times([Spoken(1000, 1200, 3)], RULES) == [(1000, 1834)]


def test_a_cue_stays_until_it_can_be_read():
    assert show_times([Spoken(1000, 2000, 60)], RULES) == [(1000, 4000)]


def test_no_cue_stays_longer_than_the_maximum():
    assert show_times([Spoken(0, 6900, 80)], RULES) == [(0, 7000)]
    assert show_times([Spoken(0, 9000, 80)], RULES) == [(0, 7000)]


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
    first, second = show_times([Spoken(0, 2000, 10), Spoken(next_ms, next_ms + 1000, 10)], RULES)
    assert first == (0, end_ms)
    assert second[0] == next_ms


def test_reading_speed_gives_way_before_the_next_cue_does():
    first, second = show_times([Spoken(0, 1000, 80), Spoken(1500, 3000, 20)], RULES)
    assert (first, second[0]) == ((0, 1416), 1500)


def test_the_minimum_gives_way_before_the_next_cue_does():
    first, second = show_times([Spoken(0, 300, 5), Spoken(500, 2000, 20)], RULES)
    assert (first, second[0]) == ((0, 416), 500)


def test_the_next_cue_waits_for_one_that_would_only_flash():
    words_at_once = [Spoken(1000, 1000, 84)] * 3 + [Spoken(3000, 4000, 20)]
    assert show_times(words_at_once, RULES) == [(1000, 1250), (1334, 1584), (1668, 2916), (3000, 4450)]


def test_no_cues():
    assert show_times([], RULES) == []


@st.composite
def speech(draw):
    at_ms, spoken = 0, []
    for _ in range(draw(st.integers(1, 12))):
        at_ms += draw(st.integers(0, 3000))
        spoken.append(Spoken(at_ms, at_ms + draw(st.integers(0, 9000)), draw(st.integers(1, 84))))
        at_ms = draw(st.sampled_from([at_ms, spoken[-1].end_ms]))
    return spoken


@settings(deadline=None)
@given(speech(), st.sampled_from(["en", "de", "zh"]))
def test_every_cue_keeps_to_the_rules(spoken, language):
    rules = load_profile("netflix").rules(language)
    times = show_times(spoken, rules)
    followers = [*(start for start, _ in times[1:]), None]
    previous_end = None
    for (start, end), said, following in zip(times, spoken, followers, strict=True):
        needed = max(said.end_ms, start + rules.min_ms, start + said.columns * rules.reading_ms_a_column)
        has_room = following is None or end < following - rules.gap_ms
        # Never late but for a flash that would be; never longer than the maximum.
        assert start == said.start_ms or start == previous_end + rules.gap_ms > said.start_ms
        assert 250 <= end - start <= rules.max_ms
        # Where there is room, speech, minimum and reading speed are covered.
        assert not has_room or end >= min(needed, start + rules.max_ms)
        # Over silence by the lead-out at most, else as needed, else to close a gap.
        overhang_is_fine = end <= max(said.end_ms + rules.lead_out_ms, needed + 1)
        assert overhang_is_fine or (not has_room and needed > following - rules.chain_ms)
        # Between two cues there is the gap, or half a second.
        if has_room and following is not None and end < start + rules.max_ms:
            assert following - end >= rules.chain_ms
        previous_end = end
    assert all(right[0] - left[1] >= rules.gap_ms for left, right in pairwise(times))
