"""The backend `diffusion-gemma`: utterances -> transcripts with words, times and confidence.

Joins listening, decoding and judging; the maths is in `diffusion`, the networks in `models`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import torch

from diffasr_plugin.asr import (
    SAMPLE_RATE,
    AsrModel,
    Cancelled,
    ModelSpec,
    ModelStatus,
    ModelUnavailable,
    OutOfMemory,
    Progress,
    ShouldStop,
    TranscribeOptions,
    Transcript,
    Utterance,
)
from diffasr_plugin.asr.long import cut_points, join
from diffasr_plugin.diffusion.trace import Trace
from diffasr_plugin.languages import language_scores
from diffasr_plugin.memory import predict

from .decode import DecodeSettings, Hypothesis, Request
from .front import listen_ahead
from .load import Loaded, load_parts, plan_load
from .transcript import Scribe, is_silent

__all__ = ["DiffusionGemma", "load"]

SHORTEST_HALF_S = 1.0
"""Shorter audio is not halved: no one says 190 tokens in it."""

DETECTION_STEPS = 4
"""Enough to tell a language."""


@dataclass(frozen=True)
class _Call:
    """One call's options, checked."""

    decode: DecodeSettings
    batch_size: int
    guard: bool
    word_times: bool
    seed: int


class DiffusionGemma(AsrModel):
    """A loaded recogniser. It detects languages, and can show its steps (`Traceable`).

    Args:
        spec: of the backend.
        loaded: the parts.
    """

    def __init__(self, spec: ModelSpec, loaded: Loaded) -> None:
        plan = loaded.plan
        self.spec = spec
        self.status = ModelStatus(
            model=plan.models.base.repo,
            device=", ".join(map(str, plan.devices)),
            dtype=_dtype_name(plan.dtype, plan.quantize),
            memory_bytes=int(predict(plan.sizes, plan.quantize, 1).weights),
        )
        self._loaded: Loaded | None = loaded

    def transcribe_batch(
        self,
        utterances: Sequence[Utterance],
        options: TranscribeOptions,
        *,
        on_progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> list[Transcript]:
        """See `AsrModel`."""
        spoken = [index for index, utterance in enumerate(utterances) if not is_silent(utterance.samples)]
        rows = [_marked(utterances[index], options.language) for index in spoken]
        transcripts = [Transcript("")] * len(utterances)
        silent, done = len(utterances) - len(spoken), 0
        for found in self._recognise(rows, self._call(options), should_stop):
            for transcript in found:
                transcripts[spoken[done]] = transcript
                done += 1
            if on_progress is not None:
                on_progress(silent + done, len(utterances))
        if on_progress is not None and not spoken:
            on_progress(silent, len(utterances))
        return transcripts

    def detect_languages(self, utterances: Sequence[Utterance]) -> list[dict[str, float]]:
        """By the words of a quick transcript: the model writes in the language that it hears."""
        options = TranscribeOptions(
            model_options=self.spec.check_options({"steps": DETECTION_STEPS}, "call"), word_times=False
        )
        unmarked = [replace(utterance, language=None) for utterance in utterances]
        transcripts = self.transcribe_batch(unmarked, options)
        return [language_scores(transcript.text, self.spec.languages) for transcript in transcripts]

    def trace(self, utterance: Utterance, options: TranscribeOptions) -> Mapping[str, Any]:
        """What each step proposed, accepted and renoised, and how sure it was; as JSON takes it."""
        loaded, call, tracer = self._parts(), self._call(options), Trace()
        row = _marked(utterance, options.language)
        audio = loaded.front.listen([row.samples])
        found = loaded.decoder.decode(audio, [_request(row, call)], call.decode, tracer)[0]
        transcript = self._scribe(call).write(found, row.samples, row.language)
        return {
            "transcript": asdict(transcript),
            "unknowns": asdict(loaded.decoder.config.unknowns),
            **tracer.as_json(lambda token: loaded.decoder.codec.pieces([token])[0]),
        }

    def close(self) -> None:
        self._loaded = None
        gc.collect()  # hooks and modules refer to each other: only the collector frees their memory
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _parts(self) -> Loaded:
        if self._loaded is None:
            raise ModelUnavailable(self.spec.name, "it was closed; load it again")
        return self._loaded

    def _call(self, options: TranscribeOptions) -> _Call:
        given = options.model_options or self.spec.check_options({}, "call")
        return _Call(
            decode=DecodeSettings(given["steps"], given["extra_steps"], given["init"], given["canvas"]),
            batch_size=given["batch_size"] or self._parts().plan.batch_size,
            guard=given["guard"],
            word_times=options.word_times,
            seed=options.seed,
        )

    def _scribe(self, call: _Call) -> Scribe:
        return Scribe(self._parts().decoder, guard=call.guard, word_times=call.word_times)

    def _recognise(
        self, rows: Sequence[Utterance], call: _Call, should_stop: ShouldStop | None
    ) -> Iterator[list[Transcript]]:
        """The rows' transcripts in their order, a batch at a time.

        Raises:
            OutOfMemory, Cancelled.
        """
        batches = [rows[i : i + call.batch_size] for i in range(0, len(rows), call.batch_size)]
        heard = listen_ahead(self._parts().front, [[row.samples for row in batch] for batch in batches])
        for batch in batches:
            if should_stop is not None and should_stop():
                raise Cancelled
            try:
                audio = next(heard)
                requests = [_request(row, call) for row in batch]
                found = self._parts().decoder.decode(audio, requests, call.decode)
            except torch.OutOfMemoryError as error:
                torch.cuda.empty_cache()
                raise OutOfMemory(self.spec.name, len(batch), self.status.device) from error
            yield [self._transcript(*each, call, should_stop) for each in zip(batch, found, strict=True)]

    def _transcript(
        self, row: Utterance, hypothesis: Hypothesis, call: _Call, should_stop: ShouldStop | None
    ) -> Transcript:
        """A row's transcript. One that filled its canvas to the last token is done again, with more room.

        On the longest canvas, if it was not on that one; else the audio is halved.
        """
        transcript = self._scribe(call).write(hypothesis, row.samples, row.language)
        if hypothesis.ended or not transcript.text:
            return transcript
        if not hypothesis.full:
            call, parts = replace(call, decode=replace(call.decode, canvas="full")), [row]
        elif row.duration_s >= 2 * SHORTEST_HALF_S:
            parts = _halves(row)
        else:
            return transcript
        redone = list(chain.from_iterable(self._recognise(parts, call, should_stop)))
        return redone[0] if len(parts) == 1 else join(parts, redone)


def load(spec: ModelSpec, options: Mapping[str, Any]) -> DiffusionGemma:
    """Load the model as the checked load options say.

    Raises:
        ModelUnavailable, CheckpointError, OutOfMemory, InvalidOption: see `load`.
    """
    return DiffusionGemma(spec, load_parts(plan_load(options)))


def _marked(utterance: Utterance, language: str | None) -> Utterance:
    """The utterance with the call's language, if it has none of its own."""
    return replace(utterance, language=utterance.language or language)


def _request(row: Utterance, call: _Call) -> Request:
    return Request(row.duration_s, row.language, call.seed)


def _halves(utterance: Utterance) -> list[Utterance]:
    """Two parts, or three that overlap where there is no pause, cut at the quietest place near the middle."""
    spans = cut_points(utterance.samples, 0.65 * utterance.duration_s)
    return [
        Utterance(np.array(utterance.samples[start:end]), utterance.language, start / SAMPLE_RATE)
        for start, end in spans
    ]


def _dtype_name(dtype: torch.dtype, quantize: str) -> str:
    name = str(dtype).removeprefix("torch.")
    return name if quantize == "none" else f"{quantize} weights, {name} arithmetic"
