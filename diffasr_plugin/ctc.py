"""Audio tokens -> what CTC hears in them: the greedy text, its length, and the log-probability of any tokens.

CTC reads each of the model's audio tokens (frames) through the frozen output matrix of the language model.
Knows neither the projector that made the frames nor the text that the denoiser writes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = [
    "CtcHead",
    "FrameClock",
    "FrameReading",
    "GreedyPath",
    "canvas_from_ctc",
    "canvas_lengths",
    "ctc_log_probs",
    "greedy_path",
    "read_frames",
]


@dataclass(frozen=True)
class FrameClock:
    """When each frame is, in seconds from the start of the audio.

    Three convolutions of width 3, stride 2 and padding 1 look 8 encoder frames of 20 ms apart, and the first
    is centred on 0 s: so frame i covers 0.16 i ± 0.08 s.

    Attributes:
        frame_s: length of a frame.
        first_s: where frame 0 begins.
        frames: how many there are in a window of 30 s.
    """

    frame_s: float = 0.16
    first_s: float = -0.08
    frames: int = 188

    def count(self, duration_s: float) -> int:
        """How many frames have their middle inside audio of this length; at least one."""
        inside = math.ceil((duration_s - self.first_s) / self.frame_s - 0.5)
        return min(max(inside, 1), self.frames)

    def time_s(self, frame: int, duration_s: float) -> float:
        """Where a frame begins, kept inside the audio."""
        return min(max(self.first_s + frame * self.frame_s, 0.0), duration_s)


@dataclass(frozen=True, eq=False)
class CtcHead:
    """How frames are read as tokens.

    Attributes:
        weight: (vocab, d), the frozen output matrix.
        blank: id of CTC's blank.
        softcap: logits are bent to stay within ± this, as in the language model; None: left as they are.
        most_logits: how many float32 logits are held at once; 2^26 are 256 MiB.
    """

    weight: Tensor
    blank: int = 0
    softcap: float | None = None
    most_logits: int = 1 << 26

    def cap(self, logits: Tensor) -> Tensor:
        logits = logits.float()
        return logits if self.softcap is None else torch.tanh(logits / self.softcap) * self.softcap


@dataclass(frozen=True, eq=False)
class FrameReading:
    """What each frame says over the whole vocabulary, all (b, t).

    Attributes:
        best: likeliest token, int64.
        best_log_prob, blank_log_prob: of that token, and of the blank; float32 nats.
        log_norm: logarithm of the sum over the vocabulary of exp(logit): logit - log_norm is a
            log-probability.
    """

    best: Tensor
    best_log_prob: Tensor
    blank_log_prob: Tensor
    log_norm: Tensor


@torch.no_grad()
def read_frames(features: Tensor, head: CtcHead) -> FrameReading:
    """Read frames (b, t, d) over the whole vocabulary, a few frames at a time."""
    flat = features.flatten(0, 1).to(head.weight.dtype)  # (b·t, d)
    at_once = max(1, head.most_logits // len(head.weight))
    parts: list[tuple[Tensor, ...]] = []
    for chunk in torch.split(flat, at_once):
        logits = head.cap(chunk @ head.weight.T)  # (≤ at_once, vocab)
        top, best = logits.max(dim=-1)
        parts.append((best, top, logits[:, head.blank], logits.logsumexp(dim=-1)))
    best, top, blank, norm = (torch.cat(part).view(features.shape[:2]) for part in zip(*parts, strict=True))
    return FrameReading(best, top - norm, blank - norm, norm)


@torch.no_grad()
def ctc_log_probs(features: Tensor, head: CtcHead, token_ids: Tensor, log_norm: Tensor) -> Tensor:
    """Log-probabilities of the blank and of some tokens in each frame: float32 (b, t, 1 + l).

    Normalised over the whole vocabulary, though only these columns of it are ever computed.

    Args:
        features: (b, t, d).
        head: how frames are read.
        token_ids: int64 (b, l), each row's own tokens, in any order and with repeats.
        log_norm: (b, t), from `read_frames` of the same features.

    Returns:
        The blank in column 0, token i in column 1 + i.
    """
    blank = token_ids.new_full((len(token_ids), 1), head.blank)
    columns = head.weight[torch.cat([blank, token_ids], dim=1)]  # (b, 1 + l, d)
    logits = features.to(columns.dtype) @ columns.transpose(1, 2)  # (b, t, 1 + l)
    return head.cap(logits) - log_norm[:, :, None]


@dataclass(frozen=True, eq=False)
class GreedyPath:
    """What CTC hears, the likeliest token of each frame with repeats joined and blanks left out.

    Attributes:
        ids: int64 (b, t), each row's tokens first, blanks after them.
        counts: int64 (b,), how many tokens each row has.
    """

    ids: Tensor
    counts: Tensor


def greedy_path(reading: FrameReading, frame_lengths: Tensor, blank: int) -> GreedyPath:
    """The greedy path of each row's first `frame_lengths` (b,) frames."""
    best = reading.best
    frames = torch.arange(best.shape[1], device=best.device)
    new = torch.ones_like(best, dtype=torch.bool)
    new[:, 1:] = best[:, 1:] != best[:, :-1]
    kept = new & (best != blank) & (frames < frame_lengths[:, None])
    # A stable sort of "not kept" brings the kept tokens to the front, in their order.
    order = (~kept).to(torch.uint8).argsort(dim=-1, stable=True)
    counts = kept.sum(dim=-1)
    ids = best.gather(-1, order).where(frames < counts[:, None], blank)
    return GreedyPath(ids, counts)


def canvas_lengths(counts: Tensor, longest: int, *, slack: float = 0.25, multiple: int = 16) -> Tensor:
    """Canvas long enough for each row's transcript, by what CTC hears: int64 (b,), at most `longest`.

    CTC drops tokens where it is unsure, so the estimate has `slack` (a share of the tokens) and at least
    half a `multiple` to spare, then is rounded up to a multiple: few sizes, so that rows can share a batch.
    A transcript that does not end inside such a canvas has to be redone on the longest.
    """
    wanted = counts + (counts * slack).ceil().long() + multiple // 2
    return ((wanted + multiple - 1) // multiple * multiple).clamp(max=longest)


def canvas_from_ctc(path: GreedyPath, noise: Tensor, eos: int, fill: int | None = None) -> Tensor:
    """A canvas to start from: what CTC hears, the end mark, then `fill`; int64 (b, n) like `noise`.

    Args:
        path: what CTC hears; tokens for which the canvas has no room are left out.
        noise: random tokens (b, n), kept after the end mark if `fill` is None.
        eos: id of the end mark.
        fill: id of the token that the model has learnt to write after the end mark.
    """
    n = noise.shape[1]
    places = torch.arange(n, device=noise.device)
    heard = torch.nn.functional.pad(path.ids, (0, max(0, n - path.ids.shape[1])))[:, :n]
    counts = path.counts[:, None]
    rest = noise if fill is None else torch.full_like(noise, fill)
    return torch.where(places < counts, heard, rest).where(places != counts, eos)
