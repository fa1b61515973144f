"""Encoder states and token ids -> the text decoder's states, with what it has seen kept in memory.

Runs the weights of transformers' decoder by a forward pass of our own. Does not choose tokens. The pass
hands out the queries of the cross-attention, from which word times are found, and keeps attention memory in
a type of its own: on a CPU, attention of a single query is twice as slow in bfloat16 as in float32, while
the matrix products are faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional as F

__all__ = ["Heard", "State", "TextDecoder"]

_ROOM = 64
"""Positions by which the memory of past tokens grows at once."""

KeysValues = tuple[torch.Tensor, torch.Tensor]
Module = Any  # transformers' modules carry no types


@dataclass(frozen=True)
class Heard:
    """What a batch of windows sounds like to the decoder.

    Attributes:
        layers: keys and values of each layer's cross-attention, (batch, heads, frames, head_dim).
    """

    layers: list[KeysValues]

    @classmethod
    def joined(cls, parts: Sequence[Heard]) -> Heard:
        """The rows of several batches as one."""
        if len(parts) == 1:
            return parts[0]
        layers = zip(*(part.layers for part in parts), strict=True)
        return cls([(torch.cat([k for k, _ in layer]), torch.cat([v for _, v in layer])) for layer in layers])

    @property
    def device(self) -> torch.device:
        return self.layers[0][0].device

    def __len__(self) -> int:
        return len(self.layers[0][0])

    def select(self, rows: torch.Tensor) -> Heard:
        """What some of the windows sound like."""
        return Heard([(keys[rows], values[rows]) for keys, values in self.layers])


@dataclass
class State:
    """What the decoder remembers of a batch of rows.

    Attributes:
        heard: the sound.
        past: keys and values of each layer's self-attention, (batch, heads, room, head_dim).
        length: positions filled, the same in all rows.
    """

    heard: Heard
    past: list[KeysValues]
    length: int = 0

    def select(self, rows: torch.Tensor) -> State:
        """The memory of some of the rows."""
        past = [(keys[rows], values[rows]) for keys, values in self.past]
        return State(self.heard.select(rows), past, self.length)

    def remember(self, layer: int, keys: torch.Tensor, values: torch.Tensor) -> KeysValues:
        """Put keys and values of new positions after those of `length`; returns all up to them."""
        begin, end = self.length, self.length + keys.shape[2]
        missing = end - self.past[layer][0].shape[2]
        if missing > 0:
            more = (0, 0, 0, missing + _ROOM)
            self.past[layer] = F.pad(self.past[layer][0], more), F.pad(self.past[layer][1], more)
        all_keys, all_values = self.past[layer]
        all_keys[:, :, begin:end] = keys
        all_values[:, :, begin:end] = values
        return all_keys[:, :, :end], all_values[:, :, :end]


class TextDecoder:
    """The decoder of one Whisper model.

    Args:
        network: transformers' WhisperForConditionalGeneration.
        attention_dtype: in which keys, values and queries are kept and compared.
    """

    def __init__(self, network: Module, attention_dtype: torch.dtype) -> None:
        self._decoder = network.model.decoder
        self._heads: int = network.config.decoder_attention_heads
        self._output_weight: torch.Tensor = network.proj_out.weight  # (vocabulary, d_model)
        self._attention_dtype = attention_dtype

    def listen(self, states: torch.Tensor) -> Heard:
        """Take in encoder states, shape (batch, frames, d_model)."""
        attentions = [layer.encoder_attn for layer in self._decoder.layers]
        return Heard([(self._split(a.k_proj(states)), self._split(a.v_proj(states))) for a in attentions])

    def start(self, heard: Heard) -> State:
        """A memory of the sound and of no tokens."""
        nothing = [keys.new_empty(keys.shape[0], keys.shape[1], 0, keys.shape[3]) for keys, _ in heard.layers]
        return State(heard, [(empty, empty) for empty in nothing])

    def step(
        self, ids: torch.Tensor, state: State, queries: list[torch.Tensor] | None = None
    ) -> torch.Tensor:
        """Read tokens, shape (batch, length), after those read before; moves `state` on.

        Args:
            queries: if given, takes each layer's scaled queries of the cross-attention,
                shape (batch, heads, length, head_dim).

        Returns:
            The decoder's states, shape (batch, length, d_model).
        """
        begin, end = state.length, state.length + ids.shape[1]
        mask = _causal_mask(begin, end, ids.device) if ids.shape[1] > 1 else None
        hidden = self._decoder.embed_tokens(ids) + self._decoder.embed_positions.weight[begin:end]
        for number, layer in enumerate(self._decoder.layers):
            normed = layer.self_attn_layer_norm(hidden)
            attention = layer.self_attn
            keys, values = self._split(attention.k_proj(normed)), self._split(attention.v_proj(normed))
            past = state.remember(number, keys, values)
            hidden = hidden + self._attend(attention, self._query(attention, normed), past, mask)
            query = self._query(layer.encoder_attn, layer.encoder_attn_layer_norm(hidden))
            if queries is not None:
                queries.append(query)
            hidden = hidden + self._attend(layer.encoder_attn, query, state.heard.layers[number])
            hidden = hidden + layer.fc2(layer.activation_fn(layer.fc1(layer.final_layer_norm(hidden))))
        state.length = end
        states: torch.Tensor = self._decoder.layer_norm(hidden)
        return states

    def logits(self, states: torch.Tensor, size: int | None = None) -> torch.Tensor:
        """Scores of the vocabulary's first `size` tokens, float32, for states (batch, d_model)."""
        # This way round, a CPU does it in half the time for a handful of rows.
        return (self._output_weight[:size] @ states.mT).mT.float()

    def _query(self, attention: Module, normed: torch.Tensor) -> torch.Tensor:
        return self._split(attention.q_proj(normed) * attention.scaling)

    def _attend(
        self,
        attention: Module,
        query: torch.Tensor,
        memory: KeysValues,
        mask: torch.Tensor | None = None,
    ) -> torch.Tensor:
        mixed = F.scaled_dot_product_attention(query, *memory, attn_mask=mask, scale=1.0)
        joined = mixed.transpose(1, 2).flatten(2)  # (batch, length, d_model)
        out: torch.Tensor = attention.out_proj(joined.to(self._output_weight.dtype))
        return out

    def _split(self, projected: torch.Tensor) -> torch.Tensor:
        """(batch, length, d_model) -> (batch, heads, length, head_dim), in the attention's type."""
        batch, length, _ = projected.shape
        heads = projected.view(batch, length, self._heads, -1).transpose(1, 2)
        return heads.to(self._attention_dtype).contiguous()


def _causal_mask(begin: int, end: int, device: torch.device) -> torch.Tensor:
    """Which positions (columns) the new ones (rows) may look at: shape (end - begin, end), True = may."""
    return torch.ones(end - begin, end, dtype=torch.bool, device=device).tril(begin)
