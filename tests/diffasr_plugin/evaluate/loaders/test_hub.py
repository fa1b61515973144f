"""Sets of the hub, with a stand-in for `datasets`, and with the real library over files of our own."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from huggingface_hub.errors import HTTPError

from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.evaluate.loaders import hub


def flac(seconds):
    stream = io.BytesIO()
    soundfile.write(stream, np.zeros(int(seconds * 16_000)), 16_000, format="FLAC")
    return stream.getvalue()


class Rows(list):
    def cast_column(self, column, feature):
        assert (column, feature) == ("audio", "undecoded")
        return self


@pytest.fixture
def datasets(monkeypatch):
    asked = []

    def load_dataset(*words, **options):
        asked.append((words, options))
        return Rows(
            {"audio": {"bytes": flac(seconds), "path": path}, "text": "WORDS", "transcription": "wörter"}
            | {"speaker_id": 61}
            for seconds, path in ((1.0, "61-0.flac"), (2.0, None))
        )

    def audio(decode):
        assert decode is False
        return "undecoded"

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(Audio=audio, load_dataset=load_dataset))
    return asked


def test_librispeech(datasets, tmp_path):
    first, second = hub.clips("librispeech-test-clean", tmp_path)
    assert datasets == [(("openslr/librispeech_asr", "clean"), {"split": "test", "streaming": True})]
    assert (first.text, first.language, first.speaker) == ("WORDS", "en", "61")
    assert (first.audio.name, second.audio.name) == ("00000.flac", "00001.wav")
    assert [len(read_samples(clip)) for clip in (first, second)] == [16_000, 32_000]


def test_fleurs_comes_as_parquet_files(datasets, tmp_path):
    (clip,) = hub.clips("fleurs-zh", tmp_path, 1)
    ((words, options),) = datasets
    assert words == ("parquet", None)
    assert options["data_files"].endswith("google/fleurs@refs/convert/parquet/cmn_hans_cn/test/*.parquet")
    assert (clip.text, clip.language, clip.speaker) == ("wörter", "zh", None)


def test_without_the_library(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DatasetUnavailable, match=r"pip install \"diffsub\[evaluate\]\""):
        hub.clips("fleurs-en", tmp_path)


@pytest.mark.parametrize("kind", [ConnectionError, HTTPError, ValueError])
def test_without_the_hub(monkeypatch, tmp_path, kind):
    def load_dataset(*words, **options):
        raise kind("the hub cannot be reached")

    monkeypatch.setitem(sys.modules, "datasets", SimpleNamespace(Audio=None, load_dataset=load_dataset))
    with pytest.raises(DatasetUnavailable, match=r"'fleurs-en'.*the hub cannot be reached"):
        hub.clips("fleurs-en", tmp_path)


def test_the_real_library_reads_what_the_hub_has(monkeypatch, tmp_path):
    datasets = pytest.importorskip("datasets", reason="comes with the extra evaluate")
    sounds = [{"bytes": flac(seconds), "path": f"{seconds}.flac"} for seconds in (1.0, 0.5)]
    table = datasets.Dataset.from_dict({"audio": sounds, "transcription": ["eins", "zwei"]})
    table = table.cast_column("audio", datasets.Audio(decode=False))
    table.to_parquet(tmp_path / "0000.parquet")
    source = hub.HubSet("de", "parquet", None, "train", "transcription", files=f"{tmp_path}/*.parquet")
    monkeypatch.setitem(hub.HUB_SETS, "fleurs-de", source)
    clips = hub.clips("fleurs-de", tmp_path)
    assert [(clip.text, clip.audio.name, len(read_samples(clip))) for clip in clips] == [
        ("eins", "00000.flac", 16_000),
        ("zwei", "00001.flac", 8_000),
    ]
