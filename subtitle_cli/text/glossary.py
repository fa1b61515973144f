"""Words and a glossary -> words with the glossary's spellings where one of its terms was surely said.

Knows no meaning: a name that is heard as common words is left alone unless a line of the glossary says so.
When in doubt, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from ..cues.text import clusters
from ..punctuation import ends_clause, ends_sentence
from ..rules import primary_language
from ..types import SpokenWord
from .changes import Change, Edit, apply, joined
from .glossary_file import Glossary
from .marks import capitalised, key, split_marks
from .sounds import fold, has_word_list, is_common, is_latin, likeness, nearest_of, sound_alike

__all__ = ["correct_names"]

_PAUSE_S = 1.0
"""No term is spoken with a longer pause inside."""

# How alike letters must be, from 0 to 1; found on names and common words near them, see the tests.
_ALIKE = 0.84
_ALIKE_IF_IT_SOUNDS_SO = 0.65
_ALIKE_OF_COMMON_WORDS = 0.85
_FEWEST_LETTERS = 5
"""Shorter names are near too many others: only their case, accents and spaces are corrected."""
_FEWEST_IN_DOUBT = 8
"""Letters of a term that may replace common words, or words of a language that we have no list for."""
_FEWEST_UNSPACED = 4
"""Characters of a term of a script without spaces that may replace one with another character."""

_MORE_LETTERS = 3
"""A phrase that is so much longer than the longest term is none."""

_POSSESSIVE = regex.compile(r"['’]s?$")
_SEAM = regex.compile(r"[\s\-/.]+|(?<=\p{Ll})(?=\p{Lu})")
"""Where a term's own parts meet: "Whisper-base", "GitHub"."""


@dataclass(frozen=True)
class _Match:
    """A term found at words `first` up to, not including, `last`."""

    first: int
    last: int
    written: str
    likeness: float


def correct_names(
    words: Sequence[SpokenWord], glossary: Glossary, language: str | None
) -> tuple[list[SpokenWord], list[Change]]:
    """The words with the glossary's spellings, and what was changed.

    1. What the glossary says is heard is replaced, whatever the words are.
    2. Words that have a term's letters get its case, accents, spaces and hyphens.
    3. Words that are near to a term by letters and by sound become it, unless they are common words of the
       language, or as near to a second term. Of matches that overlap, the most alike goes first.

    Args:
        language: BCP-47, of all the words.
    """
    replaced, changes = apply(words, list(_replacements(words, glossary)), "glossary")
    if not glossary.terms:
        return replaced, changes
    index = _Index(glossary.terms, primary_language(language))
    matches = [match for first in range(len(replaced)) for match in _matches(replaced, first, index)]
    edits = [
        Edit(match.first, match.last, texts)
        for match in _without_overlaps(matches)
        if (texts := _texts(replaced, match))
        != tuple(word.text for word in replaced[match.first : match.last])
    ]
    corrected, more = apply(replaced, edits, "glossary")
    return corrected, [*changes, *more]


def _replacements(words: Sequence[SpokenWord], glossary: Glossary) -> Iterator[Edit]:
    written = {key(heard): text for heard, text in glossary.replacements}
    longest = max((len(heard) for heard in written), default=0)
    place = 0
    while place < len(words):
        ends = [last for last in _ends(words, place, longest) if _spoken(words[place:last]) in written]
        if not ends:
            place += 1
            continue
        text = written[_spoken(words[place : ends[-1]])]
        yield Edit(place, ends[-1], _texts(words, _Match(place, ends[-1], text, 1.0)))
        place = ends[-1]


def _spoken(words: Sequence[SpokenWord]) -> str:
    """Words as a line of the glossary says them: without the marks around the whole."""
    return key(joined(words))


def _ends(words: Sequence[SpokenWord], first: int, most_letters: int) -> Iterator[int]:
    """Where a phrase that begins at word `first` may end: before a mark, a pause, another speaker."""
    letters = 0
    for last in range(first + 1, len(words) + 1):
        word = words[last - 1]
        letters += len(split_marks(word.text).core)
        if last > first + 1:
            before = words[last - 2]
            is_apart = word.speaker != before.speaker or word.start_s - before.end_s > _PAUSE_S
            if is_apart or ends_clause(before.text) or letters > most_letters:
                return
        yield last


class _Index:
    """A glossary's terms, ready to be asked for the nearest of them again and again."""

    def __init__(self, terms: Sequence[str], language: str) -> None:
        self._terms = terms
        self._folded = [fold(term) for term in terms]
        self._language = language
        self._known: dict[tuple[tuple[str, ...], bool], tuple[str, float] | None] = {}
        self.longest = max(len(term) for term in terms)

    def nearest(self, phrase: tuple[str, ...], is_spaced: bool) -> tuple[str, float] | None:
        """The term that a phrase is, and how alike they are; None if it is none, or two as well."""
        if (phrase, is_spaced) not in self._known:
            self._known[phrase, is_spaced] = self._find(phrase, is_spaced)
        return self._known[phrase, is_spaced]

    def _find(self, phrase: tuple[str, ...], is_spaced: bool) -> tuple[str, float] | None:
        near = nearest_of(fold("".join(phrase)), self._folded, least=_ALIKE_IF_IT_SOUNDS_SO)
        rated = [(_rating(phrase, self._terms[i], self._language, is_spaced), self._terms[i]) for i in near]
        best = max((rating for rating, _ in rated), default=0.0)
        winners = [term for rating, term in rated if rating == best]
        return (winners[0], best) if best and len(winners) == 1 else None


def _matches(words: Sequence[SpokenWord], first: int, index: _Index) -> Iterator[_Match]:
    for last in _ends(words, first, index.longest + _MORE_LETTERS):
        phrase = tuple(_core(word.text) for word in words[first:last])
        is_spaced = all(word.space_before for word in words[first + 1 : last])
        found = index.nearest(phrase, is_spaced)
        if found is not None:
            yield _Match(first, last, *found)


def _core(text: str) -> str:
    return str(_POSSESSIVE.sub("", split_marks(text).core))


def _rating(phrase: tuple[str, ...], term: str, language: str, is_spaced: bool) -> float:
    """How alike a phrase and a term are, or 0 where the phrase is surely, or perhaps, something else."""
    heard, wanted = fold("".join(phrase)), fold(term)
    if heard == wanted:
        return 1.0 if _is_said(phrase, term, language) else 0.0
    if _digits(heard) != _digits(wanted):
        return 0.0
    alike = likeness(heard, wanted)
    if is_latin(heard) and is_latin(wanted):
        is_near = _is_near_in_latin(phrase, heard, wanted, alike, language)
    elif is_spaced:
        is_near = _is_near_in_letters(phrase, term, alike, language)
    else:
        is_near = len(wanted) >= _FEWEST_UNSPACED and len(heard) == len(wanted) and alike >= 0.75
    return alike if is_near else 0.0


def _is_said(phrase: tuple[str, ...], term: str, language: str) -> bool:
    """Whether a phrase with a term's letters is that term, and not a common word, or a few of them."""
    if not all(is_common(word, language) for word in phrase):
        return True
    if len(phrase) == 1:
        return phrase[0] == term or _is_mixed(term)  # "apple" is no "Apple", but "Iphone" is "iPhone"
    return tuple(fold(word) for word in phrase) == tuple(fold(part) for part in _SEAM.split(term))


def _is_mixed(term: str) -> bool:
    """Whether a capital inside tells a term from the common word with its letters."""
    return term[1:] != term[1:].lower() and not term.isupper()


def _is_near_in_latin(phrase: tuple[str, ...], heard: str, wanted: str, alike: float, language: str) -> bool:
    if len(wanted) < _FEWEST_LETTERS or (heard.startswith(wanted) and len(heard) <= len(wanted) + 2):
        return False  # the second is an inflection, such as a German genitive
    sounds_so = sound_alike(heard, wanted)
    if not has_word_list(language):
        return sounds_so and alike >= _ALIKE and len(wanted) >= _FEWEST_IN_DOUBT
    if all(is_common(word, language) for word in phrase):
        is_long = len(phrase) > 1 and len(wanted) >= _FEWEST_IN_DOUBT
        return is_long and sounds_so and alike >= _ALIKE_OF_COMMON_WORDS
    return alike >= (_ALIKE_IF_IT_SOUNDS_SO if sounds_so else _ALIKE)


def _is_near_in_letters(phrase: tuple[str, ...], term: str, alike: float, language: str) -> bool:
    """For scripts whose sounds we do not know: the same number of words, nearly the same letters."""
    if len(phrase) != len(term.split()) or len(clusters(term)) < _FEWEST_LETTERS:
        return False
    return alike >= _ALIKE and not all(is_common(word, language) for word in phrase)


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _without_overlaps(matches: Sequence[_Match]) -> list[_Match]:
    taken: set[int] = set()
    kept: list[_Match] = []
    for match in sorted(matches, key=lambda m: (-m.likeness, m.first - m.last, m.first)):
        places = set(range(match.first, match.last))
        if not places & taken:
            taken |= places
            kept.append(match)
    return sorted(kept, key=lambda match: match.first)


def _texts(words: Sequence[SpokenWord], match: _Match) -> tuple[str, ...]:
    """What is written for a match: the term, with the marks and the ending that were there."""
    old = words[match.first : match.last]
    first, last = split_marks(old[0].text), split_marks(old[-1].text)
    ending = _POSSESSIVE.search(last.core)
    begins = match.first == 0 or ends_sentence(words[match.first - 1].text)
    written = capitalised(match.written) if begins and first.core[:1].isupper() else match.written
    if len(old) == 1 and first.core.isupper() and fold(first.core) == fold(written) and len(first.core) > 1:
        written = written.upper()  # all of the text may be in capitals
    text = f"{first.before}{written}{ending[0] if ending else ''}{last.after}"
    return tuple(text.split(" ")) if old[0].space_before else (text,)
