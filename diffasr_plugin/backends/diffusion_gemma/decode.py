"""Audio tokens of a batch -> each row's transcript in tokens, with what the audio says to each of them.

Joins the language model and the sampler; knows no samples and no words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from diffasr_plugin.align import forced_align
from diffasr_plugin.config import RecogniserConfig
from diffasr_plugin.ctc import (
    CtcHead,
    FrameClock,
    FrameReading,
    GreedyPath,
    canvas_from_ctc,
    canvas_lengths,
    ctc_log_probs,
    greedy_path,
    read_frames,
)
from diffasr_plugin.diffusion.confidence import token_confidence
from diffasr_plugin.diffusion.draws import RowDraws
from diffasr_plugin.diffusion.sampler import Sampled, SamplerConfig, sample
from diffasr_plugin.diffusion.trace import Tracer
from diffasr_plugin.hypothesis import DecodeSettings, Hypothesis, Request
from diffasr_plugin.models.gemma import Context, Gemma
from diffasr_plugin.text import TextCodec

from .steps import BatchDenoiser

__all__ = ["DecodeSettings", "Decoder", "Hypothesis", "Request"]


@dataclass(frozen=True, eq=False)
class Decoder:
    """The language model, the text codec and the clock of the audio tokens."""

    gemma: Gemma
    codec: TextCodec
    config: RecogniserConfig
    clock: FrameClock

    @property
    def head(self) -> CtcHead:
        return CtcHead(self.gemma.output_weights, self.config.unknowns.blank)

    @torch.no_grad()
    def decode(
        self,
        audio: Tensor,
        requests: Sequence[Request],
        settings: DecodeSettings,
        tracer: Tracer | None = None,
    ) -> list[Hypothesis]:
        """Transcribe rows of audio tokens (b, tokens, hidden).

        1. Read the audio tokens by CTC.
        2. Encode prompts and audio into a context.
        3. Denoise the canvases.
        4. Align each transcript with the audio.
        """
        # 1. Read
        frames = [self.clock.count(request.duration_s) for request in requests]
        frame_lengths = torch.tensor(frames, device=audio.device)
        spoken = audio[:, : max(frames)]  # the rest of the window is silence that nobody asked about
        reading = read_frames(spoken, self.head)
        path = greedy_path(reading, frame_lengths, self.head.blank)
        # 2. Encode
        context = self.context(audio, [request.language for request in requests])
        # 3. Denoise
        sampled = self._sample(context, path, requests, settings, tracer)
        # 4. Align
        return self._hypotheses(spoken, reading, path, frame_lengths, sampled)

    @torch.no_grad()
    def context(self, audio: Tensor, languages: Sequence[str | None]) -> Context:
        """Encode prompts with audio tokens (b, tokens, hidden) in them."""
        prompts = [self.codec.prompt(language) for language in languages]
        longest = max(map(len, prompts))
        padded = [[self.config.pad] * (longest - len(prompt)) + prompt for prompt in prompts]
        ids = torch.tensor(padded, device=audio.device)
        embeds = self.gemma.embed(ids)
        embeds[ids == self.config.prompt_ids.audio] = audio.flatten(0, 1).to(embeds.dtype)
        lengths = torch.tensor([len(prompt) for prompt in prompts], device=audio.device)
        mask = torch.arange(longest, device=audio.device) >= longest - lengths[:, None]
        return self.gemma.encode_context(embeds, mask)

    def _sample(
        self,
        context: Context,
        path: GreedyPath,
        requests: Sequence[Request],
        settings: DecodeSettings,
        tracer: Tracer | None,
    ) -> Sampled:
        config, device = self.config, path.ids.device
        longest = config.unknowns.canvas_length
        lengths = [longest] * len(requests)
        if settings.canvas == "auto":
            lengths = canvas_lengths(path.counts, longest).tolist()
        draws = RowDraws([r.seed for r in requests], lengths, self.gemma.backbone.vocab, device)
        canvas = draws.canvas()
        if settings.init == "ctc":
            fill = config.eos[0] if config.unknowns.fill == "eos" else config.pad
            canvas = canvas_from_ctc(path, canvas, config.eos[0], fill)
        sampler = SamplerConfig(
            steps=settings.steps, extra_steps=settings.extra_steps, conditioning_dtype=self.gemma.dtype
        )
        if not settings.stop_early:
            sampler = replace(sampler, stop_entropy=0.0)
        denoise = BatchDenoiser(self.gemma, context, lengths)
        return sample(denoise, canvas, draws, sampler, lengths=lengths, tracer=tracer)

    def _hypotheses(
        self,
        audio: Tensor,
        reading: FrameReading,
        path: GreedyPath,
        frame_lengths: Tensor,
        sampled: Sampled,
    ) -> list[Hypothesis]:
        used = sampled.lengths.tolist()
        trimmed = [self.codec.trim(ids[:n]) for ids, n in zip(sampled.ids.tolist(), used, strict=True)]
        counts = [len(ids) for ids, _ in trimmed]
        width = max(1, *counts)
        padded = [ids + [self.config.pad] * (width - len(ids)) for ids, _ in trimmed]
        tokens = torch.tensor(padded, device=audio.device)
        log_probs = ctc_log_probs(audio, self.head, tokens, reading.log_norm)
        # On the CPU: a frame takes a dozen operations on few numbers, which a GPU is slower to be told than
        # a CPU is to do (on an H200 13 ms instead of 4 for a clip of 10 s, 14 instead of 13 for 32 of them).
        spans = forced_align(log_probs.cpu(), tokens.cpu(), torch.tensor(counts), frame_lengths.cpu())
        confidences = token_confidence(sampled).tolist()
        starts, ends, clarity = spans.starts.tolist(), spans.ends.tolist(), spans.log_probs.tolist()
        heard, heard_counts, steps = path.ids.tolist(), path.counts.tolist(), sampled.steps.tolist()
        return [
            Hypothesis(
                ids=ids,
                ended=ended,
                full=used[row] >= self.config.unknowns.canvas_length,
                confidences=confidences[row][: len(ids)],
                starts=starts[row][: len(ids)],
                ends=ends[row][: len(ids)],
                log_probs=clarity[row][: len(ids)],
                heard=heard[row][: heard_counts[row]],
                steps=steps[row],
            )
            for row, (ids, ended) in enumerate(trimmed)
        ]
