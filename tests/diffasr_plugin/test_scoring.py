"""Scores with answers that can be counted by hand."""

import math

import pytest

from diffasr_plugin import scoring
from diffasr_plugin.scoring import ErrorCounts, cer, character_errors, normalise, wer, word_errors


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Well, it's twenty-five dollars, colour!", "well it is $25 color"),
        ("en-GB", "I'm  [music] here (laughs).", "i am here"),
        ("de", "Größe, Straße: »Ähm« …", "größe straße ähm"),
        ("fr", "L'été, aujourd’hui ?", "l été aujourd hui"),
        ("hi", "नमस्ते, दुनिया।", "नमस्ते दुनिया"),
        ("zh", "你好，世界！", "你 好 世 界"),
        ("zh_CN", "共3个。", "共 3 个"),
        ("en", "Well… okay... 3.5 ..", "well okay 3.5"),
        (None, "It's Ok", "it s ok"),
        ("es", " \n ¡¿?! ", ""),
    ],
)
def test_normalised_text(language, text, expected):
    assert normalise(text, language) == expected


def test_each_kind_of_word_error_is_counted():
    counts = word_errors("so we walked back home again then", "we walked back home once again now", "en")
    assert counts == ErrorCounts(hits=5, substitutions=1, deletions=1, insertions=1)
    assert (counts.errors, counts.reference_length, counts.rate) == (3, 7, 3 / 7)


def test_case_and_punctuation_are_no_errors():
    assert word_errors("Hello, World!", "hello world", "en").errors == 0


def test_chinese_characters_count_as_words():
    assert word_errors("今天天气好", "今天天汽好", "zh") == ErrorCounts(hits=4, substitutions=1)
    assert cer([("今天天气好", "今 天 天 汽 好")], "zh") == pytest.approx(1 / 5)


def test_character_errors_count_the_space():
    assert character_errors("ab cd", "abcd", "de") == ErrorCounts(hits=4, deletions=1)


def test_rates_are_over_the_whole_set_not_means_of_rates():
    pairs = [("eins", "zwei"), ("eins zwei drei", "eins zwei drei")]
    assert wer(pairs, "de") == pytest.approx(1 / 4)
    assert cer([("ab", "ac"), ("abcdef", "abcdef")], "de") == pytest.approx(1 / 8)


def test_a_rate_may_exceed_one():
    assert wer([("ja", "nein nein nein")], "de") == 3.0


@pytest.mark.parametrize("score", [wer, cer])
def test_an_empty_reference(score):
    assert score([], "en") == 0.0
    assert score([("", "...")], "en") == 0.0
    assert math.isinf(score([("", "words from nowhere")], "en"))
    assert word_errors("", "two words", "en") == ErrorCounts(insertions=2)


def test_an_empty_hypothesis_deletes_everything():
    assert wer([("zwei worte", "")], "de") == 1.0


def test_public_names():
    assert sorted(scoring.__all__) == [
        "ErrorCounts",
        "cer",
        "character_errors",
        "normalise",
        "wer",
        "word_errors",
    ]
