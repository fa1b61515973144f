"""Words -> words with numbers in digits or spelled out, as a language's guides ask.

Leaves alone what it cannot be sure of: digits said one by one, ordinals, dates, units, decimals that would
have to be spelled out.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from ..punctuation import ends_sentence
from ..rules import primary_language
from ..types import SpokenWord
from .changes import Change, Edit, apply
from .chinese import chinese_in_digits
from .language import Numbers, habits_of
from .marks import capitalised, key, split_marks
from .numerals import Spelled, spelled_numbers

__all__ = ["write_numbers"]

_LARGEST_WORD = 100
_GROUPED_FROM = 10_000
"""Four digits in a row are read at a glance, and may be a year."""

_WHOLE = regex.compile(r"0|[1-9]\d{0,2}")


def write_numbers(
    words: Sequence[SpokenWord], way: str, language: str | None
) -> tuple[list[SpokenWord], list[Change]]:
    """The words with their numbers rewritten, and what was rewritten.

    Args:
        way: "style", "digits" or "words", see `TextOptions.numbers`.
        language: BCP-47, of all the words. Without word lists of ours for it, nothing is rewritten; Chinese
            numbers in digits are never spelled out, for "2" may be one of two words.
    """
    habits = habits_of(language).numbers
    changed: list[SpokenWord] = list(words)
    changes: list[Change] = []
    if way != "words":
        least = habits.written_up_to + 1 if way == "style" else 0
        changed, changes = apply(changed, _to_digits(words, least, way, language), "number")
    if way != "digits" and habits.words:
        most = habits.written_up_to if way == "style" else _LARGEST_WORD
        edits = [
            Edit(place, place + 1, texts)
            for place in range(len(changed))
            if (texts := _in_words(changed, place, most, habits))
        ]
        changed, more = apply(changed, edits, "number")
        changes += more
    return changed, changes


def _to_digits(words: Sequence[SpokenWord], least: int, way: str, language: str | None) -> list[Edit]:
    """Numbers from `least` on in digits; in style, a sentence begins with none."""
    primary, habits = primary_language(language), habits_of(language).numbers
    if primary == "zh":
        return chinese_in_digits(words, least)
    return [
        Edit(each.first, each.last, (_in_digits(words, each, habits),))
        for each in spelled_numbers(words, primary, habits)
        if each.value >= least and not (way == "style" and _begins_sentence(words, each.first))
    ]


def _in_digits(words: Sequence[SpokenWord], number: Spelled, habits: Numbers) -> str:
    digits = number.digits
    if digits.isdigit() and number.value >= _GROUPED_FROM:
        digits = f"{int(digits):,}".replace(",", habits.thousands)
    first, last = split_marks(words[number.first].text), split_marks(words[number.last - 1].text)
    return f"{first.before}{digits}{last.after}"


def _in_words(words: Sequence[SpokenWord], place: int, most: int, habits: Numbers) -> tuple[str, ...]:
    """The texts of a number of at most `most` spelled out; empty where it is to stay in digits."""
    word = words[place]
    before, core, after = split_marks(word.text)
    value = int(core) if _WHOLE.fullmatch(core) else _LARGEST_WORD + 1
    spelled = habits.words[value] if value <= most else ""
    if not spelled or _stands_in_digits(words, place, habits):
        return ()
    if _begins_sentence(words, place):
        spelled = capitalised(spelled)
    return tuple(f"{before}{spelled}{after}".split(" "))


def _begins_sentence(words: Sequence[SpokenWord], place: int) -> bool:
    return place == 0 or ends_sentence(words[place - 1].text)


def _stands_in_digits(words: Sequence[SpokenWord], place: int, habits: Numbers) -> bool:
    """Whether a neighbour asks for digits: a unit, a month, another number."""
    beside = [words[near].text for near in (place - 1, place + 1) if 0 <= near < len(words)]
    return any(key(text) in habits.beside_digits or any(sign.isdigit() for sign in text) for text in beside)
