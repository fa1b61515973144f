"""Cues and the speech of their film -> speech without a cue, and cues without speech.

It believes the voice detector: songs may count as speech, and whispers may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..types import Cue, Turn

__all__ = ["Coverage", "Stretch", "check_coverage", "without"]

_EDGE_MS = 300
"""Speech this near to a cue counts as under it: detectors and subtitlers place edges by taste."""
_LINGER_MS = 1000
"""A cue may stand this long before and after its speech: to be read, or to reach its least duration."""
_SHORTEST_SPEECH_MS = 500
"""Shorter speech without a cue is a breath, a laugh, a click."""
_SHORTEST_SILENCE_MS = 500
"""The same for a part of a cue that lingers; a cue without any speech is told whatever its length."""

_SOUND = re.compile(r"[(\[（【].*[)\]）】]|.*[♪♫#].*", re.DOTALL)
"""A cue that tells a sound, "[door slams]", or a song: no speech is asked of it."""


@dataclass(frozen=True, order=True)
class Stretch:
    """Some time of the film, from the start of the picture."""

    start_ms: int
    end_ms: int

    @property
    def duration_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True)
class Coverage:
    """How cues and speech cover each other.

    Attributes:
        speech_ms: how much speech there is.
        cues: how many cues speech is asked of.
        without_cue: speech that no cue is shown for, in order.
        without_speech: cues, or long parts of cues, in which nobody speaks, in order, each with the cue's
            number, from 1.
    """

    speech_ms: int
    cues: int
    without_cue: tuple[Stretch, ...]
    without_speech: tuple[tuple[int, Stretch], ...]

    @property
    def speech_share(self) -> float:
        """The share of speech that has a cue, by time."""
        missing_ms = sum(each.duration_ms for each in self.without_cue)
        return 1 - missing_ms / self.speech_ms if self.speech_ms else 1.0

    @property
    def silent_cues(self) -> int:
        """How many cues have no speech, or not all along."""
        return len({number for number, _ in self.without_speech})

    @property
    def cue_share(self) -> float:
        """The share of cues that have speech all along."""
        return 1 - self.silent_cues / self.cues if self.cues else 1.0


def check_coverage(cues: Sequence[Cue], turns: Iterable[Turn]) -> Coverage:
    """Compare cues with the speech of their film; times of both count from the start of the picture."""
    speech = _merged((round(1000 * turn.start_s), round(1000 * turn.end_s)) for turn in turns)
    shown = _merged((cue.start_ms - _EDGE_MS, cue.end_ms + _EDGE_MS) for cue in cues)
    uncovered = [Stretch(*each) for span in speech for each in without(span, shown)]
    spoken = [(number, cue) for number, cue in enumerate(cues, start=1) if not _SOUND.fullmatch(cue.text)]
    return Coverage(
        sum(end - start for start, end in speech),
        len(spoken),
        tuple(each for each in uncovered if each.duration_ms >= _SHORTEST_SPEECH_MS),
        tuple((number, part) for number, cue in spoken for part in _silent_parts(cue, speech)),
    )


def _silent_parts(cue: Cue, speech: Sequence[tuple[int, int]]) -> list[Stretch]:
    """All of a cue in which nobody speaks; else what is left of it long before and after speech."""
    span = (cue.start_ms, cue.end_ms)
    if not any(start - _EDGE_MS < cue.end_ms and cue.start_ms < end + _EDGE_MS for start, end in speech):
        return [Stretch(*span)]
    heard = _merged((start - _LINGER_MS, end + _LINGER_MS) for start, end in speech)
    parts = [Stretch(*part) for part in without(span, heard)]
    return [part for part in parts if part.duration_ms >= _SHORTEST_SILENCE_MS]


def without(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of a span outside the others, which are in order and apart."""
    start, end = span
    parts = []
    for other_start, other_end in others:
        if other_end <= start or other_start >= end:
            continue
        if other_start > start:
            parts.append((start, other_start))
        start = max(start, other_end)
    return [*parts, (start, end)] if start < end else parts


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that touch made one; empty ones are left out."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(each for each in spans if each[0] < each[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
