"""Number words -> numbers: where in a stretch of words they are, and what they amount to.

    English, German, French, Spanish: text2num. Hindi: a list up to ninety-nine. Chinese: see `chinese`.

Knows nothing of style: whether a number ought to be written in digits is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..punctuation import ends_clause
from ..types import SpokenWord
from .language import Numbers
from .marks import key, split_marks

__all__ = ["Spelled", "spelled_numbers"]

_WITH_TEXT2NUM = ("en", "de", "fr", "es")
_PAUSE_S = 0.7
"""Numbers with a longer pause between them are two."""

_ROUND = (100, 1000, 1_000_000, 1_000_000_000)
_LARGEST = 1_000_000
"""From here on digits are no easier to read than words ("two million")."""


@dataclass(frozen=True)
class Spelled:
    """A number that words `first` up to, not including, `last` spell.

    Attributes:
        digits: the number in digits, without separators of thousands.
    """

    first: int
    last: int
    digits: str
    value: float


def spelled_numbers(words: Sequence[SpokenWord], language: str, habits: Numbers) -> list[Spelled]:
    """The numbers that are surely meant as such, in order.

    Args:
        language: primary code of the language of all the words.
    """
    found = list(_with_text2num(words, language)) if language in _WITH_TEXT2NUM else []
    if language not in _WITH_TEXT2NUM:
        found = list(_listed(words, habits))
    return [
        each for each in _without_rows(words, _years(words, found, language)) if _is_sure(words, each, habits)
    ]


class _Token:
    """A word as text2num wants it."""

    def __init__(self, word: SpokenWord, is_apart: bool) -> None:
        self._text = split_marks(word.text).core.replace("’", "'")
        self._is_apart = is_apart

    def text(self) -> str:
        return self._text

    def nt_separated(self, previous: _Token) -> bool:
        return self._is_apart

    def not_a_number_part(self) -> bool:
        return any(sign.isdigit() for sign in self._text)


def _with_text2num(words: Sequence[SpokenWord], language: str) -> Iterator[Spelled]:
    from text_to_num import find_numbers

    tokens = [
        _Token(word, place == 0 or _are_apart(words[place - 1], word)) for place, word in enumerate(words)
    ]
    for found in find_numbers(tokens, language, 0.0):
        if not found.is_ordinal:
            yield Spelled(found.start, found.end, found.text, found.value)


def _listed(words: Sequence[SpokenWord], habits: Numbers) -> Iterator[Spelled]:
    values = {text: value for value, text in enumerate(habits.words) if text}
    for place, word in enumerate(words):
        if (value := values.get(key(word.text))) is not None:
            yield Spelled(place, place + 1, str(value), value)


def _are_apart(left: SpokenWord, right: SpokenWord) -> bool:
    """Whether two neighbours cannot be parts of one number."""
    is_pause = right.start_s - left.end_s > _PAUSE_S
    return is_pause or left.speaker != right.speaker or ends_clause(left.text)


def _years(words: Sequence[SpokenWord], found: Sequence[Spelled], language: str) -> list[Spelled]:
    """The same, with "nineteen eighty-four" as one number; only English says all years so.

    Years before 1700 are left alone: "fifteen twenty minutes" are no year.
    """
    joined_up: list[Spelled] = []
    for each in found:
        before = joined_up[-1] if joined_up else None
        if (
            language == "en"
            and before is not None
            and _touch(words, before, each)
            and 17 <= before.value <= 20
            and 10 <= each.value <= 99
        ):
            digits = before.digits + each.digits
            joined_up[-1] = Spelled(before.first, each.last, digits, int(digits))
        else:
            joined_up.append(each)
    return joined_up


def _without_rows(words: Sequence[SpokenWord], found: Sequence[Spelled]) -> list[Spelled]:
    """The same without numbers said in a row, which may be a telephone's or an address's."""
    in_row = {each for left, right in pairwise(found) if _touch(words, left, right) for each in (left, right)}
    return [each for each in found if each not in in_row]


def _touch(words: Sequence[SpokenWord], left: Spelled, right: Spelled) -> bool:
    return left.last == right.first and not _are_apart(words[left.last - 1], words[right.first])


def _is_sure(words: Sequence[SpokenWord], each: Spelled, habits: Numbers) -> bool:
    if each.value >= _LARGEST:
        return False
    if each.last == each.first + 1:
        core = key(words[each.first].text)
        if core in habits.ambiguous or each.value in _ROUND:
            return False
    beside = [words[place] for place in (each.first - 1, each.last) if 0 <= place < len(words)]
    return not any(key(word.text) in habits.multipliers or _has_digit(word) for word in beside)


def _has_digit(word: SpokenWord) -> bool:
    return any(sign.isdigit() for sign in word.text)
