"""Sentences out of a package as Debian lays it out."""

import pytest

from diffasr_plugin.evaluate.loaders.librivox import PLACE, sentences
from diffasr_plugin.evaluate.manifest import Clip


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "packages" / PLACE
    place.mkdir(parents=True)
    (place / "transcription").write_text("<s> he was not </s> (a-01)\n<s> had he (been) </s> (a-02)\n\n")
    return tmp_path


def test_sentences(folder):
    place = folder / "packages" / PLACE
    assert sentences(folder) == [
        Clip(place / "a-01.wav", "he was not", "en"),
        Clip(place / "a-02.wav", "had he (been)", "en"),
    ]
    assert len(sentences(folder, 1)) == 1
