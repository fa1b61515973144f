"""A DiffusionGemma of a few thousand random weights, with every trait of the real one.

Both kinds of attention (the full layers with fewer heads for keys, wider heads and no `v_proj`), a sliding
window shorter than the prompts of the tests, experts, self-conditioning, softcapped logits, tied weights.
"""

from __future__ import annotations

from typing import Any

import torch

from diffasr_plugin.compat import repair_torchaudio

__all__ = ["TINY_VOCAB", "tiny_config", "tiny_gemma"]

TINY_VOCAB = 199
"""Prime, so that a mixed-up axis does not fit by chance."""


def tiny_config(**changes: Any) -> Any:
    """Its `DiffusionGemmaConfig`; `changes` are fields of the text part, such as `vocab_size`."""
    from transformers import DiffusionGemmaConfig

    text = {
        "vocab_size": TINY_VOCAB,
        "hidden_size": 32,
        "intermediate_size": 24,
        "num_hidden_layers": 3,
        "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "global_head_dim": 16,
        "num_global_key_value_heads": 1,
        "sliding_window": 8,
        "num_experts": 4,
        "top_k_experts": 2,
        "moe_intermediate_size": 12,
        "use_bidirectional_attention": "vision",
        "final_logit_softcapping": 30.0,
        "max_position_embeddings": 512,
        "eos_token_id": [1, 5],
    }
    vision = {
        "model_type": "gemma4_vision",
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "position_embedding_size": 16,
    }
    return DiffusionGemmaConfig(
        text_config={**text, **changes},
        vision_config=vision,
        boi_token_id=190,
        eoi_token_id=191,
        image_token_id=192,
        canvas_length=24,
    )


def tiny_gemma(seed: int = 0, *, spread: float = 0.7, **changes: Any) -> Any:
    """A `DiffusionGemmaForBlockDiffusion` in evaluation mode; random weights of standard deviation `spread`.

    A wider spread makes its predictions surer: at transformers' own 0.02 every token is equally likely.
    """
    repair_torchaudio()
    from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaForBlockDiffusion

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = DiffusionGemmaForBlockDiffusion(tiny_config(**changes))
        with torch.no_grad():
            for weights in model.parameters():
                if weights.ndim > 1:
                    weights.normal_(0.0, spread)
    return model.eval()
