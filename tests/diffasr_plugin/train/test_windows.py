"""Recordings into a store, and windows out of it: every sample where it belongs."""

import json
import random
import wave
from collections import Counter

import numpy as np
import pytest
import torch

from diffasr_plugin.asr import InvalidAudio
from diffasr_plugin.train.errors import NoTrainingData
from diffasr_plugin.train.model_recipes import BatchShape, MiniRecipe, Source
from diffasr_plugin.train.store import read_store
from diffasr_plugin.train.windows import Plan, Window, assemble, draw_plan

RATE = 16_000
CPU = torch.device("cpu")


def write_wave(path, samples, rate=RATE, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(np.asarray(samples, "<i2").tobytes())


@pytest.fixture
def manifest(tmp_path):
    """A shard of four clips of a second each, in which every sample tells its place; one at another rate."""
    write_wave(tmp_path / "shard.wav", np.arange(4 * RATE) % 30_000)
    write_wave(tmp_path / "slow.wav", [1000] * 8000 * 2, rate=8000, channels=2)
    lines = [
        {"audio": "shard.wav", "start_s": n, "end_s": n + 1, "text": f"clip {n}", "language": language,
         "speaker": speaker}
        for n, (language, speaker) in enumerate([("en", "kind:a"), ("en", "rare:b"), ("de", "kind:c")])
    ]  # fmt: skip
    lines.append({"audio": "slow.wav", "text": "slow", "language": "de"})
    path = tmp_path / "clips.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def store(manifest):
    read = read_store([manifest], ["en", "de"], 10.0, CPU)
    return read.with_clips(
        clip.written(clip.text, range(n + 1, n + 4), (n + 1, n + 2), distilled=clip.language == "en")
        for n, clip in enumerate(read.clips)
    )


def test_clips_are_stretches_of_one_tensor(store):
    for clip in store.clips:
        heard = store.audio[clip.start : clip.start + clip.samples]
        assert len(heard) == RATE
        if clip.text == "slow":  # brought to 16 kHz and one channel
            assert 990 <= heard[8000] <= 1010
        else:
            assert heard[0] == int(clip.text[-1]) * RATE % 30_000
    assert store.told() == "0.0 hours of speech; clips: de  1, de kind 1, en kind 1, en rare 1"
    assert store.hours == pytest.approx(4 / 3600)


def test_other_languages_and_long_clips_are_left_out(manifest):
    assert {clip.text for clip in read_store([manifest], ["en"], 10.0, CPU).clips} == {"clip 0", "clip 1"}
    with pytest.raises(NoTrainingData, match="no clip in en") as caught:
        read_store([manifest], ["en"], 0.5, CPU)
    assert caught.value.source == str(manifest)


def test_a_damaged_recording_is_named(manifest):
    (manifest.parent / "shard.wav").write_bytes(b"RIFF")
    with pytest.raises(InvalidAudio, match=r"shard\.wav cannot be read"):
        read_store([manifest], ["en"], 10.0, CPU)


def recipe(**changes):
    return MiniRecipe(("x",), **{"shapes": (BatchShape(5, 12, 8),), **changes})


def test_a_plan_is_told_by_its_seed(store):
    plans = [draw_plan(store, recipe(), seed) for seed in ("1 7", "1 7", "1 8")]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2]


@pytest.mark.parametrize("seed", range(20))
def test_windows_hold_whole_clips_that_fit(store, seed):
    plan = draw_plan(store, recipe(), str(seed))
    assert len(plan.windows) == 8
    for window, used in zip(plan.windows, plan.used, strict=True):
        ends = [begin + clip.samples for begin, clip in zip(window.begins, window.clips, strict=True)]
        assert all(end <= begin for end, begin in zip(ends, window.begins[1:], strict=False))
        assert max(ends, default=0) <= 4 * RATE  # a second of silence after it
        assert len(window.ids) + 1 <= used <= 12
        assert {clip.language for clip in window.clips} <= {window.language}
        assert window.distilled == (bool(window.clips) and window.language == "en")


def test_languages_and_sources_are_drawn_by_their_shares(store):
    asked = recipe(
        shapes=(BatchShape(5, 12, 3000),),
        languages=("en", "en", "de", "fr"),  # there is no French
        sources=(Source("kind", 3.0),),
    )
    plan = draw_plan(store, asked, "0")
    languages = Counter(window.language for window in plan.windows)
    assert languages["en"] == pytest.approx(2000, rel=0.1)
    assert languages["fr"] == 0
    sources = Counter(w.clips[0].source for w in plan.windows if w.language == "en" and w.clips)
    assert sources["kind"] / sources["rare"] == pytest.approx(3.0, rel=0.2)
    empty = sum(not window.clips for window in plan.windows)
    assert 0.01 < empty / 3000 < 0.04


def test_every_sample_comes_to_stand_where_it_belongs(store):
    clips = random.Random(0).sample(store.clips, 3)
    windows = (
        Window("en", (clips[0], clips[1]), (100, 100 + RATE + 7)),
        Window("en", (), ()),
        Window("en", (clips[2],), (0,)),
    )
    made = assemble(Plan(BatchShape(4, 12, 3), windows, (5, 5, 5)), store.audio)
    wanted = torch.zeros(3, 4 * RATE)
    for row, window in enumerate(windows):
        for clip, begin in zip(window.clips, window.begins, strict=True):
            heard = store.audio[clip.start : clip.start + clip.samples].float() / 32768
            wanted[row, begin : begin + clip.samples] = heard
    assert torch.equal(made, wanted)
    assert windows[0].ids == [*clips[0].ids, *clips[1].ids]
    assert windows[0].units == [*clips[0].units, *clips[1].units]
