"""A small Whisper with random weights, laid out as CTranslate2 does, comes back as it was."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from diffasr_plugin.assets.ct2_whisper import convert
from tests.support.ct2_files import ct2_bytes, ct2_whisper_variables, whisper_folder


@pytest.fixture(scope="module")
def model(transformers):
    torch.manual_seed(0)
    config = transformers.WhisperConfig(
        vocab_size=51_767,
        d_model=8,
        num_mel_bins=80,
        encoder_layers=2,
        decoder_layers=3,
        encoder_attention_heads=2,
        decoder_attention_heads=4,
        encoder_ffn_dim=24,
        decoder_ffn_dim=16,
        max_source_positions=20,
        max_target_positions=12,
        pad_token_id=50_257,
        bos_token_id=50_257,
        eos_token_id=50_257,
        decoder_start_token_id=50_258,
    )
    model = transformers.WhisperForConditionalGeneration(config).half()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_()  # no tensor is left at zeros or ones
    return model


@pytest.fixture
def folders(tmp_path, model):
    """The converter's two folders; the first is filled."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    whisper_folder(source, model)
    return source, target


def test_every_weight_and_size_comes_back(folders, model, transformers):
    convert(*folders)
    cls = transformers.WhisperForConditionalGeneration
    found, info = cls.from_pretrained(folders[1], output_loading_info=True)
    assert not any(info.values())
    assert found.dtype == torch.float16
    expected = model.state_dict()
    assert found.state_dict().keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in found.state_dict().items())
    assert (found.config.encoder_layers, found.config.decoder_layers) == (2, 3)
    assert (found.config.encoder_attention_heads, found.config.decoder_attention_heads) == (2, 4)
    assert (found.config.encoder_ffn_dim, found.config.decoder_ffn_dim) == (24, 16)
    assert found.config.decoder_start_token_id == 50_258


def test_settings_of_generation(folders, transformers):
    convert(*folders)
    settings = transformers.WhisperForConditionalGeneration.from_pretrained(folders[1]).generation_config
    assert settings.lang_to_id == {"<|en|>": 50_259, "<|de|>": 50_260}
    assert settings.task_to_id == {"transcribe": 50_262, "translate": 50_261}
    assert (settings.no_timestamps_token_id, settings.prev_sot_token_id) == (50_265, 50_263)
    assert (settings.suppress_tokens, settings.begin_suppress_tokens) == ([1, 2], [220])
    assert (settings.alignment_heads, settings.max_length) == ([[1, 0]], 12)


def test_it_writes_the_same_bytes_again_and_needs_no_torch(folders, tmp_path):
    convert(*folders)
    again = tmp_path / "again"
    again.mkdir()
    code = (
        "import sys; from pathlib import Path; from diffasr_plugin.assets.ct2_whisper import convert;"
        "convert(Path(sys.argv[1]), Path(sys.argv[2])); sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(folders[0]), str(again)], check=True)
    first = {path.name: path.read_bytes() for path in folders[1].iterdir()}
    assert first == {path.name: path.read_bytes() for path in again.iterdir()}
    assert len(first) == 6


def rewrite(folder, model, **changes):
    """model.bin with some arrays changed, or gone where None is given."""
    variables = {
        **ct2_whisper_variables(model),
        **{name.replace("__", "/"): to for name, to in changes.items()},
    }
    kept = {name: array for name, array in variables.items() if array is not None}
    (folder / "model.bin").write_bytes(ct2_bytes(kept))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"encoder__conv1__bias": None}, "lacks the array encoder/conv1/bias"),
        (
            {"decoder__layer_1__ffn__linear_1__weight": None},
            "lacks the array decoder/layer_1/ffn/linear_1/weight",
        ),
        ({"decoder__extra": np.ones(2, np.float16)}, "arrays that Whisper has not: decoder/extra"),
        ({"encoder__layer_0__self_attention__linear_0__bias": np.ones(24, np.float16)}, "a bias for keys"),
        ({"encoder__conv1__bias": np.ones(8, np.int16)}, "int16, not float32, float16, int8 or uint8"),
        ({"encoder__num_heads": None}, "has 'encoder/num_heads', and this has not"),
    ],
)
def test_weights_that_are_not_whispers(folders, model, changes, message):
    rewrite(folders[0], model, **changes)
    with pytest.raises(ValueError, match=message):
        convert(*folders)


def test_another_architecture(folders):
    (folders[0] / "model.bin").write_bytes(ct2_bytes({}, specification="TransformerSpec"))
    with pytest.raises(ValueError, match="a TransformerSpec, not a WhisperSpec"):
        convert(*folders)


def test_settings_that_are_missing(folders):
    (folders[0] / "config.json").write_text(json.dumps({"lang_ids": []}))
    with pytest.raises(ValueError, match="has 'alignment_heads', and this has not"):
        convert(*folders)
