"""Streams of clips: always in one order, by their shares, decoded only when asked."""

import io
import json
import sys
from collections import Counter
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from diffasr_plugin.train.errors import NoTrainingData
from diffasr_plugin.train.model_recipes import StreamedSet
from diffasr_plugin.train.spoken import Spoken, mixed, shuffled_manifest, streamed

SET = StreamedSet("some/set", "train", "en", "words", config="clean")


def endless(name):
    while True:
        yield Spoken(name, "en", lambda: np.zeros(1, np.float32))


def test_streams_are_mixed_by_their_shares():
    def drawn(seed):
        return [clip.text for clip in islice(mixed([endless("a"), endless("b")], [3, 1], seed), 2000)]

    assert Counter(drawn(0))["a"] == pytest.approx(1500, rel=0.06)
    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)


def test_a_manifest_is_read_again_and_again_in_other_orders(tmp_path):
    for name in "abcdef":
        soundfile.write(tmp_path / f"{name}.wav", np.full(160, 0.5, np.float32), 16_000)
    lines = [json.dumps({"audio": f"{n}.wav", "text": n, "language": "en"}) + "\n" for n in "abcdef"]
    path = tmp_path / "clips.jsonl"
    path.write_text("".join(lines))
    clips = list(islice(shuffled_manifest(path, 3), 12))
    first, second = ([clip.text for clip in part] for part in (clips[:6], clips[6:]))
    assert sorted(first) == sorted(second) == list("abcdef")
    assert first != second
    assert clips[0].samples() == pytest.approx(np.full(160, 0.5), abs=1e-4)


def rows(count):
    for number in range(count):
        sound = io.BytesIO()
        soundfile.write(sound, np.full((80, 2), 0.25), 8000, format="WAV")
        yield {"words": f"row {number}", "audio": {"bytes": sound.getvalue(), "path": None}}


SEEDS = []


class Rows(list):
    def cast_column(self, name, kind):
        assert (name, kind.decode) == ("audio", False)
        return self

    def shuffle(self, seed, buffer_size):
        assert buffer_size > 1
        SEEDS.append(seed)
        return self


@pytest.fixture
def datasets(monkeypatch):
    """Stands for the library: the hub cannot be reached from here."""

    def load_dataset(repository, config, *, split, streaming):
        assert (repository, config, split, streaming) == ("some/set", "clean", "train", True)
        return Rows(rows(2))

    library = SimpleNamespace(load_dataset=load_dataset, Audio=lambda decode: SimpleNamespace(decode=decode))
    monkeypatch.setitem(sys.modules, "datasets", library)
    return library


def test_a_set_on_the_hub_is_streamed_again_and_again(datasets):
    SEEDS.clear()
    clips = list(islice(streamed(SET, 5), 5))
    assert [clip.text for clip in clips] == ["row 0", "row 1", "row 0", "row 1", "row 0"]
    assert SEEDS == [5, 6, 7]
    samples = clips[0].samples()
    assert samples.shape == (160,)  # mono, at 16 kHz
    assert samples[80] == pytest.approx(0.25, abs=0.02)


def test_a_hub_that_cannot_be_reached_is_said(datasets, monkeypatch):
    def load_dataset(*_, **__):
        raise ConnectionError("no route")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(NoTrainingData, match="some/set: it cannot be had from the hub: no route"):
        next(streamed(SET, 0))


def test_without_datasets_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(NoTrainingData, match=r"pip install \"diffsub\[train\]\""):
        next(streamed(SET, 0))
