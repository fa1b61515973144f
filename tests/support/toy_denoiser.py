"""A denoiser without a model: it knows the answer, and is the surer of it the more of the canvas is right."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

__all__ = ["ToyDenoiser"]


@dataclass
class ToyDenoiser:
    """Each row is worked out alone, so that no sum is rounded another way in another batch.

    Attributes:
        truth: int64 (b, n), the answers.
        sharpness: (b,), how strongly each row's truth stands out; 0: that row knows nothing.
        lengths: positions that each row uses.
        calls: rows asked for in each step.
    """

    truth: Tensor
    sharpness: Tensor
    vocab_size: int = 50
    lengths: list[int] | None = None
    calls: list[Tensor] = field(default_factory=list)

    def __call__(self, canvas: Tensor, rows: Tensor, conditioning: Tensor | None) -> Tensor:
        self.calls.append(rows)
        logits = torch.full((*canvas.shape, self.vocab_size), torch.nan)
        for index, row in enumerate(rows.tolist()):
            length = canvas.shape[1] if self.lengths is None else self.lengths[row]
            before = None if conditioning is None else conditioning[index, :length]
            logits[index, :length] = self._row(canvas[index, :length], row, before)
        return logits

    def _row(self, canvas: Tensor, row: int, before: Tensor | None) -> Tensor:
        """(m, vocab): the truth stands out; every wrong token of the canvas shifts some of the others."""
        truth = self.truth[row, : len(canvas)]
        right = (canvas == truth).float().mean()
        tokens = torch.arange(self.vocab_size)
        logits = torch.sin(tokens * (1.0 + 0.1 * canvas[:, None]) + float(canvas.sum() % 17))
        logits[torch.arange(len(truth)), truth] += self.sharpness[row] * (0.5 + right)
        return logits if before is None else logits + 0.05 * before
