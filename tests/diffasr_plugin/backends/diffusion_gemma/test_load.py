"""What is loaded where, and all that is refused before the large weights are touched."""

import shutil
from dataclasses import replace

import pytest
import torch

from diffasr_plugin.asr import InvalidOption, ModelUnavailable, OutOfMemory
from diffasr_plugin.backends.diffusion_gemma import load as loading
from diffasr_plugin.backends.diffusion_gemma.load import (
    checkpoint_path,
    find_devices,
    load_parts,
    model_refs,
    plan_load,
)
from diffasr_plugin.backends.diffusion_gemma.model import load
from diffasr_plugin.backends.diffusion_gemma.spec import BASE, ENCODER, SPEC
from diffasr_plugin.checkpoint.errors import CheckpointError, MismatchedCheckpoint, UnreadableCheckpoint
from diffasr_plugin.memory import GIB, Sizes
from tests.support.tiny_recogniser import change_config, make_tiny_files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_tiny_files(tmp_path_factory.mktemp("tiny"))


def _options(files, **changes):
    return SPEC.check_options({**files.options, **changes}, "load")


def _gpus(monkeypatch, count):
    """So many GPUs, of which the second has the most memory free."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (24 - abs(device.index - 1), 24))


@pytest.mark.parametrize("quantize", ["none", "int8", "int4"])
def test_every_kind_of_weights_loads_and_runs(files, quantize):
    with load(SPEC, _options(files, quantize=quantize)) as model:
        assert model.status.memory_bytes > 0
        assert model.status.dtype == (
            "float32" if quantize == "none" else f"{quantize} weights, float32 arithmetic"
        )
        speech = torch.randn(16_000, generator=torch.Generator().manual_seed(0)).numpy() * 0.1
        assert model.transcribe(speech, language="en", guard=False, steps=2).steps == 2


def test_the_foreign_file_loads_as_the_converted_folder_does(files):
    foreign = load_parts(plan_load(_options(files, checkpoint=str(files.foreign))))
    ours = load_parts(plan_load(_options(files)))
    names = dict(ours.decoder.gemma.named_parameters())
    assert all(torch.equal(t, names[n]) for n, t in foreign.decoder.gemma.named_parameters())
    assert foreign.decoder.config.unknowns.assumed()


def test_the_adapter_is_merged_unless_the_weights_are_quantised(files):
    def adapted(**given):
        options = {name: value for name, value in given.items() if name != "merge"}
        loaded = load_parts(plan_load(_options(files, **options)), merge=given.get("merge", True))
        return any("lora" in name for name, _ in loaded.decoder.gemma.named_parameters())

    assert not adapted()
    assert adapted(merge=False)
    assert adapted(quantize="int8")


def test_a_larger_encoder_is_a_change_of_configuration_only(files, tmp_path):
    from transformers import WhisperConfig, WhisperModel

    from tests.support.published import TINY, published_adapter, published_projector

    sizes = dict(d_model=48, encoder_ffn_dim=64, decoder_ffn_dim=64, num_mel_bins=128, vocab_size=20)
    layers = dict(encoder_layers=2, decoder_layers=1, encoder_attention_heads=4, decoder_attention_heads=4)
    ids = dict(pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)
    WhisperModel(WhisperConfig(**sizes, **layers, **ids)).save_pretrained(tmp_path / "large")
    projector = published_projector("conv", 48, 40, TINY.hidden)
    torch.save({**published_adapter(TINY, 8), **projector}, tmp_path / "large.pt")
    options = _options(files, checkpoint=str(tmp_path / "large.pt"), encoder=str(tmp_path / "large"))
    change = dict(prompt_ids=plan_load(_options(files)).checkpoint.config.prompt_ids)
    plan = plan_load(options)
    plan = replace(
        plan, checkpoint=replace(plan.checkpoint, config=replace(plan.checkpoint.config, **change))
    )
    loaded = load_parts(plan)
    assert loaded.front.listen([torch.zeros(1600).numpy()]).shape == (1, 188, TINY.hidden)
    assert loaded.front.token_s == pytest.approx(0.16)


def test_models_are_those_asked_for_else_the_checkpoints_else_the_published(files):
    assert model_refs(files.foreign) == (BASE, ENCODER)
    assert model_refs(files.checkpoint)[0].repo == str(files.base)
    assert model_refs(files.checkpoint, "other/base")[0].repo == "other/base"
    assert model_refs(files.foreign, None, "other/encoder")[1].repo == "other/encoder"


def test_a_folder_with_one_foreign_file_is_that_file(files, tmp_path):
    shutil.copy(files.foreign, tmp_path / "a.pt")
    assert checkpoint_path(str(tmp_path)) == tmp_path / "a.pt"
    assert checkpoint_path(str(files.checkpoint)) == files.checkpoint
    shutil.copy(files.foreign, tmp_path / "b.pt")
    with pytest.raises(UnreadableCheckpoint, match="holds 2 files that could be a checkpoint"):
        checkpoint_path(str(tmp_path))


@pytest.mark.parametrize(
    ("asked", "count", "devices"),
    [
        ("cpu", 0, ["cpu"]),
        ("auto", 1, ["cuda:0"]),
        ("auto", 3, ["cuda:1"]),
        ("cuda", 2, ["cuda:0"]),
        ("cuda:1, cuda:0", 2, ["cuda:1", "cuda:0"]),
    ],
)
def test_devices(monkeypatch, asked, count, devices):
    _gpus(monkeypatch, count)
    assert find_devices(asked) == tuple(map(torch.device, devices))


@pytest.mark.parametrize(
    ("asked", "count", "message"),
    [
        ("auto", 0, "no CUDA GPU is here; device=cpu works, slowly"),
        ("cuda", 0, "cuda was asked for, but no CUDA GPU is here"),
        ("cuda:2", 2, "cuda:2 was asked for, but 2 CUDA GPUs are here"),
    ],
)
def test_a_gpu_that_is_not_there_is_told(monkeypatch, asked, count, message):
    _gpus(monkeypatch, count)
    with pytest.raises(ModelUnavailable, match=message):
        find_devices(asked)


def test_a_device_that_is_none_is_refused():
    with pytest.raises(InvalidOption, match="'abacus' is not cpu, cuda"):
        find_devices("abacus")


@pytest.fixture
def large(monkeypatch):
    """The tiny files, told to be as large as the published ones."""
    monkeypatch.setattr(loading, "sizes_of", lambda *parts: replace(Sizes(), value_bytes=parts[-1]))


@pytest.mark.parametrize(
    ("gib", "asked", "message"),
    [
        (
            40,
            {"quantize": "none", "dtype": "bfloat16"},
            r"takes 50.* GiB, and 40.* free on cpu; .*quantize=int8 or quantize=int4",
        ),
        (20, {"quantize": "int8", "dtype": "bfloat16"}, "what fits: quantize=int4"),
        (10, {"dtype": "bfloat16"}, "quantize=int4 takes 15.* what fits: nothing, it takes a larger GPU"),
        (17, {}, "what fits: dtype=bfloat16 with quantize=int4"),
    ],
)
def test_too_little_memory_is_told_before_loading(files, large, monkeypatch, gib, asked, message):
    monkeypatch.setattr(loading, "free_memory", lambda devices: gib * GIB)
    with pytest.raises(ModelUnavailable, match=message):
        plan_load(_options(files, **asked))


@pytest.mark.parametrize(("gib", "quantize", "batch"), [(140, "none", 32), (47, "int8", 32), (23, "int4", 8)])
def test_the_most_exact_weights_that_fit_are_taken(files, large, monkeypatch, gib, quantize, batch):
    monkeypatch.setattr(loading, "free_memory", lambda devices: gib * GIB)
    plan = plan_load(_options(files, dtype="bfloat16"))
    assert (plan.quantize, plan.batch_size, plan.dtype) == (quantize, batch, torch.bfloat16)


def test_several_devices_share_the_layers(files, large, monkeypatch):
    monkeypatch.setattr(loading, "free_memory", lambda devices: 24 * GIB)
    plan = plan_load(_options(files, dtype="bfloat16", device="cpu,cpu"))
    assert (plan.quantize, plan.devices) == ("int8", (torch.device("cpu"),) * 2)


def test_the_fullest_device_counts(monkeypatch):
    _gpus(monkeypatch, 3)
    assert loading.free_memory(find_devices("cuda:0,cuda:1")) == 23
    assert loading.free_memory(find_devices("cpu")) > 2**20


def test_memory_that_runs_out_while_loading_is_told(files, monkeypatch):
    plan = plan_load(_options(files))

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(loading, "load_gemma", full)
    with pytest.raises(OutOfMemory, match="ran out of memory on cpu"):
        load_parts(plan)


def test_a_checkpoint_that_does_not_fit_is_refused_before_the_base_model_is_read(files, tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    shutil.copy(files.base / "config.json", base)  # and no weights at all
    with pytest.raises(MismatchedCheckpoint, match="takes 16 channels, but the encoder gives 24"):
        plan_load(
            _options(_with_encoder_width(files, tmp_path, 24), checkpoint=str(files.foreign), base=str(base))
        )


def _with_encoder_width(files, tmp_path, width):
    import json

    encoder = tmp_path / "encoder"
    encoder.mkdir()
    config = json.loads((files.encoder / "config.json").read_text()) | {"d_model": width}
    (encoder / "config.json").write_text(json.dumps(config))
    return replace(files, encoder=encoder)


def test_an_unknown_key_in_the_configuration_is_refused(files, tmp_path):
    folder = tmp_path / "converted"
    shutil.copytree(files.checkpoint, folder)
    change_config(folder, colour="red")
    with pytest.raises(CheckpointError, match="unknown key 'colour'"):
        plan_load(_options(files, checkpoint=str(folder)))


def test_what_is_assumed_is_told(files, caplog):
    plan_load(_options(files))
    assert "they are assumed: prompt, alpha_ratio" in caplog.text
