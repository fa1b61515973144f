"""Cues that break one limit each, by construction, and cues at the limit, which break none."""

from fractions import Fraction

import pytest

from subtitle_cli.profiles import load_profile
from subtitle_cli.quality.conformity import check_conformity
from subtitle_cli.types import Cue

NETFLIX = load_profile("netflix").rules("en", Fraction(25))
GOOD = [Cue(1000, 3000, ("One line of text",)), Cue(3080, 5000, ("and two of them,", "this time."))]


def outside(cues, rules=NETFLIX, resolution_ms=1):
    """(limit, number of the cue, value) of each violation."""
    found = check_conformity(cues, rules, resolution_ms)
    return [(each.limit.name, each.number, each.value) for each in found.violations]


def test_cues_at_the_limit_are_within():
    cues = [
        Cue(0, 7000, ("x" * 42, "y" * 42)),
        Cue(7080, 7914, ("x" * 16,)),
    ]
    assert outside([*GOOD]) == []
    assert outside(cues) == []


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        ([Cue(0, 6000, ("x" * 43,))], [("line length", 1, 43)]),
        ([Cue(0, 6000, ("a", "b", "c"))], [("lines", 1, 3)]),
        ([Cue(0, 1999, ("x" * 42,))], [("reading speed", 1, 21)]),
        ([Cue(0, 800, ("x",))], [("shortest", 1, 800)]),
        ([Cue(0, 7100, ("x",))], [("longest", 1, 7100)]),
        ([GOOD[0], Cue(3070, 5000, ("x",))], [("gap", 1, 70)]),
        ([GOOD[0], Cue(2900, 5000, ("x",))], [("overlap", 2, 100)]),
        ([Cue(3000, 4000, ("x",)), Cue(1000, 2000, ("y",))], [("order", 2, 2000)]),
        ([Cue(2000, 1000, ("x",))], [("shortest", 1, -1000), ("order", 1, 1000)]),
        ([Cue(0, 1000, ())], [("text", 1, 0)]),
    ],
    ids=lambda value: value[0][0] if isinstance(value[0], tuple) else "",
)
def test_each_limit_is_found_broken(cues, expected):
    assert outside(cues) == expected


def test_a_cue_inside_an_earlier_long_one_overlaps_though_its_neighbour_does_not():
    cues = [Cue(0, 6000, ("x",)), Cue(1000, 2000, ("y",)), Cue(3000, 4000, ("z",))]
    assert outside(cues) == [("overlap", 2, 1000), ("overlap", 3, 1000)]


def test_rounding_of_times_is_no_breach():
    film = load_profile("netflix").rules("en", Fraction(24000, 1001))  # two frames are 83.4 ms
    assert outside([Cue(0, 833, ("x",)), Cue(916, 3000, ("y",))], film) == []
    assert outside([Cue(0, 830, ("x",)), Cue(910, 3000, ("y",))], film, resolution_ms=10) == []
    assert outside([Cue(0, 830, ("x",)), Cue(910, 3000, ("y",))], film) == [
        ("shortest", 1, 830),
        ("gap", 1, 80),
    ]


def test_chinese_counts_full_width_characters_and_half_ones():
    rules = load_profile("netflix").rules("zh")
    assert outside([Cue(0, 4000, ("中" * 16, "中" * 15 + "ab"))], rules) == []
    assert outside([Cue(0, 4000, ("中" * 16 + "a",))], rules) == [("line length", 1, 16.5)]
    assert outside([Cue(0, 999, ("中" * 10,))], rules) == [("reading speed", 1, 10)]


def test_a_house_that_counts_words_measures_words():
    rules = load_profile("bbc").rules("en")
    assert outside([Cue(0, 2000, ("one two three", "four five six"))], rules) == []
    (violation,) = check_conformity([Cue(0, 1999, ("a b c d e f g",))], rules).violations
    assert (violation.limit.unit, violation.value) == ("words a minute", 210)


def test_the_dashes_of_a_dialogue_need_no_reading():
    assert outside([Cue(0, 999, ("-" + "x" * 10, "-" + "y" * 10))]) == []
    french = load_profile("netflix").rules("fr")
    assert outside([Cue(0, 999, ("- " + "x" * 10, "- " + "y" * 7))], french) == []


def test_shares_and_the_order_of_gravity():
    cues = [Cue(2000 * n, 2000 * n + 1900, ("x" * length,)) for n, length in enumerate((10, 60, 44, 10))]
    conformity = check_conformity(cues, load_profile("ted").rules("en"))
    lines = conformity.limits[0]
    assert [each.number for each in conformity.of(lines)] == [2, 3]
    assert conformity.share(lines) == 0.5
    assert conformity.share_within_all == 0.5
    assert conformity.cues_outside == 2


def test_no_cues_break_nothing():
    conformity = check_conformity([], NETFLIX)
    assert conformity.share_within_all == 1
    assert {conformity.share(limit) for limit in conformity.limits} == {1}


def test_where_words_count_a_dash_with_a_space_is_none():
    rules = load_profile("bbc").rules("fr")
    cues = [Cue(0, 1400, ("- Tu viens ?", "- Oui."))]  # four words, the mark among them
    conformity = check_conformity(cues, rules)
    assert "reading speed" not in {each.limit.name for each in conformity.violations}
