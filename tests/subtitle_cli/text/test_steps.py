"""All steps together: words stay words, in order, with their times and speakers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.text import Glossary, TextOptions, polish
from subtitle_cli.text.language import Habits, habits_of
from tests.support.polished import spoken

EVERYTHING = TextOptions("style", "style", True, True, Glossary(("Kubernetes", "GitHub"), (("x y", "Z"),)))
TEXTS = {
    "en": ["Um,", "git", "hub", "twenty", "five", "3", '"Oh', 'shit!"', "um.", "cubernetes", "x", "y"],
    "de": ["Äh,", "fünfundzwanzig", "3", '"Scheiße"', "Kubernetis."],
    "fr": ["Euh,", "vingt-cinq", "3", "merde!", '"Oui"', "?"],
    "es": ["Eh,", "treinta", "y", "dos", "3", "mierda!", "qué?"],
    "hi": ["उम्म,", "पच्चीस", "3", "हरामी.", "है."],
    "zh": ["嗯，三十五个他妈的。", "走吧...", '"好"'],
}


@st.composite
def streams(draw):
    """Words of several languages and speakers, one after the other."""
    words = []
    for language in draw(st.lists(st.sampled_from(sorted(TEXTS)), max_size=4)):
        text = " ".join(draw(st.lists(st.sampled_from(TEXTS[language]), min_size=1, max_size=8)))
        at_s = words[-1].end_s if words else 0.0
        speaker = draw(st.sampled_from([None, "A", "B"]))
        words += [
            replace(word, start_s=word.start_s + at_s, end_s=word.end_s + at_s, speaker=speaker)
            for word in spoken(text, language)
        ]
    return words


@given(streams())
def test_words_stay_in_order_within_their_time_speaker_and_language(words):
    out, listed = polish(words, EVERYTHING)
    starts = [word.start_s for word in out]
    assert starts == sorted(starts)
    assert all(word.start_s <= word.end_s and word.text for word in out)
    assert not out or out[-1].end_s <= words[-1].end_s + 1e-9
    assert [change.at_s for change in listed] == sorted(change.at_s for change in listed)
    for word in out:
        near = [old for old in words if old.start_s <= word.start_s + 1e-9 < old.end_s + 1e-6]
        assert (word.speaker, word.language) in {(old.speaker, old.language) for old in near}


@given(streams())
def test_nothing_is_touched_unless_it_is_asked_for(words):
    assert polish(words, TextOptions()) == (words, [])


def test_each_language_of_a_film_has_its_own_habits():
    words = [*spoken('"Um, no."', "en"), *spoken('"Äh, nein."', "de")]
    out, _ = polish(words, TextOptions(typography="style", remove_fillers=True))
    assert [word.text for word in out] == ["“No.”", "„Nein.“"]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "hi", "zh"])
def test_there_are_lists_for_the_six_languages(language):
    habits = habits_of(language)
    assert habits.fillers
    assert len(habits.profanity) > 20
    assert all(entry == entry.casefold() for entry in habits.fillers | habits.profanity)


def test_unknown_languages_have_no_habits():
    assert habits_of("fi") == habits_of(None) == habits_of("../en") == Habits()
