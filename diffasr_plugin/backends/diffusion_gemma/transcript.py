"""A row's tokens and what the audio says to them -> the transcript that is shown, or none.

Knows neither networks nor batches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE, Transcript
from diffasr_plugin.ctc import FrameClock
from diffasr_plugin.diffusion.confidence import calibrated, transcript_confidence
from diffasr_plugin.guard import GuardConfig, judge, measure_sound
from diffasr_plugin.hypothesis import Hypothesis
from diffasr_plugin.languages import language_scores
from diffasr_plugin.loops import cut_loops
from diffasr_plugin.words import Piece, words_from_pieces

__all__ = ["Scribe", "WhoseTokens", "is_silent"]


_UNSPACED = frozenset({"zh"})
"""Languages that are written without spaces between words."""


class Pieces(Protocol):
    """What tells the text of tokens."""

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each token adds to the text."""
        ...


class Settings(Protocol):
    """What is known of a recogniser's confidence and languages."""

    @property
    def calibration(self) -> tuple[float, float] | None: ...

    @property
    def languages(self) -> tuple[str, ...]: ...


class WhoseTokens(Protocol):
    """A decoder, of any model, as the scribe needs it."""

    @property
    def codec(self) -> Pieces: ...

    @property
    def clock(self) -> FrameClock: ...

    @property
    def config(self) -> Settings: ...


@dataclass(frozen=True, eq=False)
class Scribe:
    """Writes transcripts.

    Attributes:
        decoder: whose tokens they are.
        guard: whether text that the audio does not support is dropped or doubted.
        word_times: whether words are wanted.
    """

    decoder: WhoseTokens
    guard: bool = True
    word_times: bool = True

    def write(self, found: Hypothesis, samples: NDArray[np.float32], language: str | None) -> Transcript:
        """The transcript of one utterance; empty if nothing was said.

        1. Judge the tokens by the audio.
        2. Cut loops.
        3. Make words of what is left, each as sure as its weakest token, and no surer than the verdict.
        """
        # 1. Judge
        most_sure = 1.0
        if self.guard:
            verdict = judge(found.ids, found.log_probs, found.heard, measure_sound(samples))
            if verdict.action == "drop":
                return Transcript("", steps=found.steps)
            most_sure = verdict.most_confidence
        # 2. Cut
        pieces = self._pieces(found, most_sure)
        kept = [
            piece for piece, keep in zip(pieces, cut_loops([p.text for p in pieces]), strict=True) if keep
        ]
        text = "".join(piece.text for piece in kept).strip()
        if not text:
            return Transcript("", steps=found.steps)
        # 3. Make words
        duration_s = len(samples) / SAMPLE_RATE
        language = language or self._language(text)
        words = words_from_pieces(kept, self.decoder.clock, duration_s) if self.word_times else ()
        if words:  # nothing stands before it here, but something may where windows are joined
            words = (replace(words[0], space_before=language not in _UNSPACED), *words[1:])
        return Transcript(
            text=text,
            language=language,
            words=words,
            confidence=transcript_confidence([p.confidence for p in kept if p.confidence is not None]),
            steps=found.steps,
        )

    def _pieces(self, found: Hypothesis, most_sure: float) -> list[Piece]:
        curve = self.decoder.config.calibration
        texts = self.decoder.codec.pieces(found.ids)
        return [
            Piece(text, start, end, min(calibrated(sure, *curve) if curve else sure, most_sure))
            for text, start, end, sure in zip(texts, found.starts, found.ends, found.confidences, strict=True)
        ]

    def _language(self, text: str) -> str:
        scores = language_scores(text, self.decoder.config.languages)
        return max(scores, key=lambda language: scores[language])


def is_silent(samples: NDArray[np.float32]) -> bool:
    """Whether the audio is too quiet to hold speech: it needs no model."""
    return measure_sound(samples).level_dbfs < GuardConfig().silence_dbfs
