import re
from fractions import Fraction

import pytest

from subtitle_cli.errors import UsageError
from subtitle_cli.profiles import load_profile
from subtitle_cli.rules import Rules, primary_language


@pytest.mark.parametrize(
    ("language", "chars", "speed", "full_width", "dash"),
    [
        ("en", 42, 20, False, "-"),
        ("de", 42, 17, False, "-"),
        ("fr", 42, 17, False, "- "),
        ("es", 42, 17, False, "- "),
        ("hi", 42, 22, False, "-"),
        ("zh", 16, 9, True, "-"),
        ("zh-Hant-TW", 16, 9, True, "-"),
        ("yue", 16, 9, True, "-"),
        ("sw", 42, 17, False, "-"),
        (None, 42, 17, False, "-"),
    ],
)
def test_the_numbers_of_each_language(language, chars, speed, full_width, dash):
    rules = load_profile("netflix").rules(language)
    assert (rules.max_line_chars, rules.reading_speed) == (chars, speed)
    assert (rules.full_width, rules.dialogue_dash) == (full_width, dash)
    assert rules.language == language
    assert (rules.max_lines, rules.min_ms, rules.max_ms) == (2, 834, 7000)


@pytest.mark.parametrize(
    ("rate", "gap_ms"),
    [(Fraction(25), 80), (Fraction(24), 84), (Fraction(24000, 1001), 84), (Fraction(60000, 1001), 34)],
)
def test_the_gap_is_two_whole_frames_rounded_up(rate, gap_ms):
    assert load_profile("netflix").rules("en", rate).gap_ms == gap_ms


@pytest.mark.parametrize("rate", [None, Fraction(90000), Fraction(0), Fraction(1, 10)])
def test_a_rate_that_no_film_has_counts_as_unknown(rate):
    assert load_profile("netflix").rules("en", rate).gap_ms == 84


def test_a_line_of_sixteen_full_width_characters_has_room_for_thirty_two_others():
    assert load_profile("netflix").rules("zh").max_columns == 32
    assert load_profile("netflix").rules("de").max_columns == 42


def test_reading_time_counts_full_width_characters():
    assert 18 * load_profile("netflix").rules("zh").reading_ms_a_column == pytest.approx(
        1000
    )  # nine Han characters
    assert 20 * load_profile("netflix").rules("en").reading_ms_a_column == pytest.approx(1000)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_line_chars", 7),
        ("max_lines", 3),
        ("max_lines", 0),
        ("reading_speed", 0.0),
        ("frame_rate", Fraction(0)),
        ("gap_frames", -1),
        ("dialogue_dash", "---"),
        ("min_ms", 7000),
        ("chain_ms", 83),
        ("lead_out_ms", -1),
        ("max_pause_ms", -1),
    ],
)
def test_numbers_that_no_subtitle_could_keep_to_are_refused(field, value):
    with pytest.raises(UsageError, match=re.escape(f"{field} is {value!r}")):
        Rules(**{field: value})


def test_primary_language():
    assert [primary_language(tag) for tag in ("zh-Hant", "pt_BR", "EN", None, "cmn")] == [
        "zh",
        "pt",
        "en",
        "",
        "zh",
    ]
