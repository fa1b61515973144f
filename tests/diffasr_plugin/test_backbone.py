"""Shapes and sizes told from a config file agree with the model that transformers makes of it."""

import json
from dataclasses import replace

import pytest

from diffasr_plugin.backbone import DIFFUSION_GEMMA_26B, Backbone
from diffasr_plugin.checkpoint.errors import InvalidConfig, UnreadableCheckpoint
from tests.support.published import TINY
from tests.support.tiny_gemma import tiny_config, tiny_gemma


@pytest.fixture(scope="module")
def model():
    return tiny_gemma(moe_intermediate_size=16)


def test_a_saved_config_gives_the_shape(model, tmp_path):
    model.config.save_pretrained(tmp_path)
    assert Backbone.from_config_file(tmp_path / "config.json") == TINY


def test_a_saved_config_of_many_layers_gives_the_shape(tmp_path):
    """With more than ten layers, the file numbers them 05 and 11."""
    kinds = ["full_attention" if i % 6 == 5 else "sliding_attention" for i in range(12)]
    config = tiny_config(moe_intermediate_size=16, num_hidden_layers=12, layer_types=kinds)
    config.save_pretrained(tmp_path)
    expected = replace(TINY, layers=12, full_layers=(5, 11))
    assert Backbone.from_config_file(tmp_path / "config.json") == expected


def test_full_layers_may_be_described_by_global_names():
    text = tiny_config(moe_intermediate_size=16).text_config.to_dict()
    del text["per_layer_config"]
    text |= {"global_head_dim": 16, "num_global_key_value_heads": 1}
    assert Backbone.from_text_config(text) == TINY


def test_every_sixth_layer_is_full_where_nothing_is_said():
    text = tiny_config().text_config.to_dict() | {"num_hidden_layers": 14, "layer_types": None}
    assert Backbone.from_text_config(text).full_layers == (5, 11, 13)


def test_parameters_are_those_of_the_model(model):
    decoder = model.model.decoder
    weights = sum(parameter.numel() for parameter in decoder.parameters())
    assert TINY.parameters() == weights + 2 * len(decoder.layers)  # a scalar a layer in each stack
    experts = sum(p.numel() for layer in decoder.layers for p in layer.experts.parameters())
    assert TINY.expert_parameters() == experts


def test_module_shapes_are_those_of_the_model(model):
    for index, layer in enumerate(model.model.decoder.layers):
        linear = {name: m for name, m in layer.named_modules() if type(m).__name__ == "Linear"}
        shapes = {name: TINY.module_shape(index, name) for name in linear if name != "router.proj"}
        assert shapes == {name: tuple(linear[name].weight.shape) for name in shapes}
    assert TINY.module_shape(2, "self_attn.v_proj") is None
    assert TINY.module_shape(3, "self_attn.q_proj") is None
    assert TINY.module_shape(0, "router.proj") is None


def test_the_published_size():
    assert DIFFUSION_GEMMA_26B.parameters() / 1e9 == pytest.approx(25.25, abs=0.005)
    targets = DIFFUSION_GEMMA_26B.attention_targets()
    assert len(targets) * 2 == 460
    shapes = [DIFFUSION_GEMMA_26B.module_shape(int(t.split(".")[2]), t.split(".", 3)[3]) for t in targets]
    assert sum(16 * (a + b) for a, b in shapes) == 22_978_560


def test_the_cache_is_as_large_as_the_model_makes_it(model):
    import torch

    cache = model.model.encoder.language_model(inputs_embeds=torch.zeros(1, 5, 32)).past_key_values
    kept = sum(layer.keys.numel() + layer.values.numel() for layer in cache.layers)
    assert TINY.cache_values_a_token() * 5 == kept


@pytest.mark.parametrize("text", [None, "{"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text):
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UnreadableCheckpoint, match="fetch it again"):
        Backbone.from_config_file(path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "gemma3"}, "describes a 'gemma3' model"),
        ({"model_type": "diffusion_gemma"}, "has no 'text_config'"),
        ({"model_type": "diffusion_gemma", "text_config": {}}, "has no 'num_hidden_layers'"),
    ],
)
def test_another_model_is_refused(tmp_path, config, message):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    with pytest.raises(InvalidConfig, match=message):
        Backbone.from_config_file(path)
