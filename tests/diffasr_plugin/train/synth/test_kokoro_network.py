"""Where Kokoro's network runs, and that it is asked for what it says; the network is a small one."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import numpy as np
import pytest
import torch

from diffasr_plugin.train.synth import kokoro, kokoro_network
from diffasr_plugin.train.synth.engine import Manner
from diffasr_plugin.train.synth.errors import EngineMissing
from diffasr_plugin.train.synth.kokoro_network import OnGpu, gpu_of
from diffasr_plugin.train.synth.onnx_torch.file import Graph, Node
from tests.support.onnx_bytes import file_of

RATE = 24_000

NETWORK = Graph(
    ("tokens", "style", "speed"),
    ("audio",),
    {"rate": np.array([RATE], np.int64), "one": np.array(1, np.int64), "half": np.array(0.5, np.float32)},
    (
        Node("Shape", ("tokens",), ("shape",), {}),
        Node("Gather", ("shape", "one"), ("count",), {"axis": 0}),
        Node("Mul", ("count", "rate"), ("size",), {}),
        Node("ConstantOfShape", ("size",), ("ones",), {"value": np.array([1.0], np.float32)}),
        Node("Div", ("half", "speed"), ("level",), {}),
        Node("Mul", ("ones", "level"), ("audio",), {}),
    ),
)
"""A second for each token, as loud as it is slow."""


@pytest.fixture
def folder(tmp_path) -> Path:
    own = tmp_path / "kokoro"
    own.mkdir()
    (own / kokoro.MODEL).write_bytes(file_of(NETWORK))
    np.savez(own / kokoro.VOICES, zf_one=np.zeros((9, 1, 256)), zf_two=np.ones((9, 1, 256)))
    (own / kokoro.SYMBOLS).write_text(json.dumps({"a": 1, "b": 2}))
    kokoro.write_mandarin(own / kokoro.MANDARIN, {"二": "ab"})
    return tmp_path


def test_the_network_in_torch_gives_samples(folder):
    network = OnGpu(folder / "kokoro" / kokoro.MODEL, "cpu")
    style, speed = np.zeros((1, 256), np.float32), np.array([2.0], np.float32)
    samples = network.run(np.array([[0, 1, 0]], np.int64), style, speed)
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, np.full(3 * RATE, 0.25, np.float32))


def test_where_there_is_a_gpu_it_is_taken(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(kokoro, "OnGpu", lambda file: OnGpu(file, "cpu"))
    monkeypatch.setattr(kokoro, "Espeak", lambda _: None)
    engine = kokoro.Kokoro(folder)
    assert engine.voices("zh") == ("zf_one", "zf_two", "zf_one+zf_two")
    samples = engine.say("二", "zh", "zf_one", Manner())
    assert len(samples) == 4 * 16_000  # two phonemes, between two marks of the ends
    assert samples[1000:-1000] == pytest.approx(0.5, abs=0.02)


def test_without_a_gpu_onnxruntime_is_wanted(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(kokoro, "find_spec", lambda _: None)
    with pytest.raises(EngineMissing, match="pip install onnxruntime"):
        kokoro.Kokoro(folder)


def test_processes_take_gpus_in_turns(monkeypatch):
    assert gpu_of(4) == 0  # the first process has no number
    process = multiprocessing.get_context("spawn").Process(name="SpawnProcess-6")
    monkeypatch.setattr(kokoro_network, "current_process", lambda: process)
    assert [gpu_of(count) for count in (1, 2, 4)] == [0, 0, 2]
