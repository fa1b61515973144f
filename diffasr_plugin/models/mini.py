"""Whisper's encoder and decoder, small and in integers: log-mel -> states; states and tokens -> next tokens.

Plain torch. All products with weights are exact (`exact_int8`); norms, attention and the rest are in float32,
but for the encoder's attention on CPUs that are quicker in bfloat16.
Knows no files, no text and no sampling.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .exact_int8 import Int8Linear, quantize_rows

__all__ = ["DecoderLayer", "KeysValues", "MiniDecoder", "MiniEncoder", "MiniShape", "Parts"]

KeysValues = tuple[Tensor, Tensor]
"""Of one layer's attention, each (rows, heads, places, head width)."""

_CONVOLVED = 3
"""Frames that a convolution sees at once."""


@dataclass(frozen=True)
class MiniShape:
    """Dimensions of a Whisper.

    Attributes:
        width: of all states.
        layers: of the encoder, and of the decoder.
        heads: of each attention.
        text_places: prompt and text together.
    """

    width: int = 512
    layers: int = 6
    heads: int = 8
    text_places: int = 448


class Parts:
    """A model's pieces by their names; asked for one, it makes the layer."""

    def __init__(self, tensors: Mapping[str, Tensor], prefix: str = "") -> None:
        self._tensors = tensors
        self._prefix = prefix

    def at(self, name: str) -> Parts:
        return Parts(self._tensors, f"{self._prefix}{name}.")

    def tensor(self, name: str) -> Tensor:
        return self._tensors[self._prefix + name]

    def linear(self, name: str) -> Int8Linear:
        own = self.at(name)
        bias = self._tensors.get(f"{own._prefix}bias")
        return Int8Linear(own.tensor("codes"), own.tensor("scales"), bias)

    def norm(self, name: str) -> nn.LayerNorm:
        own = self.at(name)
        weight, bias = own.tensor("weight"), own.tensor("bias")
        norm = nn.LayerNorm(len(weight))
        norm.load_state_dict({"weight": weight, "bias": bias})
        return norm.requires_grad_(False)


class _Attention(nn.Module):
    """Attention of states to themselves; queries, keys and values come out of one product."""

    def __init__(self, parts: Parts, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = parts.linear("inputs")
        self.output = parts.linear("output")

    def split(self, states: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(b, n, width) -> queries, keys and values, each (b, heads, n, head width)."""
        three = self.inputs(states).view(*states.shape[:2], 3, self.heads, -1)  # (b, n, 3, heads, head width)
        queries, keys, values = three.permute(2, 0, 3, 1, 4).unbind(0)
        return queries, keys, values

    def mix(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None) -> Tensor:
        """What the states see, (b, n, width); computed in the type that keys and values have."""
        mixed = F.scaled_dot_product_attention(queries.to(keys.dtype), keys, values, attn_mask=mask).float()
        return self.output(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class _CrossAttention(nn.Module):
    """Attention of text to what was heard."""

    def __init__(self, parts: Parts, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.queries = parts.linear("queries")
        self.heard = parts.linear("heard")
        self.output = parts.linear("output")

    def listen(self, codes: Tensor, scales: Tensor) -> KeysValues:
        """Keys and values of quantised encoder states (b, frames, width)."""
        two = self.heard.of_codes(codes, scales).view(*codes.shape[:2], 2, self.heads, -1)
        keys, values = two.permute(2, 0, 3, 1, 4).contiguous().unbind(0)
        return keys, values

    def split(self, states: Tensor) -> Tensor:
        return self.queries(states).unflatten(2, (self.heads, -1)).transpose(1, 2)  # type: ignore[no-any-return]

    def mix(self, queries: Tensor, heard: KeysValues) -> Tensor:
        mixed = torch.cat([_attend(query, *heard) for query in torch.split(queries, 1, dim=2)], dim=2)
        return self.output(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


class _Mlp(nn.Module):
    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.norm = parts.norm("norm")
        self.wide = parts.linear("wide")
        self.narrow = parts.linear("narrow")

    def forward(self, states: Tensor) -> Tensor:
        return self.narrow(F.gelu(self.wide(self.norm(states))))  # type: ignore[no-any-return]


class _EncoderLayer(nn.Module):
    def __init__(self, parts: Parts, heads: int) -> None:
        super().__init__()
        self.norm = parts.norm("attention.norm")
        self.attention = _Attention(parts.at("attention"), heads)
        self.mlp = _Mlp(parts.at("mlp"))

    def forward(self, states: Tensor) -> Tensor:
        queries, keys, values = self.attention.split(self.norm(states))
        mixed = _attend_all(queries, keys, values)
        states = states + self.attention.output(mixed.transpose(1, 2).flatten(2))
        return states + self.mlp(states)  # type: ignore[no-any-return]


class MiniEncoder(nn.Module):
    """Log-mel spectrograms (b, mels, 2 · frames) -> states (b, frames, width)."""

    def __init__(self, parts: Parts, shape: MiniShape) -> None:
        super().__init__()
        self.shape = shape
        self.first = parts.linear("convolutions.0")
        self.second = parts.linear("convolutions.1")
        layers = [_EncoderLayer(parts.at(f"layers.{n}"), shape.heads) for n in range(shape.layers)]
        self.layers = nn.ModuleList(layers)
        self.norm = parts.norm("norm")

    def forward(self, log_mel: Tensor) -> Tensor:
        states = F.gelu(_convolve(self.first, log_mel, stride=1)).transpose(1, 2)
        states = F.gelu(_convolve(self.second, states, stride=2))
        states = states + _sinusoids(states.shape[1], self.shape.width, states.device)
        for layer in self.layers:
            states = layer(states)
        return self.norm(states)  # type: ignore[no-any-return]


class DecoderLayer(nn.Module):
    """What a layer consists of; a `MiniReader` runs it."""

    def __init__(self, parts: Parts, heads: int) -> None:
        super().__init__()
        self.norm = parts.norm("attention.norm")
        self.attention = _Attention(parts.at("attention"), heads)
        self.cross_norm = parts.norm("cross.norm")
        self.cross = _CrossAttention(parts.at("cross"), heads)
        self.mlp = _Mlp(parts.at("mlp"))


class MiniDecoder(nn.Module):
    """Tokens and what was heard -> states, and scores of the tokens that may follow."""

    def __init__(self, parts: Parts, shape: MiniShape) -> None:
        super().__init__()
        self.shape = shape
        self.tokens = parts.linear("tokens")
        self.tokens.fine = True  # half of what rounding inputs costs is lost here
        self.places: Tensor
        self.register_buffer("places", parts.tensor("places"))
        self.blocks = [DecoderLayer(parts.at(f"layers.{n}"), shape.heads) for n in range(shape.layers)]
        self.layers = nn.ModuleList(self.blocks)
        self.norm = parts.norm("norm")

    def listen(self, states: Tensor) -> list[KeysValues]:
        """Take in encoder states (b, frames, width), for each layer."""
        quantised = quantize_rows(states)
        return [layer.cross.listen(*quantised) for layer in self.blocks]

    def embed(self, ids: Tensor, places: Tensor) -> Tensor:
        """Tokens (b, n) at their places (b, n) -> (b, n, width)."""
        return self.tokens.rows(ids) + self.places[places]

    def scores(self, states: Tensor) -> Tensor:
        """(..., width) -> (..., vocabulary)."""
        return self.tokens(states)  # type: ignore[no-any-return]


def _attend_all(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attention of a whole window to itself, (b, heads, frames, head width)."""
    if not _multiplies_bfloat16(queries.device):
        return F.scaled_dot_product_attention(queries, keys, values)
    queries, keys, values = (each.bfloat16() for each in (queries * queries.shape[-1] ** -0.5, keys, values))
    # By plain products: torch's fused attention does not gain by bfloat16 on a CPU.
    return ((queries @ keys.transpose(2, 3)).softmax(dim=-1) @ values).float()


@cache
def _multiplies_bfloat16(device: torch.device) -> bool:
    """Whether this is a CPU that multiplies bfloat16 itself; others take longer for it than for float32."""
    can = torch.cpu.get_capabilities()
    return device.type == "cpu" and bool(can.get("avx512_bf16") or can.get("amx_bf16"))


def _attend(query: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Attention of one query a row, (b, heads, 1, head width).

    One at a time, and by plain products: in torch's fused attention, and among other queries, the order in
    which a sum is rounded hangs on the batch and on the number of threads.
    """
    likeness = (query * query.shape[-1] ** -0.5) @ keys.transpose(2, 3)
    mixed: Tensor = likeness.softmax(dim=-1) @ values
    return mixed


def _convolve(layer: Int8Linear, rows: Tensor, stride: int) -> Tensor:
    """(b, channels, frames) -> (b, frames / stride, width), each three frames as one row of a product."""
    padded = F.pad(rows, (1, 1))
    seen = padded.unfold(2, _CONVOLVED, stride)  # (b, channels, frames, 3)
    return layer(seen.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]


def _sinusoids(frames: int, width: int, device: torch.device) -> Tensor:
    """The encoder's places (frames, width): sines, then cosines, of falling frequency."""
    half = width // 2
    falling = torch.exp(torch.arange(half, device=device) * (-math.log(10_000) / (half - 1)))
    angles = torch.arange(frames, device=device)[:, None] * falling
    return torch.cat([angles.sin(), angles.cos()], dim=1)
