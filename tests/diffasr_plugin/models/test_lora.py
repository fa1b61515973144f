"""Low-rank pairs add to each stack by itself, the same merged or not."""

import pytest
import torch

from diffasr_plugin.config import AdapterConfig
from diffasr_plugin.models.gemma import build_gemma
from diffasr_plugin.models.lora import add_adapter, merge_adapter, random_adapter, set_alpha_ratio
from diffasr_plugin.models.weights import RandomWeights
from tests.support.published import TINY
from tests.support.tiny_gemma import tiny_config

CPU = torch.device("cpu")
CONFIG = AdapterConfig(4, TINY.attention_targets())
SHAPES = {t: TINY.module_shape(int(t.split(".")[2]), t.split(".", 3)[3]) for t in CONFIG.targets}
TENSORS = {name: 3 * tensor for name, tensor in random_adapter(CONFIG, SHAPES).items()}


def _gemma(bits=16):
    config = tiny_config(moe_intermediate_size=16)
    source = RandomWeights(seed=3, spread=0.3)
    return build_gemma(config, source, dtype=torch.float32, devices=[CPU], bits=bits)


@torch.no_grad()
def _logits(gemma):
    generator = torch.Generator().manual_seed(0)
    embeds = torch.randn(2, 9, TINY.hidden, generator=generator)
    canvas = torch.randint(TINY.vocab, (2, 12), generator=generator)
    return gemma.denoise(canvas, gemma.encode_context(embeds))


def test_every_adapted_layer_computes_the_low_rank_sum():
    plain, adapted = _gemma(), _gemma()
    add_adapter(adapted.stacks, CONFIG, 0.5, TENSORS)
    for target in CONFIG.targets:
        name = target.replace("encoder.", "encoder.language_model.")
        layer, base = adapted.stacks.get_submodule(name), plain.stacks.get_submodule(name)
        x = torch.randn(3, SHAPES[target][1])
        low_rank = x @ TENSORS[f"{target}.lora_A"].T @ TENSORS[f"{target}.lora_B"].T
        assert torch.allclose(layer(x), base(x) + 0.5 * low_rank, atol=1e-5)


def test_merged_and_on_the_fly_give_the_same():
    gemma = _gemma()
    before = _logits(gemma)
    add_adapter(gemma.stacks, CONFIG, 2.0, TENSORS)
    on_the_fly = _logits(gemma)
    merge_adapter(gemma.stacks)
    assert torch.allclose(_logits(gemma), on_the_fly, atol=1e-3)
    assert not torch.allclose(on_the_fly, before, atol=0.1)
    assert not any("lora" in name for name, _ in gemma.named_parameters())


def test_merging_parts_the_stacks():
    gemma = _gemma()
    add_adapter(gemma.stacks, CONFIG, 2.0, TENSORS)
    merge_adapter(gemma.stacks)
    encoder = gemma.stacks.get_submodule("encoder.language_model.layers.0.self_attn.q_proj").weight
    decoder = gemma.stacks.get_submodule("decoder.layers.0.self_attn.q_proj").weight
    delta = {
        stack: 2
        * TENSORS[f"{stack}.layers.0.self_attn.q_proj.lora_B"]
        @ TENSORS[f"{stack}.layers.0.self_attn.q_proj.lora_A"]
        for stack in ("encoder", "decoder")
    }
    assert torch.allclose(encoder - delta["encoder"], decoder - delta["decoder"], atol=1e-5)
    assert not torch.allclose(encoder, decoder, atol=0.1)


def test_the_ratio_can_be_changed():
    first, second = _gemma(), _gemma()
    add_adapter(first.stacks, CONFIG, 2.0, TENSORS)
    add_adapter(second.stacks, CONFIG, 0.5, TENSORS)
    assert not torch.allclose(_logits(first), _logits(second), atol=0.1)
    set_alpha_ratio(second.stacks, 2.0)
    assert torch.equal(_logits(first), _logits(second))


@pytest.mark.parametrize("bits", [8, 4])
def test_an_adapter_stands_beside_quantised_weights(bits):
    gemma = _gemma(bits)
    before = _logits(gemma)
    add_adapter(gemma.stacks, CONFIG, 2.0, TENSORS)
    after = _logits(gemma)
    assert not torch.allclose(after, before, atol=0.1)
    exact = _gemma()
    add_adapter(exact.stacks, CONFIG, 2.0, TENSORS)
    likeness = torch.nn.functional.cosine_similarity(_logits(exact).flatten(), after.flatten(), dim=0)
    assert likeness > (0.99 if bits == 8 else 0.7)


def test_an_adapter_is_frozen():
    gemma = _gemma()
    add_adapter(gemma.stacks, CONFIG, 2.0, TENSORS)
    assert not any(parameter.requires_grad for parameter in gemma.parameters())
