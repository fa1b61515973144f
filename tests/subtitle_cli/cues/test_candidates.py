from dataclasses import replace

import numpy as np
import pytest

from subtitle_cli.cues import costs
from subtitle_cli.cues.breaks import break_costs
from subtitle_cli.cues.candidates import find_candidates
from subtitle_cli.cues.tokens import tokenise
from subtitle_cli.profiles import load_profile
from subtitle_cli.types import SpokenWord
from tests.support.spoken import converse, say

RULES = load_profile("netflix").rules("en")


def candidates(words, rules=RULES):
    tokens = tokenise(words, rules)
    return find_candidates(tokens, break_costs(tokens), rules)


def allowed(words, size, rules=RULES, first=0):
    cost = candidates(words, rules).cost
    return size <= cost.shape[1] and bool(np.isfinite(cost[first, size - 1]))


def words_at(*spans, text="word"):
    return [SpokenWord(text, start, end) for start, end in spans]


@pytest.mark.parametrize(("end_s", "fine"), [(7.0, True), (7.001, False)])
def test_no_cue_is_spoken_for_longer_than_it_may_stay(end_s, fine):
    starts = [0.0, 1.5, 3.0, 4.5, 6.0]
    words = words_at(*zip(starts, [*(start + 0.9 for start in starts[:-1]), end_s], strict=True))
    assert allowed(words, 5) is fine


@pytest.mark.parametrize(("start_s", "fine"), [(1.5, True), (1.501, False)])
def test_no_cue_stands_through_a_long_pause(start_s, fine):
    assert allowed(words_at((0.0, 0.5), (start_s, 2.0)), 2) is fine


@pytest.mark.parametrize(("width", "fine"), [(42, True), (43, False)])
def test_no_line_is_too_wide(width, fine):
    above, below = SpokenWord("a" * 42, 0.0, 0.5), SpokenWord("b" * (width - 3), 0.6, 1.0)
    words = [above, below, SpokenWord("bb", 1.0, 1.1)]
    assert allowed(words, 3) is fine


def test_with_one_line_only_a_line_fits():
    words = words_at((0, 0.5), (0.5, 1.0), text="a" * 30)
    assert allowed(words, 2)
    assert not allowed(words, 2, replace(RULES, max_lines=1))


def test_a_token_alone_is_always_a_candidate():
    words = words_at((0, 20.0), (0, 0), text="1" * 42)
    assert np.isfinite(candidates(words).cost[:, 0]).all()


def test_text_that_fits_on_one_line_is_not_broken():
    assert candidates(say("It all fits, on one line.")).upper[0, 5] == 0


def test_lines_are_broken_where_it_is_cheapest():
    words = say("The lazy dog slept, and the quick brown fox jumped over it.")
    assert candidates(words).upper[0, len(words) - 1] == 4


def test_the_lower_line_is_the_longer_one_of_two_equal_breaks():
    words = words_at(*((i * 0.3, i * 0.3 + 0.2) for i in range(5)), text="kleptomania")
    assert candidates(words, load_profile("netflix").rules("sw")).upper[0, 4] == 2


def test_two_speakers_get_a_line_each():
    words = converse(("Ann", "Is it you?"), ("Bob", "It is me, Ann."))
    assert candidates(words).upper[0, 6] == 3


@pytest.mark.parametrize(("width", "fine"), [(41, True), (42, False)])
def test_a_line_of_dialogue_has_room_for_its_dash(width, fine):
    words = [SpokenWord("No?", 0.0, 0.5, "Ann"), SpokenWord("b" * width, 0.6, 1.0, "Bob")]
    assert allowed(words, 2) is fine


def test_three_turns_do_not_share_a_cue():
    words = converse(("Ann", "No."), ("Bob", "Yes."), ("Ann", "No."))
    assert allowed(words, 2)
    assert not allowed(words, 3)


def cost_of(words, size=None):
    return candidates(words).cost[0, (size or len(words)) - 1]


def test_a_pause_makes_a_place_to_end_better_and_a_cue_that_spans_it_worse():
    tight = words_at((0, 0.5), (0.5, 1.0), (1.0, 1.5), text="word")
    loose = words_at((0, 0.5), (0.9, 1.4), (1.4, 1.9), text="word")
    assert cost_of(loose, 1) < cost_of(tight, 1)
    assert cost_of(loose, 2) > cost_of(tight, 2)


def test_a_cue_without_time_to_be_read_costs_more():
    text = "a" * 40
    calm = [SpokenWord(text, 0.0, 1.9), SpokenWord("b", 3.0, 3.2)]
    hasty = [SpokenWord(text, 0.0, 1.9), SpokenWord("b", 1.9, 2.2)]
    missing = 1 - (1900 - RULES.gap_ms) / 2000
    relief = costs.CUE_BREAK * (costs.PLAIN + costs.STRANDED) * costs.PAUSE_HELPS
    assert cost_of(hasty, 1) - cost_of(calm, 1) == pytest.approx(costs.TOO_FAST * missing + relief)


def test_a_cue_without_time_to_be_noticed_costs_more():
    calm = [SpokenWord("x", 0.0, 0.4), SpokenWord("b", 0.918, 1.2)]
    hasty = [SpokenWord("x", 0.0, 0.4), SpokenWord("b", 0.501, 1.2)]
    missing = 0.5  # 417 of 834 ms, but for the gap
    relief = costs.CUE_BREAK * (costs.PLAIN + costs.STRANDED) * costs.PAUSE_HELPS * (1 - 101 / 500)
    brief = costs.BRIEF * missing / 2  # of twice the minimum
    assert cost_of(hasty, 1) - cost_of(calm, 1) == pytest.approx(costs.TOO_SHORT * missing + brief + relief)


def test_a_cue_that_is_soon_over_costs_more():
    calm = [SpokenWord("x", 0.0, 0.9), SpokenWord("b", 1.752, 2.2)]
    brief = [SpokenWord("x", 0.0, 0.9), SpokenWord("b", 1.452, 2.2)]
    missing = 300 / 1668
    assert cost_of(brief, 1) - cost_of(calm, 1) == pytest.approx(costs.BRIEF * missing)


def test_a_sentence_that_ends_inside_a_line_costs_more():
    def words(mark):
        texts = f"kleptomaniac kleptomaniac kleptomaniac umbrella thieves{mark} Umbrellas vanish".split()
        return [SpokenWord(text, 0.5 * i, 0.5 * i + 0.5) for i, text in enumerate(texts)]

    difference = costs.HELD_SENTENCE + costs.MID_LINE
    assert cost_of(words(".")) - cost_of(words(",")) == pytest.approx(difference)


def test_half_a_sentence_in_a_dialogue_costs_more():
    def words(mark):
        times = [(0.0, 0.9, "No?", "Ann"), (1.0, 1.9, f"Yes{mark}", "Bob"), (1.9, 2.9, "Surely.", "Bob")]
        return [SpokenWord(text, start, end, speaker) for start, end, text, speaker in times]

    difference = costs.OPEN_DIALOGUE + costs.CUE_BREAK * (costs.CLAUSE - costs.SENTENCE)
    assert cost_of(words(","), 2) - cost_of(words("."), 2) == pytest.approx(difference)
