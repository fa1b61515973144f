"""Word times of a transcript against those of its reference -> how far they are off.

Knows nothing of audio. Only words that both have count, by the alignment of the texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..asr import Word
from ..scoring import normalise
from .alignment import align_words

__all__ = ["WordTiming", "deviations", "word_timing"]

CLOSE_S = 0.2


@dataclass(frozen=True)
class WordTiming:
    """How far word starts are off.

    Attributes:
        words: how many were compared.
        median_s: half of the starts are off by less than this.
        close: share of the starts that are off by at most 0.2 s.
    """

    words: int
    median_s: float
    close: float


def word_timing(off_s: Iterable[float]) -> WordTiming | None:
    """A summary of start deviations in seconds; None where there is none."""
    values = np.abs(np.fromiter(off_s, dtype=np.float64))
    if not values.size:
        return None
    return WordTiming(values.size, float(np.median(values)), float((values <= CLOSE_S + 1e-9).mean()))


def deviations(reference: Sequence[Word], words: Sequence[Word], language: str | None) -> list[float]:
    """Recognised start minus true start in seconds, for each word that both have."""
    said, recognised = _tokens(reference, language), _tokens(words, language)
    pairs = align_words([text for text, _ in said], [text for text, _ in recognised])
    return [
        recognised[right][1].start_s - said[left][1].start_s
        for kind, left, right in pairs
        if kind == "equal" and left is not None and right is not None
    ]


def _tokens(words: Sequence[Word], language: str | None) -> list[tuple[str, Word]]:
    """Each word's first normalised token: "I'm" counts once, at its own start. Punctuation has none."""
    tokens = ((normalise(word.text, language).split(), word) for word in words)
    return [(parts[0], word) for parts, word in tokens if parts]
