"""A denoising step on a GPU -> the same step recorded once and replayed, as a CUDA graph.

A step of few rows is some thousands of small kernels, and the GPU waits for the CPU to launch them; replayed
from a graph it does not wait. Knows no model: what is recorded comes in as a function.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["RecordedStep"]


class RecordedStep:
    """A step of fixed shapes: a call copies its inputs to where the record reads them, and replays it.

    The logits that it gives are overwritten by the next call.
    """

    def __init__(
        self, step: Callable[[Tensor, Tensor], Tensor], canvas: Tensor, self_conditioning: Tensor
    ) -> None:
        """Record `logits = step(canvas, self_conditioning)`; nothing is computed yet.

        Args:
            step: must have run before, so that its libraries are set up. All else that it reads must stay
                where it is in memory.
            canvas: int64 (k, n), an example.
            self_conditioning: logits (k, n, vocab), an example.
        """
        self._canvas, self._conditioning = canvas.clone(), self_conditioning.clone()
        self._graph = torch.cuda.CUDAGraph()
        here = torch.cuda.current_stream()
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(here)
        # Not `torch.cuda.graph`: it empties the allocator's cache first, which costs more than it saves here.
        with torch.cuda.stream(aside):
            self._graph.capture_begin()
            self._logits = step(self._canvas, self._conditioning)
            self._graph.capture_end()
        here.wait_stream(aside)

    def __call__(self, canvas: Tensor, self_conditioning: Tensor) -> Tensor:
        self._canvas.copy_(canvas)
        self._conditioning.copy_(self_conditioning)
        self._graph.replay()
        return self._logits
