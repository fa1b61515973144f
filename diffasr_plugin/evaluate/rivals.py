"""What a user would pick instead -> the project's own interface, so that one measure fits all.

faster-whisper (base, int8 weights, beam 1; one by one, or through its batched pipeline) and transformers' own
pipeline (whisper-base, greedy). Both come with the extra `bench`. They split long audio themselves.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..asr import (
    SAMPLE_RATE,
    AsrModel,
    ModelSpec,
    ModelStatus,
    ModelUnavailable,
    Progress,
    Readiness,
    ShouldStop,
    TranscribeOptions,
    Transcript,
    Utterance,
)
from .machine import usable_cores

__all__ = ["Rival", "RivalModel", "Weights", "open_faster_whisper", "open_transformers"]

LANGUAGES = ("de", "en", "es", "fr", "hi", "zh")
WINDOW_S = 30.0
BATCH = 8
"""Windows at once in the batched pipelines: faster-whisper's own default."""

Weights = Callable[[], str]
"""Gives the folder of the weights; called once it is clear that the library is there."""


Rival = Callable[[Sequence[Utterance], str | None], list[str]]
"""A library behind a function: audio of any length and a language in, texts out, in order."""


class RivalModel(AsrModel):
    """A rival as a recogniser: text only, no word times."""

    def __init__(self, spec: ModelSpec, status: ModelStatus, rival: Rival) -> None:
        self.spec = spec
        self.status = status
        self.rival = rival

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        language = next((u.language for u in utterances if u.language), options.language)
        texts = self.rival(utterances, language)
        return [Transcript(text, language if text else None) for text in texts]


def open_faster_whisper(weights: Weights, batched: bool = False) -> AsrModel:
    """faster-whisper's base model on the CPU.

    Args:
        weights: a folder in CTranslate2's format.
        batched: through its batched pipeline.

    Raises:
        ModelUnavailable: not installed, or the weights cannot be had.
    """
    _require("faster_whisper", "faster-whisper")
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    folder = weights()
    try:
        model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=usable_cores())
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelUnavailable("faster-whisper", f"{folder} cannot be loaded: {error}") from error
    rival: Rival = (
        partial(_batched, BatchedInferencePipeline(model)) if batched else partial(_one_by_one, model)
    )
    status = ModelStatus("whisper-base", "cpu", "int8 weights", 0)
    return RivalModel(_spec("faster-whisper"), status, rival)


def _one_by_one(model: Any, utterances: Sequence[Utterance], language: str | None) -> list[str]:  # noqa: ANN401
    return [_text(model.transcribe(u.samples, language=language, beam_size=1)) for u in utterances]


def _text(transcribed: Any) -> str:  # noqa: ANN401
    segments, _ = transcribed
    return "".join(segment.text for segment in segments).strip()


def _batched(pipeline: Any, utterances: Sequence[Utterance], language: str | None) -> list[str]:  # noqa: ANN401
    """Short utterances end to end as one audio with marks, all in one call; long ones each by itself."""
    texts: dict[int, str] = {}
    marked: list[tuple[int, float, float]] = []
    parts = []
    at_s = 0.0
    for number, utterance in enumerate(utterances):
        if utterance.duration_s > WINDOW_S:
            texts[number] = _text(
                pipeline.transcribe(utterance.samples, language=language, beam_size=1, batch_size=BATCH)
            )
        else:
            marked.append((number, at_s, at_s + utterance.duration_s))
            parts.append(utterance.samples)
            at_s += utterance.duration_s
    if marked:
        clips = [{"start": start_s, "end": end_s} for _, start_s, end_s in marked]
        segments, _ = pipeline.transcribe(
            np.concatenate(parts), language=language, beam_size=1, batch_size=BATCH, clip_timestamps=clips
        )
        texts |= _by_mark(segments, marked)
    return [texts.get(number, "") for number in range(len(utterances))]


def _by_mark(segments: Any, marked: Sequence[tuple[int, float, float]]) -> dict[int, str]:  # noqa: ANN401
    """Each segment's text goes to the utterance that its middle lies in."""
    texts: dict[int, str] = {}
    starts_s = [start_s for _, start_s, _ in marked]
    for segment in segments:
        middle_s = (segment.start + segment.end) / 2
        number = marked[int(np.searchsorted(starts_s, middle_s, side="right")) - 1][0]
        texts[number] = (texts.get(number, "") + segment.text).strip()
    return texts


def open_transformers(weights: Weights) -> AsrModel:
    """transformers' pipeline with whisper-base in float32 on the CPU, greedy.

    Args:
        weights: a folder in transformers' format.

    Raises:
        ModelUnavailable: not installed, or the weights cannot be had.
    """
    _require("transformers", "transformers")
    from transformers import pipeline

    folder = weights()
    try:
        recogniser = pipeline("automatic-speech-recognition", model=folder, device="cpu", dtype="float32")
    except (OSError, ValueError) as error:
        raise ModelUnavailable("transformers", f"{folder} cannot be loaded: {error}") from error
    status = ModelStatus("whisper-base", "cpu", "float32", 0)
    return RivalModel(_spec("transformers"), status, partial(_piped, recogniser))


def _piped(recogniser: Any, utterances: Sequence[Utterance], language: str | None) -> list[str]:  # noqa: ANN401
    given = [{"raw": utterance.samples, "sampling_rate": SAMPLE_RATE} for utterance in utterances]
    asked = {"task": "transcribe", "num_beams": 1, **({"language": language} if language else {})}
    # Only long audio is cut into chunks: short audio would be padded and striden over for nothing.
    long = any(utterance.duration_s > WINDOW_S for utterance in utterances)
    cut = {"chunk_length_s": WINDOW_S, "ignore_warning": True} if long else {}
    batch = BATCH if long or len(utterances) > 1 else 1
    outputs = recogniser(given, batch_size=batch, generate_kwargs=asked, **cut)
    return [output["text"].strip() for output in outputs]


def _require(module: str, package: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise ModelUnavailable(package, f'not installed: pip install "diffsub[bench]", or {package} itself')


def _spec(name: str) -> ModelSpec:
    def factory(options: Mapping[str, Any]) -> AsrModel:
        raise ModelUnavailable(name, "a rival is opened by its own function")

    return ModelSpec(
        name=name,
        description="a rival to compare with",
        languages=LANGUAGES,
        licence="MIT",
        max_seconds=math.inf,
        best_seconds=WINDOW_S,
        word_times=False,
        confidence=False,
        factory=factory,
        probe=lambda: Readiness(True),
    )
