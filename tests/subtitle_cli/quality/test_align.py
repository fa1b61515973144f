"""Cues moved off speech that they belong to, by known lines, are brought back; others are refused."""

import random
from fractions import Fraction

import pytest

from subtitle_cli.errors import WeakEvidence
from subtitle_cli.quality.align import FEWEST_CUES, RATES, align
from subtitle_cli.types import Cue, Turn

HEARD_EARLY_S = 0.04


def converse(seed, count=120):
    """Speech as it comes: stretches of 1 to 5 s with pauses of 0.1 to 3 s."""
    dice = random.Random(seed)
    turns, at_s = [], 2.0
    for _ in range(count):
        end_s = at_s + dice.uniform(1, 5)
        turns.append(Turn(at_s, end_s))
        at_s = end_s + dice.choice((0.1, 0.4, 0.8, 1.5, 3))
    return turns, at_s + 5


def subtitle(turns, offset_s=0.0, rate=1.0, seed=0, kept=1.0):
    """Cues in on the speech, give or take 40 ms, and out up to 0.4 s later; seen by another clock."""
    dice = random.Random(seed)
    cues = []
    for turn in turns:
        start_s = turn.start_s + HEARD_EARLY_S + dice.gauss(0, 0.04)
        end_s = turn.end_s + dice.uniform(0, 0.4)
        if dice.random() < kept:
            edges = (round(1000 * (each - offset_s) / rate) for each in (start_s, end_s))
            cues.append(Cue(*edges, ("x",)))
    return cues


def worst_error_s(cues, alignment, offset_s, rate):
    clock = alignment.clock
    times = (cue.start_ms / 1000 for cue in cues)
    return max(abs(clock.at(time) - (offset_s + rate * time)) for time in times)


@pytest.mark.parametrize("offset_s", [0.0, 0.7, -28.0, 300.0])
@pytest.mark.parametrize("rate", [1.0, float(Fraction(25, 24)), float(Fraction(24000, 25025))])
def test_offsets_and_drifts_are_found(offset_s, rate):
    turns, duration_s = converse(seed=1)
    cues = subtitle(turns, offset_s, rate)
    alignment = align(cues, turns, duration_s)
    assert worst_error_s(cues, alignment, offset_s, rate) < 0.04
    assert alignment.strength > 2
    assert alignment.clock.pairs > 60


def test_a_small_drift_of_no_usual_rate_is_found_too():
    turns, duration_s = converse(seed=2, count=300)
    cues = subtitle(turns, 1.0, 1.0004)
    alignment = align(cues, turns, duration_s)
    assert worst_error_s(cues, alignment, 1.0, 1.0004) < 0.04
    assert alignment.clock.rate == pytest.approx(1.0004, abs=5e-5)


def test_cues_that_lack_a_third_and_lie_in_a_part_of_the_film_still_fit():
    turns, duration_s = converse(seed=3, count=200)
    cues = subtitle(turns[60:140], -5.0, kept=0.67)
    assert worst_error_s(cues, align(cues, turns, duration_s), -5.0, 1.0) < 0.06


def test_the_order_of_cues_does_not_matter():
    turns, duration_s = converse(seed=1)
    cues = subtitle(turns, 4.0)
    assert align(cues[::-1], turns, duration_s) == align(cues, turns, duration_s)


@pytest.mark.parametrize("seed", range(4, 10))
def test_cues_of_another_film_are_refused(seed):
    turns, duration_s = converse(seed=1)
    other, _ = converse(seed=seed)
    with pytest.raises(WeakEvidence, match="times as well as shuffled ones do"):
        align(subtitle(other), turns, duration_s)


def test_cues_all_alike_fit_everywhere_and_are_refused():
    turns = [Turn(4.0 * n, 4.0 * n + 2) for n in range(60)]
    with pytest.raises(WeakEvidence):
        align(subtitle(turns, 3.0), turns, 240)


def test_a_film_of_one_long_speech_fits_everything_and_is_refused():
    turns, duration_s = converse(seed=1)
    with pytest.raises(WeakEvidence, match="times as well as shuffled ones do"):
        align(subtitle(turns), [Turn(0.0, duration_s)], duration_s)


def test_few_cues_and_silent_films_are_refused():
    turns, duration_s = converse(seed=1)
    with pytest.raises(WeakEvidence, match=f"7 cues are too few .* it takes {FEWEST_CUES}"):
        align(subtitle(turns[:7]), turns, duration_s)
    with pytest.raises(WeakEvidence, match="nobody speaks"):
        align(subtitle(turns), [], duration_s)


@pytest.mark.parametrize("stray_ms", [359_999_000, 10**12])
def test_a_stray_cue_far_away_is_told_before_it_costs_memory(stray_ms):
    turns, duration_s = converse(seed=1)
    cues = [*subtitle(turns), Cue(stray_ms, stray_ms + 999, ("x",))]
    with pytest.raises(WeakEvidence, match=f"over {stray_ms / 3.6e6:.0f} hours, and 24 .* a stray one"):
        align(cues, turns, duration_s)


def test_cues_that_do_not_fit_into_the_film_are_refused():
    turns, _ = converse(seed=1)
    with pytest.raises(WeakEvidence, match="so much longer than the film"):
        align(subtitle(turns), turns[:5], turns[5].start_s)


@pytest.mark.parametrize(("share", "step_s"), [(0.3, 5.0), (0.3, 120.0), (0.1, 30.0)])
def test_what_was_moved_by_a_cut_is_told(share, step_s):
    turns, duration_s = converse(seed=1, count=300)
    cues = subtitle(turns, 7.0)
    cut = round(len(turns) * (1 - share))
    later = [Turn(turn.start_s + step_s, turn.end_s + step_s) for turn in turns[cut:]]
    alignment = align(cues, [*turns[:cut], *later], duration_s + step_s)
    assert alignment.clock.offset_s == pytest.approx(7.0, abs=0.05)
    ((start_s, end_s),) = alignment.loose_s
    assert start_s == pytest.approx(cues[cut].start_ms / 1000, abs=100)  # half of twenty sentences
    assert end_s == pytest.approx(cues[-1].start_ms / 1000, abs=20)


@pytest.mark.parametrize("kept", [1.0, 0.6])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_where_all_fits_nothing_is_told(seed, kept):
    turns, duration_s = converse(seed, count=300)
    assert align(subtitle(turns, 7.0, 25 / 24, seed, kept), turns, duration_s).loose_s == ()


def test_the_usual_rates_are_those_between_frame_rates():
    assert RATES[0] == 1
    assert Fraction(25, 24) in RATES
    assert Fraction(24000, 25025) in RATES
    assert Fraction(1001, 1000) in RATES
    assert {1 / rate for rate in RATES} == set(RATES)
