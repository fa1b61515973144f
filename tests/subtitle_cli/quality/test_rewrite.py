"""Files of every format with their times moved: everything but the times is as it was."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.errors import UsageError
from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.quality.rewrite import REWRITABLE, check_rewritable, rewrite_times
from subtitle_cli.reading import read_subtitles
from subtitle_cli.types import Cue


def later(time_ms):
    return time_ms + 3_600_250


@pytest.fixture
def rewrite(tmp_path):
    def write_and_rewrite(name, text, mapping=later):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return rewrite_times(read_subtitles(path), mapping)

    return write_and_rewrite


def test_srt_keeps_tags_numbers_positions_and_text_that_looks_like_times(rewrite):
    text = (
        "7\n0:00:01,5 -->  00:00:02,000  X1:40\n<i>At 00:00:01,500</i>\n\nnow --> then\n\n\n"
        "9\n00:00:03.250 --> 00:00:04.000\nx"
    )
    assert rewrite("a.srt", text) == (
        "7\n01:00:01,750 -->  01:00:02,250  X1:40\n<i>At 00:00:01,500</i>\n\nnow --> then\n\n\n"
        "9\n01:00:03,500 --> 01:00:04,250\nx"
    )


def test_vtt_keeps_styles_notes_settings_and_moves_times_inside_cues(rewrite):
    text = (
        "WEBVTT - title\n\nSTYLE\n::cue { color: red }\n\nNOTE made by hand\n\n"
        "intro\n00:01.000 --> 00:02.000 line:0 align:start\n<v Ann>Hi <00:01.500>there</v>\n"
    )
    assert rewrite("a.vtt", text) == text.replace(
        "00:01.000 --> 00:02.000", "01:00:01.250 --> 01:00:02.250"
    ).replace("<00:01.500>", "<01:00:01.750>")


def test_ass_keeps_styles_comments_and_commas_and_rounds_to_hundredths(rewrite):
    text = (
        "[Script Info]\nTitle: a, b\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, "
        "MarginV, Effect, Text\nDialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\i1}Hi{\\i0}, you\n"
        "Comment: 0,0:00:01.00, 0:00:02.50 ,Default,,0,0,0,,note\n"
    )
    assert rewrite("a.ass", text, lambda time_ms: time_ms + 60_005) == text.replace(
        "0:00:01.00,0:00:02.50", "0:01:01.01,0:01:02.51"
    ).replace("0:00:01.00, 0:00:02.50 ,", "0:01:01.01,0:01:02.51,")


def test_json_moves_cues_and_words_and_keeps_all_else(rewrite):
    word = {"text": "Hi", "start_s": 1.1, "end_s": 1.4, "confidence": 0.5, "speaker": None, "language": "en"}
    cue = {
        "start_ms": 1000,
        "end_ms": 2000,
        "text": "Hi",
        "lines": [{"text": "Hi", "speaker": None}],
        "words": [word],
    }
    document = {"schema": 1, "film": "ü.mp4", "language": "en", "cues": [cue]}
    moved = json.loads(rewrite("a.json", json.dumps(document)))
    assert moved["cues"][0].pop("start_ms") == 3_601_250
    assert moved["cues"][0].pop("end_ms") == 3_602_250
    assert moved["cues"][0]["words"][0].pop("start_s") == 3601.35
    assert moved["cues"][0]["words"][0].pop("end_s") == 3601.65
    for key in ("start_ms", "end_ms"):
        del cue[key]
    for key in ("start_s", "end_s"):
        del word[key]
    assert moved == document


def test_ttml_is_refused_with_a_remedy(tmp_path):
    path = tmp_path / "a.ttml"
    path.write_text('<tt xmlns="http://www.w3.org/ns/ttml"><body/></tt>')
    with pytest.raises(UsageError, match="convert it to one of srt, vtt, ass, json first"):
        check_rewritable(read_subtitles(path))


@pytest.mark.parametrize("format", REWRITABLE)
@given(
    edges=st.lists(st.integers(0, 9_000_000), min_size=2, max_size=12, unique=True),
    offset_ms=st.integers(0, 3_600_000),
)
def test_whatever_the_times_all_of_them_and_only_they_move(tmp_path_factory, format, edges, offset_ms):
    edges = [10 * (edge // 10) for edge in sorted(edges)]  # ASS counts hundredths
    offset_ms = 10 * (offset_ms // 10)
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    cues = tuple(Cue(start, end, (f"number {n}", "- 42")) for n, (start, end) in enumerate(pairs))
    path = tmp_path_factory.getbasetemp() / f"moving.{format}"
    path.write_text(FORMATS[format](Subtitles(cues, "en")), encoding="utf-8")
    path.write_text(
        rewrite_times(read_subtitles(path), lambda time_ms: time_ms + offset_ms), encoding="utf-8"
    )
    moved = read_subtitles(path)
    assert moved.flaws == ()
    assert [(cue.start_ms - offset_ms, cue.end_ms - offset_ms, cue.lines) for cue in moved.cues] == [
        (cue.start_ms, cue.end_ms, cue.lines) for cue in cues
    ]
