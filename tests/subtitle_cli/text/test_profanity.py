"""Swear words keep their first letter only."""

import pytest

from tests.support.polished import changes, polished


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "What the Fucking hell, shit!", "What the F****** hell, s***!"),
        ("de", "So eine Scheiße, du Arschloch!", "So eine S******, du A********!"),
        ("fr", "Putain, quel con.", "P*****, quel c**."),
        ("es", "¡Mierda, coño!", "¡M*****, c***!"),
        ("hi", "वह हरामी है।", "वह ह** है।"),
        ("zh", "他妈的，走吧。", "他**，走吧。"),
    ],
)
def test_each_language_masks_its_own(language, said, written):
    assert polished(said, language, mask_profanity=True) == written
    assert polished(said, language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "The assassin in Scunthorpe had a cocktail, a classic."),
        ("de", "Der Marsch der Marschälle."),
        ("fr", "Un constable content se confie."),
        ("es", "La reputación del diputado."),
        ("zh", "他的妈妈在操场。"),
    ],
)
def test_harmless_words_that_contain_one_stay(language, said):
    assert polished(said, language, mask_profanity=True) == said


def test_each_mask_is_listed_with_its_time():
    (change,) = changes("Oh shit.", mask_profanity=True)
    assert (change.kind, change.old, change.new) == ("profanity", "shit.", "s***.")
    assert change.at_s > 0
