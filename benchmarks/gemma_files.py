"""A shape -> random files of the diffusion recogniser in that shape: base model, encoder, checkpoint.

For `gemma_h200.py`. The files have the form of the published ones; what they would write means nothing.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from diffasr_plugin.backbone import DIFFUSION_GEMMA_26B, Backbone
from diffasr_plugin.checkpoint.disk import Checkpoint, save_checkpoint
from diffasr_plugin.config import (
    AdapterConfig,
    ModelRef,
    ProjectorConfig,
    ProjectorLayer,
    PromptIds,
    RecogniserConfig,
)
from diffasr_plugin.models.gemma import tensor_shapes
from diffasr_plugin.models.lora import random_adapter
from diffasr_plugin.models.projector import Projector
from diffasr_plugin.models.weights import INDEX_FILE, RandomWeights

__all__ = ["SHAPES", "base_config", "write_files"]

SHAPES = {
    "26b": DIFFUSION_GEMMA_26B,
    "26b-2-layers": replace(DIFFUSION_GEMMA_26B, layers=2, full_layers=(1,)),
    "tiny": Backbone(
        hidden=64,
        layers=2,
        full_layers=(1,),
        heads=4,
        kv_heads=2,
        head_dim=16,
        full_kv_heads=1,
        full_head_dim=32,
        mlp_width=64,
        experts=8,
        experts_used=2,
        expert_width=32,
        vocab=512,
    ),
}
"""The true one, and two to try the script with: on a GPU, and on a CPU."""


def write_files(folder: Path, backbone: Backbone) -> dict[str, Any]:
    """Write all three into a folder; the load options that point at them."""
    shutil.rmtree(folder, ignore_errors=True)
    base, encoder, checkpoint = (folder / name for name in ("base", "encoder", "checkpoint"))
    for path in (base, encoder, checkpoint):
        path.mkdir(parents=True)
    _write_base(base, backbone)
    _write_tokenizer(base)
    _write_encoder(encoder)
    _write_checkpoint(checkpoint, backbone, ModelRef(str(base)), ModelRef(str(encoder)))
    return {"checkpoint": str(checkpoint), "device": "cuda" if torch.cuda.is_available() else "cpu"}


def _write_base(folder: Path, backbone: Backbone) -> None:
    config = base_config(backbone)
    config.save_pretrained(folder)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    source, shapes = RandomWeights(), tensor_shapes(config)
    places: dict[str, str] = {}
    for part in range(backbone.layers + 1):
        names = [name for name in shapes if _part(name, backbone.layers) == part]
        tensors = {n: source.get(n, shapes[n], device, torch.bfloat16).cpu() for n in names}
        file = f"model-{part:02d}.safetensors"
        save_file(tensors, folder / file)
        places |= dict.fromkeys(names, file)
    (folder / INDEX_FILE).write_text(json.dumps({"weight_map": places}))


def _part(name: str, layers: int) -> int:
    return int(name.split(".layers.")[1].split(".")[0]) if ".layers." in name else layers


def base_config(backbone: Backbone) -> Any:  # noqa: ANN401
    from transformers import DiffusionGemmaConfig

    text = {
        "vocab_size": backbone.vocab,
        "hidden_size": backbone.hidden,
        "intermediate_size": backbone.mlp_width,
        "num_hidden_layers": backbone.layers,
        "num_attention_heads": backbone.heads,
        "num_key_value_heads": backbone.kv_heads,
        "head_dim": backbone.head_dim,
        "global_head_dim": backbone.full_head_dim,
        "num_global_key_value_heads": backbone.full_kv_heads,
        "num_experts": backbone.experts,
        "top_k_experts": backbone.experts_used,
        "moe_intermediate_size": backbone.expert_width,
        "layer_types": _layer_types(backbone),
        "sliding_window": 1024,
        "use_bidirectional_attention": "vision",
    }
    vision = {
        "model_type": "gemma4_vision",
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
    }
    return DiffusionGemmaConfig(
        text_config=text, vision_config={**vision, "num_attention_heads": 2}, canvas_length=192
    )


def _layer_types(backbone: Backbone) -> list[str]:
    full = backbone.full_layers
    return ["full_attention" if i in full else "sliding_attention" for i in range(backbone.layers)]


def _write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    words = {"<pad>": 0, "<eos>": 1, "<bos>": 2, "<unk>": 3}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<bos>").save_pretrained(folder)


def _write_encoder(folder: Path) -> None:
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    small = WhisperConfig(d_model=768, encoder_layers=12, encoder_attention_heads=12, encoder_ffn_dim=3072)
    small.save_pretrained(folder)
    tensors = {f"model.encoder.{name}": t for name, t in WhisperEncoder(small).state_dict().items()}
    save_file(tensors, folder / "model.safetensors")


def _write_checkpoint(folder: Path, backbone: Backbone, base: ModelRef, encoder: ModelRef) -> None:
    convolution = ProjectorLayer("conv", 1280, 1280, kernel=3, stride=2)
    ends = ProjectorLayer("linear", 768, 1280), ProjectorLayer("linear", 1280, backbone.hidden)
    projector = ProjectorConfig((ends[0], *[convolution] * 3, ends[1]))
    adapter = AdapterConfig(16, backbone.attention_targets())
    config = RecogniserConfig(projector, adapter, base=base, encoder=encoder)
    if backbone.vocab <= config.prompt_ids.end:
        config = replace(config, prompt_ids=PromptIds(500, 501, 502))
    shapes = {t: backbone.module_shape(int(t.split(".")[2]), t.split(".", 3)[3]) for t in adapter.targets}
    weights = dict(Projector(projector, config.unknowns).state_dict())
    save_checkpoint(Checkpoint(config, random_adapter(adapter, shapes), weights), folder)
