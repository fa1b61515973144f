"""The conversation that comes with pyannote.audio -> clips: 30 s, two speakers, English, MIT licence."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from ..errors import DatasetUnavailable
from ..manifest import Clip

__all__ = ["turns"]


def turns(folder: Path, limit: int | None = None) -> list[Clip]:
    """Its turns in order, each a stretch of the one recording; here and there both speak at once.

    Raises:
        DatasetUnavailable: pyannote.audio is not installed, or without its sample.
    """
    rows = (line.split(maxsplit=5) for line in _file("sample.stm").read_text(encoding="utf-8").splitlines())
    audio = _file("sample.wav")
    clips = [
        Clip(audio, text, "en", speaker, float(start), float(end)) for _, _, speaker, start, end, text in rows
    ]
    return sorted(clips, key=lambda clip: clip.start_s)[:limit]


def _file(name: str) -> Path:
    try:
        listed = files("pyannote.audio") or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        if file.as_posix() == f"pyannote/audio/sample/{name}":
            return Path(str(file.locate()))
    raise DatasetUnavailable("conversation", f"it comes with pyannote.audio, which has no sample/{name} here")
