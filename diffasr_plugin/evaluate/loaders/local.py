"""A folder of recordings with transcripts beside them -> clips.

Two layouts: `a.wav` with `a.txt`, and LibriSpeech's `1-2.trans.txt` with a line for each recording, `1-2-0003
WHAT WAS SAID`. Recordings without a transcript are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..errors import DatasetUnavailable
from ..manifest import Clip

__all__ = ["AUDIO_SUFFIXES", "read_folder"]

AUDIO_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3")
"""What libsndfile reads of what people keep recordings in."""


def read_folder(folder: Path, language: str) -> list[Clip]:
    """All recordings under a folder that have a transcript, in the order of their paths.

    Raises:
        DatasetUnavailable: there is none.
    """
    clips = [*_one_text_each(folder, language), *_librispeech(folder, language)]
    if not clips:
        raise DatasetUnavailable(
            folder.name,
            f"{folder} holds no recording ({', '.join(AUDIO_SUFFIXES)}) with a text file of the same name",
        )
    return sorted(clips, key=lambda clip: clip.audio)


def _one_text_each(folder: Path, language: str) -> Iterator[Clip]:
    for audio in folder.rglob("*"):
        text = audio.with_suffix(".txt")
        if audio.suffix.lower() in AUDIO_SUFFIXES and text.is_file():
            yield Clip(audio, text.read_text(encoding="utf-8").strip(), language)


def _librispeech(folder: Path, language: str) -> Iterator[Clip]:
    for transcript in folder.rglob("*.trans.txt"):
        for line in transcript.read_text(encoding="utf-8").splitlines():
            key, _, text = line.partition(" ")
            audio = transcript.with_name(f"{key}.flac")
            if audio.is_file():
                yield Clip(audio, text.strip(), language, speaker=key.split("-")[0])
