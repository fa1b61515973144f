"""The recipes of the README and of docs/toolkits.md, run as they stand there, by the toolkits themselves.

Where one is not installed beside us, `test_toolkits_apart` runs this file in an environment of its own.
"""

from pathlib import Path

import pytest
import soundfile

from diffasr_plugin.asr import load_model
from tests.support.pages import block_with


@pytest.fixture(scope="module")
def model(whisper_folder):
    with load_model("whisper", device="cpu") as model:
        yield model


@pytest.fixture
def talk(speech_file, tmp_path, monkeypatch):
    """Real speech as `talk.wav` in the working folder."""
    (tmp_path / "talk.wav").symlink_to(speech_file)
    monkeypatch.chdir(tmp_path)


def run(text, **names):
    """Run the example in which `text` stands; return its names."""
    exec(compile(block_with(text), "docs/toolkits.md", "exec"), names)
    return names


def test_the_readme_s_lines_of_python_print_words_with_their_times(whisper_folder, talk, capsys):
    Path("talk.wav").rename("speech.wav")
    run('with load_model("whisper") as model')
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.endswith(" Jersey.")]
    start, end, confidence, _ = map(str.strip, line.split())
    assert 0 < float(start) < float(end) < 8
    assert 0 < float(confidence) <= 1


def test_any_program_finds_recognisers_by_the_entry_points_alone(whisper_folder, speech_file, capsys):
    samples, _ = soundfile.read(speech_file, dtype="float32")
    names = run('entry_points(group="diffasr")', samples=samples)
    names["model"].close()
    assert "New Jersey" in capsys.readouterr().out


def test_stable_ts_regroups_words_into_subtitles(model, talk, capsys):
    pytest.importorskip("stable_whisper", reason="stable-ts is not installed here")
    result = run("stable_whisper.transcribe_any", model=model)["result"]

    assert "New Jersey" in result.text
    assert len(result.segments) > 1
    assert 0.0 <= result.segments[0].start < result.segments[-1].end <= 8.01
    assert "-->" in capsys.readouterr().out


def test_lhotse_gets_supervisions_with_words(model, talk):
    lhotse = pytest.importorskip("lhotse", reason="lhotse is not installed here")
    names = run("lhotse.Recording", model=model)
    cut, words = names["cut"], names["words"]

    lhotse.validate(cut)
    assert "New Jersey" in cut.supervisions[0].text
    assert [item.symbol for item in cut.supervisions[0].alignment["word"]] == names["said"].text.split()
    jersey = next(item for item in words if item.symbol.startswith("Jersey"))
    assert cut.truncate(offset=jersey.start, duration=0.2).supervisions
