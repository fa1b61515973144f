"""Word times against true ones."""

import pytest

from diffasr_plugin.asr import Word
from diffasr_plugin.evaluate.timing import WordTiming, deviations, word_timing


def words(*pairs):
    return [Word(text, start_s, start_s + 0.1) for text, start_s in pairs]


def test_only_words_that_both_have_count():
    said = words(("Well,", 0.0), ("I'm", 1.0), ("here", 2.0), ("now", 3.0))
    recognised = words(("well", 0.1), ("I'm", 0.7), ("there", 2.0), ("now.", 3.0))
    assert deviations(said, recognised, "en") == pytest.approx([0.1, -0.3, 0.0])


def test_punctuation_has_no_time():
    assert deviations(words(("—", 0.0), ("ja", 1.0)), words(("ja", 1.5)), "de") == [0.5]


def test_without_words_there_is_nothing_to_compare():
    assert deviations([], words(("ja", 1.0)), "de") == []


def test_summary():
    assert word_timing([0.1, -0.2, 0.5, 0.0]) == WordTiming(4, pytest.approx(0.15), 0.75)
    assert word_timing([]) is None
