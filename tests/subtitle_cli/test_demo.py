import subprocess
import sys
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest

from subtitle_cli import demo
from subtitle_cli.errors import FfmpegFailed, MediaError
from subtitle_cli.media import probe
from tests.support.films import RATE, hear


@pytest.mark.parametrize(
    "encoders", [demo.ENCODERS, ("no_such_encoder", "mpeg4")], ids=["H.264", "without H.264"]
)
def test_the_film_has_a_picture_and_the_whole_conversation(tmp_path, monkeypatch, encoders):
    import soundfile

    monkeypatch.setattr(demo, "ENCODERS", encoders)
    path = demo.make_demo(tmp_path / "new" / "folder")
    assert list(path.parent.iterdir()) == [path]
    known = probe(path)
    assert known.frame_rate == 25
    assert [stream.language for stream in known.audio] == ["en"]
    heard, said = hear(path, tmp_path), soundfile.read(demo.find_conversation(), dtype="float32")[0]
    assert len(said) == pytest.approx(30 * RATE, abs=RATE)
    shared = min(len(heard), len(said))
    assert shared == pytest.approx(len(said), abs=RATE / 10)
    assert np.corrcoef(heard[:shared], said[:shared])[0, 1] > 0.98


def test_a_film_that_is_there_is_made_anew(tmp_path):
    (tmp_path / demo.DEMO_NAME).write_text("no film")
    assert probe(demo.make_demo(tmp_path)).duration_s == pytest.approx(30, abs=0.5)


def test_the_recording_is_found_without_importing_its_package():
    program = (
        "import sys; from subtitle_cli.demo import find_conversation; find_conversation()\n"
        "assert not {'pyannote', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def nothing(name):
    return None


def no_package(name):
    raise PackageNotFoundError(name)


@pytest.mark.parametrize("files", [nothing, no_package])
def test_without_the_recording_it_is_told_how_to_get_it(tmp_path, monkeypatch, files):
    monkeypatch.setattr(demo, "files", files)
    with pytest.raises(MediaError, match=r"pip install .*pyannote\.audio"):
        demo.make_demo(tmp_path)


def test_an_ffmpeg_without_any_encoder_is_told_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "ENCODERS", ("no_such_encoder",))
    with pytest.raises(FfmpegFailed, match=r"(?s)cannot make .*demo\.mp4.*no_such_encoder"):
        demo.make_demo(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MediaError, match="cannot be made: File exists"):
        demo.make_demo(tmp_path / "file")
