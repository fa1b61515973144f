"""Manifests: what is read, what is refused and where, and that writing and reading are inverse."""

import json
from pathlib import Path

import pytest

from diffasr_plugin.asr import Word
from diffasr_plugin.evaluate.errors import InvalidManifest
from diffasr_plugin.evaluate.manifest import Clip, read_manifest, write_manifest

LINE = {"audio": "a.wav", "text": "Guten Morgen.", "language": "de"}


def manifest(tmp_path, *lines):
    path = tmp_path / "set.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return path


def test_paths_are_meant_from_the_manifests_folder(tmp_path):
    assert read_manifest(manifest(tmp_path, LINE, "")) == [Clip(tmp_path / "a.wav", "Guten Morgen.", "de")]


def test_all_fields(tmp_path):
    word = {"text": "Morgen", "start_s": 0.5, "end_s": 1}
    line = {**LINE, "audio": "/x/b.wav", "speaker": "Ann", "start_s": 2, "end_s": 3.5, "words": [word]}
    (clip,) = read_manifest(manifest(tmp_path, line))
    assert clip == Clip(Path("/x/b.wav"), "Guten Morgen.", "de", "Ann", 2.0, 3.5, (Word("Morgen", 0.5, 1.0),))
    assert clip.name == "b.wav 2.00 s"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not a JSON object"),
        ("[1]", "a list, not a JSON object"),
        ({"audio": "a.wav"}, "lacks text, language"),
        ({**LINE, "lang": "de"}, "unknown key 'lang'; did you mean language"),
        ({**LINE, "text": 3}, "text is 3, not text"),
        ({**LINE, "speaker": 1}, "speaker is 1, not text"),
        ({**LINE, "start_s": -1}, "start_s is -1, not a number of seconds"),
        ({**LINE, "start_s": True}, "start_s is True, not a number of seconds"),
        ({**LINE, "start_s": 2, "end_s": 2}, "ends at 2.0 s, but starts at 2.0 s"),
        ({**LINE, "words": ["Guten"]}, "word 'Guten' is not an object"),
        (
            {**LINE, "words": [{"text": "x", "start_s": 1, "end_s": 0}]},
            "word 'x' ends at 0.0 s, but starts at 1.0 s",
        ),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path, line, message):
    path = manifest(tmp_path, LINE, line)
    with pytest.raises(InvalidManifest) as raised:
        read_manifest(path)
    assert message in str(raised.value)
    assert f"{path}, line 2" in str(raised.value)
    assert (raised.value.path, raised.value.line) == (path, 2)


def test_a_manifest_without_clips_is_refused(tmp_path):
    with pytest.raises(InvalidManifest, match="holds no clip"):
        read_manifest(manifest(tmp_path, ""))


def test_a_missing_manifest(tmp_path):
    with pytest.raises(InvalidManifest, match="cannot be read") as raised:
        read_manifest(tmp_path / "none.jsonl")
    assert raised.value.line is None


def test_what_is_written_is_read_again(tmp_path):
    clips = [
        Clip(tmp_path / "in" / "a.wav", "नमस्ते", "hi", "क", 0.5, 1.5, (Word("नमस्ते", 0.1, 0.2),)),
        Clip(Path("/elsewhere/b.wav"), "", "en"),
    ]
    path = write_manifest(tmp_path / "set.jsonl", clips)
    assert read_manifest(path) == clips
    assert json.loads(path.read_text().splitlines()[0])["audio"] == "in/a.wav"
    assert list(tmp_path.iterdir()) == [path]
