"""Tokens read one after the other, or many at once, each row at its own place: the decoder with its memory.

Serves the verifier as its `CausalReader`. Knows no rules of writing and no text.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from .mini import KeysValues, MiniDecoder

__all__ = ["MiniReader"]

_ROOM = 32
"""Places by which the memory grows at once."""

_GONE_SHARE = 0.25
"""Rows are taken out of the memory when this share of them is done: moving it costs about two passes."""


class MiniReader:
    """A batch of rows, each with what it has heard and the tokens that it has read.

    Args:
        decoder: reads.
        heard: of each layer, keys and values of the rows' windows, all of one length.

    Attributes:
        length: tokens of the prompt, read by `step`; the text follows them.
        passes: of `read` so far.
    """

    def __init__(self, decoder: MiniDecoder, heard: Sequence[KeysValues]) -> None:
        self.length = 0
        self.passes = 0
        self._decoder = decoder
        self._heard = list(heard)
        self._rows = list(range(len(heard[0][0])))
        # Sums over the past are as long as the longest row's past: in float64, so that it is all one.
        empty = heard[0][0][:, :, :0].double()
        self._past: list[KeysValues] = [(empty, empty) for _ in heard]

    def step(self, ids: Tensor, queries: list[Tensor] | None = None) -> Tensor:
        """Read tokens (rows, n) of all rows after those before: states (rows, n, width).

        Args:
            queries: takes those of each layer's cross-attention, scaled, (rows, heads, n, head width).
        """
        states = self._pass(ids, [self.length] * len(ids), queries)
        self.length += ids.shape[1]
        return states

    def read(self, rows: Sequence[int], begins: Sequence[int], ids: Tensor) -> Tensor:
        """See `CausalReader.read`."""
        self.passes += 1
        if len(rows) <= (1 - _GONE_SHARE) * len(self._rows):
            where = {row: number for number, row in enumerate(self._rows)}
            self.select(torch.tensor([where[row] for row in rows]))
        number_of = {row: number for number, row in enumerate(rows)}
        # Rows that are done but still in memory read along, whatever it is.
        chosen = [number_of.get(row, 0) for row in self._rows]
        places = [self.length + begins[number] for number in chosen]
        states = self._pass(ids[chosen].to(self._device), places)
        if len(rows) < len(self._rows):
            states = states[[number for number, row in enumerate(self._rows) if row in number_of]]
        return self._decoder.scores(states)

    def select(self, kept: Tensor) -> MiniReader:
        """Forget all rows but these, int64 (k,); gives itself."""
        on_device = kept.to(self._device)
        self._heard = [(keys[on_device], values[on_device]) for keys, values in self._heard]
        self._past = [(keys[on_device], values[on_device]) for keys, values in self._past]
        self._rows = [self._rows[number] for number in kept.tolist()]
        return self

    @property
    def _device(self) -> torch.device:
        return self._heard[0][0].device

    def _pass(self, ids: Tensor, begins: Sequence[int], taken: list[Tensor] | None = None) -> Tensor:
        """States (rows, n, width) of tokens (rows, n), the first of each row at its place of `begins`."""
        end = max(begins) + ids.shape[1]
        self._make_room(end)
        firsts = torch.tensor(begins, device=ids.device)
        places = firsts[:, None] + torch.arange(ids.shape[1], device=ids.device)  # (rows, n)
        same = len(set(begins)) == 1
        mask = _mask(places, end, same=same)
        # What pads a row may lie beyond the last place that there is a vector for; nothing looks at it there.
        states = self._decoder.embed(ids, places.clamp(max=self._decoder.shape.text_places - 1))
        for number, layer in enumerate(self._decoder.blocks):
            queries, keys, values = layer.attention.split(layer.norm(states))
            self._remember(number, keys, values, begins[0] if same else places)
            past = [known[:, :, :end] for known in self._past[number]]
            states = states + layer.attention.mix(queries, past[0], past[1], mask)
            queries = layer.cross.split(layer.cross_norm(states))
            if taken is not None:
                taken.append(queries * queries.shape[-1] ** -0.5)
            states = states + layer.cross.mix(queries, self._heard[number])
            states = states + layer.mlp(states)
        return self._decoder.norm(states)  # type: ignore[no-any-return]

    def _make_room(self, end: int) -> None:
        missing = end - self._past[0][0].shape[2]
        if missing > 0:
            more = (0, 0, 0, missing + _ROOM)
            self._past = [(F.pad(keys, more), F.pad(values, more)) for keys, values in self._past]

    def _remember(self, layer: int, keys: Tensor, values: Tensor, places: Tensor | int) -> None:
        """Put new keys and values (rows, heads, n, head width) at places (rows, n), or from one place on."""
        for known, new in zip(self._past[layer], (keys, values), strict=True):
            if isinstance(places, int):
                known[:, :, places : places + new.shape[2]] = new
            else:
                rows = torch.arange(len(places), device=places.device)[:, None]
                known[rows, :, places] = new.transpose(1, 2).to(known.dtype)


def _mask(places: Tensor, end: int, *, same: bool) -> Tensor | None:
    """Which places each token sees, its own and those before it: bool (rows, 1, n, end); None: all."""
    if same and places.shape[1] == 1:
        return None
    return (torch.arange(end, device=places.device) <= places[..., None])[:, None]
