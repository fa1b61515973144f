"""Two sets of cues -> how their words differ, and by how much the times of one run beside the other's.

Words are compared as `diffasr_plugin.scoring` normalises them: without case, punctuation and what stands in
brackets, and character by character in scripts without spaces. Labels of speakers, "MARTHA:", are no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import regex

from diffasr_plugin.scoring import ErrorCounts, character_errors, normalise, word_errors

from ..types import Cue
from .line import Clock, fit_clock

__all__ = ["Wording", "compare_timing", "compare_wording", "spoken_text"]

_LABEL = regex.compile(r"^[-–\s]*\p{Lu}[\p{Lu}\p{N} .'’-]{0,29}:(?=\s|$)")
"""Names in capitals before a colon, as subtitles for the deaf write them."""

_FEWEST_EDGES = 5
"""Fewer cues that begin or end with the same word say nothing sure of the times."""


@dataclass(frozen=True)
class Wording:
    """Word and character errors of a text against a reference."""

    words: ErrorCounts
    characters: ErrorCounts


@dataclass(frozen=True)
class _Word:
    """A word with the time of the cue's edge that it stands at; None: it stands at none."""

    text: str
    start_s: float | None
    end_s: float | None


def spoken_text(lines: Iterable[str]) -> str:
    """The lines of a cue as one text, without the labels that say who speaks."""
    return " ".join(_LABEL.sub("", line) for line in lines)


def compare_wording(reference: Sequence[Cue], hypothesis: Sequence[Cue], language: str | None) -> Wording:
    """How the words of all cues differ, whatever cues and lines they stand in."""
    said, shown = (" ".join(spoken_text(cue.lines) for cue in cues) for cues in (reference, hypothesis))
    return Wording(word_errors(said, shown, language), character_errors(said, shown, language))


def compare_timing(reference: Sequence[Cue], hypothesis: Sequence[Cue], language: str | None) -> Clock | None:
    """The reference's clock to the hypothesis's; None where too few cues begin or end with the same words.

    Only edges count: where both have a cue that begins (or ends) with the same word of the text, the times
    are known exactly. Inside a cue they could only be guessed.
    """
    import jiwer

    said, shown = _words(reference, language), _words(hypothesis, language)
    if not said or not shown:
        return None
    aligned = jiwer.process_words(
        " ".join(word.text for word in said), " ".join(word.text for word in shown)
    ).alignments[0]
    pairs = []
    for chunk in aligned:
        if chunk.type == "equal":
            pairs += _edges(
                said[chunk.ref_start_idx : chunk.ref_end_idx], shown[chunk.hyp_start_idx : chunk.hyp_end_idx]
            )
    if len(pairs) < _FEWEST_EDGES:
        return None
    times = np.array(sorted(pairs), dtype=np.float64)
    return fit_clock(times[:, 0], times[:, 1])


def _edges(said: Sequence[_Word], shown: Sequence[_Word]) -> list[tuple[float, float]]:
    """Times of the same edge in both, of words that are the same."""
    return [
        (ours, theirs)
        for left, right in zip(said, shown, strict=True)
        for ours, theirs in ((left.start_s, right.start_s), (left.end_s, right.end_s))
        if ours is not None and theirs is not None
    ]


def _words(cues: Sequence[Cue], language: str | None) -> list[_Word]:
    words = []
    for cue in cues:
        texts = normalise(spoken_text(cue.lines), language).split()
        for number, text in enumerate(texts):
            start_s = cue.start_ms / 1000 if number == 0 else None
            end_s = cue.end_ms / 1000 if number == len(texts) - 1 else None
            words.append(_Word(text, start_s, end_s))
    return words
