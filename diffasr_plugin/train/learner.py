"""What the loop asks of a model that learns, and of the data that it learns from.

Knows no model. A batch is whatever the data makes and the learner takes.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from ..diffusion.objective import Denoise, RollIn, corrupt, edit, roll_in
from .recipe import Conditioning, LossWeights, Noise

__all__ = ["Canvases", "Data", "Learner", "Task", "spoil"]


class Data(Protocol):
    """Batches by their numbers.

    A number always gives the same batch, so that a training that goes on after a break, on as many GPUs,
    sees what it would have seen. Numbers are asked for in rising order.
    """

    def batch(self, number: int) -> Any:  # noqa: ANN401
        """The batch of that number, from 0 on, on the learner's device."""
        ...


@dataclass(frozen=True)
class Task:
    """What a learner is to compute for a batch.

    Attributes:
        weights: of the losses; those of weight 0 are not wanted.
        noise: what canvases to make.
        seed: of all that is random in it.
    """

    weights: LossWeights
    noise: Noise
    seed: int


class Learner(nn.Module):
    """A model with its losses. The parameters that require a gradient are those that may be trained."""

    def export(self, folder: Path) -> None:
        """Write what was trained as the files that recognisers load."""
        raise NotImplementedError

    def exported(self, folder: Path) -> dict[str, Tensor] | None:
        """The weights, by their names here, of files that `export` wrote; None: there are none."""
        return None

    def forward(self, batch: Any, task: Task) -> dict[str, Tensor]:  # noqa: ANN401
        """The losses that have a weight, by the names in `LossWeights`."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Canvases:
    """Right texts to be predicted.

    Attributes:
        clean: int64 (b, n), each row's text, then `fill`.
        lengths: int64 (b,), tokens of each text.
        used: bool (b, n), which places are part of a row's canvas: its text, and some after it.
        fill: the token that ends a text, and fills its canvas.
        vocab: tokens are below this.
        heard: int64 (b, n), what a reader hears, filled up alike; None: there is no reader.
        among: int64 (m,), the tokens that logits are of; None: all.
    """

    clean: Tensor
    lengths: Tensor
    used: Tensor
    fill: int
    vocab: int
    heard: Tensor | None = None
    among: Tensor | None = None


def spoil(
    canvases: Canvases, denoise: Denoise, noise: Noise, generator: torch.Generator
) -> tuple[Tensor, Tensor | None]:
    """The canvas to learn from, and the logits of the model's step before, if it goes ahead by itself.

    1. Some rows become what was heard; some, of these too, drafts with mistakes in them. For a reader hears
       voices that it knows far better than others.
    2. A share of the tokens, another one for each row, becomes uniformly random; of half of what was heard,
       none.
    3. The model goes ahead for a number of its own steps.

    Args:
        generator: on the canvases' device.
    """
    clean, vocab, device = canvases.clean, canvases.vocab, canvases.clean.device
    by_ear, edited, spread = torch.rand(3, len(clean), generator=generator, device=device)
    share = noise.least_share + (noise.most_share - noise.least_share) * spread
    # 1. Drafts
    start, lengths = clean, canvases.lengths
    if canvases.heard is not None:
        chosen = by_ear < noise.heard
        start = torch.where(chosen[:, None], canvases.heard, clean)
        lengths = torch.where(chosen, (canvases.heard != canvases.fill).sum(dim=1), lengths)
        share = share.where(by_ear >= noise.heard / 2, 0.0)
    if noise.drafts:
        drafts = edit(start, lengths, noise.edits, canvases.fill, vocab, generator)
        start = torch.where((edited < noise.drafts)[:, None], drafts, start)
    # 2. Noise
    canvas, _ = corrupt(start, share, vocab, generator)
    # 3. Own steps
    how = _own_steps(noise.conditioning, generator.initial_seed())
    return roll_in(denoise, canvas, canvases.used, vocab, how, generator, canvases.among)


def _own_steps(how: Conditioning, seed: int) -> RollIn:
    # The same for a whole batch, as a step costs the same for one row as for all; drawn by Python, so that
    # nothing waits for the device.
    dice = random.Random(seed)
    rounds = dice.randint(1, how.most_rounds) if dice.random() < how.chance else 0
    resample, told = dice.random() < how.resample, dice.random() < how.told
    return RollIn(rounds, entropy_bound=how.entropy_bound, resample=resample, told=told or not resample)
