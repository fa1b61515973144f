"""A film's sound and a pyannote pipeline -> turns: labelled in order of appearance, nothing quiet lost.

Importing this module imports torch and pyannote.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from pyannote.core import Annotation

from diffasr_plugin.asr import SAMPLE_RATE

from ..types import Speech, Turn
from .options import DiarizationOptions
from .quiet import find_quiet_speech
from .segmentation import Samples, Stretch

__all__ = ["SpeakerTurns", "find_turns", "to_speech"]

SHORTEST_SAMPLES = SAMPLE_RATE // 10
SLIVER_S = 0.1
"""A turn shorter than this holds no word: it is a wobble of the diarization."""
STAGES = {"segmentation": (0.0, 0.3), "embeddings": (0.3, 0.95)}
"""The shares of the work, from and to, by pyannote's own names of the stages; the rest is the second look."""


@dataclass(frozen=True)
class SpeakerTurns:
    """Who speaks when, in two ways; both in order.

    Attributes:
        overlapping: as heard: several may speak at once.
        exclusive: each moment belongs to one speaker at most.
    """

    overlapping: tuple[Turn, ...]
    exclusive: tuple[Turn, ...]


def find_turns(
    samples: Samples,
    pipeline: Any,  # noqa: ANN401  # pyannote has no type information
    options: DiarizationOptions,
    on_progress: Callable[[float], None] | None = None,
) -> SpeakerTurns:
    """Run the pipeline, then look for quiet speech in the gaps that it left.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); may be a memory map.
        pipeline: a `SpeakerDiarization` of pyannote.
        on_progress: told the share done, 0 to 1.
    """
    if len(samples) < SHORTEST_SAMPLES:
        return SpeakerTurns((), ())
    output = _run(samples, pipeline, options, on_progress)
    duration_s = len(samples) / SAMPLE_RATE
    overlapping = _turns_of(output.speaker_diarization, duration_s)
    quiet = find_quiet_speech(samples, _covered(overlapping))
    exclusive = _without_slivers(_apart(_turns_of(output.exclusive_speaker_diarization, duration_s)))
    names = _names([*exclusive, *overlapping])
    overlapping, exclusive = _renamed(overlapping, names), _renamed(exclusive, names)
    missed = [Turn(*stretch, _nearest(exclusive, stretch)) for stretch in quiet]
    if on_progress is not None:
        on_progress(1.0)
    return SpeakerTurns(tuple(sorted([*overlapping, *missed])), tuple(sorted([*exclusive, *missed])))


def to_speech(turns: SpeakerTurns) -> Speech:
    """The exclusive turns; of the others, when they overlap."""
    shared: list[Turn] = []
    busy_until_s = 0.0
    for turn in turns.overlapping:
        if turn.start_s < busy_until_s:
            shared.append(replace(turn, end_s=min(turn.end_s, busy_until_s)))
        busy_until_s = max(busy_until_s, turn.end_s)
    return Speech(turns.exclusive, tuple(_covered(shared)))


def _run(
    samples: Samples,
    pipeline: Any,  # noqa: ANN401
    options: DiarizationOptions,
    on_progress: Callable[[float], None] | None,
) -> Any:  # noqa: ANN401
    with warnings.catch_warnings():
        # Of a memory map that is read-only, of speakers fewer than asked for, of statistics of one frame.
        warnings.simplefilter("ignore")
        # from_numpy shares the memory of the samples. Always a waveform, never a path: pyannote would decode
        # a path by itself, with other libraries.
        film = {"waveform": torch.from_numpy(samples)[None], "sample_rate": SAMPLE_RATE}
        return pipeline(
            film,
            num_speakers=options.speakers,
            min_speakers=options.min_speakers,
            max_speakers=options.max_speakers,
            hook=_hook(on_progress),
        )


def _turns_of(annotation: Annotation, duration_s: float) -> list[Turn]:
    """Its turns, in order; the last ones end with the film, not with the window that pyannote padded."""
    tracks = annotation.itertracks(yield_label=True)
    turns = [Turn(segment.start, min(segment.end, duration_s), label) for segment, _, label in tracks]
    return sorted(turn for turn in turns if turn.duration_s > 0)


def _covered(turns: Iterable[Turn]) -> list[Stretch]:
    """Where anybody speaks."""
    covered: list[Stretch] = []
    for turn in turns:
        start_s, end_s = turn.start_s, turn.end_s
        if covered and start_s <= covered[-1][1]:
            start_s, last_s = covered.pop()
            end_s = max(end_s, last_s)
        covered.append((start_s, end_s))
    return covered


def _apart(turns: Iterable[Turn]) -> list[Turn]:
    """No two turns overlap: who begins interrupts who speaks, and gives back what is left of that turn.

    Even pyannote's exclusive turns overlap where a pipeline bridges a speaker's pauses.
    """
    apart: list[Turn] = []
    waiting = sorted(turns, reverse=True)  # the next one last
    while waiting:
        turn = waiting.pop()
        if apart and apart[-1].end_s > turn.start_s:
            interrupted = apart.pop()
            if interrupted.start_s < turn.start_s:
                apart.append(replace(interrupted, end_s=turn.start_s))
            if interrupted.end_s > turn.end_s:
                waiting.append(replace(interrupted, start_s=turn.end_s))
                waiting.sort(reverse=True)
        apart.append(turn)
    return apart


def _without_slivers(turns: Iterable[Turn]) -> list[Turn]:
    """A sliver goes to the turn before it if they touch, so that no speech is lost, else nowhere."""
    kept: list[Turn] = []
    for turn in turns:
        if turn.duration_s >= SLIVER_S:
            kept.append(turn)
        elif kept and turn.start_s - kept[-1].end_s < SLIVER_S:
            kept[-1] = replace(kept[-1], end_s=turn.end_s)
    return kept


def _names(turns: Iterable[Turn]) -> dict[str | None, str]:
    """SPEAKER_00, SPEAKER_01 … in the order in which speakers are first heard."""
    names: dict[str | None, str] = {}
    for turn in turns:
        names.setdefault(turn.speaker, f"SPEAKER_{len(names):02d}")
    return names


def _renamed(turns: Iterable[Turn], names: dict[str | None, str]) -> list[Turn]:
    return [replace(turn, speaker=names[turn.speaker]) for turn in turns]


def _nearest(turns: Sequence[Turn], stretch: Stretch) -> str | None:
    """The speaker who speaks nearest in time; without any turn there is but one speaker.

    On the training files this is right more often than the most similar voice: faint speech is short.
    """
    start_s, end_s = stretch
    first = Turn(0.0, 0.0, "SPEAKER_00")
    return min(turns, key=lambda turn: max(turn.start_s - end_s, start_s - turn.end_s), default=first).speaker


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
            on_progress(begin + (end - begin) * min(completed / total, 1.0))

    return hook
