"""Names are corrected where they were surely said, and common words are left alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.text import Glossary, TextOptions, polish
from subtitle_cli.text.sounds import has_word_list, is_common
from subtitle_cli.types import SpokenWord
from tests.support.polished import changes, polished, spoken

NAMES = (
    *("Kubernetes", "PyTorch", "pyannote", "Asterisk", "Whisper-base", "Hamburg", "Einstein", "Müller"),
    *("GitHub", "iPhone", "GPT-4", "New York", "Siobhan Walsh", "Reykjavik", "Schwarzenegger", "Apple"),
)
WORD_LISTS = ("en", "de", "fr", "es")


def corrected(text, language="en", terms=NAMES, replacements=()):
    return polished(text, language, glossary=Glossary(tuple(terms), tuple(replacements)))


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("We use cubernetes here.", "We use Kubernetes here."),
        ("Kubernetis, really?", "Kubernetes, really?"),
        ("It is pyanote's model.", "It is pyannote's model."),
        ("I met Shwarzenegger.", "I met Schwarzenegger."),
        ("With (whisper base) now.", "With (Whisper-base) now."),
        ("On git hub, in new york.", "On GitHub, in New York."),
        ("Iphone and GPT 4.", "iPhone and GPT-4."),
        ("With siobhan welsh.", "With Siobhan Walsh."),
        ("KUBERNETES IS FINE.", "KUBERNETES IS FINE."),
        ("All Kubernetes.", "All Kubernetes."),
    ],
)
def test_names_are_corrected_with_marks_and_endings_kept(said, written):
    assert corrected(said) == written


@pytest.mark.parametrize(
    ("said", "terms"),
    [
        ("An apple a day.", ["Apple"]),
        ("A whisker, a whisper.", ["Whisper"]),
        ("Together to get her.", ["Together", "ToGether"]),
        ("GPT 3 came before.", ["GPT-4"]),
        ("Anna and Anne.", ["Anne"]),
        ("The house. Boat is near.", ["Houseboat"]),  # a sentence ends in it
        ("Marten sleeps.", ["Martin", "Marton"]),  # as near to both
        ("A base for the whisper.", ["Whisper-base"]),
    ],
)
def test_what_may_be_something_else_stays(said, terms):
    assert corrected(said, terms=terms) == said


def test_an_inflected_name_is_no_misspelling():
    assert corrected("Hamburgs Hafen und Müllers Haus.", "de") == "Hamburgs Hafen und Müllers Haus."
    assert corrected("Herr Muller in Hamburk.", "de") == "Herr Müller in Hamburg."


@pytest.mark.parametrize(
    ("language", "said", "term", "written"),
    [
        ("en", "Our cubernetes runs.", "Kubernetes", "Our Kubernetes runs."),  # Latin
        ("ru", "Мы любим Кубернетис очень.", "Кубернетес", "Мы любим Кубернетес очень."),  # Cyrillic
        ("el", "Ο Σωκράτις μιλάει.", "Σωκράτης", "Ο Σωκράτης μιλάει."),  # Greek
        ("hi", "कुबरनेटिस अच्छा है।", "कुबेरनेटिस", "कुबेरनेटिस अच्छा है।"),  # Devanagari
        ("zh", "我喜欢库伯内提斯。", "库伯内蒂斯", "我喜欢库伯内蒂斯。"),  # Han
        ("ar", "أحب كوبرنيتيس جدا.", "كوبرنيتس", "أحب كوبرنيتس جدا."),  # Arabic
    ],
)
def test_each_script_is_corrected_by_its_letters(language, said, term, written):
    assert corrected(said, language, [term]) == written


@pytest.mark.parametrize(
    ("language", "said", "term"),
    [
        ("hi", "नमस्ते दोस्तों।", "नमस्कार"),
        ("zh", "我喜欢北京。", "南京"),
        ("zh", "我们去上海吧。", "上海滩"),
        ("ru", "Мы говорим о погоде.", "Погодин"),
    ],
)
def test_other_words_of_each_script_stay(language, said, term):
    assert corrected(said, language, [term]) == said


@pytest.mark.parametrize("language", WORD_LISTS)
def test_no_common_word_becomes_a_name(language):
    from spellchecker import SpellChecker

    assert has_word_list(language)
    frequencies = SpellChecker(language=language).word_frequency
    common = random.Random(8).sample(sorted(frequencies), 3000)
    names = [name for name in NAMES if not is_common(name, language)]
    words = [SpokenWord(word, 2.0 * i, 2.0 * i + 0.5, language=language) for i, word in enumerate(common)]
    assert polish(words, TextOptions(glossary=Glossary(tuple(names))))[1] == []


@given(
    st.lists(st.sampled_from(["the", "whisper", "base", "Kubernetes.", "cubernetes", "git", "hub", "apple,"]))
)
def test_correcting_twice_changes_nothing_more_and_times_stay_in_order(chunks):
    options = TextOptions(glossary=Glossary(NAMES))
    words = spoken(" ".join(chunks))
    once, listed = polish(words, options)
    assert polish(once, options) == (once, [])
    starts = [word.start_s for word in once]
    assert starts == sorted(starts)
    assert not once or (once[0].start_s, once[-1].end_s) == (words[0].start_s, words[-1].end_s)
    assert bool(listed) == ([word.text for word in once] != [word.text for word in words])


def test_what_a_line_says_is_heard_is_replaced_whatever_it_is():
    lines = [("cooper netties", "Kubernetes"), ("mister", "Mr"), ("she one", "Siobhan Walsh")]
    said = "Mister Cooper Netties! With she one, Mister X."
    assert corrected(said, terms=(), replacements=lines) == "Mr Kubernetes! With Siobhan Walsh, Mr X."
    assert corrected("她说他妈的。", "zh", (), [("他妈的", "天哪")]) == "她说天哪。"


def test_a_merged_name_has_the_time_of_all_its_words_and_is_listed():
    words = spoken("So git hub it is.")
    out, (change,) = polish(words, TextOptions(glossary=Glossary(("GitHub",))))
    assert (out[1].text, out[1].start_s, out[1].end_s) == ("GitHub", words[1].start_s, words[2].end_s)
    assert (change.at_s, change.kind, change.old, change.new) == (
        words[1].start_s,
        "glossary",
        "git hub",
        "GitHub",
    )


def test_names_are_not_joined_across_speakers_or_pauses():
    words = [*spoken("git", speaker="A"), *spoken("hub", speaker="B")]
    assert polish(words, TextOptions(glossary=Glossary(("GitHub",))))[1] == []
    assert changes("git ~ ~ ~ hub", glossary=Glossary(("GitHub",))) == []
