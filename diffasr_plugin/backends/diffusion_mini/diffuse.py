"""Encoder states of a batch -> each row's transcript in tokens, denoised, with what CTC says to each of them.

The sampler, the CTC path, the aligner and the hypotheses are those of `diffusion-gemma`. Its own is what CTC
reads: units of text, which are not the decoder's tokens. Knows no samples and no words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

from ...align import Alignment, forced_align
from ...ctc import (
    FrameClock,
    GreedyPath,
    canvas_from_ctc,
    canvas_lengths,
    ctc_log_probs,
)
from ...diffusion.confidence import token_confidence
from ...diffusion.draws import RowDraws
from ...diffusion.sampler import Denoise, Sampled, SamplerConfig, sample
from ...diffusion.trace import Tracer
from ...hypothesis import DecodeSettings, Hypothesis, Request
from ...mini.units import Units
from ...models.mini_adapter import FRAME_S, MiniContext, MiniDenoiser
from .codec import MiniCodec
from .ear import Ear, Reading, as_path
from .hearing import MiniHeard

__all__ = ["LONGEST_CANVAS", "Guess", "MiniDiffuser", "Writing"]

_SAMPLER = SamplerConfig(t_min=1.0, t_max=1.0, entropy_bound=math.inf, stop_entropy=math.inf)
"""Every step takes the likeliest token everywhere, and a canvas that stays as it is is done.

The denoiser is near to a causal model: a token that is taken although it is doubtful tells what follows it
more than a random one does. Training's log has the figures.
"""

LONGEST_CANVAS = 320
"""No one says more in 30 s, also in Hindi, where a letter takes two tokens."""


@dataclass(frozen=True)
class Writing:
    """What is known of the tokens' meaning: see `Scribe`. No speech to fit a curve on is left over."""

    languages: tuple[str, ...]
    calibration: None = None


_DRAFT_SEED = 0
"""Drafts change the time that a text takes, not the text: no seed is asked for."""


@dataclass(frozen=True)
class Guess:
    """A guess at a row's tokens, and the steps of the denoiser that it took."""

    ids: list[int]
    steps: int


@dataclass(frozen=True, eq=False)
class MiniDiffuser:
    """The denoiser with the texts around it.

    Attributes:
        clock: of the CTC reader's frames.
        config: for the scribe.
    """

    denoiser: MiniDenoiser
    codec: MiniCodec
    units: Units
    config: Writing
    clock: FrameClock = field(default_factory=lambda: FrameClock(FRAME_S, -FRAME_S / 2, round(30 / FRAME_S)))

    @torch.inference_mode()
    def decode(
        self,
        heard: MiniHeard,
        requests: Sequence[Request],
        settings: DecodeSettings,
        tracer: Tracer | None = None,
        *,
        strength: float = 1.0,
    ) -> list[Hypothesis]:
        """Transcribe what was heard; every request says its language.

        1. Read the frames by CTC.
        2. Take in prompts and frames.
        3. Denoise the canvases.
        4. Align each transcript with the frames.

        Args:
            strength: see `Way`.
        """
        # 1. Read
        languages = [_language(request) for request in requests]
        # What nobody looks at again tells by letters of any script that it was no speech.
        reading = self.ear.read(heard, languages if settings.steps else None)
        # 2. Take in
        prompts = torch.tensor([self.codec.prompt(language) for language in languages])
        context = MiniContext(prompts.to(heard.device), heard.layers, strength)
        # 3. Denoise
        sampled = self._sample(context, reading.path, requests, settings, tracer)
        # 4. Align
        return self._hypotheses(reading, sampled)

    def guesses(
        self, heard: MiniHeard, languages: Sequence[str], settings: DecodeSettings, strength: float = 1.0
    ) -> list[Guess]:
        """What the verifier is to look at: with no steps, what CTC hears."""
        if settings.steps == 0:
            path = self.ear.read(heard, languages).path
            return [
                Guess(ids[:count], 0)
                for ids, count in zip(path.ids.tolist(), path.counts.tolist(), strict=True)
            ]
        requests = [
            Request(duration_s, language, _DRAFT_SEED)
            for duration_s, language in zip(heard.durations_s, languages, strict=True)
        ]
        decoded = self.decode(heard, requests, settings, strength=strength)
        return [Guess(found.ids, found.steps) for found in decoded]

    @cached_property
    def ear(self) -> Ear:
        return Ear(self.denoiser.adapter.reader, self.units, self.codec, self.clock)

    @property
    def on_gpu(self) -> bool:
        return self.denoiser.mean_token.is_cuda

    def _sample(
        self,
        context: MiniContext,
        path: GreedyPath,
        requests: Sequence[Request],
        settings: DecodeSettings,
        tracer: Tracer | None,
    ) -> Sampled:
        lengths = [LONGEST_CANVAS] * len(requests)
        if settings.canvas == "auto":
            lengths = canvas_lengths(path.counts, LONGEST_CANVAS).tolist()
        if settings.steps == 0:
            return _undenoised(path, lengths, self.codec.end)
        seeds = [request.seed for request in requests]
        draws = RowDraws(seeds, lengths, self.codec.size, path.ids.device)
        canvas = draws.canvas()
        if settings.init == "ctc":
            canvas = canvas_from_ctc(path, canvas, self.codec.end, self.codec.end)
        sampler = replace(
            _SAMPLER, steps=settings.steps, extra_steps=settings.extra_steps, end=self.codec.end
        )
        if not settings.stop_early:
            sampler = replace(sampler, stop_entropy=0.0)
        denoise = self._denoiser_of(context, lengths)
        return sample(denoise, canvas, draws, sampler, lengths=lengths, tracer=tracer)

    def _denoiser_of(self, context: MiniContext, lengths: Sequence[int]) -> Denoise:
        """The model as the sampler calls it; the context is cut only when rows have left."""
        rows_before: Tensor | None = None
        current, current_lengths = context, list(lengths)

        def denoise(canvas: Tensor, rows: Tensor, conditioning: Tensor | None) -> Tensor:
            nonlocal rows_before, current, current_lengths
            if rows_before is not None and rows is not rows_before:
                kept = torch.searchsorted(rows_before, rows)
                current = current.select(kept)
                current_lengths = [current_lengths[index] for index in kept.tolist()]
            rows_before = rows
            return self.denoiser.denoise(canvas, current, conditioning, current_lengths)

        return denoise

    def _hypotheses(self, reading: Reading, sampled: Sampled) -> list[Hypothesis]:
        used = sampled.lengths.tolist()
        trimmed = [self.codec.trim(ids[:n]) for ids, n in zip(sampled.ids.tolist(), used, strict=True)]
        pieces = [self.codec.pieces(ids) for ids, _ in trimmed]
        spoken = [self.units.spans("".join(row)) for row in pieces]
        aligned = self._align(reading, [[unit.id for unit in row] for row in spoken])
        confidences = token_confidence(sampled).tolist()
        heard, counts, steps = reading.path.ids.tolist(), reading.path.counts.tolist(), sampled.steps.tolist()
        found = []
        for row, (ids, ended) in enumerate(trimmed):
            places = [(unit.start, unit.end) for unit in spoken[row]]
            said = _said(pieces[row], places, aligned, row)
            sure = confidences[row][: len(ids)]
            if not steps[row]:  # what was not denoised is as sure as CTC is
                sure = [math.exp(log_prob) for _, _, log_prob in said]
            found.append(
                Hypothesis(
                    ids=ids,
                    ended=ended,
                    full=used[row] >= LONGEST_CANVAS,
                    confidences=sure,
                    starts=[start for start, _, _ in said],
                    ends=[end for _, end, _ in said],
                    log_probs=[log_prob for _, _, log_prob in said],
                    heard=heard[row][: counts[row]],
                    steps=steps[row],
                )
            )
        return found

    def _align(self, reading: Reading, units: Sequence[Sequence[int]]) -> Alignment:
        """Where each row's units are said; on the CPU, which is quicker at it."""
        path = as_path(units, reading.features.device)
        log_probs = ctc_log_probs(reading.features, self.ear.head, path.ids, reading.frames.log_norm)
        return forced_align(log_probs.cpu(), path.ids.cpu(), path.counts.cpu(), reading.lengths.cpu())


def _undenoised(path: GreedyPath, lengths: Sequence[int], end: int) -> Sampled:
    """What CTC hears, as if it had been denoised: accepted at once, without a doubt."""
    blank = torch.full((len(lengths), max(lengths)), end, device=path.ids.device)
    canvas = canvas_from_ctc(path, blank, end, end)
    ones = torch.ones_like(canvas)
    used = torch.tensor(lengths, device=canvas.device)
    return Sampled(
        canvas, torch.zeros(canvas.shape, device=canvas.device), ones, torch.zeros_like(used), used
    )


def _said(
    pieces: Sequence[str], units: Sequence[tuple[int, int]], aligned: Alignment, row: int
) -> list[tuple[int, int, float]]:
    """First frame, the one after the last, and log-probability of each token, from those of its units.

    A token that adds no text, or none that the units can write, is said where the next one begins.

    Args:
        pieces: the text that each token adds.
        units: the stretch of the text, in characters, that each unit stands for.
    """
    starts, ends = aligned.starts[row].tolist(), aligned.ends[row].tolist()
    log_probs = aligned.log_probs[row].tolist()
    said: list[tuple[int, int, float]] = []
    at, first = 0, 0
    for piece in pieces:
        begin, at = at + len(piece) - len(piece.lstrip()), at + len(piece)  # a space is no sound
        while first < len(units) and units[first][1] <= begin:
            first += 1
        own = [n for n in range(first, len(units)) if units[n][0] < at and piece.strip()]
        if own:
            said.append((starts[own[0]], ends[own[-1]], sum(log_probs[n] for n in own) / len(own)))
        else:
            place = starts[first] if first < len(units) else (ends[len(units) - 1] if units else 0)
            said.append((place, place, 0.0))
    return said


def _language(request: Request) -> str:
    assert request.language is not None, "the denoiser is told the language"
    return request.language
