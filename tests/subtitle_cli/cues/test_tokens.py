import pytest

from subtitle_cli.cues.tokens import join, tokenise
from subtitle_cli.profiles import load_profile
from subtitle_cli.types import SpokenWord

ENGLISH, CHINESE = load_profile("netflix").rules("en"), load_profile("netflix").rules("zh")


def times(tokens):
    return [(token.start_ms, token.end_ms) for token in tokens]


def test_a_word_becomes_a_token_with_rounded_times():
    word = SpokenWord("Hello,", 1.23456, 1.5678, "Ann")
    (token,) = tokenise([word], ENGLISH)
    assert (token.text, token.start_ms, token.end_ms) == ("Hello,", 1235, 1568)
    assert (token.columns, token.speaker, token.language, token.word) == (6, "Ann", "en", word)


def test_a_word_s_own_language_goes_before_the_film_s():
    (token,) = tokenise([SpokenWord("Hallo", 0, 1, language="de")], ENGLISH)
    assert token.language == "de"


def test_chinese_is_cut_by_character_and_each_gets_its_share_of_the_time():
    words = [
        SpokenWord("今天，", 1.0, 1.6, space_before=False),
        SpokenWord("好", 1.7, 1.9, space_before=False),
    ]
    tokens = tokenise(words, CHINESE)
    assert [token.text for token in tokens] == ["今", "天，", "好"]
    assert times(tokens) == [(1000, 1200), (1200, 1600), (1700, 1900)]
    assert [token.word for token in tokens] == [words[0], None, words[1]]
    assert join(tokens) == "今天，好"


def test_white_space_and_control_characters_part_a_word_but_no_break_spaces_stay():
    tokens = tokenise([SpokenWord(" New\nYork ", 0, 1), SpokenWord("20\u00a0%\x1b", 1, 2)], ENGLISH)
    assert [token.text for token in tokens] == ["New", "York", "20\u00a0%"]
    assert join(tokens) == "New York 20\u00a0%"


def test_words_without_text_are_left_out():
    assert tokenise([SpokenWord("", 0, 1), SpokenWord(" \n", 1, 2)], ENGLISH) == []


def test_a_word_wider_than_a_line_is_cut():
    tokens = tokenise([SpokenWord("a" * 100, 0.0, 10.0)], ENGLISH)
    assert [token.columns for token in tokens] == [42, 42, 16]
    assert join(tokens) == "a" * 100


@pytest.mark.parametrize(
    ("text", "longest_ms"), [("Well,", 1200), ("internationalisation", 2400), ("1984", 2400), ("好", 960)]
)
def test_a_word_that_lasts_absurdly_is_trimmed_by_its_length(text, longest_ms):
    (token,) = tokenise([SpokenWord(text, 5.0, 17.0)], ENGLISH)
    assert (token.start_ms, token.end_ms) == (5000, 5000 + longest_ms)


def test_times_are_put_in_order():
    spans = [(1.0, 1.4), (1.2, 1.1), (0.5, 3.0), (-4.0, -3.0), (2.0, 2.2)]
    tokens = tokenise([SpokenWord("word", start, end) for start, end in spans], ENGLISH)
    assert times(tokens) == [(1000, 1200), (1200, 1200), (1200, 1200), (1200, 1200), (2000, 2200)]


def test_a_word_before_the_start_of_the_picture_begins_with_it():
    assert times(tokenise([SpokenWord("early", -0.5, 0.3)], ENGLISH)) == [(0, 300)]


def test_labels_stand_where_the_speaker_changes():
    words = [
        SpokenWord("Hi.", 0, 1, "SPEAKER_00"),
        SpokenWord("Hi.", 1, 2, "SPEAKER_00"),
        SpokenWord("Ho.", 2, 3, "Bob"),
        SpokenWord("Hm.", 3, 4, None),
    ]
    tokens = tokenise(words, ENGLISH, labels=True)
    assert join(tokens) == "SPEAKER 1: Hi. Hi. Bob: Ho. Hm."
    assert [token.is_label for token in tokens] == [True, False, False, True, False, False]
    assert times(tokens)[3] == (2000, 2000)


def test_a_label_parts_from_chinese_by_a_space():
    assert (
        join(tokenise([SpokenWord("好", 0, 1, "Li", space_before=False)], CHINESE, labels=True)) == "Li: 好"
    )


@pytest.mark.parametrize("rules", [ENGLISH, CHINESE])
def test_a_label_longer_than_a_line_is_shortened(rules):
    label, _ = tokenise([SpokenWord("Hi.", 0, 1, "The Honourable " * 9)], rules, labels=True)
    assert label.text.startswith("The Honourable The")
    assert label.text.endswith("…:")
    assert label.columns <= rules.max_columns


def test_join_of_nothing():
    assert join([]) == ""
