"""Tokens -> how bad it is to break between each two of them, by punctuation, grammar and script.

Knows languages; knows nothing of widths or of times. The scale is in `costs`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import regex

from ..punctuation import bare, ends_clause, ends_sentence, unquoted
from ..rules import primary_language
from . import costs
from .grammar import GRAMMARS, NO_GRAMMAR, Grammar
from .text import can_part, clusters, is_closing, is_opening, is_unspaced
from .tokens import Token

if TYPE_CHECKING:
    from budoux import Parser

__all__ = ["break_costs"]

_NUMBER = regex.compile(r"\p{Sc}?\p{N}[\p{N}.,:/\u00a0\u202f]*")
_UNIT_SIGN = regex.compile(r"[%‰°℃]\p{L}?|\p{Sc}")
_TRADITIONAL = frozenset("們個這來說時會後對開關應點樣東車長門問間馬麼沒為國學話見電還過種經發現讓給")
"""Frequent characters that tell traditional Chinese from simplified."""


@dataclass(frozen=True)
class _Edge:
    """A token's two ends as words: it may be one, hold several, or be a part of one.

    `is_inside`: whether it goes on the word of the token before it.
    """

    first_word: str
    last_word: str
    is_inside: bool = False


def break_costs(tokens: Sequence[Token]) -> list[float]:
    """The badness of breaking before each token: one of the places in `costs`."""
    edges = [edge for run in _runs(tokens) for edge in _edges(run)]
    between = (
        _cost(left, right, left_edge, right_edge)
        for (left, right), (left_edge, right_edge) in zip(pairwise(tokens), pairwise(edges), strict=True)
    )
    places = [costs.TURN, *between, costs.TURN]
    return [costs.TURN, *map(_in_context, places, places[1:-1], places[2:])][: len(tokens)]


def _in_context(before: float, here: float, after: float) -> float:
    """The badness of a place, given those on either side."""
    if costs.CLAUSE < here < costs.GLUED and min(before, after) <= costs.CLAUSE:
        return here + costs.STRANDED
    if here == costs.PLAIN and costs.BOUND <= before < costs.INSIDE:
        return here + costs.SHORT_PHRASE
    return here


def _cost(left: Token, right: Token, left_edge: _Edge, right_edge: _Edge) -> float:
    if left.is_label:
        return costs.GLUED
    if left.speaker != right.speaker:
        return costs.TURN
    if not right.space_before and not can_part(clusters(left.text)[-1], clusters(right.text)[0]):
        return costs.GLUED
    if right_edge.is_inside:
        return costs.INSIDE
    return _cost_between(left_edge.last_word, right_edge.first_word, primary_language(right.language))


@lru_cache(maxsize=100_000)
def _cost_between(left: str, right: str, language: str) -> float:
    """What it costs to part two words of a language."""
    grammar = GRAMMARS.get(language, NO_GRAMMAR)
    if _is_mark_of(left, right):
        return costs.GLUED
    if _is_abbreviated(left, grammar):
        return costs.BOUND
    if ends_sentence(left) and not unquoted(right)[:1].islower():
        return costs.SENTENCE
    if ends_clause(left) or is_opening(right[0]):
        return costs.CLAUSE
    return _cost_of_grammar(_spelled(left), _spelled(right), grammar)


def _cost_of_grammar(left: str, right: str, grammar: Grammar) -> float:
    if _stems(left) & grammar.conjunctions or left.lower() in grammar.determiners:
        return costs.BOUND
    if right.lower() in grammar.trailing:
        return costs.BOUND
    if _stems(right) & grammar.conjunctions:
        return costs.CONJUNCTION
    if _stems(right) & grammar.prepositions:
        return costs.PREPOSITION
    if left.lower() in grammar.prepositions:
        return costs.BOUND
    if _stems(left) & grammar.attached:
        return costs.LOOSE if right.lower() in grammar.determiners else costs.BOUND
    if _NUMBER.fullmatch(left) or _is_name(left, right, grammar):
        return costs.BOUND
    return costs.PLAIN


def _is_mark_of(left: str, right: str) -> bool:
    """Whether one of the two is but a mark on the other: "20" and "%", "Bonjour" and "!"."""
    if all(map(is_closing, right)) or all(map(is_opening, left)):
        return True
    if _NUMBER.fullmatch(left):
        return _UNIT_SIGN.match(right) is not None
    return _UNIT_SIGN.fullmatch(left) is not None and _NUMBER.match(right) is not None


def _is_abbreviated(text: str, grammar: Grammar) -> bool:
    """Whether its full stop ends no sentence: "Dr.", an initial, a German ordinal."""
    word = unquoted(text)
    is_initial = len(word) == 2 and word[0].isupper() and word[1] == "."
    is_ordinal = grammar.nouns_are_capitalised and word[:-1].isdigit() and word[-1] == "." and len(word) < 4
    return is_initial or is_ordinal or word.lower() in grammar.abbreviations


def _is_name(left: str, right: str, grammar: Grammar) -> bool:
    """Whether two capitals in a row are likely a first and a last name."""
    if grammar.nouns_are_capitalised or min(len(left), len(right)) < 2:
        return False
    return left[0].isupper() and right[0].isupper() and not (left.isupper() and right.isupper())


def _spelled(word: str) -> str:
    """A word as the lists spell it."""
    return bare(word).replace("’", "'")


def _stems(word: str) -> set[str]:
    """A word, and what stands before its apostrophe with and without it: "that's" is a form of "that"."""
    lower = word.lower()
    head, apostrophe, _ = lower.partition("'")
    return {lower, head, head + apostrophe}


def _runs(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Stretches of tokens with no space between them."""
    run: list[Token] = []
    for token in tokens:
        if run and (token.space_before or token.is_label or token.speaker != run[-1].speaker):
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _edges(run: Sequence[Token]) -> Iterator[_Edge]:
    """The words at the ends of each token of a run; a segmenter finds them where there are no spaces."""
    if len(run) == 1:
        yield _Edge(run[0].text, run[0].text)
        return
    text = "".join(token.text for token in run)
    words = _segmented(text, primary_language(run[0].language)) or [token.text for token in run]
    begins = [0, *accumulate(len(word) for word in words)]
    offsets = [0, *accumulate(len(token.text) for token in run)]
    for begin, end in pairwise(offsets):
        first, last = bisect_right(begins, begin) - 1, bisect_right(begins, end - 1) - 1
        yield _Edge(words[first], words[last], is_inside=begins[first] != begin)


def _segmented(text: str, language: str) -> list[str]:
    """The words of a text without spaces; none where no segmenter knows the language."""
    if not any(map(is_unspaced, text)):
        return []
    name = "zh-hant" if language == "zh" and _TRADITIONAL & set(text) else language
    parser = _segmenter(name)
    return parser.parse(text) if parser else []


@lru_cache
def _segmenter(name: str) -> Parser | None:
    import budoux  # reads its model from a file: only when there is such a text

    loaders = {
        "zh": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
        "ja": budoux.load_default_japanese_parser,
        "th": budoux.load_default_thai_parser,
    }
    return loaders[name]() if name in loaders else None
