"""Tokens of text -> words as they are written, each knowing which of its tokens are spoken.

Does not know audio or models. The script decides, not the language: a space begins a word, and between
characters of a script that writes no spaces, each small piece of text is a word of its own. Punctuation
belongs to the word before it, opening marks to the one after, and neither counts as spoken; digits,
currency and other symbols do.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Piece", "WrittenWord", "pieces_of", "words_of"]

_SPACELESS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Japanese syllables
    (0x31F0, 0x31FF),
    (0x3400, 0x9FFF),  # Han
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9D),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_OPENING = {"Ps", "Pi"}
_ALSO_OPENING = set("¿¡\"'")
_SPOKEN_MARKS = set("%‰&@#§")
"""Punctuation by Unicode's book, but read aloud."""


@dataclass(frozen=True)
class Piece:
    """The fewest tokens that make whole characters: `text` of tokens first to last, last not included."""

    text: str
    first: int
    last: int

    @property
    def spoken(self) -> bool:
        return any(
            character in _SPOKEN_MARKS or unicodedata.category(character)[0] not in "PZC"
            for character in self.text
        )


@dataclass(frozen=True)
class WrittenWord:
    """A word: its pieces in order, and whether a space parts it from the word before it."""

    pieces: tuple[Piece, ...]
    space_before: bool

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces).strip()

    @property
    def is_spoken(self) -> bool:
        return any(piece.spoken for piece in self.pieces)

    @property
    def spoken(self) -> tuple[int, int]:
        """The tokens from its first spoken piece to its last, as (first, last + 1)."""
        heard = [piece for piece in self.pieces if piece.spoken] or self.pieces
        return heard[0].first, heard[-1].last


def pieces_of(tokens: Sequence[bytes]) -> list[Piece]:
    """Group tokens so that each group is valid UTF-8; a character cut off at the end is left out."""
    pieces: list[Piece] = []
    pending, first = b"", 0
    for number, token in enumerate(tokens):
        pending += token
        try:
            text = pending.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                continue
            text = pending.decode("utf-8", errors="ignore")  # the model wrote bytes that are no character
        if text:
            pieces.append(Piece(text, first, number + 1))
        pending, first = b"", number + 1
    return pieces


def words_of(pieces: Sequence[Piece]) -> list[WrittenWord]:
    """Join pieces to words."""
    runs: list[list[Piece]] = []
    for piece in pieces:
        if runs and not _begins_word(runs[-1][-1].text, piece.text):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    words = [WrittenWord(tuple(run), run[0].text[:1].isspace()) for run in _attach(runs)]
    return [word for word in words if word.text]


def _begins_word(before: str, text: str) -> bool:
    first = text[0]
    if first.isspace():
        return True
    if unicodedata.category(first)[0] == "M":  # a vowel sign or tone mark, never apart from its letter
        return False
    return _is_spaceless(first) or _is_spaceless(before[-1])


def _is_spaceless(character: str) -> bool:
    code = ord(character)
    return any(low <= code <= high for low, high in _SPACELESS)


def _attach(runs: Sequence[list[Piece]]) -> list[list[Piece]]:
    """Give runs of punctuation to the word after them if they open something, else to the word before."""
    joined: list[list[Piece]] = []
    opening: list[Piece] = []
    for run in runs:
        if any(piece.spoken for piece in run):
            joined.append(opening + run)
            opening = []
        elif _opens(run) or not joined:
            opening += run
        else:
            joined[-1].extend(opening + run)
            opening = []
    if opening and joined:
        joined[-1].extend(opening)
        opening = []
    return [*joined, opening] if opening else joined


def _opens(run: Sequence[Piece]) -> bool:
    text = "".join(piece.text for piece in run)
    mark = text.strip()
    if not mark:
        return True
    quote = mark[-1] in _ALSO_OPENING and text[:1].isspace()
    return quote or mark[-1] in "¿¡" or unicodedata.category(mark[-1]) in _OPENING
