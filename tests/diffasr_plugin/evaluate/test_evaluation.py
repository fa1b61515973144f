"""Measurements whose figures can be counted by hand."""

import pytest

from diffasr_plugin.asr import Transcript, UnsupportedLanguage, Word
from diffasr_plugin.evaluate.evaluation import evaluate, measure
from diffasr_plugin.evaluate.manifest import Clip
from diffasr_plugin.evaluate.run import Recognition, Run, RunOptions
from diffasr_plugin.scoring import ErrorCounts


def recognised(said, found, language, words=(), true_words=()):
    clip = Clip(None, said, language, words=tuple(true_words))
    return Recognition(clip, 2.0, Transcript(found, language, tuple(words)))


def test_each_set_and_language_by_itself(record, counting):
    sets = {
        "mixed": [
            record("a.wav", 2, "one two", "de"),
            record("b.wav", 1, "eleven", "en"),
            record("c.wav", 3, "one two four", "de"),
        ],
        "other": [record("d.wav", 1, "one", "de")],
    }
    told = []
    done = evaluate(counting, sets, RunOptions(), lambda *step: told.append(step))
    assert [(item.name, item.language) for item in done] == [
        ("mixed", "de"),
        ("mixed", "en"),
        ("other", "de"),
    ]
    assert done[0].rates.words.counts == ErrorCounts(hits=4, substitutions=1)
    assert done[0].rates.words.interval.high == pytest.approx(1 / 3)
    assert done[1].rates.words.value == 1.0
    assert done[1].rates.words.interval is None
    assert done[2].rates.characters.counts == ErrorCounts(hits=3)
    assert told == [("mixed de", 2, 2), ("mixed en", 1, 1), ("other de", 1, 1)]


def test_an_unknown_language_is_told_before_the_work(record, counting):
    sets = {"a": [record("a.wav", 2, "one two", "de")], "b": [record("b.wav", 1, "un", "fr")]}
    with pytest.raises(UnsupportedLanguage, match="'fr'"):
        evaluate(counting, sets, RunOptions())
    assert counting.batches == []
    assert len(evaluate(counting, sets, RunOptions(tell_language=False))) == 2


def test_both_figures_for_chinese_and_hindi():
    chinese = measure("s", "zh", Run((recognised("汉语", "漢語", "zh"),), 1.0))
    assert chinese.rates.words.value == 1.0
    assert chinese.one_script.words.value == chinese.one_script.characters.value == 0.0
    hindi = measure("s", "hi", Run((recognised("हिन्दी", "हिंदी", "hi"), recognised("यह", "یہ", "hi")), 1.0))
    assert (hindi.rates.words.value, hindi.one_script.words.value) == (1.0, 0.5)
    assert hindi.other_script == 1
    assert measure("s", "en", Run((recognised("a", "a", "en"),), 1.0)).one_script is None


def test_word_times():
    found = [Word("one", 0.1, 0.4), Word("two", 1.0, 1.2)]
    true = [Word("one", 0.0, 0.4), Word("two", 0.5, 1.0)]
    timed = measure("s", "en", Run((recognised("one two", "one two", "en", found, true),), 1.0)).timing
    assert (timed.words, timed.close) == (2, 0.5)
    assert timed.median_s == pytest.approx(0.3)
    assert measure("s", "en", Run((recognised("one", "one", "en", found),), 1.0)).timing is None
