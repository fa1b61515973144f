"""Who translates: the recogniser into English, plugins into what they write."""

import pytest

from subtitle_cli.errors import UsageError
from subtitle_cli.translation import AUTO, RECOGNISER, TranslatorSpec, choose_translation


def spec(name, **changes):
    return TranslatorSpec(name, "Says it again.", lambda sentences, target: [], **changes)


ANY = spec("any")
TO_GERMAN = spec("to-german", sources=("en", "fr"), targets=("de",))
OFFERS = {each.name: each for each in (TO_GERMAN, ANY)}
ONLY_GERMAN = {"to-german": TO_GERMAN}


def test_into_english_the_recogniser_does_it():
    assert choose_translation("en", ["fr"], AUTO, OFFERS) is None
    assert choose_translation("en-GB", [], RECOGNISER, {}) is None


def test_a_recogniser_that_cannot_leaves_it_to_a_plugin():
    assert choose_translation("en", ["fr"], AUTO, OFFERS, recogniser_can=False) is ANY


def test_the_first_plugin_that_reads_and_writes_the_languages_does_it():
    assert choose_translation("de", ["fr"], AUTO, ONLY_GERMAN) is TO_GERMAN
    assert choose_translation("de-AT", [], AUTO, ONLY_GERMAN) is TO_GERMAN
    assert choose_translation("de", ["hi"], AUTO, OFFERS) is ANY
    assert choose_translation("en", ["fr"], "any", OFFERS) is ANY


@pytest.mark.parametrize(
    ("target", "spoken", "wish", "message"),
    [
        (
            "pt",
            [],
            AUTO,
            "nothing here translates from any language into 'pt': .* to-german translates from en, fr",
        ),
        ("de", ["hi"], AUTO, "nothing here translates from hi into 'de'"),
        ("pt", ["en"], "to-german", "to-german translates from en, fr into de, so not from en into 'pt'"),
        ("de", [], "to-germn", "no translator is called 'to-germn'; did you mean to-german"),
        ("de", [], RECOGNISER, "the recogniser cannot translate into 'de'; some can into English"),
    ],
)
def test_what_nobody_can_do_is_said_with_what_they_can(target, spoken, wish, message):
    with pytest.raises(UsageError, match=message):
        choose_translation(target, spoken, wish, ONLY_GERMAN)


def test_without_any_translator_that_is_said():
    with pytest.raises(UsageError, match="no translator is installed"):
        choose_translation("pt", [], AUTO, {})
