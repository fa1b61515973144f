"""Clips -> what a recogniser made of them, and how long that took.

Knows the generic interface only. Reading files does not count into the time, and neither does the first clip
when it is recognised once more beforehand, so that what a model does once is not charged to the set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..asr import SAMPLE_RATE, AsrModel, TranscribeOptions, Transcript, Utterance, recognise
from .audio import read_samples
from .manifest import Clip

__all__ = ["Recognition", "Run", "RunOptions", "run"]

Progress = Callable[[int, int], None]
"""Called with (clips done, clips in all)."""


@dataclass(frozen=True)
class RunOptions:
    """How a set is given to the recogniser.

    Attributes:
        batch: clips handed over at once; 1: one by one.
        tell_language: False: the recogniser finds out each clip's language itself.
        word_times: ask for word times even where the manifest has none to compare with.
        seed: of the recogniser's random draws.
        model_options: its own per-call options.
    """

    batch: int = 16
    tell_language: bool = True
    word_times: bool = False
    seed: int = 0
    model_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Recognition:
    """A clip, its length in seconds, and what was recognised in it."""

    clip: Clip
    duration_s: float
    transcript: Transcript


@dataclass(frozen=True)
class Run:
    """A whole set recognised; `elapsed_s` is the recogniser's own time."""

    recognitions: tuple[Recognition, ...]
    elapsed_s: float

    @property
    def audio_s(self) -> float:
        return sum(recognition.duration_s for recognition in self.recognitions)

    @property
    def times_real_time(self) -> float:
        """Seconds of audio recognised in each second."""
        return self.audio_s / self.elapsed_s

    @property
    def passes(self) -> float | None:
        """Mean number of sequential passes of one clip; None where the recogniser does not count them."""
        steps = [recognition.transcript.steps for recognition in self.recognitions]
        counted = [count for count in steps if count is not None]
        return sum(counted) / len(counted) if counted else None


def run(
    model: AsrModel, clips: Sequence[Clip], options: RunOptions, on_progress: Progress | None = None
) -> Run:
    """Recognise all clips, in batches, the time taken.

    Clips longer than the model takes go through its `transcribe_long`, one by one.

    Raises:
        InvalidAudio: a file that cannot be read.
        UnsupportedLanguage, InvalidOption, OutOfMemory, ContractViolation: from the recogniser.
    """
    _warm_up(model, clips, options)
    recognitions: list[Recognition] = []
    elapsed_s = 0.0
    for start in range(0, len(clips), options.batch):
        part = clips[start : start + options.batch]
        utterances = [_utterance(clip, options) for clip in part]
        begun_s = time.perf_counter()
        transcripts = list(_recognise(model, utterances, _call_options(part, options)))
        elapsed_s += time.perf_counter() - begun_s
        recognitions += [
            Recognition(clip, utterance.duration_s, transcript)
            for clip, utterance, transcript in zip(part, utterances, transcripts, strict=True)
        ]
        if on_progress is not None:
            on_progress(len(recognitions), len(clips))
    return Run(tuple(recognitions), elapsed_s)


def _warm_up(model: AsrModel, clips: Sequence[Clip], options: RunOptions) -> None:
    """One clip, at most as long as the model takes, recognised for nothing."""
    first = _utterance(clips[0], options)
    short = first.samples[: int(model.spec.best_seconds * SAMPLE_RATE)]
    recognise(model, [Utterance(short, first.language)], _call_options(clips[:1], options))


def _utterance(clip: Clip, options: RunOptions) -> Utterance:
    return Utterance(read_samples(clip), clip.language if options.tell_language else None)


def _call_options(clips: Sequence[Clip], options: RunOptions) -> TranscribeOptions:
    timed = options.word_times or any(clip.words for clip in clips)
    return TranscribeOptions(seed=options.seed, word_times=timed, model_options=options.model_options)


def _recognise(
    model: AsrModel, utterances: Sequence[Utterance], options: TranscribeOptions
) -> Iterator[Transcript]:
    """The transcripts in order: all that fit in one call, the long ones each by itself."""
    fitting = [utterance for utterance in utterances if _fits(model, utterance)]
    short = iter(recognise(model, fitting, options) if fitting else ())
    for utterance in utterances:
        if _fits(model, utterance):
            yield next(short)
        else:
            yield model.transcribe_long(
                utterance.samples, language=utterance.language, **options.model_options
            )


def _fits(model: AsrModel, utterance: Utterance) -> bool:
    return utterance.duration_s <= model.spec.max_seconds
