"""A frozen Whisper's states and decoder -> a denoiser of all tokens at once, and a CTC reader of the frames.

What is trained is small and stands beside the frozen products: low-rank pairs, a look at the tokens that
follow, a way in for the step before's predictions, and a head that reads frames. Works on the exact products
of integers and on their copies in floats (`float_products`) alike. Knows no files, no text and no sampling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .mini import DecoderLayer, KeysValues, MiniDecoder

__all__ = [
    "FRAME_S",
    "CtcReader",
    "LayerPairs",
    "MiniAdapter",
    "MiniAdapterConfig",
    "MiniContext",
    "MiniDenoiser",
    "Pair",
    "Share",
]

FRAME_S = 0.04
"""Length of a frame of the CTC reader: two of the encoder's."""

_PRODUCTS = {
    "attention.inputs": (1, 3),
    "attention.output": (1, 1),
    "attention.ahead": (1, 1),
    "cross.queries": (1, 1),
    "cross.output": (1, 1),
    "mlp.wide": (1, 4),
    "mlp.narrow": (4, 1),
}
"""Inputs and outputs, in widths, of each product of a decoder layer; `attention.ahead` has no frozen one."""

_JOINED = {"attention.inputs": 3}
"""Products that are several in one: queries, keys and values; each has a pair of its own."""

_LIKELY = 32
"""Tokens of a prediction that are told apart in the next step; the others share their mean vector."""


@dataclass(frozen=True)
class MiniAdapterConfig:
    """Sizes of an adapter.

    Attributes:
        units: that the CTC reader tells apart, the blank (0) included.
        vocabulary: tokens that a canvas may hold: the first of the decoder's.
        rank: of the low-rank pairs.
        conditioning: width of the gated layer that takes the step before's predictions; 0: it knows nothing
            of them.
        reader_width, reader_layers: of the CTC reader.
        width, layers: of the decoder.
    """

    units: int
    vocabulary: int
    rank: int = 32
    conditioning: int = 512
    reader_width: int = 320
    reader_layers: int = 5
    width: int = 512
    layers: int = 6


class Pair(nn.Module):
    """What is added to a frozen product: B A x, zero at first.

    Args:
        groups: how many products are joined in it; each has `rank` directions of its own.
    """

    def __init__(self, inputs: int, outputs: int, rank: int, groups: int = 1) -> None:
        super().__init__()
        self.groups = groups
        self.down = nn.Parameter(torch.randn(groups * rank, inputs) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, values: Tensor) -> Tensor:
        few = F.linear(values, self.down)  # (..., groups · rank)
        if self.groups == 1:
            return F.linear(few, self.up)
        parts = zip(few.chunk(self.groups, dim=-1), self.up.chunk(self.groups), strict=True)
        return torch.cat([F.linear(part, up) for part, up in parts], dim=-1)


class _Conditioning(nn.Module):
    """The mean vector of what was predicted (b, n, width) -> what is added to the canvas; zero at first."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.gate = nn.Linear(width, hidden, bias=False)
        self.wide = nn.Linear(width, hidden, bias=False)
        self.narrow = nn.Linear(hidden, width, bias=False)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, soft: Tensor) -> Tensor:
        normal = self.norm(soft)
        return self.narrow(F.gelu(self.gate(normal)) * self.wide(normal))  # type: ignore[no-any-return]


class _ReaderLayer(nn.Module):
    """A look at the frames around each (0.6 s), then a layer of its own for each frame.

    Source: "A ConvNet for the 2020s", arXiv 2201.03545, in one dimension.
    """

    def __init__(self, width: int, span: int = 15) -> None:
        super().__init__()
        self.around = nn.Conv1d(width, width, span, padding=span // 2, groups=width)
        self.norm = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)

    def forward(self, frames: Tensor) -> Tensor:
        around = self.around(frames.transpose(1, 2)).transpose(1, 2)
        return frames + self.narrow(F.gelu(self.wide(self.norm(around))))  # type: ignore[no-any-return]


class CtcReader(nn.Module):
    """Encoder states (b, frames, width) -> features (b, frames / 2, reader width), read through `units`."""

    def __init__(self, config: MiniAdapterConfig) -> None:
        super().__init__()
        width = config.reader_width
        self.first = nn.Conv1d(config.width, width, 3, stride=2, padding=1)
        self.layers = nn.ModuleList(_ReaderLayer(width) for _ in range(config.reader_layers))
        self.norm = nn.LayerNorm(width)
        self.units = nn.Parameter(torch.randn(config.units, width) * 0.02)

    def forward(self, states: Tensor) -> Tensor:
        frames = F.gelu(self.first(states.transpose(1, 2))).transpose(1, 2)
        for layer in self.layers:
            frames = layer(frames)
        return self.norm(frames)  # type: ignore[no-any-return]


class LayerPairs(nn.Module):
    """The pairs of one decoder layer."""

    def __init__(self, config: MiniAdapterConfig) -> None:
        super().__init__()
        self._pairs = {
            name: Pair(inputs * config.width, outputs * config.width, config.rank, _JOINED.get(name, 1))
            for name, (inputs, outputs) in _PRODUCTS.items()
        }
        for name, pair in self._pairs.items():
            self.add_module(name.replace(".", "_"), pair)

    def of(self, product: str, values: Tensor) -> Tensor:
        """What is added to a product of these values."""
        added: Tensor = self._pairs[product](values)
        return added


class MiniAdapter(nn.Module):
    """All that is trained. Its state dict is the adapter."""

    def __init__(self, config: MiniAdapterConfig) -> None:
        super().__init__()
        self.config = config
        self.pairs = [LayerPairs(config) for _ in range(config.layers)]
        self.layers = nn.ModuleList(self.pairs)
        self.conditioning = _Conditioning(config.width, config.conditioning) if config.conditioning else None
        self.reader = CtcReader(config)

    @torch.no_grad()
    def weakened(self, pairs: float, conditioning: float) -> MiniAdapter:
        """A copy in which the decoder is moved only these shares of the way that it was trained to go.

        What is not moved at all is left out.

        Between a model and what training on other sounds has made of it, there are models better than both
        on sounds that neither is at home with. Source: "Robust fine-tuning of zero-shot models", arXiv
        2109.01903.
        """
        copy = MiniAdapter(replace(self.config, conditioning=self.config.conditioning if conditioning else 0))
        kept = copy.state_dict().keys()
        copy.load_state_dict({name: weights for name, weights in self.state_dict().items() if name in kept})
        for module in copy.modules():
            if isinstance(module, Pair):
                module.up.mul_(pairs)
        if copy.conditioning is not None:
            copy.conditioning.narrow.weight.mul_(conditioning)
        return copy


@dataclass(frozen=True, eq=False)
class MiniContext:
    """What a batch of canvases is denoised by.

    Attributes:
        prompts: int64 (b, p), start token, language, task: before the canvas, never denoised.
        heard: what the frozen decoder makes of the frames: of each layer, keys and values.
        strength: how much of what the pairs add counts; see `MiniAdapter.weakened`.
    """

    prompts: Tensor
    heard: Sequence[KeysValues]
    strength: float = 1.0

    def select(self, rows: Tensor) -> MiniContext:
        """Some of the rows."""
        heard = [(keys[rows], values[rows]) for keys, values in self.heard]
        return MiniContext(self.prompts[rows], heard, self.strength)


@dataclass(frozen=True, eq=False)
class Share:
    """A part of the vocabulary that stands for all of it: most of a training step would be logits.

    Attributes:
        ids: int64 (m,), rising.
        weights: (m,), the logarithm of how many tokens each of them stands for.
    """

    ids: Tensor
    weights: Tensor

    @classmethod
    def drawn(cls, wanted: Tensor, others: int, vocabulary: int, generator: torch.Generator) -> Share:
        """The wanted tokens, any shape, and about so many others at random that stand for all others.

        Source: "On using very large target vocabulary for neural machine translation", arXiv 1412.2007.
        """
        device = wanted.device
        known = torch.zeros(vocabulary, dtype=torch.bool, device=device)
        known[wanted.flatten()] = True
        dice = torch.rand(vocabulary, generator=generator, device=device)
        missing = (~known).sum()
        chance = (others / missing.clamp(min=1)).clamp(max=1)
        ids = (known | (dice < chance)).nonzero()[:, 0]
        return cls(ids, torch.where(known[ids], 0.0, -chance.log()))

    def places(self, ids: Tensor) -> Tensor:
        """Where the ids, all of which are in it, stand among its own."""
        return torch.searchsorted(self.ids, ids)


class MiniDenoiser(nn.Module):
    """A decoder with an adapter beside it.

    A token is predicted where the causal model predicts it: at the place before its own, from the text
    before it and, by products that are the adapter's own, from what follows. So an adapter that has learnt
    nothing is Whisper as it reads a draft.
    """

    def __init__(self, decoder: MiniDecoder, adapter: MiniAdapter) -> None:
        super().__init__()
        assert len(decoder.blocks) == adapter.config.layers, (len(decoder.blocks), adapter.config.layers)
        self.decoder = decoder
        self.adapter = adapter
        tokens = decoder.tokens.weights()[: adapter.config.vocabulary]
        self.mean_token: Tensor
        self.register_buffer("mean_token", tokens.float().mean(dim=0), persistent=False)

    def ctc(self, states: Tensor) -> Tensor:
        """Scores (b, frames / 2, units) of encoder states (b, frames, width); unit 0 is the blank."""
        reader = self.adapter.reader
        return F.linear(reader(states), reader.units)

    def denoise(
        self,
        canvas: Tensor,
        context: MiniContext,
        conditioning: Tensor | None = None,
        lengths: Sequence[int] | None = None,
        among: Share | None = None,
    ) -> Tensor:
        """The prediction of every token of a canvas (b, n): scores (b, n, vocabulary).

        Args:
            conditioning: the step before's scores (b, n, vocabulary), or None in the first step.
            lengths: how many places of its canvas each row uses; the others see nothing, nor are they seen.
            among: score these tokens only, here and in `conditioning`; None: all.
        """
        p, n = context.prompts.shape[1], canvas.shape[1]
        states = self._embed(torch.cat([context.prompts, canvas], dim=1))
        if conditioning is not None and self.adapter.conditioning is not None:
            added = self.adapter.conditioning(self.soften(conditioning, among))
            states = torch.cat([states[:, :p], states[:, p:] + added], dim=1)
        before = _before(p + n, canvas.device)
        ahead = before.T
        if lengths is not None and min(lengths) < n:
            used = torch.tensor(list(lengths), device=canvas.device) + p
            # A place beyond the used ones sees itself, as softmax over nothing is not a number.
            ahead = ahead & (torch.arange(p + n, device=canvas.device) < used[:, None])[:, None, None]
            ahead = ahead | torch.eye(p + n, dtype=torch.bool, device=canvas.device)  # (b, 1, p + n, p + n)
        for layer, pairs, heard in zip(self.decoder.blocks, self.adapter.pairs, context.heard, strict=True):
            states = _run(layer, states, heard, before, _Adapted(pairs, ahead, context.strength))
        return self._scores(self.decoder.norm(states)[:, p - 1 : -1], among)

    def causal(
        self, ids: Tensor, prompts: Tensor, heard: Sequence[KeysValues], among: Share | None = None
    ) -> Tensor:
        """What the frozen decoder would write at each place of a text (b, n), from the text before it alone.

        Args:
            heard: of the frozen decoder's `listen`.
            among: score these tokens only; None: all.

        Returns:
            Scores (b, n + 1, vocabulary); the last ones are of what would follow the text.
        """
        states = self._embed(torch.cat([prompts, ids], dim=1))
        before = _before(states.shape[1], ids.device)
        for layer, memory in zip(self.decoder.blocks, heard, strict=True):
            states = _run(layer, states, memory, before)
        return self._scores(self.decoder.norm(states)[:, prompts.shape[1] - 1 :], among)

    def soften(self, scores: Tensor, among: Share | None = None) -> Tensor:
        """The mean vector of the tokens predicted, (b, n, width) of scores (b, n, vocabulary)."""
        shares, ids = scores.float().softmax(dim=-1).topk(min(_LIKELY, scores.shape[-1]))
        if among is not None:
            ids = among.ids[ids]
        likely = (self.decoder.tokens.rows(ids).float() * shares[..., None]).sum(dim=2)
        rest = 1 - shares.sum(dim=-1, keepdim=True)
        return likely + rest * self.mean_token

    def _embed(self, ids: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        return self.decoder.embed(ids, places).float()

    def _scores(self, states: Tensor, among: Share | None) -> Tensor:
        if among is None:
            return self.decoder.scores(states)[..., : self.adapter.config.vocabulary]
        rows = self.decoder.tokens.rows(among.ids)
        return F.linear(states.to(rows.dtype), rows) + among.weights


@dataclass(frozen=True, eq=False)
class _Adapted:
    """A layer's pairs, which places each one looks ahead to, and how much the pairs count."""

    pairs: LayerPairs
    ahead: Tensor
    strength: float

    def adds(self, product: str, values: Tensor) -> Tensor:
        return self.strength * self.pairs.of(product, values)


def _run(
    layer: DecoderLayer, states: Tensor, heard: KeysValues, before: Tensor, adapted: _Adapted | None = None
) -> Tensor:
    """One decoder layer on states (b, n, width), all places at once; if not adapted it is the frozen one."""

    def product(name: str, values: Tensor) -> Tensor:
        frozen: Tensor = layer.get_submodule(name)(values)
        return frozen if adapted is None else frozen + adapted.adds(name, values)

    heads = layer.attention.heads
    queries, keys, values = _split(product("attention.inputs", layer.norm(states)), 3, heads)
    seen = product("attention.output", _attend(queries, keys, values, before))
    if adapted is not None:
        seen = seen + adapted.adds("attention.ahead", _attend(queries, keys, values, adapted.ahead))
    states = states + seen
    queries = _split(product("cross.queries", layer.cross_norm(states)), 1, heads)[0]
    states = states + product("cross.output", _attend(queries, *heard, None))
    wide = product("mlp.wide", layer.mlp.norm(states))
    return states + product("mlp.narrow", F.gelu(wide))


def _before(places: int, device: torch.device) -> Tensor:
    """Which places each one sees in a causal model, itself and those before it: bool (places, places)."""
    return torch.ones(places, places, dtype=torch.bool, device=device).tril()


def _split(values: Tensor, parts: int, heads: int) -> Tensor:
    """(b, n, parts · width) -> (parts, b, heads, n, head width)."""
    return values.view(*values.shape[:2], parts, heads, -1).permute(2, 0, 3, 1, 4)


def _attend(queries: Tensor, keys: Tensor, values: Tensor, seen: Tensor | None) -> Tensor:
    """(b, n, width) of queries (b, heads, n, head width) to keys and values of m places."""
    keys, values = keys.to(queries.dtype), values.to(queries.dtype)
    mixed = F.scaled_dot_product_attention(queries, keys, values, attn_mask=seen)
    return mixed.transpose(1, 2).flatten(2)
