import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.cues.text import can_part, clusters, columns, cut, cut_long


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("theatre", 7),
        ("Großväter", 9),
        ("e\u0301te\u0301", 3),  # accents as characters of their own
        ("नमस्ते", 3),  # na, ma, s + te
        ("क्षत्रिय", 3),
        ("天气", 4),
        ("GPT模型", 7),
        ("，。", 4),
        ("한국", 4),
        ("👨‍👩‍👧", 2),
    ],
)
def test_width_in_columns(text, width):
    assert columns(text) == width


def test_quotes_and_dots_are_wide_in_a_chinese_font_only():
    assert columns("“…”") == 3
    assert columns("“…”", full_width=True) == 6


def test_letters_of_other_alphabets_are_narrow_in_a_chinese_font_too():
    assert columns("Да, αβγ é", full_width=True) == 9


def test_clusters_join_signs_with_their_letter():
    assert clusters("हिन्दी") == ["हि", "न्दी"]


@pytest.mark.parametrize(
    ("left", "right", "fine"),
    [
        ("天", "气", True),
        ("年", "G", True),
        ("，", "G", True),
        ("气", "。", False),
        ("《", "红", False),
        ("。", "”", False),
        ("d", "o", False),
        ("n", "'", False),
        ("3", ".", False),
        ("$", "3", False),
        ("ก", "ข", True),
        ("가", "나", False),  # Korean writes spaces
        ("ラ", "ー", False),
    ],
)
def test_where_lines_may_be_broken_without_a_space(left, right, fine):
    assert can_part(left, right) is fine


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("theatre", ["theatre"]),
        ("天气，很好。", ["天", "气，", "很", "好。"]),
        ("2024年的《红楼梦》GPT", ["2024", "年", "的", "《红", "楼", "梦》", "GPT"]),
        ("www.example.org/a-very-long/path", ["www.example.", "org/a-very-", "long/path"]),
        ("Donaudampfschiff", ["Donaudampfsc", "hiff"]),
    ],
)
def test_words_are_cut_by_character_or_when_too_wide(text, pieces):
    assert cut(text, max_columns=12) == pieces


@settings(deadline=None)
@given(st.text(min_size=1), st.integers(8, 42), st.booleans())
def test_pieces_fit_and_are_the_word_again(text, width, full_width):
    pieces = cut(text, width, full_width)
    assert "".join(pieces) == text
    assert all(pieces)
    assert all(columns(piece, full_width) <= width for piece in pieces)


def test_a_long_run_is_cut_between_clusters():
    assert cut_long(["ab", "c", "d"], 2, False) == ["ab", "cd"]
    assert cut_long(["न्दी"] * 5, 2, False) == ["न्दीन्दी", "न्दीन्दी", "न्दी"]
