"""What is in a film's streams, as ffmpeg and ffprobe tell."""

import json
import subprocess

import pysubs2

from subtitle_cli.media import find_ffmpeg
from subtitle_cli.media.ffmpeg import find_ffprobe, url
from tests.support.films import QUIET

NOTHING = lambda share: None  # noqa: E731
"""Takes the share that is done."""


def probe(path):
    command = [
        find_ffprobe(),
        "-v",
        "error",
        "-show_format",
        "-show_streams",
        "-show_chapters",
        "-of",
        "json",
        url(path),
    ]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def packet_hashes(path, *streams):
    command = [find_ffmpeg(), *QUIET, "-i", url(path), *(word for each in streams for word in ("-map", each))]
    done = subprocess.run([*command, "-c", "copy", "-f", "streamhash", "-"], capture_output=True, check=True)
    return done.stdout.decode().splitlines()


def stream_as(path, stream, format):
    command = [find_ffmpeg(), *QUIET, "-i", url(path), "-map", stream, "-f", format, "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode().replace("\r\n", "\n")


def shown(path, stream):
    """(start, end, text) of a subtitle stream, as players have it."""
    events = pysubs2.SSAFile.from_string(stream_as(path, stream, "srt"), format_="srt").events
    return [(each.start, each.end, each.text.replace(r"\N", "\n")) for each in events]


def times(path, stream):
    return [time for start, end, _ in shown(path, stream) for time in (start, end)]


def start_ms(path):
    return round(1000 * float(probe(path)["format"]["start_time"]))
