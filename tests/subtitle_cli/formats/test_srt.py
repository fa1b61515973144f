import subprocess
import sys

from subtitle_cli.cues import make_cues
from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.rules import Rules
from subtitle_cli.types import Cue, SpokenWord

HOUR_MS = 3_600_000


def srt(*cues):
    return FORMATS["srt"](Subtitles(cues, "de"))


def test_srt_looks_like_this():
    assert srt(
        Cue(0, 999, ("Grüß Gott!",)),
        Cue(1001, 59_999, ("two", "lines — 第二行"), speakers=("SPEAKER_00", "SPEAKER_00")),
        Cue(123 * HOUR_MS + 45, 123 * HOUR_MS + 1045, ("नमस्ते",), speakers=(None,)),
    ) == (
        "1\n00:00:00,000 --> 00:00:00,999\nGrüß Gott!\n\n"
        "2\n00:00:01,001 --> 00:00:59,999\ntwo\nlines — 第二行\n\n"
        "3\n123:00:00,045 --> 123:00:01,045\nनमस्ते\n"
    )


def test_what_a_player_would_take_for_markup_is_written_with_signs_that_look_alike():
    lines = (r"{\an8} <i>x</i> a --> b", "1 < 2 & 3 > 2 &lt; AT&T", "", "00:01:02,345")
    (*_, first, second, third) = srt(Cue(0, 1000, lines)).splitlines()
    assert first == "(\\\u2060an8) ‹i>x‹/i> a → b"
    assert second == "1 ‹ 2 & 3 > 2 &\u2060lt; AT&T"
    assert third == "00:01:02\u2060,345"


def test_a_label_stands_only_where_the_speaker_changes_and_a_voice_on_every_cue():
    words = [
        SpokenWord(text, second, second + 0.6, speaker)
        for second, (text, speaker) in enumerate(
            [("Hello.", "Anna"), ("You.", "Anna"), ("Hi.", "Bob"), ("Me?", "Bob"), ("Yes.", "Anna")]
        )
    ]
    cues = make_cues(words, Rules(language="en"), labels=True)
    text = srt(*cues)
    assert (text.count("Anna:"), text.count("Bob:")) == (2, 1)
    vtt = FORMATS["vtt"](Subtitles(tuple(cues), "en"))
    assert "Anna:" not in vtt
    spoken = [block for block in vtt.split("\n\n") if " --> " in block]
    assert all("<v Anna>" in block or "<v Bob>" in block for block in spoken)
    assert len(spoken) == len(cues) >= 3


def test_only_writing_srt_touches_pysrt():
    program = (
        "import sys; from subtitle_cli.formats import *\n"
        "for name in FORMATS.keys() - {'srt'}: FORMATS[name](Subtitles((), 'de'))\n"
        "assert 'pysrt' not in sys.modules\n"
        "FORMATS['srt'](Subtitles((), 'de')); assert 'pysrt' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
