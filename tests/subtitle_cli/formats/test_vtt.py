import pytest
import webvtt

from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue
from tests.support.subtitle_readers import READERS

HOUR_MS = 3_600_000
TALK = (
    Cue(0, 999, ("Grüß Gott!",)),
    Cue(1001, 59_999, ("two", "lines — 第二行"), speakers=("SPEAKER_00", "SPEAKER_00")),
    Cue(HOUR_MS - 1, HOUR_MS, ("-dialogue", "-of two"), speakers=("SPEAKER_00", "Anna & Bob")),
    Cue(123 * HOUR_MS + 45, 123 * HOUR_MS + 1045, ("नमस्ते",), speakers=(None,)),
)


def vtt(*cues, **facts):
    return FORMATS["vtt"](Subtitles(cues, "de", **facts))


def test_vtt_looks_like_this():
    assert vtt(*TALK) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:00.999\nGrüß Gott!\n\n"
        "00:00:01.001 --> 00:00:59.999\n<v SPEAKER 1>two\nlines — 第二行</v>\n\n"
        "00:59:59.999 --> 01:00:00.000\n<v SPEAKER 1>-dialogue</v>\n<v Anna &amp; Bob>-of two</v>\n\n"
        "123:00:00.045 --> 123:00:01.045\nनमस्ते\n"
    )


def test_a_voice_is_read_back():
    captions = webvtt.from_string(vtt(*TALK)).captions
    assert [each.voice for each in captions] == [None, "SPEAKER 1", "SPEAKER 1", None]


def test_vtt_escapes_what_would_be_markup():
    cue = Cue(0, 1000, ("1 < 2 & 3 > 2",), speakers=("A & <B>\n-->",))
    assert "<v A &amp; ‹B› --›>1 &lt; 2 &amp; 3 &gt; 2</v>" in vtt(cue)


@pytest.mark.parametrize(
    ("line", "label", "shown"),
    [
        ("Anna: Hello.", "Anna:", "Hello."),
        ("-Anna: Hello.", "Anna:", "-Hello."),
        ("- Anna: Hello.", "Anna:", "- Hello."),
        ("Anna: says Anna: Hello.", "Anna:", "says Anna: Hello."),
        ("Anna: Hello.", "", "Anna: Hello."),
    ],
)
def test_a_voice_is_not_told_twice(line, label, shown):
    assert f"<v Anna>{shown}</v>" in vtt(Cue(0, 1000, (line,), speakers=("Anna",), labels=(label,)))


def test_a_label_alone_on_its_line_leaves_no_blank_line():
    cue = Cue(0, 1000, ("A long name:", "Hello."), speakers=("A", "A"), labels=("A long name:", ""))
    assert "00:01.000\n<v A>Hello.</v>\n" in vtt(cue)


def test_colours_are_those_of_voices():
    colours = {"SPEAKER_00": "#FFE600", 'O\'Neil "x" {-->}': "#6EC8FF", "absent": "#000000"}
    text = vtt(
        *TALK[:3], Cue(2 * HOUR_MS, 3 * HOUR_MS, ("x",), speakers=('O\'Neil "x" {-->}',)), colours=colours
    )
    style = text.split("\n\n")[1].splitlines()
    assert style == [
        "STYLE",
        '::cue(v[voice="SPEAKER\\20 1"]) { color: #FFE600; }',
        '::cue(v[voice="O\\27 Neil\\20 \\22 x\\22 \\20 \\7b \\2d \\2d ›\\7d "]) { color: #6EC8FF; }',
    ]
    for name in ("webvtt-py", "pysubs2", "ttconv"):  # ffmpeg 5.1 stops at a style sheet
        assert len(READERS["vtt"][name](text)) == 4, name
