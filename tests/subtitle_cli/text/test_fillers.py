"""Sounds of hesitation go, and the marks that they leave are right."""

import pytest

from subtitle_cli.text import TextOptions, polish
from subtitle_cli.text.fillers import remove_fillers
from tests.support.polished import changes, polished, spoken


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "Um, so I, um, think uh we should go.", "So I think we should go."),
        ("de", "Ähm, das ist äh gut.", "Das ist gut."),
        ("fr", "Euh, je ne sais pas, euh, vraiment.", "Je ne sais pas vraiment."),
        ("es", "Eh, ¿qué haces?", "¿Qué haces?"),
        ("hi", "उम्म मैं, अम्म, ठीक हूँ।", "मैं ठीक हूँ।"),
        ("zh", "嗯，我们呃走吧。", "我们走吧。"),
    ],
)
def test_each_language_loses_its_own_fillers(language, said, written):
    assert polished(said, language, remove_fillers=True) == written
    assert polished(said, language) == said


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("We should go, um.", "We should go."),
        ("We should go um!", "We should go!"),
        ("Really. Uh, yes.", "Really. Yes."),
        ("Um, uh, hello.", "Hello."),
        ("Um, iPhones.", "iPhones."),
        ('"Um, hello," he said.', '"Hello," he said.'),
        ('He said "um" and left.', "He said and left."),
        ("It was, ummmm, late.", "It was late."),
        ("Um.", ""),
        ("I think um... we go.", "I think... we go."),
    ],
)
def test_marks_and_capitals_stay_right(said, written):
    assert polished(said, remove_fillers=True) == written


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Hm? To err is human. Umbrellas. Well, you know."),
        ("de", "Er hat recht."),
        ("es", "Bien, ¿eh?"),
        ("en", "Mhm, that's right."),
    ],
)
def test_words_that_mean_something_stay(language, said):
    assert polished(said, language, remove_fillers=True) == said


def test_each_word_left_keeps_its_time_and_each_loss_is_listed():
    words = spoken("So I, um, think.")
    kept, lost = remove_fillers(words, {"um"})
    assert [(word.start_s, word.end_s) for word in kept] == [
        (word.start_s, word.end_s) for word in words if word.text != "um,"
    ]
    assert [(change.at_s, change.kind, change.old, change.new) for change in lost] == [
        (words[2].start_s, "filler", "um,", "")
    ]


def test_marks_never_move_to_another_speaker():
    words = [*spoken("I went", speaker="A"), *spoken("Um.", speaker="B"), *spoken("home.", speaker="A")]
    kept, _ = polish(words, TextOptions(remove_fillers=True))
    assert [word.text for word in kept] == ["I", "went", "home."]


def test_a_language_without_a_list_is_told(caplog):
    assert polished("Öö, no niin.", "fi", remove_fillers=True) == "Öö, no niin."
    assert "no word lists are known for 'fi': fillers are not removed" in caplog.text
    assert changes("Öö, no niin.", "fi", remove_fillers=True) == []
