"""Recognised words -> tokens: the smallest texts that a line may be broken between, with sane times.

Knows no grammar: which of the places between two tokens is a good one is the business of `breaks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

import regex

from ..rules import Rules
from ..speakers import speaker_label
from ..types import SpokenWord
from .text import clusters, columns, cut, cut_long

__all__ = ["Token", "join", "tokenise"]

_BREAKING_SPACE = regex.compile(r"(?:[^\S\u00a0\u202f]|\p{Cc})+")
"""White space and control characters, but for the no-break spaces, which are part of the text."""

_SLOWEST_MS = 800
_SLOWEST_MS_A_COLUMN = 80
_COLUMNS_A_DIGIT = 5
"""No word is taken to last longer: recognisers let the last word before a silence run on through it.
A digit counts as several columns, for it is spoken as a word."""


@dataclass(frozen=True)
class Token:
    """A word, a part of one, or a speaker's label.

    Attributes:
        start_ms, end_ms: never before the token ahead, never past the next one, never reversed.
        columns: width on the screen.
        space_before: whether a space parts it from the token before it on the same line.
        word: what it was made from; None for labels, and for all but the first part of a word.
        is_label: whether it says who speaks.
        overlapped: whether somebody else speaks at the same time.
    """

    text: str
    start_ms: int
    end_ms: int
    columns: int
    speaker: str | None = None
    language: str | None = None
    space_before: bool = True
    word: SpokenWord | None = None
    is_label: bool = False
    overlapped: bool = False


def tokenise(words: Sequence[SpokenWord], rules: Rules, labels: bool = False) -> list[Token]:
    """Tokens of at most a line each.

    1. Cut words at white space, at each character of a script without spaces, and where they are wider
       than a line; the parts share the word's time by their width.
    2. Put times in order.
    3. With labels, say at each change of speaker who speaks.
    """
    tokens = _in_order([part for word in words for part in _parts(word, rules)])
    return list(_labelled(tokens, rules)) if labels else tokens


def join(tokens: Sequence[Token]) -> str:
    """The text of tokens that stand on one line."""
    if not tokens:
        return ""
    return tokens[0].text + "".join(f" {t.text}" if t.space_before else t.text for t in tokens[1:])


def _parts(word: SpokenWord, rules: Rules) -> list[Token]:
    texts = [text.strip() for text in _BREAKING_SPACE.split(word.text)]
    pieces = [cut(text, rules.max_columns, rules.full_width) for text in texts if text]
    parts = [
        Token(
            text=piece,
            start_ms=0,
            end_ms=0,
            columns=columns(piece, rules.full_width),
            speaker=word.speaker,
            language=word.language or rules.language,
            overlapped=word.overlapped,
            space_before=number == 0,
        )
        for text in pieces
        for number, piece in enumerate(text)
    ]
    if parts:
        parts[0] = replace(parts[0], word=word, space_before=word.space_before)
    return _timed(parts, word)


def _timed(parts: list[Token], word: SpokenWord) -> list[Token]:
    """The parts of a word with their shares of its time, which is clipped to what a slow speaker needs."""
    edges = [0, *accumulate(part.columns for part in parts)]
    digits = sum(character.isdigit() for character in word.text)
    slowest_ms = _SLOWEST_MS + _SLOWEST_MS_A_COLUMN * (edges[-1] + (_COLUMNS_A_DIGIT - 1) * digits)
    length_ms = min(max(0.0, 1000 * (word.end_s - word.start_s)), slowest_ms)
    times = [max(0, round(1000 * word.start_s + length_ms * edge / max(1, edges[-1]))) for edge in edges]
    return [replace(part, start_ms=a, end_ms=b) for part, (a, b) in zip(parts, pairwise(times), strict=True)]


def _in_order(parts: list[Token]) -> list[Token]:
    """The same, none beginning before the one ahead of it nor lasting into the next."""
    starts = list(accumulate((part.start_ms for part in parts), max))
    limits = [*starts[1:], *(part.end_ms for part in parts[-1:])]
    return [
        replace(part, start_ms=start, end_ms=max(start, min(part.end_ms, limit)))
        for part, start, limit in zip(parts, starts, limits, strict=True)
    ]


def _labelled(tokens: Sequence[Token], rules: Rules) -> Iterator[Token]:
    """The same with a label before each first word of a speaker; a speaker without a name gets none."""
    speaker = None
    for token in tokens:
        if token.speaker is not None and token.speaker != speaker:
            label = _shortened(f"{speaker_label(token.speaker)}:", rules)
            width = columns(label, rules.full_width)
            yield replace(token, text=label, columns=width, end_ms=token.start_ms, word=None, is_label=True)
            token = replace(token, space_before=True)
        speaker = token.speaker
        yield token


def _shortened(label: str, rules: Rules) -> str:
    """The label, or as much of it as fits on a line."""
    text = " ".join(label.split())
    if columns(text, rules.full_width) <= rules.max_columns:
        return text
    ellipsis = "…:"
    room = rules.max_columns - columns(ellipsis, rules.full_width)
    return cut_long(clusters(text), room, rules.full_width)[0] + ellipsis
