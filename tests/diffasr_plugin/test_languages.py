"""Languages are told by their script and their commonest words."""

import pytest

from diffasr_plugin.config import LANGUAGES
from diffasr_plugin.languages import language_scores


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wo ist denn der Hund, den ich gesehen habe?", "de"),
        ("Where is the dog that I have seen?", "en"),
        ("¿Dónde está el perro que yo he visto?", "es"),
        ("Où est le chien que j'ai vu dans la rue ?", "fr"),
        ("वह कुत्ता कहाँ है?", "hi"),
        ("我看到的狗在哪里？", "zh"),
        ("ER IST NICHT HIER", "de"),
    ],
)
def test_the_language_of_a_sentence(text, language):
    scores = language_scores(text, LANGUAGES)
    assert max(scores, key=scores.get) == language
    assert sum(scores.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("text", ["", "Okay.", "1, 2, 3"])
def test_a_text_that_tells_nothing_favours_nothing(text):
    assert set(language_scores(text, ("de", "en"))) == {"de", "en"}
    assert set(language_scores(text, ("de", "en")).values()) == {0.5}


def test_a_language_without_a_list_never_wins():
    scores = language_scores("the dog and the cat", ("en", "it"))
    assert scores["en"] > 0.9
