"""Encoder states of a batch -> what the CTC reader hears, as text and in the decoder's tokens.

Knows no denoising.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from ...ctc import CtcHead, FrameClock, FrameReading, GreedyPath, greedy_path, read_frames
from ...mini.units import Units
from ...models.mini_adapter import CtcReader
from .codec import MiniCodec
from .hearing import MiniHeard
from .scripts import may_occur
from .spec import LANGUAGES

__all__ = ["Ear", "Reading", "as_path", "spelled"]


@dataclass(frozen=True, eq=False)
class Reading:
    """What the CTC reader makes of a batch.

    Attributes:
        features: (b, frames, width), of as many frames as the longest row has.
        frames: over all units.
        lengths: int64 (b,), frames of each row.
        texts: of each row, by itself.
        path: those texts in the decoder's tokens.
    """

    features: Tensor
    frames: FrameReading
    lengths: Tensor
    texts: tuple[str, ...]
    path: GreedyPath


@dataclass(frozen=True, eq=False)
class Ear:
    """The CTC reader with the texts around it.

    Attributes:
        clock: of its frames.
    """

    reader: CtcReader
    units: Units
    codec: MiniCodec
    clock: FrameClock

    @torch.inference_mode()
    def read(self, heard: MiniHeard, languages: Sequence[str] | None = None) -> Reading:
        """What CTC hears.

        Args:
            languages: of the rows, to keep to their letters; None: any letter may be heard.
        """
        lengths = torch.tensor([self.clock.count(duration_s) for duration_s in heard.durations_s])
        features = self.reader(heard.states)[:, : int(lengths.max())]
        lengths = lengths.clamp(max=features.shape[1]).to(features.device)
        frames = read_frames(features, self.head)
        heard_as = frames if languages is None else self._in_letters_of(languages, features, frames)
        texts = spelled(heard_as, lengths, self.units)
        path = as_path([self.codec.encode(text) for text in texts], heard.device)
        return Reading(features, frames, lengths, texts, path)

    def _in_letters_of(
        self, languages: Sequence[str], features: Tensor, frames: FrameReading
    ) -> FrameReading:
        """The frames read with the likeliest among those units that occur in each row's language."""
        best = frames.best.clone()
        for language in set(languages):
            rows = torch.tensor([n for n, each in enumerate(languages) if each == language]).to(best.device)
            units = torch.tensor(self._own_units[language], device=best.device)
            own = read_frames(features[rows], CtcHead(self.head.weight[units]))
            best[rows] = units[own.best]
        return replace(frames, best=best)

    @cached_property
    def head(self) -> CtcHead:
        return CtcHead(self.reader.units, blank=0)

    @cached_property
    def _own_units(self) -> dict[str, list[int]]:
        """Of each language the blank and all units that may occur in it."""
        texts = self.units.texts
        return {
            language: [id_ for id_, text in enumerate(texts) if may_occur(text, language)]
            for language in LANGUAGES
        }


def spelled(frames: FrameReading, lengths: Tensor, units: Units) -> tuple[str, ...]:
    """The text of each row: its frames' likeliest units, with repeats joined and blanks left out.

    Args:
        lengths: int64 (b,), frames of each row.
    """
    path = greedy_path(frames, lengths, blank=0)
    rows = zip(path.ids.tolist(), path.counts.tolist(), strict=True)
    return tuple(units.decode(ids[:count]) for ids, count in rows)


def as_path(rows: Sequence[Sequence[int]], device: torch.device) -> GreedyPath:
    """Rows of tokens as the CTC functions take them; 0 after each row's own."""
    longest = max([1, *map(len, rows)])
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=device)
    return GreedyPath(ids, torch.tensor([len(row) for row in rows], device=device))
