"""What we write, others read: times and texts come back equal, from any text in any script."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue
from tests.support.subtitle_readers import READERS

PAIRS = [(format, reader) for format, readers in READERS.items() for reader in readers]
each_reader = pytest.mark.parametrize(("format", "reader"), PAIRS)
few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

TEN_HOURS_MS = 36_000_000
CENTISECONDS = {"ass", "lrc"}
ONE_LINE = {"lrc", "tsv"}

LOOK_ALIKES = str.maketrans({"{": "(", "}": ")", "[": "(", "]": ")", "‹": "<", "›": ">", "\u2060": None})
"""Signs that stand for others in formats that cannot escape."""
EXACT = {"vtt", "ttml", "tsv", "json"}

letters = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=12)
words = letters | st.sampled_from(
    ["Grüß,", "¿Qué?", "नमस्ते", "第二行", "«Où»", "שלום!", "👩‍👩‍👧", "1999", "don't", "…"]
)
lines = st.lists(words, min_size=1, max_size=5).map(" ".join)
texts = st.lists(lines, min_size=1, max_size=2).map(tuple)


@st.composite
def films(draw, lines=texts):
    """Cues in order, with gaps of nothing to a minute between them."""
    end_ms, cues = draw(st.integers(0, TEN_HOURS_MS - 2_000_000)), []
    for shown in draw(st.lists(lines, min_size=1, max_size=6)):
        start_ms = end_ms + draw(st.integers(0, 60_000))
        end_ms = start_ms + draw(st.integers(20, 7000))
        speakers = draw(st.none() | st.sampled_from(["Anna", "SPEAKER_01", "Bob, Jr."]))
        cues.append(Cue(start_ms, end_ms, shown, speakers=(speakers,) * len(shown)))
    return tuple(cues)


def held(format, cues):
    """What the format can hold of these cues."""
    step = 10 if format in CENTISECONDS else 1
    return [(cue.start_ms // step * step, cue.end_ms // step * step) for cue in cues]


def told(format, text):
    """A text as it is compared: without what the format cannot hold."""
    shown = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    joined = "".join("".join(shown).split()) if format in ONE_LINE else "\n".join(shown)
    return joined if format in EXACT else joined.replace("→", "-->").translate(LOOK_ALIKES)


@each_reader
@few
@given(cues=films())
def test_others_read_what_we_write(format, reader, cues):
    cues = seen_by(format, reader, cues)
    read = READERS[format][reader](FORMATS[format](Subtitles(cues, "de")))
    assert [(start, end) for start, end, _ in read] == held(format, cues)
    assert [told(format, text) for *_, text in read] == [told(format, cue.text) for cue in cues]


BLIND = {
    # These give back a text in which a backslash cannot be told from the beginning of a command of ASS.
    ("vtt", "ffmpeg"): "\\",
    ("lrc", "ffmpeg"): "\\",
    ("ttml", "pysubs2"): "\\",
    # It also takes digits alone on a last line for a number, and times anywhere in VTT for times.
    ("srt", "pysubs2"): "0123456789",
    ("vtt", "pysubs2"): "\\0123456789",
}


def seen_by(format, reader, cues):
    """The cues without what the reader cannot read, as it is known to be wrong there."""
    blind = str.maketrans(dict.fromkeys(BLIND.get((format, reader), ""), "x"))
    return tuple(replace(cue, lines=tuple(line.translate(blind) for line in cue.lines)) for cue in cues)


HOSTILE = (
    r"{\an8}", r"{\pos(1,1)\fs200}", "{Y:i}", "{", "}", r"\N", r"\h \n", "C:\\new\\home",
    "<i>", "</i>", "<b", "< i >", "<font color=red>", "<v Bob>", "<c.red>", "<00:01.00>", "1 < 2 > 0",
    "<foo>", "-->", "00:00:01,000 --> 00:00:02,000", "00:00:01.000 --> 00:00:02.000", "<!--", "]]>",
    "<?xml?>", "<!DOCTYPE x>", "&lt;b&gt;", "&amp;", "&#60;i&#62;", "&nbsp;", "AT&T", "a;b,c", "=1+1",
    '"', '"quoted', "'", "\t",
    "a\nb", "a\r\n\r\n2\nb", "a\u2028b\u2029c\x85d", "\x00\x07\x1b[31m\x7f", "\x0b\x0c\x1c",
    "[00:01.00]", "[Events]", "[ti:x]", "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,x", "; no comment",
    "WEBVTT", "NOTE x", "STYLE", "REGION", "::cue{color:red}", "2", "42:", "-", "- ", "#", "//",
    "שלום עולם", "\u202eedoc", "مرحبا", "👩‍👩‍👧 🇩🇪", "e\u0301", "\u00a0«\u202f!", "\u3000",
    "\ufffe", "\ud800",
)  # fmt: skip
hostile = st.lists(st.sampled_from(HOSTILE) | letters, min_size=1, max_size=4).map(" ".join)
seen = hostile.filter(lambda text: any(sign.isalnum() for sign in text))


@each_reader
@few
@given(cues=films(st.lists(seen, min_size=1, max_size=2).map(tuple)))
def test_no_text_becomes_markup_or_breaks_a_file(format, reader, cues):
    cues = seen_by(format, reader, cues)
    read = READERS[format][reader](FORMATS[format](Subtitles(cues, "de")))
    assert [(start, end) for start, end, _ in read] == held(format, cues)
    assert [told(format, text) for *_, text in read] == [told(format, plain(format, cue)) for cue in cues]


def plain(format, cue):
    """Text without control characters; each line of a cue is one, whatever stands in it."""
    if format == "json":
        return cue.text
    return "\n".join(map(uncontrolled, cue.lines))


def uncontrolled(line):
    spaced = "".join(
        " " if ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in "\u2028\u2029" else sign for sign in line
    )
    return spaced.replace("\ud800", "\ufffd").replace("\ufffe", "\ufffd")
