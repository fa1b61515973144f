"""Subtitle files of every format, whole and damaged: what is read, and what is told of the rest."""

import pytest

from subtitle_cli.errors import SubtitlesUnreadable, UsageError
from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.reading import READABLE, read_subtitles
from subtitle_cli.types import Cue, SpokenWord

SRT = "1\n00:00:01,000 --> 00:00:02,500\n{}\n"
ASS = """[Script Info]
ScriptType: v4.00+

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\\i1}Hi,{\\i0}\\Nyou there
Comment: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,for the typesetter
Dialogue: 0,0:00:03.00,0:00:04.50,Default,,0,0,0,,{\\p1}m 0 0 l 1 1
"""
TTML = """<?xml version="1.0" encoding="utf-8"?>
<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="de" xmlns:p="http://www.w3.org/ns/ttml#parameter"
    p:frameRate="25"><body><div>
<p begin="00:00:01:12" end="00:00:03.000">Hallo,
  <span>Welt</span><br/>und du</p>
<p begin="4s" dur="1s"><span begin="0s" end="0.5s">eins</span><span begin="0.5s">zwei</span></p>
</div></body></tt>"""


@pytest.fixture
def read(tmp_path):
    def write_and_read(name, content, **said):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_subtitles(path, **said)

    return write_and_read


def seen(file):
    return [(cue.start_ms, cue.end_ms, cue.lines) for cue in file.cues]


def test_srt_loses_its_tags_and_keeps_its_lines(read):
    file = read("a.srt", "1\r\n00:00:01,000 --> 00:00:02,5\r\n<i>Hi,</i>\r\nyou\r\n\r\n")
    assert seen(file) == [(1000, 2500, ("Hi,", "you"))]
    assert (file.format, file.encoding, file.language, file.flaws) == ("srt", "utf-8", None, ())


def test_a_number_that_ends_the_last_cue_is_text(read):
    assert seen(read("a.srt", SRT.format("How many?\n42"))) == [(1000, 2500, ("How many?", "42"))]
    assert seen(read("a.srt", SRT.format("42"))) == [(1000, 2500, ("42",))]


def test_a_cue_without_text_stays_a_cue(read):
    file = read("a.srt", SRT.format("") + "\n2\n00:00:03,000 --> 00:00:04,000\nx\n")
    assert seen(file) == [(1000, 2500, ()), (3000, 4000, ("x",))]


def test_an_arrow_in_the_text_is_text(read):
    file = read("a.srt", SRT.format("now --> then"))
    assert (seen(file), file.flaws) == ([(1000, 2500, ("now --> then",))], ())


@pytest.mark.parametrize(
    "times",
    [
        "00:00:0x,000 --> 00:00:04,000",
        "100:00:01,000 --> 100:00:02,000",
        "0:0:1 --> 0:0:2",
        "0:77:01,0 --> 0:78:00,0",
    ],
)
def test_srt_times_that_cannot_be_read_are_told_and_their_text_joins_no_other_cue(read, times):
    file = read(
        "a.srt", SRT.format("one") + f"\n2\n{times}\nlost\nwords\n\n3\n00:00:05,000 --> 00:00:06,000\nthree"
    )
    assert seen(file) == [(1000, 2500, ("one",)), (5000, 6000, ("three",))]
    assert [flaw.line for flaw in file.flaws] == [6]
    assert times in str(file.flaws[0])
    assert "'lost words'" in str(file.flaws[0])


def test_odd_arrows_are_read_and_lines_with_three_times_are_told(read):
    text = "1\n00:00:01,000 -> 00:00:02,000\none\n\n2\n00:00:03,000 –> 00:00:04,000\ntwo\n\n"
    file = read("a.srt", text + "3\n00:00:05,000 --> 00:00:06,000 --> 00:00:07,000\nthree\n")
    assert seen(file) == [(1000, 2000, ("one",)), (3000, 4000, ("two",))]
    assert [flaw.line for flaw in file.flaws] == [10]


def test_text_before_the_first_cue_is_told(read):
    file = read("a.srt", "A film\n\n" + SRT.format("one"))
    assert seen(file) == [(1000, 2500, ("one",))]
    assert str(file.flaws[0]) == "line 1: text before the first cue, left out: 'A film'"


def test_vtt_gives_each_line_its_voice(read):
    file = read(
        "a.vtt",
        "WEBVTT\n\nSTYLE\n::cue {}\n\nNOTE a -- note\n\nfirst\n00:01.000 --> 01:00:02.500 line:0\n"
        "<v.loud Ann Lee>Tom &amp; <i>I</i>\nwent\n</v><v Bob>- Oh\n\n00:03.000 --> 00:04.000\nnobody's\n",
    )
    assert seen(file) == [(1000, 3602500, ("Tom & I", "went", "- Oh")), (3000, 4000, ("nobody's",))]
    assert [cue.speakers for cue in file.cues] == [("Ann Lee", "Ann Lee", "Bob"), ()]


def test_vtt_times_that_cannot_be_read_are_told(read):
    file = read("a.vtt", "WEBVTT\n\n00:71.000 --> 00:72.000\nlost\n\n00:05.000 --> 00:06.000\nend")
    assert seen(file) == [(5000, 6000, ("end",))]
    assert [(flaw.line, "'lost'" in flaw.message) for flaw in file.flaws] == [(3, True)]


def test_ass_gives_dialogue_without_comments_and_drawings(read):
    file = read("a.ass", ASS)
    assert (seen(file), file.flaws) == ([(1000, 2500, ("Hi,", "you there"))], ())
    assert file.resolution_ms == 10


def test_ass_events_that_cannot_be_read_are_told(read):
    file = read("a.ass", ASS + "Dialogue: 0,0:00:x5.00,0:00:06.00,Default,,0,0,0,,lost\nDialogue: 0,1\n")
    assert len(file.cues) == 1
    assert [flaw.line for flaw in file.flaws] == [9, 10]


def test_ttml_counts_frames_and_nested_times(read):
    file = read("a.ttml", TTML)
    assert seen(file) == [
        (1480, 3000, ("Hallo, Welt", "und du")),
        (4000, 4500, ("eins",)),
        (4500, 5000, ("zwei",)),
    ]
    assert (file.language, file.flaws) == ("de", ())


def test_ttml_that_its_reader_leaves_out_is_told(read):
    file = read(
        "a.ttml",
        TTML.replace("<div>", '<div begin="10s">').replace('<p begin="4s', "<p style='x' begin=\"four"),
    )
    assert file.cues == ()
    assert [str(flaw) for flaw in file.flaws] == [
        "Bad begin attribute value: four",
        "paragraphs that are never shown, by the times around them: 2",
    ]


CUES = (
    Cue(1000, 2500, ("- Tom & I", "- Você?"), speakers=("Ann", "Bob")),
    Cue(2600, 4000, ("你好",), (SpokenWord("你好", 2.6, 3.9, "Ann", 0.5, language="zh"),), ("Ann",)),
)


@pytest.mark.parametrize("format", sorted(set(FORMATS) & set(READABLE)))
def test_what_the_tool_writes_it_reads(read, format):
    file = read(f"a.{format}", FORMATS[format](Subtitles(CUES, "zh")))
    assert (file.format, seen(file)) == (format, [(c.start_ms, c.end_ms, c.lines) for c in CUES])
    if format == "json":
        assert (file.cues, file.language) == (CUES, "zh")


@pytest.mark.parametrize(
    ("name", "text", "encoding", "told"),
    [
        ("a.srt", "Über", "utf-8-sig", "utf-8-sig"),
        ("a.srt", "Привет", "utf-16", "utf-16"),
        ("a.srt", "Привет", "utf-16-le", "utf-16-le"),
        ("a.srt", "你好", "utf-16-be", "utf-16-be"),
        ("a.srt", "你好", "utf-32", "utf-32"),
        ("a.fr.srt", "Ça a été très difficile à voir", "cp1252", "cp1252"),
        ("a.ru.srt", "Привет", "cp1251", "cp1251"),
        ("a.zh-Hans.srt", "你好", "gb18030", "gb18030"),
        ("a.srt", "Я не знаю, что сказать. Сегодня хорошая погода.", "cp1251", "cp1251"),
        ("a.zh.srt", "今天天氣很好。我們去公園吧。我不知道該說什麼。", "utf-8", "utf-8"),
    ],
)
def test_the_encoding_is_found(read, name, text, encoding, told):
    file = read(name, SRT.format(text).encode(encoding))
    assert (file.cues[0].text, file.encoding) == (text, told)


def test_utf8_with_a_broken_byte_stays_utf8_and_the_line_is_told(read):
    whole = SRT.format("Über die Straße, schöne Grüße, ja").encode()
    file = read("a.de.srt", whole.replace("ö".encode(), b"\xc3"))
    assert (file.encoding, file.cues[0].text) == ("utf-8", "Über die Straße, sch\ufffdne Grüße, ja")
    assert [str(flaw) for flaw in file.flaws] == [
        "line 3: characters are lost: 'Über die Straße, sch\ufffdne Grüße, ja'"
    ]


def test_the_encoding_may_be_said(read):
    file = read("a.srt", SRT.format("Žluťoučký kůň").encode("cp1250"), encoding="cp1250")
    assert file.cues[0].text == "Žluťoučký kůň"


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("movie.de.srt", "de"),
        ("movie.pt-BR.sdh.srt", "pt-BR"),
        ("movie.deu.forced.srt", "de"),
        ("movie.hi.srt", "hi"),
        ("movie.en.hi.srt", "en"),
        ("movie.2019.1080p.HD.srt", None),
        ("de.srt", None),
    ],
)
def test_the_file_name_tells_the_language(read, name, language):
    assert read(name, SRT.format("x")).language == language


def test_the_content_counts_more_than_the_suffix(read):
    assert read("a.srt", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n").format == "vtt"


def test_an_empty_srt_has_no_cues(read):
    assert read("a.srt", "").cues == ()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "hello world", "is no subtitle file of a known kind; known are srt, vtt, ass, ttml, json"),
        ("a.mp4", bytes(range(256)) * 9, "is no text, so it is no subtitle file; a film goes behind --video"),
        ("a.json", '{"cues": [{"start_ms": 1}]}', "is not the JSON that diffsub writes"),
        ("a.json", '{"cues": [', "is damaged JSON"),
        ("a.json", '{"cues": [{"start_ms": 1e999}]}', "is not the JSON that diffsub writes"),
        ("a.vtt", "WEBVTT 1: --> 2:\n\n", "is damaged WebVTT: line 1: times that cannot be read"),
        ("a.ttml", "<tt><body></tt>", "is damaged TTML: mismatched tag: line 1"),
        (
            "a.ttml",
            TTML.replace("p:frameRate=", 'p:frameRateMultiplier="1 0" p:frameRate='),
            "is damaged TTML",
        ),
        ("a.ttml", "<html><tt></tt></html>", "is XML, but no TTML"),
        ("a.ass", ASS.replace("[Ev", "[V4+ Styles]\nStyle: Default,Arial,big\n\n[Ev"), "is damaged ASS"),
        ("a.srt", b"\xef\xbb\xbf\xff\xff", "is not in the encoding utf-8-sig (byte 0 does not fit)"),
        ("a.srt", b"\xff\xfe\x00", "--encoding"),
    ],
)
def test_what_is_no_subtitle_is_refused_by_name(read, name, content, message):
    with pytest.raises(SubtitlesUnreadable) as caught:
        read(name, content)
    assert message in str(caught.value)
    assert name in str(caught.value)


def test_files_that_are_not_there_folders_and_films_are_refused(tmp_path):
    with pytest.raises(SubtitlesUnreadable, match="there is no file"):
        read_subtitles(tmp_path / "gone.srt")
    with pytest.raises(SubtitlesUnreadable, match="is a folder"):
        read_subtitles(tmp_path)
    film = tmp_path / "film.mkv"
    with film.open("wb") as file:
        file.truncate(65_000_000)
    with pytest.raises(SubtitlesUnreadable, match="--video takes it"):
        read_subtitles(film)


def test_the_wrong_encoding_is_refused(read):
    with pytest.raises(SubtitlesUnreadable, match=r"not in the encoding ascii \(byte 32 does not fit\)"):
        read("a.srt", SRT.format("ü"), encoding="ascii")
    with pytest.raises(UsageError, match="no encoding is called 'latin-nine'"):
        read("a.srt", SRT.format("x"), encoding="latin-nine")
