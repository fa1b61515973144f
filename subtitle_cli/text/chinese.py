"""Chinese words -> where numbers are spelled in them, and what they amount to.

Knows whole numbers and years; ordinals, fractions, approximations and idioms are left alone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import regex

from ..types import SpokenWord
from .changes import Edit

__all__ = ["chinese_in_digits", "read_chinese"]

# Not ordinals, days, "some", hundred millions, fractions, decimals, nor a part of a longer numeral.
_NUMERAL = regex.compile(
    "(?<![第初周期几数亿之点零〇一二三四五六七八九两十百千万])"
    "(?:(?P<year>[零〇一二三四五六七八九]{4})(?=年)|(?P<number>[零一二三四五六七八九两十百千万]{2,}))"
    "(?![几多来余亿分而之])"
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"千": 1000, "百": 100, "十": 10}


def chinese_in_digits(words: Sequence[SpokenWord], least: int) -> list[Edit]:
    """The numbers from `least` on, in digits.

    They are looked for in the running text, for a numeral may be spread over words, or be a part of one.
    """
    text = "".join(word.text for word in words)
    edges = [0, *accumulate(len(word.text) for word in words)]
    edits: list[Edit] = []
    for start, end, digits in _numerals(text, least):
        first, last = bisect_right(edges, start) - 1, bisect_left(edges, end)
        if len({word.speaker for word in words[first:last]}) > 1:
            continue
        if edits and first < edits[-1].last:  # a second number in the same word
            before = edits.pop()
            (known,) = before.texts
            done = known[: len(known) - (edges[before.last] - start)]
            first = before.first
        else:
            done = text[edges[first] : start]
        edits.append(Edit(first, last, (done + digits + text[end : edges[last]],)))
    return edits


def read_chinese(text: str) -> int | None:
    """A Chinese numeral below a hundred million, or None where the signs are no well-formed one.

    Source: the grammar of GB/T 15835 for whole numbers; "二百五", which may be 205 or 250, is none.
    """
    high, has_myriads, low = text.rpartition("万")
    if not has_myriads:
        return _below_myriad(low)
    myriads, rest = _below_myriad(high), _below_myriad(low.removeprefix("零")) if low else 0
    return None if myriads is None or rest is None else 10_000 * myriads + rest


def _numerals(text: str, least: int) -> Iterator[tuple[int, int, str]]:
    """(start, end, digits) of each numeral in a text."""
    for found in _NUMERAL.finditer(text):
        if year := found["year"]:
            digits = "".join(str(_DIGITS[sign]) for sign in year)
        else:
            digits = str(read_chinese(found["number"]) or "")
        if digits and int(digits) >= least:
            yield found.start(), found.end(), digits


def _below_myriad(text: str) -> int | None:
    """A numeral of the units 千, 百 and 十 in falling order; a gap between two of them is one 零."""
    total, largest = 0, 10_000
    if text.startswith("十"):  # "十五" needs no "一"
        text = "一" + text
    while text:
        has_gap = text[0] == "零" and total > 0
        text = text[has_gap:]
        digit = _DIGITS.get(text[:1], 0)
        unit = _UNITS.get(text[1:2], 1)
        is_next = total == 0 or unit == largest // 10
        if digit == 0 or unit >= largest or has_gap == is_next:
            return None
        total, largest = total + digit * unit, unit
        text = text[1 if unit == 1 else 2 :]
    return total or None
