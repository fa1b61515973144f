"""A language -> its word lists and habits of writing, out of `data/LANGUAGE.toml`.

Holds what a list can say. The lists are ours; each file tells what it rests on and what it leaves out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ..rules import primary_language

__all__ = ["Habits", "Numbers", "Typography", "habits_of"]


@dataclass(frozen=True)
class Typography:
    """How a language is printed.

    Attributes:
        quotes: opening and closing; empty: they are left as they are.
        apostrophe: between letters.
        ellipsis: in place of three dots.
        dash: in place of two hyphens; empty: they stay.
        space_before: marks by the space that stands before them, with none elsewhere.
        space_inside_quotes: inside the quotes.
        inverted: whether questions and exclamations begin with a mark too.
        marks: a mark after a word by the one that replaces it.
        abbreviations: words whose full stop ends no sentence.
        question_words: where in a sentence a question begins.
    """

    quotes: tuple[str, ...] = ()
    apostrophe: str = ""
    ellipsis: str = "…"
    dash: str = ""
    space_before: Mapping[str, str] | None = None
    space_inside_quotes: str = ""
    inverted: bool = False
    marks: Mapping[str, str] | None = None
    abbreviations: frozenset[str] = frozenset()
    question_words: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Numbers:
    """How a language writes numbers.

    Attributes:
        words: from zero to a hundred; empty where the word depends on what is counted, such as "un, une".
        written_up_to: the largest number that the language's guides ask to write as a word.
        ambiguous: words that are numbers only beside another number: articles, "neuf".
        multipliers: words that make a number beside them a part of a larger one, where nothing else knows.
        beside_digits: words beside which a small number stays in digits: units, months.
        thousands: what parts groups of three digits.
    """

    words: tuple[str, ...] = ()
    written_up_to: int = 10
    ambiguous: frozenset[str] = frozenset()
    multipliers: frozenset[str] = frozenset()
    beside_digits: frozenset[str] = frozenset()
    thousands: str = ""


@dataclass(frozen=True)
class Habits:
    """What is known of one language; empty where nothing is.

    Attributes:
        fillers: sounds of hesitation, in lower case.
        profanity: swear words in lower case; one that ends with "*" stands for all that begin so.
    """

    fillers: frozenset[str] = frozenset()
    profanity: frozenset[str] = frozenset()
    numbers: Numbers = Numbers()
    typography: Typography = Typography()


@lru_cache
def habits_of(language: str | None) -> Habits:
    """The habits of a language (BCP-47), a region's own before the language's; empty where we hold none."""
    data = _read(primary_language(language))
    regional = data.get("region", {}).get((language or "").rpartition("-")[2].upper(), {})
    typography = data.get("typography", {}) | regional.get("typography", {})
    numbers = data.get("numbers", {})
    return Habits(
        fillers=_folded(data.get("fillers", ())),
        profanity=_folded(data.get("profanity", ())),
        numbers=Numbers(**_frozen(numbers)),
        typography=Typography(**_frozen(typography)),
    )


def _read(primary: str) -> dict[str, Any]:
    file = files(__package__) / "data" / f"{primary}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8")) if primary.isalpha() and file.is_file() else {}


def _folded(words: Iterable[str]) -> frozenset[str]:
    """Words as they are looked up: casefold makes "ß" an "ss"."""
    return frozenset(word.casefold() for word in words)


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    ordered = ("quotes", "words")
    return {
        name: (tuple(value) if name in ordered else _folded(value)) if isinstance(value, list) else value
        for name, value in table.items()
    }
