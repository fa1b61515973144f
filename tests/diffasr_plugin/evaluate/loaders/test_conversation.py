"""The conversation that comes with pyannote.audio."""

import importlib.metadata

import pytest

from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.evaluate.loaders import conversation as room
from diffasr_plugin.evaluate.loaders.conversation import turns


def test_turns(tmp_path):
    clips = turns(tmp_path)
    assert len(clips) == 13
    assert {clip.speaker for clip in clips} == {"Diane", "Sheila"}
    assert clips[0].text == "Hello?"
    assert [clip.start_s for clip in clips] == sorted(clip.start_s for clip in clips)
    assert len(read_samples(clips[6])) == pytest.approx((14.184 - 12.542) * 16_000, abs=1)
    assert len(turns(tmp_path, 2)) == 2


@pytest.mark.parametrize("listed", [None, [], importlib.metadata.PackageNotFoundError])
def test_where_it_is_not_installed(monkeypatch, tmp_path, listed):
    def files(package):
        if isinstance(listed, type):
            raise listed
        return listed

    monkeypatch.setattr(room, "files", files)
    with pytest.raises(DatasetUnavailable, match=r"has no sample/sample\.stm here"):
        turns(tmp_path)
