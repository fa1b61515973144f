import io
import json
import subprocess
import sys

import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.formats import FORMATS, JSON_SCHEMA, Subtitles
from subtitle_cli.media import find_ffmpeg
from subtitle_cli.types import Cue, SpokenWord

HOUR_MS = 3_600_000
CUES = (
    Cue(0, 999, ("Grüß Gott!",)),
    Cue(1001, 59_999, ("two", "lines — 第二行"), speakers=("SPEAKER_00", "SPEAKER_00")),
    Cue(HOUR_MS - 1, HOUR_MS, ("-dialogue", "-of two"), speakers=("SPEAKER_00", "SPEAKER_01")),
    Cue(123 * HOUR_MS + 45, 123 * HOUR_MS + 1045, ("नमस्ते",), speakers=(None,)),
)


def subtitles(*cues, **facts):
    return Subtitles(cues, "de", **facts)


def read_srt(text):
    """Through pysubs2, tags and all left as they are."""
    events = pysubs2.SSAFile.from_string(text, format_="srt", keep_unknown_html_tags=True).events
    return [(event.start, event.end, event.text.replace("\\N", "\n")) for event in events]


def read_srt_as_players_do(text):
    """Through ffmpeg, which gives it back as VTT."""
    command = [find_ffmpeg(), "-loglevel", "error", "-f", "srt", "-i", "pipe:", "-f", "webvtt", "pipe:"]
    return read_vtt(
        subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout.decode()
    )


def read_vtt(text):
    captions = webvtt.from_string(text).captions
    return [(ms(each.start), ms(each.end), each.raw_text) for each in captions]


def ms(time):
    hours, minutes, seconds = time.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + round(float(seconds) * 1000)


def test_srt_is_read_back_as_it_was_written():
    text = FORMATS["srt"](subtitles(*CUES))
    written = [(cue.start_ms, cue.end_ms, cue.text) for cue in CUES]
    assert read_srt_as_players_do(text) == written
    # pysubs2 reads two digits of hours.
    assert read_srt(FORMATS["srt"](subtitles(*CUES[:3]))) == written[:3]


def test_srt_looks_like_this():
    assert FORMATS["srt"](subtitles(*CUES)) == (
        "1\n00:00:00,000 --> 00:00:00,999\nGrüß Gott!\n\n"
        "2\n00:00:01,001 --> 00:00:59,999\ntwo\nlines — 第二行\n\n"
        "3\n00:59:59,999 --> 01:00:00,000\n-dialogue\n-of two\n\n"
        "4\n123:00:00,045 --> 123:00:01,045\nनमस्ते\n"
    )


def test_vtt_looks_like_this():
    assert FORMATS["vtt"](subtitles(*CUES)) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:00.999\nGrüß Gott!\n\n"
        "00:00:01.001 --> 00:00:59.999\n<v SPEAKER 1>two\nlines — 第二行</v>\n\n"
        "00:59:59.999 --> 01:00:00.000\n<v SPEAKER 1>-dialogue</v>\n<v SPEAKER 2>-of two</v>\n\n"
        "123:00:00.045 --> 123:00:01.045\nनमस्ते\n"
    )


def test_vtt_is_read_back_with_its_speakers():
    captions = webvtt.from_string(FORMATS["vtt"](subtitles(*CUES))).captions
    assert [(ms(each.start), ms(each.end)) for each in captions] == [(c.start_ms, c.end_ms) for c in CUES]
    assert [each.text for each in captions] == [cue.text for cue in CUES]
    assert captions[1].voice == "SPEAKER 1"


@given(st.integers(0, 99 * HOUR_MS), st.integers(1, 10_000))
def test_times_are_exact_to_the_millisecond(start_ms, duration_ms):
    cue = Cue(start_ms, start_ms + duration_ms, ("text",))
    times = [(cue.start_ms, cue.end_ms, "text")]
    assert read_srt(FORMATS["srt"](subtitles(cue))) == times
    assert read_vtt(FORMATS["vtt"](subtitles(cue))) == times


def test_no_cues_are_an_empty_srt_and_a_vtt_of_its_first_line():
    assert FORMATS["srt"](subtitles()) == ""
    assert FORMATS["vtt"](subtitles()) == "WEBVTT\n"
    assert read_vtt(FORMATS["vtt"](subtitles())) == []
    assert json.loads(FORMATS["json"](subtitles()))["cues"] == []


BREAKERS = [
    ("one", "", "two"),
    ("one\n\n2\n00:00:09,000 --> 00:00:10,000\nforged",),
    ("00:00:09,000 --> 00:00:10,000", "00:00:09.000 --> 00:00:10.000"),
    ("a --> b",),
    ("1 < 2 & 3 > 2", "<i>&amp;</i>"),
    ("NOTE this", "STYLE"),
    ("\r\n", "text\r", "\u2028more\u2028"),
    ("WEBVTT",),
]


@pytest.mark.parametrize("lines", BREAKERS, ids=repr)
def test_no_text_can_break_a_file(lines):
    cues = (Cue(0, 1000, lines), Cue(2000, 3000, ("the next",)))
    srt, vtt = FORMATS["srt"](subtitles(*cues)), FORMATS["vtt"](subtitles(*cues))
    for written in (read_srt_as_players_do(srt), read_vtt(vtt)):
        assert [(start, end) for start, end, _ in written] == [(0, 1000), (2000, 3000)]
        assert written[1][2] == "the next"
        assert "\n\n" not in written[0][2]


@given(st.lists(st.lists(st.text(), min_size=1, max_size=3), min_size=1, max_size=4))
def test_any_text_leaves_the_vtt_whole(texts):
    cues = [Cue(1000 * at, 1000 * at + 500, tuple(lines)) for at, lines in enumerate(texts)]
    text = FORMATS["vtt"](subtitles(*cues))
    blocks = text.removeprefix("WEBVTT\n").split("\n\n")
    assert sum(" --> " in block for block in blocks) == text.count(" --> ") == len(cues)
    assert "\r" not in text


def test_vtt_escapes_what_would_be_markup():
    cue = Cue(0, 1000, ("1 < 2 & 3 > 2",), speakers=("A & <B>",))
    text = FORMATS["vtt"](subtitles(cue))
    assert "<v A &amp; &lt;B&gt;>1 &lt; 2 &amp; 3 &gt; 2</v>" in text


def test_typographers_spaces_stay():
    line = "Où vas-tu\u202f?\u00a0—\u3000ici"
    assert line in FORMATS["srt"](subtitles(Cue(0, 1000, (line,))))


def test_lines_come_with_lf_only():
    for name, write in FORMATS.items():
        assert "\r" not in write(subtitles(*CUES)), name


def test_json_holds_everything_in_one_order():
    words = (
        SpokenWord("Grüß", 0.1, 0.4, "SPEAKER_00", 0.98765, True, "de"),
        SpokenWord("Gott!", 0.4, 0.81234),
    )
    cue = Cue(0, 999, ("Grüß Gott!",), words, ("SPEAKER_00",), gave_way=("sync",))
    text = FORMATS["json"](
        subtitles(
            cue, *CUES[2:3], film="a.mkv", duration_ms=5000, model="whisper", options={"b": 2, "a": [1]}
        )
    )
    document = json.loads(text)
    assert list(document) == [
        "schema", "film", "duration_ms", "language", "model", "options", "speakers", "cues",
    ]  # fmt: skip
    assert document["schema"] == JSON_SCHEMA
    assert (document["film"], document["duration_ms"], document["model"]) == ("a.mkv", 5000, "whisper")
    assert list(document["options"].items()) == [("a", [1]), ("b", 2)]
    assert document["speakers"] == ["SPEAKER_00", "SPEAKER_01"]
    assert document["cues"][0] == {
        "start_ms": 0,
        "end_ms": 999,
        "text": "Grüß Gott!",
        "lines": [{"text": "Grüß Gott!", "speaker": "SPEAKER_00"}],
        "words": [
            {"text": "Grüß", "start_s": 0.1, "end_s": 0.4, "confidence": 0.9877, "speaker": "SPEAKER_00",
             "language": "de"},
            {"text": "Gott!", "start_s": 0.4, "end_s": 0.812, "confidence": None, "speaker": None,
             "language": None},
        ],
        "gave_way": ["sync"],
    }  # fmt: skip
    assert "Grüß" in text


def test_json_never_writes_what_is_no_json():
    cue = Cue(0, 999, ("x",), (SpokenWord("x", float("nan"), 1.0),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        FORMATS["json"](subtitles(cue))


def test_only_writing_srt_touches_pysrt():
    program = (
        "import sys; from subtitle_cli.formats import *\n"
        "FORMATS['vtt'](Subtitles((), 'de')); FORMATS['json'](Subtitles((), 'de'))\n"
        "assert 'pysrt' not in sys.modules\n"
        "FORMATS['srt'](Subtitles((), 'de')); assert 'pysrt' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_file_of_any_format_is_read_back_from_utf_8():
    for name, write in FORMATS.items():
        text = write(subtitles(*CUES))
        assert io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8").read() == text, name
