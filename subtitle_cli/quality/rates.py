"""Two sets of cues -> SubER and tcpWER, by the packages that define them, which come with the extra `score`.

SubER counts what an editor would have to do: to words, to line and cue breaks, where times overlap. tcpWER
counts the words that are wrong, in the wrong place by more than the collar, or another speaker's.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from diffasr_plugin.scoring import normalise

from ..errors import ScoreUnavailable
from ..rules import primary_language
from ..types import Cue
from .wording import spoken_text

__all__ = ["COLLAR_S", "REMEDY", "suber", "tcpwer", "tells_speakers"]

COLLAR_S = 5.0
"""How far a word may be from its place; what CHiME and most papers use."""

REMEDY = 'pip install "diffsub[score]"'

_TOKENISED = ("zh", "ja", "ko")
"""Languages that SubER cuts into words itself."""


def suber(reference: Sequence[Cue], hypothesis: Sequence[Cue], language: str | None) -> float:
    """The subtitle edit rate, in per cent: below 20 is very good, above 40 bad.

    Raises:
        ScoreUnavailable: the package subtitle-edit-rate is missing, or what it needs for the language.
    """
    try:
        from suber.metrics.suber import calculate_SubER
    except ImportError as error:
        raise ScoreUnavailable(f"SubER needs the package subtitle-edit-rate: {REMEDY}") from error
    primary = primary_language(language)
    try:
        rate = calculate_SubER(
            _suber_cues(hypothesis),
            _suber_cues(reference),
            language=primary if primary in _TOKENISED else None,
        )
    except (ImportError, RuntimeError) as error:
        # Japanese and Korean need dictionaries that no package of ours brings.
        raise ScoreUnavailable(f"SubER cannot cut the language {primary!r} into words: {error}") from error
    return float(rate)


def tcpwer(reference: Sequence[Cue], hypothesis: Sequence[Cue], language: str | None) -> float:
    """The time-constrained word error rate with the best assignment of speakers, from 0; infinite where the
    reference has no words but the hypothesis has.

    Where either side tells no speakers, all words count as one speaker's.

    Raises:
        ScoreUnavailable: the package meeteval is missing.
    """
    try:
        from meeteval.io import SegLST
        from meeteval.wer.wer.time_constrained import (
            time_constrained_minimum_permutation_word_error_rate as rate,
        )
    except ImportError as error:
        raise ScoreUnavailable(f"tcpWER needs the package meeteval: {REMEDY}") from error
    told = tells_speakers(reference) and tells_speakers(hypothesis)
    segments = [
        SegLST([segment for cue in cues for segment in _segments(cue, language, told)])
        for cues in (reference, hypothesis)
    ]
    errors = rate(*segments, collar=COLLAR_S)
    if not errors.length:
        return math.inf if errors.errors else 0.0
    return float(errors.error_rate)


def tells_speakers(cues: Sequence[Cue]) -> bool:
    """Whether any line has a speaker."""
    return any(speaker is not None for cue in cues for speaker in cue.speakers)


def _suber_cues(cues: Sequence[Cue]) -> list[Any]:
    """Cues as SubER takes them: in order, each line a run of words that ends in a break."""
    from suber.data_types import Subtitle

    ordered = sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))
    return [
        Subtitle(
            word_list=list(_suber_words(cue)),
            index=number,
            start_time=cue.start_ms / 1000,
            end_time=max(cue.start_ms, cue.end_ms) / 1000,
        )
        for number, cue in enumerate(ordered, start=1)
    ]


def _suber_words(cue: Cue) -> Iterator[Any]:
    from suber.data_types import LineBreak, TimedWord

    times = {"subtitle_start_time": cue.start_ms / 1000, "subtitle_end_time": cue.end_ms / 1000}
    lines = [line.split() for line in cue.lines if line.split()]
    for number, words in enumerate(lines, start=1):
        end = LineBreak.END_OF_BLOCK if number == len(lines) else LineBreak.END_OF_LINE
        for word in words[:-1]:
            yield TimedWord(string=word, **times)
        yield TimedWord(string=words[-1], line_break=end, **times)


def _segments(cue: Cue, language: str | None, told: bool) -> Iterator[dict[str, Any]]:
    """The words of a cue as meeteval takes them: a segment for each speaker."""
    lines: dict[str, list[str]] = defaultdict(list)
    speakers = cue.speakers if told and cue.speakers else (None,) * len(cue.lines)
    for line, speaker in zip(cue.lines, speakers, strict=True):
        lines[speaker or ""].append(line)
    for speaker, texts in lines.items():
        yield {
            "session_id": "film",
            "speaker": speaker,
            "words": normalise(spoken_text(texts), language),
            "start_time": cue.start_ms / 1000,
            "end_time": max(cue.start_ms, cue.end_ms) / 1000,
        }
