"""Folders of recordings."""

import pytest

from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.evaluate.loaders.local import read_folder
from diffasr_plugin.evaluate.manifest import Clip


def test_a_text_beside_each_recording(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("b.wav", "deep/a.FLAC", "lonely.wav", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "b.txt").write_text(" Grüße \n", encoding="utf-8")
    (tmp_path / "deep/a.txt").write_text("Hallo", encoding="utf-8")
    assert read_folder(tmp_path, "de") == [
        Clip(tmp_path / "b.wav", "Grüße", "de"),
        Clip(tmp_path / "deep/a.FLAC", "Hallo", "de"),
    ]


def test_the_layout_of_librispeech(tmp_path):
    chapter = tmp_path / "61" / "70968"
    chapter.mkdir(parents=True)
    (chapter / "61-70968-0000.flac").touch()
    (chapter / "61-70968.trans.txt").write_text("61-70968-0000 HE BEGAN\n61-70968-0001 NO RECORDING\n")
    assert read_folder(tmp_path, "en") == [
        Clip(chapter / "61-70968-0000.flac", "HE BEGAN", "en", speaker="61")
    ]


def test_nothing_to_read(tmp_path):
    with pytest.raises(DatasetUnavailable, match="holds no recording"):
        read_folder(tmp_path, "de")
