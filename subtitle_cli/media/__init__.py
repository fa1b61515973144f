"""Films -> sound: probe, choose a stream, decode it to 16 kHz mono on the picture's clock, in bounded memory.

Everything that talks to ffmpeg is in here. It knows nothing of speech.
"""

from __future__ import annotations

from .decode import decode
from .ffmpeg import find_ffmpeg
from .film import AudioStream, Film, choose_stream, language_tag
from .probe import probe
from .shots import find_shots
from .spool import spool

__all__ = [
    "AudioStream",
    "Film",
    "choose_stream",
    "decode",
    "find_ffmpeg",
    "find_shots",
    "language_tag",
    "probe",
    "spool",
]
