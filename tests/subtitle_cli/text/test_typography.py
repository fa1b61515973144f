"""Marks as each language prints them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.errors import UsageError
from subtitle_cli.punctuation import ends_sentence
from subtitle_cli.text import TextOptions
from tests.support.polished import changes, polished

NARROW, NO_BREAK = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", 'He said "it\'s ... fine" -- really.', "He said “it’s… fine” — really."),
        ("de", 'Er sagte: "Das ist gut."', "Er sagte: „Das ist gut.“"),
        ("de-CH", 'Er sagte: "Das ist gut."', "Er sagte: «Das ist gut.»"),
        ("fr", 'Il dit: "Ça va? Oui!"', f"Il dit{NO_BREAK}: «{NARROW}Ça va{NARROW}? Oui{NARROW}!{NARROW}»"),
        ("fr", "Quoi?! Non ; voilà !", f"Quoi{NARROW}?! Non{NARROW}; voilà{NARROW}!"),
        ("fr-CA", "Ça va? Oui: non.", f"Ça va? Oui{NO_BREAK}: non."),
        ("es", "Oye, qué haces? Ven aquí! Te gusta?", "Oye, ¿qué haces? ¡Ven aquí! ¿Te gusta?"),
        ("es", "¿Qué haces? ¡Ven!", "¿Qué haces? ¡Ven!"),
        ("es", 'Dijo: "Hola".', "Dijo: «Hola»."),
        ("hi", 'डॉ. राम ठीक है. "अच्छा?"', "डॉ. राम ठीक है। “अच्छा?”"),
        ("zh", '你好,他说:"今天..."', "你好，他说：“今天……”"),
        ("it", "Ma... no.", "Ma… no."),
    ],
)
def test_style_is_the_language_s_own(language, said, written):
    assert polished(said, language, typography="style") == written
    assert polished(said, language) == said


def test_straight_keeps_a_typewriter_s_quotes():
    assert polished("“It’s” ... so", typography="straight") == '"It\'s"… so'
    assert polished("Il dit « oui »", "fr", typography="straight") == 'Il dit "oui"'


def test_marks_are_not_listed_as_changes_of_words():
    assert changes('He said "no"...', typography="style") == []


def test_a_question_that_is_spaced_still_ends_its_sentence():
    written = polished('Il dit "ça va?"', "fr", typography="style")
    assert ends_sentence(written.split(" ")[-1])


@pytest.mark.parametrize("language", ["en", "de", "fr", "fr-CA", "es", "hi", "zh", "ru"])
@given(st.lists(st.sampled_from(['"ab', 'ab"', "ab", "?", "ab?", "ab...", "«", "»", "ab:", "-", "5'"])))
def test_only_marks_change_and_once_is_enough(language, chunks):
    text = " ".join(chunks)
    once = polished(text, language, typography="style")
    assert [sign for sign in once if sign.isalnum()] == [sign for sign in text if sign.isalnum()]
    assert not {'"'} & set(once) or language == "ru"


def test_an_unknown_way_is_refused():
    with pytest.raises(UsageError, match="--typography 'curly': it must be one of keep, style, straight"):
        TextOptions(typography="curly")
