"""What holds of every format."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue
from tests.support.subtitle_readers import READERS

WITHOUT_CUES = {
    "srt": "",
    "vtt": "WEBVTT\n",
    "lrc": "[la:de]\n",
    "txt": "",
    "tsv": "start\tend\ttext\tspeaker\n",
}
REFUSE_EMPTY = {"srt": {"ffmpeg", "webvtt-py"}, "vtt": {"ffmpeg"}, "ass": {"ffmpeg"}, "lrc": {"ffmpeg"}}
each_format = pytest.mark.parametrize("format", FORMATS)


def test_there_are_eight():
    assert list(FORMATS) == ["srt", "vtt", "ass", "ttml", "lrc", "txt", "tsv", "json"]
    assert FORMATS.keys() - READERS.keys() == {"txt"}  # holds no times: see test_txt


@each_format
def test_a_film_in_which_nobody_speaks_has_an_empty_file(format):
    text = FORMATS[format](Subtitles((), "de"))
    assert text == WITHOUT_CUES.get(format, text)
    for name, read in READERS.get(format, {}).items():
        if name not in REFUSE_EMPTY.get(format, ()):
            assert read(text) == []


@each_format
@given(st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=1, max_size=4))
def test_any_text_can_be_written(format, texts):
    cues = tuple(Cue(1000 * at, 1000 * at + 500, tuple(lines)) for at, lines in enumerate(texts))
    text = FORMATS[format](Subtitles(cues, "de"))
    assert text.encode().decode() == text
    assert not set(text) & {"\r", "\0", "\x1b", "\u2028"} or format == "json"


@given(st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=1, max_size=4))
def test_any_text_leaves_the_vtt_whole(texts):
    cues = tuple(Cue(1000 * at, 1000 * at + 500, tuple(lines)) for at, lines in enumerate(texts))
    text = FORMATS["vtt"](Subtitles(cues, "de"))
    blocks = text.removeprefix("WEBVTT\n").split("\n\n")
    assert sum(" --> " in block for block in blocks) == text.count(" --> ") == len(cues)


@each_format
def test_typographers_spaces_stay(format):
    line = "Où vas-tu\u202f?\u00a0—\u3000ici"
    text = FORMATS[format](Subtitles((Cue(0, 1000, (line,)),), "fr"))
    assert line in (json.loads(text)["cues"][0]["text"] if format == "json" else text)
