"""A learner of a few hundred weights: it writes down a row of digits that it hears as numbers."""

from __future__ import annotations

from types import SimpleNamespace

import torch
from torch import nn

from diffasr_plugin.diffusion.objective import denoising_loss
from diffasr_plugin.train.learner import Canvases, Learner, spoil

__all__ = ["ToyData", "ToyLearner"]

VOCAB, LENGTH, ROWS = 11, 6, 16


class ToyData:
    """Rows of digits, and one number for each that tells it, with some noise."""

    def __init__(self):
        self.asked = []

    def batch(self, number):
        self.asked.append(number)
        generator = torch.Generator().manual_seed(number)
        ids = torch.randint(VOCAB, (ROWS, LENGTH), generator=generator)
        heard = nn.functional.one_hot(ids, VOCAB).float()
        return SimpleNamespace(ids=ids, heard=heard + 0.1 * torch.randn(heard.shape, generator=generator))


class ToyLearner(Learner):
    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.ear = nn.Linear(VOCAB, 16)
        self.canvas = nn.Embedding(VOCAB, 16)
        self.before = nn.Linear(VOCAB, 16)
        self.mouth = nn.Linear(16, VOCAB)
        self.frozen = nn.Parameter(torch.ones(3), requires_grad=False)

    def denoise(self, heard, canvas, before):
        hidden = self.ear(heard) + self.canvas(canvas)
        if before is not None:
            hidden = hidden + self.before(before.softmax(-1))
        return self.mouth(hidden.tanh())

    def forward(self, batch, task):
        generator = torch.Generator().manual_seed(task.seed)
        lengths = torch.full((ROWS,), LENGTH)
        used = torch.ones_like(batch.ids, dtype=torch.bool)
        canvases = Canvases(batch.ids, lengths, used, fill=0, vocab=VOCAB)

        def denoise(canvas, before):
            return self.denoise(batch.heard, canvas, before)

        canvas, before = spoil(canvases, denoise, task.noise, generator)
        return {"diffusion": denoising_loss(denoise(canvas, before), batch.ids)}
