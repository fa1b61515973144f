"""A manifest, one JSON object a line -> clips: what was said, and where the recording of it lies.

    {"audio": "a.wav", "text": "Guten Morgen.", "language": "de"}
    {"audio": "b.wav", "text": "Hello?", "language": "en", "speaker": "Ann", "start_s": 1.5, "end_s": 2.25}

Knows nothing of samples: an audio file is opened when it is its turn. Relative paths are meant from the
manifest's own folder.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..asr import Word, did_you_mean
from .errors import InvalidManifest

__all__ = ["Clip", "read_manifest", "write_manifest"]

_REQUIRED = ("audio", "text", "language")
_OPTIONAL = ("speaker", "start_s", "end_s", "words")


@dataclass(frozen=True)
class Clip:
    """One recording, or a stretch of one, with what was said in it.

    Attributes:
        audio: the file.
        text: what was said.
        language: BCP-47.
        speaker: any name, or None.
        start_s, end_s: the stretch of the file, in seconds; `end_s` None: to the end of the file.
        words: reference words with times from the start of the stretch; empty where nobody timed them.
    """

    audio: Path
    text: str
    language: str
    speaker: str | None = None
    start_s: float = 0.0
    end_s: float | None = None
    words: tuple[Word, ...] = ()

    @property
    def name(self) -> str:
        """The file's name, and the start of the stretch where it is not the file's."""
        return f"{self.audio.name} {self.start_s:.2f} s" if self.start_s else self.audio.name


def read_manifest(path: Path) -> list[Clip]:
    """The clips of a manifest, in its order. Empty lines are skipped.

    Raises:
        InvalidManifest: no such file, no clip in it, or a line that is not as it should be (its number is
            told).
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidManifest(path, None, f"cannot be read: {error}") from error
    clips = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            clips.append(_clip(json.loads(line), path.parent))
        except json.JSONDecodeError as error:
            raise InvalidManifest(path, number, f"not a JSON object: {error}") from error
        except ValueError as error:
            raise InvalidManifest(path, number, str(error)) from error
    if not clips:
        raise InvalidManifest(path, None, "holds no clip: write one JSON object a line")
    return clips


def write_manifest(path: Path, clips: Iterable[Clip]) -> Path:
    """Write clips as a manifest; audio paths inside its folder become relative to it."""
    lines = [json.dumps(_as_json(clip, path.parent), ensure_ascii=False) + "\n" for clip in clips]
    partial = path.with_name(path.name + ".partial")
    partial.write_text("".join(lines), encoding="utf-8")
    os.replace(partial, path)
    return path


def _clip(fields: object, folder: Path) -> Clip:
    if not isinstance(fields, dict):
        raise ValueError(f"a {type(fields).__name__}, not a JSON object")
    for key in fields:
        if key not in _REQUIRED + _OPTIONAL:
            raise ValueError(f"unknown key {key!r}; {did_you_mean(key, _REQUIRED + _OPTIONAL)}")
    missing = [key for key in _REQUIRED if key not in fields]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    start_s = _seconds(fields.get("start_s", 0.0), "start_s")
    end_s = _seconds(fields["end_s"], "end_s") if fields.get("end_s") is not None else None
    if end_s is not None and end_s <= start_s:
        raise ValueError(f"ends at {end_s} s, but starts at {start_s} s")
    return Clip(
        audio=folder / _text(fields["audio"], "audio"),
        text=_text(fields["text"], "text"),
        language=_text(fields["language"], "language"),
        speaker=_text(fields["speaker"], "speaker") if fields.get("speaker") is not None else None,
        start_s=start_s,
        end_s=end_s,
        words=tuple(_word(word) for word in fields.get("words") or ()),
    )


def _word(fields: object) -> Word:
    if not isinstance(fields, dict) or set(fields) != {"text", "start_s", "end_s"}:
        raise ValueError(f"word {fields!r} is not an object of text, start_s and end_s")
    start_s, end_s = _seconds(fields["start_s"], "start_s"), _seconds(fields["end_s"], "end_s")
    if end_s < start_s:
        raise ValueError(f"word {fields['text']!r} ends at {end_s} s, but starts at {start_s} s")
    return Word(_text(fields["text"], "text"), start_s, end_s)


def _text(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key} is {value!r}, not text")
    return value


def _seconds(value: object, key: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"{key} is {value!r}, not a number of seconds from 0 on")
    return float(value)


def _as_json(clip: Clip, folder: Path) -> Mapping[str, Any]:
    inside = clip.audio.is_relative_to(folder)
    fields: dict[str, Any] = {
        "audio": (clip.audio.relative_to(folder) if inside else clip.audio.absolute()).as_posix(),
        "text": clip.text,
        "language": clip.language,
    }
    if clip.speaker is not None:
        fields["speaker"] = clip.speaker
    if clip.start_s:
        fields["start_s"] = clip.start_s
    if clip.end_s is not None:
        fields["end_s"] = clip.end_s
    if clip.words:
        fields["words"] = [
            {"text": word.text, "start_s": word.start_s, "end_s": word.end_s} for word in clip.words
        ]
    return fields
