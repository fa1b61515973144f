"""Rivals behind the project's interface: with stand-ins for their libraries, and once with the real one."""

import importlib.util
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from diffasr_plugin.asr import ModelUnavailable, TranscribeOptions, Utterance, recognise
from diffasr_plugin.assets import is_present
from diffasr_plugin.assets.whisper_base_ct2 import WHISPER_BASE_CT2
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.evaluate.rivals import open_faster_whisper, open_transformers


def sound(seconds):
    return Utterance(np.zeros(int(seconds * 16_000), np.float32), "de")


def segment(text, start, end):
    return SimpleNamespace(text=text, start=start, end=end)


class Whisper:
    """Stands in for faster_whisper.WhisperModel: says how long the audio was."""

    def __init__(self, folder, **options):
        if folder == "broken":
            raise RuntimeError("no model.bin")
        self.options = options

    def transcribe(self, samples, *, language, beam_size):
        assert beam_size == 1
        seconds = len(samples) / 16_000
        return iter([segment(f" {language}", 0, 1), segment(f" {seconds:g}", 1, seconds)]), None


class Pipeline:
    """Stands in for faster_whisper.BatchedInferencePipeline: says each mark, the second in two segments."""

    def __init__(self, model):
        self.calls = 0

    def transcribe(self, samples, *, language, beam_size, batch_size, clip_timestamps=None):
        self.calls += 1
        if clip_timestamps is None:
            return iter([segment(" long", 0, 40)]), None
        assert clip_timestamps[-1]["end"] * 16_000 == pytest.approx(len(samples))
        found = []
        for number, clip in enumerate(clip_timestamps):
            middle = (clip["start"] + clip["end"]) / 2
            found.append(segment(f" {number}", clip["start"], middle))
            if number == 1:
                found.append(segment(" more", middle, clip["end"]))
        return iter(found), None


@pytest.fixture
def faster_whisper(monkeypatch):
    module = SimpleNamespace(WhisperModel=Whisper, BatchedInferencePipeline=Pipeline)
    monkeypatch.setitem(sys.modules, "faster_whisper", module)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


def texts(model, *utterances):
    return [item.text for item in recognise(model, utterances, TranscribeOptions())]


def test_one_by_one(faster_whisper):
    model = open_faster_whisper(lambda: "folder")
    assert texts(model, sound(2), sound(45.5)) == ["de 2", "de 45.5"]


def test_batched_texts_find_their_utterances(faster_whisper):
    model = open_faster_whisper(lambda: "folder", batched=True)
    assert texts(model, sound(2), sound(40), sound(0.5), sound(3)) == ["0", "long", "1 more", "2"]
    assert texts(model, sound(40)) == ["long"]


def test_weights_that_cannot_be_loaded(faster_whisper):
    with pytest.raises(ModelUnavailable, match=r"broken cannot be loaded: no model\.bin"):
        open_faster_whisper(lambda: "broken")


@pytest.mark.parametrize("open_rival", [open_faster_whisper, open_transformers])
def test_a_library_that_is_not_installed(monkeypatch, open_rival):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelUnavailable, match=r"not installed: pip install \"diffsub\[bench\]\""):
        open_rival(lambda: pytest.fail("weights are fetched for nothing"))


class Recogniser:
    """Stands in for transformers' pipeline."""

    def __call__(self, given, *, batch_size, generate_kwargs, **more):
        self.asked = (batch_size, generate_kwargs, more)
        return [{"text": f" {len(item['raw']) // 16_000} s"} for item in given]


def test_transformers_pipeline(monkeypatch):
    recogniser = Recogniser()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setitem(
        sys.modules, "transformers", SimpleNamespace(pipeline=lambda *words, **options: recogniser)
    )
    model = open_transformers(lambda: "folder")
    assert texts(model, sound(2)) == ["2 s"]
    assert recogniser.asked == (1, {"task": "transcribe", "num_beams": 1, "language": "de"}, {})
    assert texts(model, sound(2), sound(3)) == ["2 s", "3 s"]
    assert recogniser.asked[0] == 8
    assert texts(model, sound(60)) == ["60 s"]
    assert recogniser.asked[2]["chunk_length_s"] == 30.0


def test_transformers_weights_that_cannot_be_loaded(tmp_path):
    repair_torchaudio()  # transformers imports it, and it may not fit this machine's torch
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        open_transformers(lambda: str(tmp_path))


@pytest.mark.parametrize("batched", [False, True])
def test_the_real_one(batched, conversation):
    pytest.importorskip("faster_whisper", reason="comes with the extra bench")
    if not is_present(WHISPER_BASE_CT2):
        pytest.skip("its weights are fetched by diffasr bench")
    import soundfile

    from diffasr_plugin.assets import fetch

    samples, _ = soundfile.read(conversation, dtype="float32")
    parts = [Utterance(samples[start:end], "en") for start, end in ((200_000, 232_000), (232_000, 284_000))]
    model = open_faster_whisper(lambda: str(fetch(WHISPER_BASE_CT2)), batched)
    first, second = texts(model, *parts)
    assert "New Jersey" in first
    assert "Texas" in second
