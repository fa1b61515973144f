"""Plans and shards, with a synthesiser whose tones tell what it was asked to say."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from diffasr_plugin.asr import SAMPLE_RATE
from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.manifest import read_manifest
from diffasr_plugin.train.synth import run
from diffasr_plugin.train.synth.engine import Manner, to_rate
from diffasr_plugin.train.synth.errors import EngineMissing, SynthesisFailed
from diffasr_plugin.train.synth.held_out import HeldOut, held_out
from diffasr_plugin.train.synth.run import Plan, available, make, make_shard, shards

TEXTS = {"en": [f"This is sentence {n}." for n in range(200)], "hi": [f"वाक्य {n}।" for n in range(10)]}


class Whistler:
    """Half a second for every sentence; its loudness is the sentence's number."""

    def voices(self, language: str) -> tuple[str, ...]:
        return ("af_sky", "af_bella", "af_sky+am_puck", "am_puck+am_michael") if language == "en" else ()

    def say(self, text: str, language: str, voice: str, manner: Manner) -> np.ndarray:
        number = int(text.split()[-1].rstrip("."))
        if number == 7:
            raise SynthesisFailed("kokoro", text, "seven is not said")
        return np.full(SAMPLE_RATE // 2, number / 1000, np.float32)


@pytest.fixture
def whistler(monkeypatch):
    engine = Whistler()
    monkeypatch.setattr(run, "_engines", {"kokoro": engine})
    return {"kokoro": engine}


def test_shards_hold_just_what_may_be_trained_on(whistler):
    todo = shards(Plan(TEXTS, ("kokoro",), clips=100), whistler)
    assert [(s.name, len(s.texts)) for s in todo] == [("kokoro-en-00000", 64), ("kokoro-en-00001", 36)]
    said = [text for shard in todo for text in shard.texts]
    assert len(set(said)) == 100
    assert not any(held_out().has_text(text) for text in said)


def test_validation_is_the_rest(whistler, tmp_path):
    plan = Plan(TEXTS, ("kokoro",), clips=5, validation=True)
    (shard,) = shards(plan, whistler)
    assert all(held_out().has_text(text) for text in shard.texts)
    make_shard(plan, shard, tmp_path)
    assert {clip.speaker for clip in read_manifest(tmp_path / f"{shard.name}.jsonl")} == {"kokoro:af_bella"}


def test_a_shard_holds_what_its_manifest_says(whistler, tmp_path):
    plan = Plan({"en": [f"This is sentence {n}." for n in (5, 7, 11, 13)]}, ("kokoro",), clips=4)
    (shard,) = shards(plan, whistler)
    assert make_shard(plan, shard, tmp_path) == 1.5  # all but the seven
    clips = read_manifest(tmp_path / f"{shard.name}.jsonl")
    assert len(clips) == 3
    for clip in clips:
        number = int(clip.text.split()[-1].rstrip("."))
        assert read_samples(clip) == pytest.approx(number / 1000, abs=1e-4)
        assert clip.speaker in ("kokoro:af_sky", "kokoro:af_sky+am_puck")
    with wave.open(str(tmp_path / f"{shard.name}.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (SAMPLE_RATE, 2, 1)


def test_a_beginning_of_a_plan_is_a_mixture():
    class Everyone(Whistler):
        def voices(self, language: str) -> tuple[str, ...]:
            return ("one",)

    todo = shards(Plan(TEXTS, ("pico", "espeak-ng"), clips=70), {"pico": Everyone(), "espeak-ng": Everyone()})
    first = [(shard.engine, shard.language) for shard in todo[:4]]
    assert set(first) == {("pico", "en"), ("pico", "hi"), ("espeak-ng", "en"), ("espeak-ng", "hi")}


def test_a_stopped_run_goes_on(whistler, tmp_path):
    plan = Plan(TEXTS, ("kokoro",), clips=70)
    todo = shards(plan, whistler)
    make_shard(plan, todo[0], tmp_path)
    manifest = make(plan, todo, tmp_path, processes=1, seconds=0)  # no time: only what is there
    assert len(read_manifest(manifest)) == len(read_manifest(tmp_path / "kokoro-en-00000.jsonl"))
    before = (tmp_path / "kokoro-en-00000.wav").stat().st_mtime_ns
    make_shard(plan, todo[1], tmp_path)
    seen = []
    manifest = make(plan, todo, tmp_path, processes=1, seconds=9, tell=lambda *told: seen.append(told))
    assert {clip.audio.name for clip in read_manifest(manifest)} == {f"{shard.name}.wav" for shard in todo}
    assert (tmp_path / "kokoro-en-00000.wav").stat().st_mtime_ns == before
    assert not seen  # nothing was left to do


def test_mixed_voices_are_held_out_with_their_parts():
    held = HeldOut({"kokoro": frozenset({"a"})}, 2)
    assert held.has_voice("kokoro", "b+a")
    assert not held.has_voice("kokoro", "b+c")
    assert not held.has_voice("espeak-ng", "a+f1")


def test_four_in_a_hundred_sentences_are_held_out():
    share = np.mean([held_out().has_text(f"Sentence number {n}.") for n in range(5000)])
    assert share == pytest.approx(1 / held_out().one_in, abs=0.01)


def test_what_is_missing_is_told(monkeypatch):
    def absent(_: object) -> None:
        raise EngineMissing("pico", "it is away", "fetch it")

    monkeypatch.setitem(run.ENGINES, "pico", absent)
    found, missing = available(["pico"], None)
    assert found == {}
    assert "fetch it" in str(missing[0])


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 16_000 / 1.1])
def test_resampling_keeps_a_tone(rate):
    tone = np.sin(2 * np.pi * 440 * np.arange(int(rate)) / rate).astype(np.float32)
    resampled = to_rate(tone, rate)
    assert len(resampled) == pytest.approx(SAMPLE_RATE, abs=2)
    expected = np.sin(2 * np.pi * 440 * np.arange(len(resampled)) / SAMPLE_RATE)
    assert np.abs(resampled - expected)[500:-500].max() < 0.05
