"""A subtitle file -> its cues: SRT, VTT, ASS, TTML, and our own JSON.

Nothing is dropped without a word: what cannot be read is told as a `Flaw`, with its line. It judges no cue.
"""

from __future__ import annotations

from .file import SubtitleFile, read_subtitles
from .flaws import Flaw
from .parse import READABLE

__all__ = ["READABLE", "Flaw", "SubtitleFile", "read_subtitles"]
