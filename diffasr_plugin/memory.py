"""Sizes of a recogniser -> the memory that it will take on its device, before anything is loaded.

Knows no torch: `diffasr inspect --memory` answers at once. The sums follow the code of `models` and
`diffusion.sampler`; `benchmarks/gemma_h200.py` holds them against measured peaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .backbone import DIFFUSION_GEMMA_26B, Backbone

__all__ = [
    "GIB",
    "GROUP",
    "QUANTIZE",
    "MemoryNeed",
    "Sizes",
    "bytes_per_weight",
    "fitting",
    "group_of",
    "largest_batch",
    "predict",
    "share",
]

GIB = 2**30

QUANTIZE = {"none": 16, "int8": 8, "int4": 4}
"""Bits of a weight for each choice, the most exact first."""

GROUP = 64
"""Inputs that share a scale in int4; where 64 does not divide them, the largest power of two that does."""

RESERVE_BYTES = 0.75 * GIB
"""What a GPU has to spare beside the tensors: the driver's own memory, and gaps between blocks."""

LARGEST_BATCH = 32
"""More rows at once gain little speed: at 32 the large GPUs are busy."""


@dataclass(frozen=True)
class Sizes:
    """What the memory depends on.

    Attributes:
        adapter: trained parameters of the low-rank pairs.
        encoder, projector: parameters.
        encoder_activations: largest number of values a window that the encoder holds at once.
        prompt, canvas: tokens.
        value_bytes: of a number that is not quantised.
    """

    backbone: Backbone = DIFFUSION_GEMMA_26B
    adapter: int = 22_978_560
    encoder: int = 88_154_112
    projector: int = 19_341_056
    encoder_activations: int = 1500 * (2 * 3072 + 4 * 768)
    prompt: int = 210
    canvas: int = 192
    value_bytes: int = 2


@dataclass(frozen=True)
class MemoryNeed:
    """Bytes on the device.

    Attributes:
        weights: of the base model, with the adapter.
        front: of the encoder and the projector.
        working: at most, while a batch is denoised.
    """

    weights: float
    front: float
    working: float

    @property
    def total(self) -> float:
        return self.weights + self.front + self.working


def predict(sizes: Sizes, quantize: str, batch: int) -> MemoryNeed:
    """The peak for batches of that size.

    Without quantisation the adapter is merged, which gives each stack attention weights of its own; with it,
    the pairs stay beside the quantised weights.
    """
    backbone, bits = sizes.backbone, QUANTIZE[quantize]
    weights: float
    if bits == 16:
        weights = (backbone.parameters() + backbone.attention_parameters()) * sizes.value_bytes
    else:
        kept = backbone.embedding_parameters() + backbone.small_parameters() + sizes.adapter
        weights = kept * sizes.value_bytes + sum(
            outputs * inputs * bytes_per_weight(bits, inputs, sizes.value_bytes)
            for outputs, inputs in _quantized_shapes(backbone)
        )
    front = (sizes.encoder + sizes.projector) * sizes.value_bytes
    return MemoryNeed(weights, front, _working(sizes, bits, batch))


def share(sizes: Sizes, quantize: str, batch: int, devices: int = 1) -> float:
    """What the fullest of several devices holds: its layers, and all that is not in the layers."""
    need = predict(sizes, quantize, batch)
    embeddings = sizes.backbone.embedding_parameters() * sizes.value_bytes
    return (need.weights - embeddings) / devices + embeddings + need.front + need.working


def fitting(sizes: Sizes, free_bytes: float, batch: int = 1, devices: int = 1) -> list[str]:
    """The choices of QUANTIZE that fit so many devices with so much free on each, the most exact first."""
    room = free_bytes - RESERVE_BYTES
    return [name for name in QUANTIZE if share(sizes, name, batch, devices) <= room]


def largest_batch(sizes: Sizes, quantize: str, free_bytes: float, devices: int = 1) -> int:
    """The most rows at once that fit, 1 to 32, a power of two."""
    batch = LARGEST_BATCH
    while batch > 1 and share(sizes, quantize, batch, devices) + RESERVE_BYTES > free_bytes:
        batch //= 2
    return batch


def bytes_per_weight(bits: int, inputs: int, value_bytes: int = 2) -> float:
    """What a weight of a layer with so many inputs takes, its share of the scales included."""
    if bits == 16:
        return value_bytes
    return bits / 8 + value_bytes / (inputs if bits == 8 else group_of(inputs))


def group_of(inputs: int) -> int:
    """How many inputs share a scale in int4."""
    group = min(GROUP, inputs & -inputs)
    assert group >= 2, f"{inputs} inputs cannot be packed in pairs"
    return group


def _quantized_shapes(backbone: Backbone) -> Sequence[tuple[int, int]]:
    """(outputs, inputs) of all matrices that are quantised; experts of a layer as one."""
    modules = [f"self_attn.{name}_proj" for name in "qkvo"] + [
        f"mlp.{n}_proj" for n in ("gate", "up", "down")
    ]
    shapes = [backbone.module_shape(layer, m) for layer in range(backbone.layers) for m in modules]
    experts = [
        (backbone.experts * 2 * backbone.expert_width, backbone.hidden),
        (backbone.experts * backbone.hidden, backbone.expert_width),
    ]
    return [shape for shape in shapes if shape] + experts * backbone.layers


def _working(sizes: Sizes, bits: int, batch: int) -> float:
    """The largest peak of a step, and what is there all the time.

    1. Kept: the context, and the last step's logits.
    2. Before the layers: the last step's logits in float32, and their softmax.
    3. In the layers: the experts' inputs and outputs; quantised weights of one layer, as they are used.
    4. After them: the logits in the model's dtype and in float32; the sampler's copies of one row's.
    """
    backbone, value = sizes.backbone, sizes.value_bytes
    logits = batch * sizes.canvas * backbone.vocab
    kept = batch * sizes.prompt * backbone.cache_values_a_token() * value + logits * value
    conditioning = logits * (8 if value < 4 else 4)  # float32 ones need no copy
    picked = batch * max(sizes.prompt, sizes.canvas) * backbone.experts_used
    layer = picked * (3 * backbone.hidden + 2 * backbone.expert_width) * value
    if bits < 16:
        layer += backbone.experts * 3 * backbone.hidden * backbone.expert_width * value
    head = logits * (value + 4) + 3 * 4 * sizes.canvas * backbone.vocab
    ahead = batch * sizes.encoder_activations * value  # the next batch is encoded at the same time
    return kept + max(conditioning, layer, head) + ahead
