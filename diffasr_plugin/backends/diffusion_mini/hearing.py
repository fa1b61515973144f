"""What the embedded recogniser's decoder hears, with what its CTC reader needs too: the encoder's states.

Knows no tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..whisper.decoder import Heard

__all__ = ["MiniHeard"]


@dataclass(frozen=True)
class MiniHeard(Heard):
    """Adds to `Heard`:

    Attributes:
        states: of the encoder, (batch, frames, width).
        durations_s: of the sound in each window, without the silence after it.
    """

    states: Tensor = field(default_factory=lambda: torch.empty(0))
    durations_s: tuple[float, ...] = ()

    @classmethod
    def of(cls, parts: Sequence[MiniHeard]) -> MiniHeard:
        """The rows of several batches as one."""
        return cls(
            Heard.joined(parts).layers,
            torch.cat([part.states for part in parts]),
            tuple(duration_s for part in parts for duration_s in part.durations_s),
        )

    def rows(self, numbers: Sequence[int]) -> MiniHeard:
        """Some of the rows."""
        chosen = torch.tensor(list(numbers), device=self.device)
        durations_s = tuple(self.durations_s[number] for number in numbers)
        return MiniHeard(self.select(chosen).layers, self.states[chosen], durations_s)
