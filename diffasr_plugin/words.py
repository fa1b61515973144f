"""Pieces of text with the frames in which they are said -> words with seconds.

Knows no tokenizer: a piece is the text that one token adds, its leading space included.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diffasr_plugin.asr import Word

from .ctc import FrameClock

__all__ = ["Piece", "words_from_pieces"]

SHORT_GAP_S = 0.32
"""CTC marks a token with a spike, not with its length: a gap of up to two frames after a word is no pause."""

_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "BOPOMOFO", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
"""First words of the Unicode names of letters that are written without spaces between words."""


@dataclass(frozen=True)
class Piece:
    """What one token adds to the text.

    Attributes:
        text: may be empty (part of a character); a leading space begins a word.
        start_frame, end_frame: frames in which it is said; the end is exclusive.
        confidence: 0 to 1, or None if unknown.
    """

    text: str
    start_frame: int
    end_frame: int
    confidence: float | None = None


@dataclass(frozen=True)
class _Span:
    """A word's text, the pieces that it is made of (first and last), and whether a space stands before it."""

    text: str
    first: int
    last: int
    space_before: bool


def words_from_pieces(pieces: Sequence[Piece], clock: FrameClock, duration_s: float) -> tuple[Word, ...]:
    """The words of a text, in order, inside 0 to `duration_s`.

    Spaces part words. Where the script has none, every token is a word of its own. Punctuation stays with
    the word before it, opening marks with the one after. A word is as sure as its weakest piece.
    """
    spans = list(_spans(pieces))
    starts = [clock.time_s(pieces[span.first].start_frame, duration_s) for span in spans]
    words = []
    for number, span in enumerate(spans):
        end_s = clock.time_s(pieces[span.last].end_frame, duration_s)
        # Tokens that had to share frames overlap; words do not.
        if number + 1 < len(spans) and starts[number + 1] <= end_s + SHORT_GAP_S:
            end_s = starts[number + 1]
        known = [p.confidence for p in pieces[span.first : span.last + 1] if p.confidence is not None]
        confidence = min(known) if known else None
        words.append(Word(span.text, starts[number], end_s, confidence, span.space_before))
    return tuple(words)


def _spans(pieces: Sequence[Piece]) -> Iterator[_Span]:
    text, first, last, spaced, pending_space = "", 0, 0, False, False
    for index, piece in enumerate(pieces):
        for place, character in enumerate(piece.text):
            if character.isspace():
                pending_space = True
                continue
            if text and (pending_space or _breaks(text[-1], character, begins_piece=place == 0)):
                yield _Span(text, first, last, spaced)
                text = ""
            if not text:
                first, spaced = index, pending_space
            text, last, pending_space = text + character, index, False
    if text:
        yield _Span(text, first, last, spaced)


def _breaks(before: str, character: str, *, begins_piece: bool) -> bool:
    """Whether a word ends between two characters with no space between them."""
    if not begins_piece or _is_closing(character) or unicodedata.category(before) in ("Ps", "Pi"):
        return False
    return _is_unspaced(character) or _is_unspaced(before)


def _is_closing(character: str) -> bool:
    category = unicodedata.category(character)  # Lm: marks such as the Japanese sign for a long vowel
    return category == "Lm" or (category[0] in "PM" and category not in ("Ps", "Pi"))


def _is_unspaced(character: str) -> bool:
    """Whether a letter belongs to a script without spaces, or a mark is as wide as such letters."""
    if unicodedata.category(character)[0] == "P":
        return unicodedata.east_asian_width(character) in "WF"
    return unicodedata.name(character, "").startswith(_UNSPACED)
