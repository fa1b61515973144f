import dataclasses
import json
import shutil

import pytest
import torch

from diffasr_plugin.asr import InvalidOption, ModelUnavailable
from diffasr_plugin.backends.whisper import load as whisper_load
from diffasr_plugin.backends.whisper.load import (
    Precision,
    choose_device,
    choose_precision,
    fitting_batch,
    load,
)

CPU = torch.device("cpu")
PLAIN = Precision(torch.float32, torch.float32, torch.float32, "float32")


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_without_a_gpu_the_cpu_is_taken(no_gpu):
    assert choose_device("auto") == CPU
    assert choose_device("cpu") == CPU


def test_with_a_gpu_it_is_taken(two_gpus):
    assert choose_device("auto") == torch.device("cuda")
    assert choose_device("cuda:1") == torch.device("cuda:1")


def test_a_gpu_that_is_not_there_is_refused(two_gpus):
    with pytest.raises(InvalidOption, match="'cuda:2' is not here: 2 GPUs"):
        choose_device("cuda:2")


def test_a_device_of_no_known_kind_is_refused(no_gpu):
    with pytest.raises(InvalidOption, match="'tpu' is not one of auto, cpu, cuda, cuda:N"):
        choose_device("tpu")
    with pytest.raises(InvalidOption, match="'cuda' is not here: 0 GPUs"):
        choose_device("cuda")


def test_types_are_those_that_the_device_is_best_at(monkeypatch):
    assert choose_precision("auto", torch.device("cuda")).decoder == torch.float16
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})
    fast = choose_precision("auto", CPU)
    assert (fast.encoder, fast.decoder, fast.attention) == (torch.bfloat16, torch.float32, torch.float32)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    plain = choose_precision("auto", CPU)
    assert (plain.encoder, plain.decoder, plain.attention) == (torch.float32,) * 3


def test_a_type_that_is_asked_for_is_given():
    asked = choose_precision("bfloat16", CPU)
    assert (asked.encoder, asked.decoder, asked.attention) == (torch.bfloat16, torch.bfloat16, torch.float32)
    assert choose_precision("bfloat16", torch.device("cuda")).attention == torch.bfloat16
    assert asked.words == "bfloat16"


def test_a_folder_is_loaded(tiny_folder):
    mixed = Precision(torch.bfloat16, torch.float32, torch.float32, "mixed")
    loaded = load(str(tiny_folder), CPU, mixed)
    assert loaded.network.model.encoder.conv1.weight.dtype == torch.bfloat16
    assert loaded.network.model.decoder.layers[1].encoder_attn.k_proj.weight.dtype == torch.bfloat16
    assert loaded.network.model.decoder.layers[1].encoder_attn.q_proj.weight.dtype == torch.float32
    assert not loaded.network.training
    assert loaded.extractor.feature_size == 80
    assert loaded.vocabulary.languages["de"] == 50_261
    assert not loaded.alignment_heads.known
    assert loaded.memory_bytes == sum(p.numel() * p.element_size() for p in loaded.network.parameters())


def test_the_makers_alignment_heads_are_taken(whisper_folder):
    loaded = load("whisper-base", CPU, PLAIN)
    assert loaded.alignment_heads.known
    assert loaded.alignment_heads.pairs[0] == (3, 1)
    assert loaded.vocabulary.no_speech == 50_362


def test_loading_draws_nothing(tiny_folder, capfd):
    load(str(tiny_folder), CPU, PLAIN)
    assert capfd.readouterr().err == ""


def test_a_name_that_leads_nowhere_is_refused():
    with pytest.raises(ModelUnavailable, match="'whisper-enormous' is neither a folder nor"):
        load("whisper-enormous", CPU, PLAIN)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match="cannot load"):
        load(str(tmp_path), CPU, PLAIN)


def test_spoilt_weights_are_refused(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "spoilt")
    (folder / "model.safetensors").write_bytes(b"spoilt" * 100)
    with pytest.raises(ModelUnavailable, match="cannot load"):
        load(str(folder), CPU, PLAIN)


def test_another_kind_of_model_is_refused(tiny_folder, tmp_path):
    folder = shutil.copytree(tiny_folder, tmp_path / "other")
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertModel"]}))
    with pytest.raises(ModelUnavailable, match="type 'bert', not a Whisper"):
        load(str(folder), CPU, PLAIN)


def test_offline_the_hub_is_not_asked(monkeypatch):
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    monkeypatch.setattr(whisper_load, "_is_on_hub", lambda repo: pytest.fail("asked"))
    with pytest.raises(ModelUnavailable, match="cannot load 'someone/whisper-none'"):
        load("someone/whisper-none", CPU, PLAIN)


def test_an_unreachable_hub_leaves_what_is_on_this_machine(monkeypatch):
    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", _raise(ConnectionError("no route")))
    with pytest.raises(ModelUnavailable, match="cannot load 'someone/whisper-none'"):
        load("someone/whisper-none", CPU, PLAIN)


def test_a_model_that_the_hub_keeps_to_itself_is_refused(monkeypatch):
    from huggingface_hub.errors import RepositoryNotFoundError

    class NotFound(RepositoryNotFoundError):
        def __init__(self):
            Exception.__init__(self, "404")

    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", _raise(NotFound()))
    with pytest.raises(ModelUnavailable, match=r"no access to 'someone/whisper-secret'.*hf auth login"):
        load("someone/whisper-secret", CPU, PLAIN)


def _raise(error):
    def ask(*args, **kwargs):
        raise error

    return ask


def test_a_batch_fits_the_device(tiny_folder, monkeypatch):
    loaded = load(str(tiny_folder), CPU, PLAIN)
    assert fitting_batch(loaded) == 8
    on_gpu = dataclasses.replace(loaded, device=torch.device("cuda"))
    row = 2 * 2 * 1500 * 16 * 4  # keys and values, layers, frames, d_model, bytes
    for free, batch in ((row * 3 * 10, 10), (row, 1), (row * 10_000, 64)):
        monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device, free=free: (free, free))
        assert fitting_batch(on_gpu) == batch
