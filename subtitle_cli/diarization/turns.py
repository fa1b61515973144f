"""A pyannote pipeline's answer to turns: exclusive, labelled in order of appearance, nothing quiet lost.

Importing this module imports torch and pyannote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from pyannote.core import Annotation

from diffasr_plugin.asr import SAMPLE_RATE

from ..types import Speech, Turn
from .options import DiarizationOptions
from .pipelines import load_pipeline

__all__ = ["add_missed", "run_pipeline"]

SLIVER_S = 0.1
"""A turn shorter than this holds no word: it is a wobble of the diarization."""

MISSED_S = 0.5
"""Speech that is in no turn counts as missed from this length on."""

STAGES = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 1.0)}
"""The shares of a pipeline's work, from and to, by its own names of the stages."""


def run_pipeline(
    samples: NDArray[np.float32],
    options: DiarizationOptions,
    on_progress: Callable[[float], None] | None,
) -> Speech:
    """Turns as the pipeline finds them."""
    pipeline = load_pipeline(options.model)
    # from_numpy shares the memory of the samples. Always a waveform, never a path: pyannote would decode a
    # path by itself, with other libraries.
    film = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE}
    found = pipeline(
        film,
        num_speakers=options.speakers,
        min_speakers=options.min_speakers,
        max_speakers=options.max_speakers,
        hook=_hook(on_progress),
    )
    # Pipelines of older kinds give a bare annotation, which may hold overlaps.
    annotation = getattr(found, "speaker_diarization", found)
    exclusive = getattr(found, "exclusive_speaker_diarization", annotation)
    overlaps = tuple((part.start, part.end) for part in annotation.get_overlap())
    return Speech(tuple(_named(_exclusive(_turns_of(exclusive)))), overlaps)


def add_missed(turns: Sequence[Turn], stretches: Sequence[tuple[float, float]]) -> list[Turn]:
    """The turns, and between them the speech that is in none: it goes to the speaker nearest in time."""
    missed = [
        Turn(start, end, _nearest(turns, start, end))
        for stretch in stretches
        for start, end in _outside(stretch, turns)
        if end - start >= MISSED_S
    ]
    return sorted([*turns, *missed])


def _outside(stretch: tuple[float, float], turns: Sequence[Turn]) -> Iterator[tuple[float, float]]:
    """The parts of a stretch that no turn covers."""
    start_s, end_s = stretch
    for turn in turns:
        if turn.end_s <= start_s or turn.start_s >= end_s:
            continue
        if turn.start_s > start_s:
            yield start_s, turn.start_s
        start_s = turn.end_s
    if start_s < end_s:
        yield start_s, end_s


def _nearest(turns: Sequence[Turn], start_s: float, end_s: float) -> str:
    """The speaker of the turn that is next to a stretch; without any turn there is but one speaker."""
    if not turns:
        return "SPEAKER_00"
    nearest = min(turns, key=lambda turn: max(turn.start_s - end_s, start_s - turn.end_s))
    return nearest.speaker or "SPEAKER_00"


def _turns_of(annotation: Annotation) -> list[Turn]:
    tracks = annotation.itertracks(yield_label=True)
    return sorted(Turn(segment.start, segment.end, label) for segment, _, label in tracks)


def _exclusive(turns: Sequence[Turn]) -> list[Turn]:
    """No two turns overlap: who began first keeps the floor."""
    exclusive: list[Turn] = []
    end_s = 0.0
    for turn in turns:
        start_s = max(turn.start_s, end_s)
        if turn.end_s - start_s >= SLIVER_S:
            exclusive.append(Turn(start_s, turn.end_s, turn.speaker))
            end_s = turn.end_s
    return exclusive


def _named(turns: Sequence[Turn]) -> Iterator[Turn]:
    """Speakers called SPEAKER_00, SPEAKER_01 … in the order in which they are first heard."""
    names: dict[str | None, str] = {}
    for turn in turns:
        name = names.setdefault(turn.speaker, f"SPEAKER_{len(names):02d}")
        yield Turn(turn.start_s, turn.end_s, name)


def _hook(on_progress: Callable[[float], None] | None) -> Callable[..., None] | None:
    """pyannote's hook, told on as one share for the whole pipeline."""
    if on_progress is None:
        return None

    def hook(
        stage: str,
        artefact: object,
        file: object = None,
        total: int | None = None,
        completed: int | None = None,
    ) -> None:
        if stage in STAGES and total and completed is not None:
            begin, end = STAGES[stage]
            on_progress(begin + (end - begin) * completed / total)

    return hook
