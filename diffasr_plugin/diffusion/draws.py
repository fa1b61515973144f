"""Seeds -> the random numbers of a denoising run, as values that the sampler is handed.

Two orders of drawing: transformers' own (one generator for the whole batch), to compare with it; and one
generator for each row, so that a row's result depends on nothing but its own seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

__all__ = ["Draws", "LibraryDraws", "RowDraws", "StepDraws"]


class StepDraws(Protocol):
    """The random numbers of one step."""

    @property
    def noise(self) -> Tensor:
        """Uniform random tokens for renoising, int64 (k, n), for the k rows asked for."""

    def choose(self, index: int, probs: Tensor) -> Tensor:
        """One token from each of the distributions `probs` (m, vocab) of row `index` of the k: int64 (m,)."""


class Draws(Protocol):
    """Where the sampler's random numbers come from; asked once a step, in the order of the steps."""

    def canvas(self) -> Tensor:
        """Uniform random tokens to start from, int64 (b, n)."""

    def step(self, rows: Sequence[int]) -> StepDraws:
        """The next step's numbers for these rows of the first batch, which are still in it."""


@dataclass(frozen=True)
class _Races:
    """Chooses by the exponential race: the token with the largest p / e, e ~ Exp(1) for every token."""

    noise: Tensor  # (k, n)
    exponentials: Tensor  # (k, n, vocab)

    def choose(self, index: int, probs: Tensor) -> Tensor:
        return (probs / self.exponentials[index, : len(probs)]).argmax(dim=-1)


class LibraryDraws:
    """transformers' order: one generator, whole batches, rows that have stopped included.

    With the generator in the state that the default one has when `generate` is called, the numbers are
    those that `generate` draws. Takes as much memory as the logits: to compare with, not to work with.

    Args:
        generator: of the device that the logits are on.
        batch, length: size (b, n) of the canvas.
        vocab_size: number of tokens.
    """

    def __init__(self, generator: torch.Generator, batch: int, length: int, vocab_size: int) -> None:
        self._generator = generator
        self._shape = (batch, length)
        self._vocab_size = vocab_size

    def canvas(self) -> Tensor:
        return torch.randint(
            self._vocab_size, self._shape, generator=self._generator, device=self._generator.device
        )

    def step(self, rows: Sequence[int]) -> StepDraws:
        batch, length = self._shape
        # torch.multinomial draws these, then divides; the flat shape decides the numbers' order on a GPU.
        exponentials = torch.empty(batch * length, self._vocab_size, device=self._generator.device)
        exponentials.exponential_(1, generator=self._generator)
        kept = list(rows)
        return _Races(self.canvas()[kept], exponentials.view(batch, length, -1)[kept])


@dataclass(frozen=True)
class _Quantiles:
    """Chooses by the inverse of the distribution function: the token where the running sum of p reaches u."""

    noise: Tensor  # (k, n)
    uniforms: Tensor  # (k, n), 0 < u <= 1

    def choose(self, index: int, probs: Tensor) -> Tensor:
        sums = probs.cumsum(dim=-1)
        # Rounded sums end near 1, not at it. With u > 0 a token of probability 0 is never reached.
        reach = self.uniforms[index, : len(probs), None] * sums[:, -1:]
        return torch.searchsorted(sums, reach).squeeze(-1)


class RowDraws:
    """A generator for each row: its numbers depend on its seed, its length and the step, on nothing else.

    The generators are the CPU's, whatever the device, so that a seed means the same numbers everywhere.
    A row asks for two numbers a position and step.

    Args:
        seeds: one a row.
        lengths: how many positions of the canvas each row uses.
        vocab_size: number of tokens.
        device: where the numbers are wanted.
    """

    def __init__(
        self,
        seeds: Sequence[int],
        lengths: Sequence[int],
        vocab_size: int,
        device: torch.device | str = "cpu",
    ) -> None:
        assert len(seeds) == len(lengths), f"{len(seeds)} seeds for {len(lengths)} rows"
        self._generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self._lengths = list(lengths)
        self._width = max(lengths, default=0)
        self._vocab_size = vocab_size
        self._device = device

    def canvas(self) -> Tensor:
        return self._noise(range(len(self._generators))).to(self._device)

    def step(self, rows: Sequence[int]) -> StepDraws:
        uniforms = torch.ones(len(rows), self._width)
        for index, row in enumerate(rows):
            length = self._lengths[row]
            uniforms[index, :length] -= torch.rand(length, generator=self._generators[row])
        return _Quantiles(self._noise(rows).to(self._device), uniforms.to(self._device))

    def _noise(self, rows: Sequence[int]) -> Tensor:
        """(k, n), 0 after a row's own length."""
        noise = torch.zeros(len(rows), self._width, dtype=torch.int64)
        for index, row in enumerate(rows):
            length = self._lengths[row]
            noise[index, :length] = torch.randint(
                self._vocab_size, (length,), generator=self._generators[row]
            )
        return noise
