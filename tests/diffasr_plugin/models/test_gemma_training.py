"""What training asks of DiffusionGemma, against the same computed the long way."""

import pytest
import torch

from diffasr_plugin.config import AdapterConfig
from diffasr_plugin.models.gemma import Gemma
from diffasr_plugin.models.gemma_training import (
    add_learning_adapter,
    checkpoint_decoder,
    following_logits,
    learnt_adapter,
)
from tests.support.tiny_gemma import TINY_VOCAB, tiny_gemma

CONFIG = AdapterConfig(2, ("encoder.layers.0.self_attn.q_proj", "decoder.layers.2.self_attn.o_proj"))


@pytest.fixture
def gemma():
    return Gemma(tiny_gemma(spread=0.2))


@pytest.fixture
def ids():
    return torch.randint(TINY_VOCAB, (2, 12), generator=torch.Generator().manual_seed(0))


def test_a_text_read_after_its_prompt_is_read_as_in_one_go(gemma, ids):
    """Also where the prompt is longer than the sliding window; the context stays as it was."""
    with torch.no_grad():
        context = gemma.encode_context(gemma.embed(ids[:, :9]))
        ours = following_logits(gemma, context, ids[:, 9:])
        again = following_logits(gemma, context, ids[:, 9:])
        encoder = gemma.model.model.encoder.language_model
        hidden = encoder(inputs_embeds=gemma.embed(ids)).last_hidden_state[:, 9:]
        wanted = torch.tanh(gemma.model.lm_head(hidden).float() / 30) * 30
    assert torch.allclose(ours, wanted, atol=1e-4)
    assert torch.equal(ours, again)


def test_new_pairs_add_nothing_and_learn(gemma, ids):
    context = gemma.encode_context(gemma.embed(ids))
    with torch.no_grad():
        before = gemma.denoise(ids, context)
    add_learning_adapter(gemma, CONFIG, 2.0)
    context = gemma.encode_context(gemma.embed(ids))
    after = gemma.denoise(ids, context)
    assert torch.allclose(before, after.detach(), atol=1e-5)
    after.sum().backward()
    learning = {name: p for name, p in gemma.named_parameters() if p.requires_grad}
    assert len(learning) == 4
    assert all(p.dtype == torch.float32 for p in learning.values())
    # The encoder's pair is reached through the context; at first only the pairs' second halves have a slope.
    assert all(p.grad.abs().sum() > 0 for name, p in learning.items() if "lora_B" in name)


def test_learnt_pairs_have_the_names_of_checkpoints(gemma):
    add_learning_adapter(gemma, CONFIG, 2.0)
    learnt = learnt_adapter(gemma, CONFIG)
    assert set(learnt) == {f"{target}.{part}" for target in CONFIG.targets for part in ("lora_A", "lora_B")}
    assert learnt["decoder.layers.2.self_attn.o_proj.lora_B"].shape == (32, 2)


def test_computing_layers_again_changes_no_gradient(gemma, ids):
    add_learning_adapter(gemma, CONFIG, 2.0)
    with torch.no_grad():
        for parameter in gemma.parameters():
            if parameter.requires_grad:
                parameter.normal_(0, 0.1, generator=torch.Generator().manual_seed(1))

    def gradients():
        gemma.zero_grad()
        context = gemma.encode_context(gemma.embed(ids))
        gemma.denoise(ids, context, None).logsumexp(-1).sum().backward()
        return [p.grad.clone() for p in gemma.parameters() if p.requires_grad]

    plain = gradients()
    checkpoint_decoder(gemma)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(plain, gradients(), strict=True))
