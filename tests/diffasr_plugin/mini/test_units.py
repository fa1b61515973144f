"""Text in units and back."""

from __future__ import annotations

import pytest

from diffasr_plugin.mini.choose_units import choose
from diffasr_plugin.mini.units import Unit, Units

UNITS = Units(("", " ", "a", "b", " th", "the", "e", "t", "h", "你"))


def test_the_longest_that_fits_is_taken():
    assert [UNITS.texts[id_] for id_ in UNITS.encode("the a bth")] == [
        " th",
        "e",
        " ",
        "a",
        " ",
        "b",
        "t",
        "h",
    ]
    assert UNITS.spans("the?a") == [Unit(5, 0, 3), Unit(2, 4, 5)]


def test_unknown_characters_and_spare_spaces_are_left_out():
    assert UNITS.decode(UNITS.encode("  the \n a! ")) == "the a"
    assert UNITS.encode("") == []
    assert UNITS.encode("你") == [9]  # no space before Han


@pytest.mark.parametrize(
    "text",
    [
        "Please enter your mailbox number, followed by the pound key.",
        "Geben Sie bitte 42 Münzen für das Gespräch ein!",
        "Où est-ce que l'élève a été ?",
        "¿Cuántos años tiene el niño?",
        "मैं आज घर जा रहा हूँ।",
        "你好，请输入你的号码。",
    ],
)
def test_the_shipped_units_spell_all_six_languages(text):
    units = Units.read()
    assert units.decode(units.encode(text)) == text
    assert 0 not in units.encode(text)  # the blank is no letter


def test_a_file_comes_back(tmp_path):
    UNITS.write(tmp_path / "units.txt")
    assert Units.read(tmp_path / "units.txt") == UNITS


@pytest.mark.parametrize("texts", [("a", "b"), ("", "a", "a")])
def test_an_inventory_has_a_blank_and_no_twins(texts):
    with pytest.raises(AssertionError):
        Units(texts)


def test_units_are_chosen_by_frequency():
    words = {"the": 0.1, "there": 0.02, "zu": 0.01}
    units = choose({"en": words, "de": words, "fr": {}, "es": {}, "hi": {}, "zh": {"你好": 0.5, "好": 0.1}})
    assert units.texts.index("好") < units.texts.index("你")
    assert " the" in units.texts
    assert {"T", "t", "म", "।", "9"} <= set(units.texts)
