import re
from fractions import Fraction

import pytest

from subtitle_cli.errors import UsageError
from subtitle_cli.rules import Rules, primary_language


@pytest.mark.parametrize(
    ("rate", "gap_ms"),
    [(Fraction(25), 80), (Fraction(24), 84), (Fraction(24000, 1001), 84), (Fraction(60000, 1001), 34)],
)
def test_the_gap_is_two_whole_frames_rounded_up(rate, gap_ms):
    assert Rules(frame_rate=rate).gap_ms == gap_ms


def test_the_gap_is_the_longer_of_two():
    assert Rules(gap_at_least_ms=200).gap_ms == 200
    assert Rules(gap_at_least_ms=50).gap_ms == 84
    assert Rules(gap_frames=0).gap_ms == 0


def test_a_line_of_sixteen_full_width_characters_has_room_for_thirty_two_others():
    assert Rules(max_line_chars=16, full_width=True).max_columns == 32
    assert Rules(max_line_chars=42).max_columns == 42


def test_reading_time_counts_characters():
    assert Rules(reading_speed=20).reading_ms(columns=20, words=4) == 1000
    assert Rules(reading_speed=20).reading_ms(columns=1, words=9) == 50
    assert Rules(reading_speed=17).reading_ms(columns=1, words=1) == 59  # 58.8, rounded up


def test_full_width_characters_take_two_columns():
    rules = Rules(reading_speed=9, full_width=True)
    assert rules.reading_ms_a_column * 18 == pytest.approx(1000)


def test_or_it_counts_words():
    rules = Rules(words_a_minute=180)
    assert rules.reading_ms(columns=60, words=9) == 3000
    assert rules.reading_ms(columns=1, words=9) == 3000


def test_frames_last_exactly_as_long_as_they_do():
    assert Rules(frame_rate=Fraction(24000, 1001)).frames_ms(24) == 1001


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_line_chars", 7),
        ("max_line_chars", 251),
        ("max_lines", 3),
        ("max_lines", 0),
        ("reading_speed", 0.0),
        ("reading_speed", float("nan")),
        ("reading_speed", float("inf")),
        ("words_a_minute", 0.0),
        ("words_a_minute", float("inf")),
        ("frame_rate", Fraction(0)),
        ("gap_frames", -1),
        ("gap_at_least_ms", -1),
        ("dialogue_dash", "---"),
        ("min_ms", 0),
        ("min_ms", 7000),
        ("max_ms", 0),
        ("max_ms", 60_001),
        ("chain_ms", 83),
        ("lead_in_ms", -1),
        ("lead_out_ms", -1),
        ("sync_frames", -1),
        ("max_shift_ms", -1),
        ("snap_in_frames", -1),
        ("snap_out_frames", -1),
        ("max_pause_ms", -1),
        ("gives_way", ("sync",)),
        ("gives_way", ("sync", "sync")),
        ("gives_way", ("reading_speed", "sync", "gap")),
    ],
)
def test_numbers_that_no_subtitle_could_keep_to_are_refused(field, value):
    with pytest.raises(UsageError, match=re.escape(f"{field} is {value!r}")):
        Rules(**{field: value})


def test_primary_language():
    tags = ("zh-Hant", "pt_BR", "EN", None, "cmn")
    assert [primary_language(tag) for tag in tags] == ["zh", "pt", "en", "", "zh"]
