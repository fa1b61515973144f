"""Tensors of a foreign checkpoint -> which of them are LoRA pairs, of which layers, and of what rank.

Knows the backbone's shapes, not its weights. Whatever names stand before `encoder.language_model` or
`decoder` are taken off: `base.`, `base_model.model.`, `module.` and others occur.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from ..backbone import Backbone
from ..config import AdapterConfig

__all__ = ["FoundAdapter", "find_adapter"]

_PAIR = re.compile(
    r"(?:^|\.)(?P<stack>(?:encoder\.)?language_model|decoder)\.layers\.(?P<layer>\d+)\.(?P<module>\w+\.\w+)"
    r"\.(?P<part>lora_[AB])(?:\.\w+)?\.weight$"
)
"""`….decoder.layers.3.self_attn.q_proj.lora_A.default.weight`, with or without the name of an adapter."""


@dataclass(frozen=True, eq=False)
class FoundAdapter:
    """LoRA pairs that were found.

    Attributes:
        config: rank and targets; None where there are none.
        tensors: `{target}.lora_A` and `{target}.lora_B`.
        foreign: the names of all tensors that are LoRA's, as the checkpoint has them.
        problems: what does not fit, a line for each.
    """

    config: AdapterConfig | None
    tensors: dict[str, Tensor]
    foreign: frozenset[str]
    problems: list[str] = field(default_factory=list)


def find_adapter(tensors: Mapping[str, Tensor], backbone: Backbone) -> FoundAdapter:
    """Match the tensors named `lora_…` with the backbone's layers."""
    foreign = frozenset(name for name in tensors if "lora_" in name)
    problems: list[str] = []
    matched: dict[str, Tensor] = {}
    for name in sorted(foreign):
        found = _PAIR.search(name)
        if found is None:
            problems.append(f"{name}: not the name of a low-rank pair of encoder or decoder")
            continue
        stack = "decoder" if found["stack"] == "decoder" else "encoder"
        matched[f"{stack}.layers.{found['layer']}.{found['module']}.{found['part']}"] = tensors[name]
    targets = sorted({name.rpartition(".")[0] for name in matched}, key=_in_order)
    if not targets:
        return FoundAdapter(None, {}, foreign, [*problems, "no LoRA tensors"])
    ranks = Counter(len(tensor) for name, tensor in matched.items() if name.endswith("lora_A"))
    rank = ranks.most_common(1)[0][0] if ranks else 0
    for target in targets:
        problems += _pair_problems(target, matched, backbone, rank)
    problems += _gaps(targets, backbone)
    config = AdapterConfig(rank, tuple(targets)) if rank else None
    return FoundAdapter(config, matched, foreign, problems)


def _pair_problems(target: str, tensors: Mapping[str, Tensor], backbone: Backbone, rank: int) -> list[str]:
    layer, module = _split(target)
    shape = backbone.module_shape(layer, module)
    if shape is None:
        return [f"{target}: the base model has no such linear layer"]
    wanted = {"lora_A": (rank, shape[1]), "lora_B": (shape[0], rank)}
    problems = []
    for part, size in wanted.items():
        tensor = tensors.get(f"{target}.{part}")
        if tensor is None:
            problems.append(f"{target}.{part} is missing")
        elif tuple(tensor.shape) != size:
            problems.append(f"{target}.{part} has shape {tuple(tensor.shape)}, not {size}")
    return problems


def _gaps(targets: list[str], backbone: Backbone) -> list[str]:
    """Layers without a pair where the other layers have one: a checkpoint of which a part was lost."""
    kinds = {(target.partition(".")[0], _split(target)[1]) for target in targets}
    return [
        f"{stack}.layers.{layer}.{module} has no pair, but other layers do"
        for stack, module in sorted(kinds)
        for layer in range(backbone.layers)
        if backbone.module_shape(layer, module) and f"{stack}.layers.{layer}.{module}" not in targets
    ]


def _split(target: str) -> tuple[int, str]:
    """`decoder.layers.3.self_attn.q_proj` -> (3, `self_attn.q_proj`)."""
    _, _, layer, module = target.split(".", 3)
    return int(layer), module


def _in_order(target: str) -> tuple[str, int, str]:
    return (target.partition(".")[0], *_split(target))
