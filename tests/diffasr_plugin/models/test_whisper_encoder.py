"""Whisper's encoder, loaded strictly and without its decoder, gives what transformers gives."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from diffasr_plugin.checkpoint.errors import IncompleteCheckpoint, InvalidConfig, UnreadableCheckpoint
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.models.whisper_encoder import EncoderShape, load_whisper_encoder

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def theirs():
    repair_torchaudio()
    from transformers import WhisperConfig, WhisperModel

    sizes = dict(d_model=16, encoder_ffn_dim=32, decoder_ffn_dim=32, encoder_layers=2, decoder_layers=1)
    heads = dict(encoder_attention_heads=2, decoder_attention_heads=2, vocab_size=20)
    ids = dict(pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)
    return WhisperModel(WhisperConfig(**sizes, **heads, **ids)).eval()


@pytest.fixture
def folder(theirs, tmp_path):
    theirs.save_pretrained(tmp_path)
    return tmp_path


def test_frames_are_those_of_transformers(theirs, folder):
    encoder = load_whisper_encoder(folder, device=CPU, dtype=torch.float32)
    features = torch.randn(2, 80, 3000, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = theirs.encoder(features).last_hidden_state
    assert torch.equal(encoder(features), expected)
    assert expected.shape == (2, 1500, 16)
    assert encoder.shape == EncoderShape(80, 16, 1500, 2, 32)


def test_parameters_are_counted_rightly(folder):
    encoder = load_whisper_encoder(folder, device=CPU, dtype=torch.float32)
    assert encoder.shape.parameters() == sum(p.numel() for p in encoder.parameters())
    assert EncoderShape().parameters() == 88_154_112


def test_the_dtype_is_the_one_asked_for(folder):
    encoder = load_whisper_encoder(folder, device=CPU, dtype=torch.bfloat16)
    assert encoder(torch.zeros(1, 80, 3000)).dtype == torch.bfloat16


def test_a_lost_tensor_is_named(folder):
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layers.1.fc1.weight"]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(IncompleteCheckpoint, match=r"encoder.layers.1.fc1.weight missing"):
        load_whisper_encoder(folder, device=CPU, dtype=torch.float32)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (None, UnreadableCheckpoint, "not readable as JSON"),
        ("{", UnreadableCheckpoint, "not readable as JSON"),
        (json.dumps({"model_type": "wav2vec2"}), InvalidConfig, "not the configuration of a Whisper"),
        (json.dumps({"model_type": "whisper", "d_model": 3}), InvalidConfig, "not the configuration"),
    ],
)
def test_another_configuration_is_refused(tmp_path, text, error, message):
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    with pytest.raises(error, match=message):
        load_whisper_encoder(tmp_path, device=CPU, dtype=torch.float32)
