"""Tokens and what the decoder heard -> when each token was said: cross-attention, then dynamic time warping.

Does not know text or words. Certain heads of the cross-attention look at the sound of the token that comes
next; a monotonic path through their attention gives each token its stretch of frames.

Source: OpenAI's whisper/timing.py, for the idea, the choice of heads and the width of the filter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from .decoder import Heard, TextDecoder
from .vocabulary import Vocabulary

__all__ = [
    "Aligner",
    "AlignmentHeads",
    "AlignmentRow",
    "TokenTimes",
    "median_filter",
    "sharpen",
    "token_starts",
]

_FILTER_FRAMES = 7
_FOCUS_FRAMES = 10
"""A token may look so far to both sides of its stretch (0.2 s) and still be said to look at it."""


@dataclass(frozen=True)
class AlignmentHeads:
    """The heads of the cross-attention that follow the sound.

    Attributes:
        pairs: (layer, head) of each.
        known: whether they were found by experiment; else they are a guess, and half of them look elsewhere.
    """

    pairs: tuple[tuple[int, int], ...]
    known: bool

    @classmethod
    def of(cls, known: Sequence[Sequence[int]] | None, layers: int, heads: int) -> AlignmentHeads:
        """Those that a model's makers name; where they name none, all in the upper half of the layers."""
        if known:
            return cls(tuple((layer, head) for layer, head in known), True)
        upper = range(layers // 2, layers)
        return cls(tuple((layer, head) for layer in upper for head in range(heads)), False)


@dataclass(frozen=True)
class AlignmentRow:
    """One row of a batch: its prompt after the start token, its text tokens, its speech in encoder frames."""

    prompt: Sequence[int]
    ids: Sequence[int]
    frames: int


@dataclass(frozen=True)
class TokenTimes:
    """When the tokens of a text were said, in encoder frames.

    Attributes:
        starts: of each token and, last, where the text ends: shape (tokens + 1,), never falling.
        peaks: where each token attends most: shape (tokens,).
        focus: how much of its attention each token gives to its own place, 0 to 1: shape (tokens,).
    """

    starts: NDArray[np.int64]
    peaks: NDArray[np.int64]
    focus: NDArray[np.float32]


class Aligner:
    """Finds token times with one decoder."""

    def __init__(self, decoder: TextDecoder, vocabulary: Vocabulary, heads: AlignmentHeads) -> None:
        self._decoder = decoder
        self._vocabulary = vocabulary
        self._layers: dict[int, list[int]] = {}
        for layer, head in heads.pairs:
            self._layers.setdefault(layer, []).append(head)

    def align(self, heard: Heard, rows: Sequence[AlignmentRow]) -> list[TokenTimes]:
        """The times of each row's tokens, found with the text given to the decoder in one pass."""
        queries: list[torch.Tensor] = []
        self._decoder.step(self._sequences(rows, heard), self._decoder.start(heard), queries)
        return [self._align_row(heard, queries, number, row) for number, row in enumerate(rows)]

    def _sequences(self, rows: Sequence[AlignmentRow], heard: Heard) -> torch.Tensor:
        """Start, prompt and text of each row, shape (batch, longest); what pads a row comes after it."""
        sequences = [[self._vocabulary.start, *row.prompt, *row.ids] for row in rows]
        longest = max(len(sequence) for sequence in sequences)
        padded = [s + [self._vocabulary.end] * (longest - len(s)) for s in sequences]
        return torch.tensor(padded, device=heard.device)

    def _align_row(
        self, heard: Heard, queries: Sequence[torch.Tensor], number: int, row: AlignmentRow
    ) -> TokenTimes:
        length = 1 + len(row.prompt) + len(row.ids)
        scores = torch.cat(
            [
                queries[layer][number, heads, :length]
                @ heard.layers[layer][0][number, heads, : row.frames].transpose(1, 2)
                for layer, heads in self._layers.items()
            ]
        )  # (heads, tokens, frames)
        attention = scores.float().softmax(-1)
        # A token's sound is looked up where the token before it is read; the last row looks for the end.
        rows = slice(length - len(row.ids) - 1, length)
        sharp = median_filter(sharpen(attention)[rows].cpu().numpy())
        # Peaks and focus as they are: against other tokens, a frame that none attends to would stand out.
        return _token_times(token_starts(-sharp), attention.mean(0)[rows].cpu().numpy())


def _token_times(starts: NDArray[np.int64], attention: NDArray[np.float32]) -> TokenTimes:
    """Where in its stretch, and how much to it, each token attends; attention (tokens + 1, frames)."""
    peaks, focus = [], []
    for row, start, end in zip(attention, starts[:-1], starts[1:], strict=False):
        peaks.append(start + int(np.argmax(row[start : max(end, start + 1)])))
        focus.append(row[max(0, start - _FOCUS_FRAMES) : max(end, start + 1) + _FOCUS_FRAMES].sum())
    return TokenTimes(starts, np.array(peaks, dtype=np.int64), np.array(focus, dtype=np.float32))


def sharpen(attention: torch.Tensor) -> torch.Tensor:
    """How much each token, more than the others, attends to each frame.

    Args:
        attention: shape (heads, tokens, frames).

    Returns:
        Shape (tokens, frames): standard scores over the tokens, their mean over the heads. (OpenAI smooths
        before the mean is taken, which costs eight times as much; the times are as good this way.)
    """
    spread, mean = torch.std_mean(attention, dim=1, keepdim=True, correction=0)
    return ((attention - mean) / spread.clamp_min(1e-9)).mean(0)


def median_filter(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Median over `_FILTER_FRAMES` of the last axis, mirrored at the edges; same shape (tokens, frames)."""
    half = _FILTER_FRAMES // 2
    if array.shape[-1] <= half:
        return array
    padded = np.pad(array, ((0, 0), (half, half)), mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _FILTER_FRAMES, axis=-1)
    filtered: NDArray[np.float32] = np.partition(windows, half, axis=-1)[..., half]
    return filtered


def token_starts(cost: NDArray[np.floating]) -> NDArray[np.int64]:
    """The first frame of each row of a cost matrix (tokens, frames) on its cheapest monotonic path.

    A path goes from the first cell to the last and moves to the next token, the next frame, or both:

        D[i, j] = C[i, j] + min(D[i-1, j], D[i-1, j-1], D[i, j-1])

    Written out along a row, with S the sums of C from its start and A[j] = min(D[i-1, j], D[i-1, j-1]):

        D[i, j] = S[j] + min over k <= j of (A[k] - S[k-1])

    where k is the frame in which the path enters the row. So a row is one cumulative sum and one running
    minimum (no loop over cells), and going back needs the entries k only.
    """
    tokens, frames = cost.shape
    sums = np.zeros((tokens, frames + 1))
    np.cumsum(cost, axis=1, out=sums[:, 1:])
    best = np.full((tokens, frames), math.inf)  # A[k] - S[k-1]
    best[0, 0] = 0.0
    above = sums[0, 1:]
    for token in range(1, tokens):
        best[token] = np.minimum(above, np.concatenate(([math.inf], above[:-1]))) - sums[token, :-1]
        above = sums[token, 1:] + np.minimum.accumulate(best[token])
    return _entries(best, sums)


def _entries(best: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.int64]:
    """Going back: a row is entered where `best` is least, up to the frame in which the path left the row."""
    tokens, frames = best.shape
    starts = np.zeros(tokens, dtype=np.int64)
    last = frames - 1
    for token in range(tokens - 1, 0, -1):
        entry = int(np.argmin(best[token, : last + 1]))
        starts[token] = entry
        previous = best[token - 1]
        # D of the row above in the same frame and in the one before: the path came from the cheaper.
        same = sums[token - 1, entry + 1] + previous[: entry + 1].min()
        before = sums[token - 1, entry] + previous[:entry].min() if entry else math.inf
        last = entry if same < before else entry - 1
    return starts
