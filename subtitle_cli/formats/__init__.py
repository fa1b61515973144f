"""Cues -> the text of a subtitle file; one function a format, each in a module of its name.

They decide nothing about cues: lines are written as they are, at their times. No text becomes markup: what
would be, is escaped where the format can, and else written with a sign that looks alike (see `lines`). All
texts are for UTF-8 and have LF line ends.
"""

from __future__ import annotations

from collections.abc import Callable

from .ass import to_ass
from .json import JSON_SCHEMA, to_json
from .lrc import to_lrc
from .srt import to_srt
from .subtitles import Subtitles
from .tsv import to_tsv
from .ttml import to_ttml
from .txt import to_txt
from .vtt import to_vtt

__all__ = ["FORMATS", "JSON_SCHEMA", "Subtitles"]

FORMATS: dict[str, Callable[[Subtitles], str]] = {
    "srt": to_srt,
    "vtt": to_vtt,
    "ass": to_ass,
    "ttml": to_ttml,
    "lrc": to_lrc,
    "txt": to_txt,
    "tsv": to_tsv,
    "json": to_json,
}
"""What `--format` may name; the name is the file's suffix too."""
