"""Programs and libraries of others that read subtitle files: text of a file -> [(start_ms, end_ms, text)].

None of them shares a line with what writes the files.
"""

import csv
import io
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

import pysubs2
import ttconv.imsc.reader
import ttconv.srt.reader
import ttconv.vtt.reader
import webvtt
from ttconv import model

from subtitle_cli.media import find_ffmpeg

TIMES = re.compile(r"(?<=\n\n)((?:\d+:)?\d\d:\d\d\.\d{3}) --> ((?:\d+:)?\d\d:\d\d\.\d{3})$", re.MULTILINE)
DIALOGUE = re.compile(r"^Dialogue: (?:[^,]*,){9}(.*)$", re.MULTILINE)


def milliseconds(time: str) -> int:
    *hours, minutes, seconds = time.split(":")
    whole, _, fraction = seconds.partition(".")
    return (int(hours[0] if hours else 0) * 60 + int(minutes)) * 60_000 + int(whole) * 1000 + int(fraction)


def ffmpeg(demuxer):
    """ffmpeg, which must not warn of anything. Its WebVTT has exact times, its ASS exact texts."""

    def read(text):
        with TemporaryDirectory() as folder:
            command = [find_ffmpeg(), "-hide_banner", "-loglevel", "warning", "-f", demuxer, "-i", "pipe:"]
            command += [f"{folder}/out.vtt", f"{folder}/out.ass"]
            done = subprocess.run(command, input=text.encode(), capture_output=True)
            assert (done.returncode, done.stderr.decode()) == (0, "")
            times = TIMES.findall(Path(folder, "out.vtt").read_text())
            texts = DIALOGUE.findall(Path(folder, "out.ass").read_text())
        return [
            (milliseconds(start), milliseconds(end), without_overrides(shown).replace(r"\N", "\n"))
            for (start, end), shown in zip(times, texts, strict=True)
        ]

    return read


def read_lyrics(text):
    """ffmpeg again; it shows a line until the next, and an empty one for nothing."""
    lines = ffmpeg("lrc")(text)
    ends = [line[0] for line in lines[1:]] + [None]
    return [(start, end, shown) for (start, _, shown), end in zip(lines, ends, strict=True) if shown.strip()]


def pysubs2_as(format, clean=lambda text: text, **options):
    def read(text):
        events = pysubs2.SSAFile.from_string(text, format_=format, **options).events
        return [(event.start, event.end, clean(event.text).replace(r"\N", "\n")) for event in events]

    return read


def without_overrides(text):
    """The text of ASS; a brace after a backslash is none of a command."""
    return re.sub(r"\\([{}])", r"\1", re.sub(r"(?<!\\)\{[^}]*\}", "", text))


def read_with_webvtt(text):
    return [
        (milliseconds(each.start), milliseconds(each.end), unescape(each.text))
        for each in webvtt.from_string(text).captions
    ]


def read_srt_with_webvtt(text):
    captions = webvtt.from_buffer(io.StringIO(text), format="srt").captions
    return [(milliseconds(each.start), milliseconds(each.end), each.text) for each in captions]


def ttconv_as(reader):
    def read(text):
        document = reader(text)
        paragraphs = document.get_body().dfs_iterator() if document.get_body() else []
        return [
            (_ms(each.get_begin()), _ms(each.get_end()), "".join(map(_shown, each.dfs_iterator())))
            for each in paragraphs
            if isinstance(each, model.P)
        ]

    return read


def _ms(seconds):
    # ttconv leaves out a beginning at zero.
    return round((seconds or 0) * 1000)


def _shown(element):
    if isinstance(element, model.Br):
        return "\n"
    return element.get_text() if isinstance(element, model.Text) else ""


def read_ttml_with_ttconv(text):
    return ttconv_as(
        lambda text: ttconv.imsc.reader.to_model(ElementTree.ElementTree(ElementTree.XML(text)))
    )(text)


def read_table(text):
    rows = csv.DictReader(io.StringIO(text), dialect=csv.excel_tab)
    return [(int(row["start"]), int(row["end"]), row["text"]) for row in rows]


def read_json(text):
    return [(cue["start_ms"], cue["end_ms"], cue["text"]) for cue in json.loads(text)["cues"]]


READERS = {
    "srt": {
        "pysubs2": pysubs2_as("srt", keep_unknown_html_tags=True),
        "webvtt-py": read_srt_with_webvtt,
        "ttconv": ttconv_as(lambda text: ttconv.srt.reader.to_model(io.StringIO(text))),
        "ffmpeg": ffmpeg("srt"),
    },
    "vtt": {
        "pysubs2": pysubs2_as("vtt", unescape),
        "webvtt-py": read_with_webvtt,
        "ttconv": ttconv_as(lambda text: ttconv.vtt.reader.to_model(io.StringIO(text))),
        "ffmpeg": ffmpeg("webvtt"),
    },
    "ass": {"pysubs2": pysubs2_as("ass", without_overrides), "ffmpeg": ffmpeg("ass")},
    "ttml": {"pysubs2": pysubs2_as("ttml"), "ttconv": read_ttml_with_ttconv},
    "lrc": {"ffmpeg": read_lyrics},
    "tsv": {"csv": read_table},
    "json": {"json": read_json},
}
