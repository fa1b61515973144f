from fractions import Fraction

import pytest

from subtitle_cli.profiles import load_profile

NETFLIX = load_profile("netflix")


@pytest.mark.parametrize(
    ("rate", "gap_ms"),
    [(Fraction(25), 80), (Fraction(24), 84), (Fraction(24000, 1001), 84), (Fraction(60000, 1001), 34)],
)
def test_frames_are_the_film_s_own(rate, gap_ms):
    assert NETFLIX.rules("en", rate).gap_ms == gap_ms
    assert NETFLIX.rules("en", rate).frame_rate == rate


@pytest.mark.parametrize("rate", [None, Fraction(90000), Fraction(0), Fraction(1, 10)])
def test_a_rate_that_no_film_has_counts_as_unknown(rate):
    assert NETFLIX.rules("en", rate).gap_ms == 84


@pytest.mark.parametrize(
    ("language", "speed"),
    [("en", 20), ("en-GB", 20), ("EN_us", 20), ("zh-Hant-TW", 9), ("yue", 9), ("sw", 17), (None, 17)],
)
def test_a_language_is_found_without_its_region(language, speed):
    rules = NETFLIX.rules(language)
    assert (rules.reading_speed, rules.language) == (speed, language)
