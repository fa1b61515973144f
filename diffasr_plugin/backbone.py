"""A base model's `config.json` -> the shapes and sizes of its weights, with none of them loaded.

Does not know torch or transformers: it answers what fits and how large it is before anything heavy starts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .checkpoint.errors import InvalidConfig, UnreadableCheckpoint

__all__ = ["DIFFUSION_GEMMA_26B", "STACKS", "Backbone", "Stack"]

Stack = Literal["encoder", "decoder"]
"""Which of the two passes over the layers: the causal one over the prompt, or the one over the canvas."""

STACKS: tuple[Stack, ...] = ("encoder", "decoder")


@dataclass(frozen=True)
class Backbone:
    """Dimensions of a DiffusionGemma text model; encoder and decoder share all weights but a scalar a layer.

    Attributes:
        full_layers: indices of the layers with full attention; the others attend to a sliding window.
            They have their own head size and number of key heads, and no `v_proj`: keys serve as values.
        mlp_width: of the dense block beside the experts, and of the self-conditioning block.
    """

    hidden: int
    layers: int
    full_layers: tuple[int, ...]
    heads: int
    kv_heads: int
    head_dim: int
    full_kv_heads: int
    full_head_dim: int
    mlp_width: int
    experts: int
    experts_used: int
    expert_width: int
    vocab: int

    @classmethod
    def from_config_file(cls, path: Path) -> Backbone:
        """Read the `config.json` of a base model.

        Raises:
            UnreadableCheckpoint, InvalidConfig: not such a file.
        """
        try:
            config = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UnreadableCheckpoint(path, f"not readable as JSON ({error}); fetch it again") from error
        if config.get("model_type") != "diffusion_gemma":
            raise InvalidConfig(
                path,
                f"describes a {config.get('model_type')!r} model, not 'diffusion_gemma'; "
                "give the folder or repository of a DiffusionGemma base model",
            )
        try:
            return cls.from_text_config(config["text_config"])
        except KeyError as error:
            raise InvalidConfig(path, f"has no {error}; fetch it again") from error

    @classmethod
    def from_text_config(cls, text: Mapping[str, Any]) -> Backbone:
        """From the `text_config` part. Full layers are described in either of transformers' two ways."""
        layers = text["num_hidden_layers"]
        kinds = text.get("layer_types") or [
            "sliding_attention" if (i + 1) % 6 else "full_attention" for i in range(layers)
        ]
        full = tuple(i for i, kind in enumerate(kinds) if kind == "full_attention" or i == layers - 1)
        # Its keys are numbers in memory, and in files texts such as "05".
        by_layer = {int(layer): own for layer, own in (text.get("per_layer_config") or {}).items()}
        own = by_layer.get(full[0], {})
        full_kv_heads = own.get("num_key_value_heads") or text.get("num_global_key_value_heads")
        return cls(
            hidden=text["hidden_size"],
            layers=layers,
            full_layers=full,
            heads=text["num_attention_heads"],
            kv_heads=text["num_key_value_heads"],
            head_dim=text["head_dim"],
            full_kv_heads=full_kv_heads or text["num_key_value_heads"],
            full_head_dim=own.get("head_dim") or text.get("global_head_dim") or 512,
            mlp_width=text["intermediate_size"],
            experts=text["num_experts"],
            experts_used=text["top_k_experts"],
            expert_width=text["moe_intermediate_size"],
            vocab=text["vocab_size"],
        )

    def module_shape(self, layer: int, module: str) -> tuple[int, int] | None:
        """(outputs, inputs) of a layer's linear module such as `self_attn.q_proj` or `mlp.up_proj`.

        None where there is no such layer or module.
        """
        if not 0 <= layer < self.layers:
            return None
        block, _, name = module.partition(".")
        if block == "mlp":
            wide, narrow = (self.mlp_width, self.hidden), (self.hidden, self.mlp_width)
            return {"gate_proj": wide, "up_proj": wide, "down_proj": narrow}.get(name)
        return self._attention_shapes(layer).get(name) if block == "self_attn" else None

    def _attention_shapes(self, layer: int) -> dict[str, tuple[int, int]]:
        full = layer in self.full_layers
        head_dim = self.full_head_dim if full else self.head_dim
        queries, keys = self.heads * head_dim, (self.full_kv_heads if full else self.kv_heads) * head_dim
        shapes = {
            "q_proj": (queries, self.hidden),
            "k_proj": (keys, self.hidden),
            "v_proj": (keys, self.hidden),
            "o_proj": (self.hidden, queries),
        }
        return {name: shape for name, shape in shapes.items() if not (full and name == "v_proj")}

    def attention_targets(self) -> tuple[str, ...]:
        """Names of all attention projections of both stacks, as `AdapterConfig.targets` has them."""
        return tuple(
            f"{stack}.layers.{layer}.self_attn.{name}"
            for stack in STACKS
            for layer in range(self.layers)
            for name in self._attention_shapes(layer)
        )

    def attention_parameters(self) -> int:
        """Of all attention projections, counted once for both stacks."""
        return sum(a * b for i in range(self.layers) for a, b in self._attention_shapes(i).values())

    def mlp_parameters(self) -> int:
        """Of the dense blocks of all layers."""
        return self.layers * 3 * self.hidden * self.mlp_width

    def expert_parameters(self) -> int:
        return self.layers * self.experts * 3 * self.hidden * self.expert_width

    def embedding_parameters(self) -> int:
        """Of the token embeddings, which are the output layer too."""
        return self.vocab * self.hidden

    def small_parameters(self) -> int:
        """Everything else: norms, routers, scalars and the self-conditioning block."""
        head_dims = sum(
            2 * (self.full_head_dim if i in self.full_layers else self.head_dim) for i in range(self.layers)
        )
        router = self.experts * self.hidden + self.hidden + self.experts
        self_conditioning = self.hidden + 3 * self.hidden * self.mlp_width
        return self.layers * (7 * self.hidden + router + 2) + head_dims + self.hidden + self_conditioning

    def parameters(self) -> int:
        """All weights without the vision tower, each counted once."""
        return (
            self.attention_parameters()
            + self.mlp_parameters()
            + self.expert_parameters()
            + self.embedding_parameters()
            + self.small_parameters()
        )

    def cache_values_a_token(self) -> int:
        """Numbers that the encoder keeps for each token of a prompt: keys and values of all layers."""
        full = len(self.full_layers) * self.full_kv_heads * self.full_head_dim
        return 2 * (full + (self.layers - len(self.full_layers)) * self.kv_heads * self.head_dim)


DIFFUSION_GEMMA_26B = Backbone(
    hidden=2816,
    layers=30,
    full_layers=(5, 11, 17, 23, 29),
    heads=16,
    kv_heads=8,
    head_dim=256,
    full_kv_heads=2,
    full_head_dim=512,
    mlp_width=2112,
    experts=128,
    experts_used=8,
    expert_width=704,
    vocab=262_144,
)
"""google/diffusiongemma-26B-A4B-it: what is assumed where its `config.json` cannot be had."""
