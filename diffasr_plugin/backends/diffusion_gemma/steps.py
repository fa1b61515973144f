"""A batch's context -> the language model's denoising steps as the sampler calls them.

The context is cut when rows leave the batch; steps of few rows are recorded and replayed, on a GPU.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from diffasr_plugin.models.gemma import Context, Gemma
from diffasr_plugin.models.step_graph import RecordedStep

__all__ = ["BatchDenoiser"]

RECORDED_ROWS = 4
"""With more rows the GPU takes longer to compute a step than the CPU takes to launch it."""


class BatchDenoiser:
    """What `diffusion.sampler.Denoise` asks for."""

    def __init__(self, gemma: Gemma, context: Context, lengths: Sequence[int]) -> None:
        """`lengths`: how many positions of its canvas each row uses."""
        self._gemma = gemma
        self._context = context
        self._lengths = list(lengths)
        self._rows: Tensor | None = None
        self._warm = False
        self._recorded: RecordedStep | None = None

    def __call__(self, canvas: Tensor, rows: Tensor, conditioning: Tensor | None) -> Tensor:
        self._keep(rows)
        if self._recorded is not None and conditioning is not None:
            return self._recorded(canvas, conditioning)
        if self._warm and conditioning is not None and self._may_record(canvas):
            self._recorded = RecordedStep(self._conditioned, canvas, conditioning)
            return self._recorded(canvas, conditioning)
        self._warm = conditioning is not None  # the first step, without, takes another way through the model
        return self._gemma.denoise(canvas, self._context, conditioning, lengths=self._lengths)

    def _keep(self, rows: Tensor) -> None:
        """Cut the context down to the rows that are left; int64 (k,), rising."""
        if self._rows is not None and rows is not self._rows:
            kept = torch.searchsorted(self._rows, rows)
            self._context = self._context.select(kept)
            self._lengths = [self._lengths[index] for index in kept.tolist()]
            self._recorded = None
        self._rows = rows

    def _may_record(self, canvas: Tensor) -> bool:
        rows, width = canvas.shape
        if not canvas.is_cuda or rows > RECORDED_ROWS or not self._gemma.on_one_gpu:
            return False
        # With a mask the model looks at numbers on its way, which a record cannot.
        return self._context.mask is None and min(self._lengths) == width

    def _conditioned(self, canvas: Tensor, conditioning: Tensor) -> Tensor:
        return self._gemma.denoise(canvas, self._context, conditioning)
