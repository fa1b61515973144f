"""DiffusionGemma behind two verbs gives what transformers gives, whatever the padding and the batch."""

from dataclasses import replace

import pytest
import torch

from diffasr_plugin.checkpoint.errors import (
    IncompleteCheckpoint,
    InvalidConfig,
    MismatchedCheckpoint,
    UnreadableCheckpoint,
)
from diffasr_plugin.memory import Sizes, predict
from diffasr_plugin.models.gemma import build_gemma, load_gemma
from diffasr_plugin.models.weights import RandomWeights
from tests.support.published import TINY
from tests.support.tiny_gemma import tiny_config, tiny_gemma

CPU = [torch.device("cpu")]
FLOAT = dict(dtype=torch.float32, devices=CPU)


@pytest.fixture(scope="module")
def theirs():
    return tiny_gemma(moe_intermediate_size=16)


@pytest.fixture(scope="module")
def folder(theirs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("base")
    theirs.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def ours(folder):
    return load_gemma(folder, **FLOAT)


def _inputs(rows=2, tokens=11, canvas=24, seed=0):
    generator = torch.Generator().manual_seed(seed)
    embeds = torch.randn(rows, tokens, TINY.hidden, generator=generator)
    return embeds, torch.randint(TINY.vocab, (rows, canvas), generator=generator)


@torch.no_grad()
def test_logits_are_those_of_transformers(ours, theirs):
    embeds, canvas = _inputs()
    cache = theirs.model.encoder.language_model(inputs_embeds=embeds).past_key_values
    first = theirs(decoder_input_ids=canvas, past_key_values=cache).logits
    second = theirs(decoder_input_ids=canvas, past_key_values=cache, self_conditioning_logits=first).logits
    context = ours.encode_context(embeds)
    assert torch.allclose(ours.denoise(canvas, context), first, atol=1e-5)
    assert torch.allclose(ours.denoise(canvas, context, first), second, atol=1e-5)


@torch.no_grad()
def test_embeddings_are_scaled_and_the_output_layer_is_not(ours, theirs):
    ids = torch.tensor([[3, 7]])
    assert torch.equal(ours.embed(ids), theirs.model.decoder.embed_tokens(ids))
    assert torch.allclose(ours.embed(ids), ours.output_weights[ids] * TINY.hidden**0.5)


@pytest.mark.parametrize("tokens", [3, 8, 13])
@torch.no_grad()
def test_padding_changes_nothing(ours, tokens):
    """Prompts shorter and longer than the sliding window of 8."""
    embeds, canvas = _inputs(tokens=14)
    mask = torch.ones(2, 14, dtype=torch.bool)
    mask[0, : 14 - tokens] = False
    alone = ours.denoise(canvas[:1], ours.encode_context(embeds[:1, 14 - tokens :]))
    padded = ours.denoise(canvas, ours.encode_context(embeds, mask))
    assert torch.allclose(padded[:1], alone, atol=1e-4)
    noise = torch.where(mask[..., None], embeds, torch.randn_like(embeds))
    other_padding = ours.denoise(canvas, ours.encode_context(noise, mask))
    assert torch.allclose(other_padding, padded, atol=1e-4)


@torch.no_grad()
def test_a_batch_gives_what_its_rows_give(ours):
    embeds, canvas = _inputs(rows=3)
    together = ours.denoise(canvas, ours.encode_context(embeds))
    for row in range(3):
        alone = ours.denoise(canvas[row : row + 1], ours.encode_context(embeds[row : row + 1]))
        assert torch.allclose(together[row], alone[0], atol=1e-4)


@torch.no_grad()
def test_hidden_positions_of_a_canvas_change_nothing(ours):
    embeds, canvas = _inputs()
    context = ours.encode_context(embeds)
    mixed = ours.denoise(canvas, context, lengths=[10, 24])
    short = ours.denoise(canvas[:1, :10], context.select(torch.tensor([0])))
    assert torch.allclose(mixed[0, :10], short[0], atol=1e-4)
    assert torch.allclose(mixed[1], ours.denoise(canvas, context)[1], atol=1e-4)
    both = ours.denoise(canvas, context, lengths=[24, 24])
    assert torch.equal(both, ours.denoise(canvas, context))


@torch.no_grad()
def test_rows_of_a_context_can_be_selected(ours):
    embeds, canvas = _inputs(rows=3)
    mask = torch.ones(3, 11, dtype=torch.bool)
    mask[1, :4] = False
    context = ours.encode_context(embeds, mask)
    rows = torch.tensor([1, 2])
    selected = ours.denoise(canvas[rows], context.select(rows))
    assert torch.allclose(selected, ours.denoise(canvas, context)[rows], atol=1e-4)


def test_gradients_flow_through_the_context_to_the_audio(ours):
    embeds, canvas = _inputs()
    embeds.requires_grad_()
    ours.denoise(canvas, ours.encode_context(embeds)).sum().backward()
    assert bool((embeds.grad.abs().amax(dim=-1) > 0).all())


@pytest.mark.parametrize(("bits", "likeness"), [(8, 0.99), (4, 0.8)])
@torch.no_grad()
def test_quantised_weights_give_nearly_the_same(folder, ours, bits, likeness):
    quantized = load_gemma(folder, **FLOAT, bits=bits)
    embeds, canvas = _inputs()
    exact = ours.denoise(canvas, ours.encode_context(embeds)).flatten()
    coarse = quantized.denoise(canvas, quantized.encode_context(embeds)).flatten()
    assert torch.nn.functional.cosine_similarity(exact, coarse, dim=0) > likeness


@pytest.mark.parametrize(("quantize", "bits"), [("int8", 8), ("int4", 4)])
def test_weights_take_the_memory_that_is_predicted(folder, quantize, bits):
    gemma = load_gemma(folder, dtype=torch.bfloat16, devices=CPU, bits=bits)
    stored = {p.data_ptr(): p.numel() * p.itemsize for p in [*gemma.parameters()]}
    scalars = 2 * 2 * TINY.layers  # buffers
    sizes = Sizes(backbone=TINY, adapter=0)
    assert sum(stored.values()) + scalars == predict(sizes, quantize, 1).weights


def test_encoder_and_decoder_share_their_weights(ours):
    names = {name for name, _ in ours.named_parameters(remove_duplicate=False)}
    assert len({p.data_ptr() for p in ours.parameters()}) == len(list(ours.parameters())) < len(names)
    assert sum(p.numel() for p in ours.parameters()) + 2 * TINY.layers == TINY.parameters()
    assert not any("vision" in name for name in names)
    assert not any(p.requires_grad for p in ours.parameters())


@pytest.mark.parametrize("prefix", ["model.encoder.language_model.", "encoder.language_model."])
def test_a_checkpoint_may_hold_the_shared_weights_under_the_encoders_names(theirs, ours, tmp_path, prefix):
    from safetensors.torch import save_file

    theirs.config.save_pretrained(tmp_path)
    tensors = {}
    for name, tensor in theirs.state_dict().items():
        if "vision" in name or (name.startswith("model.encoder") and "layer_scalar" not in name):
            continue
        shared = name.startswith("model.decoder.") and "self_cond" not in name and "scalar" not in name
        renamed = name.replace("model.decoder.", prefix) if shared else name
        tensors[renamed] = tensor.clone()
    del tensors["lm_head.weight"]
    save_file(tensors, tmp_path / "model.safetensors")
    other = load_gemma(tmp_path, **FLOAT)
    embeds, canvas = _inputs()
    with torch.no_grad():
        expected = ours.denoise(canvas, ours.encode_context(embeds))
        assert torch.equal(other.denoise(canvas, other.encode_context(embeds)), expected)


def test_random_weights_will_do():
    gemma = build_gemma(tiny_config(moe_intermediate_size=16), RandomWeights(), **FLOAT)
    embeds, canvas = _inputs()
    with torch.no_grad():
        assert bool(gemma.denoise(canvas, gemma.encode_context(embeds)).isfinite().all())
    assert gemma.backbone == TINY
    assert (gemma.dtype, gemma.device) == (torch.float32, CPU[0])


def _saved(tmp_path, change):
    from safetensors.torch import load_file, save_file

    tiny_gemma(moe_intermediate_size=16).save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)
    return tmp_path


def test_a_base_model_with_a_lost_tensor_is_refused(tmp_path):
    name = "model.decoder.layers.1.experts.down_proj"
    folder = _saved(tmp_path, lambda tensors: tensors.pop(name))
    with pytest.raises(IncompleteCheckpoint, match=r"decoder.layers.1.experts.down_proj missing"):
        load_gemma(folder, **FLOAT)


def test_a_base_model_of_another_shape_is_refused(tmp_path):
    def change(tensors):
        tensors["model.decoder.norm.weight"] = torch.ones(7)

    with pytest.raises(MismatchedCheckpoint, match=r"decoder.norm.weight has shape \(7,\)"):
        load_gemma(_saved(tmp_path, change), **FLOAT)


def test_a_truncated_base_model_is_refused(tmp_path):
    folder = _saved(tmp_path, lambda tensors: None)
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-100])
    with pytest.raises(UnreadableCheckpoint, match="truncated"):
        load_gemma(folder, **FLOAT)


def test_a_config_that_transformers_refuses_is_told(folder, tmp_path):
    import json

    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["vocab_size"] = "many"
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(InvalidConfig, match="transformers does not take it"):
        load_gemma(tmp_path, **FLOAT)


def test_the_shape_is_read_from_the_model(ours):
    assert ours.backbone == replace(TINY)
