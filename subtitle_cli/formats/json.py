"""Cues -> everything that is known of them, as JSON."""

from __future__ import annotations

import json
import re
from typing import Any

from ..text import Change
from ..types import Cue, SpokenWord
from .subtitles import Subtitles

__all__ = ["JSON_SCHEMA", "to_json"]

JSON_SCHEMA = 1
"""Version of the layout: raised when a key changes its meaning or goes, not when one is added."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def to_json(subtitles: Subtitles) -> str:
    """Everything that is known, as JSON, keys always in the same order.

    Layout: {schema, film, duration_ms, language, model, options, speakers, cues: [{start_ms, end_ms, text,
    lines: [{text, speaker}], words: [{text, start_s, end_s, confidence, speaker, language}], gave_way}],
    changes: [{at_s, kind, old, new}]}. Times count from the start of the picture; what is not known is null.
    `gave_way` lists what the words of a cue left no time for: "reading_speed", "sync". `changes` lists where
    the words are no longer what was recognised.
    """
    document = {
        "schema": JSON_SCHEMA,
        "film": subtitles.film,
        "duration_ms": subtitles.duration_ms,
        "language": subtitles.language,
        "model": subtitles.model,
        "options": {name: value for name, value in sorted(subtitles.options.items()) if value is not None},
        "speakers": list(subtitles.speakers),
        "cues": [_cue(cue) for cue in subtitles.cues],
        "changes": [_change(change) for change in subtitles.changes],
    }
    # NaN is no JSON; the recogniser's interface lets none through.
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    # Half a character cannot be written as UTF-8, but by its number.
    return _LONE_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _cue(cue: Cue) -> dict[str, Any]:
    spoken = zip(cue.lines, cue.speakers or (None,) * len(cue.lines), strict=True)
    return {
        "start_ms": cue.start_ms,
        "end_ms": cue.end_ms,
        "text": cue.text,
        "lines": [{"text": line, "speaker": speaker} for line, speaker in spoken],
        "words": [_word(word) for word in cue.words],
        "gave_way": list(cue.gave_way),
    }


def _change(change: Change) -> dict[str, Any]:
    """A place where the words are no longer what was recognised."""
    return {"at_s": round(change.at_s, 3), "kind": change.kind, "old": change.old, "new": change.new}


def _word(word: SpokenWord) -> dict[str, Any]:
    return {
        "text": word.text,
        "start_s": round(word.start_s, 3),
        "end_s": round(word.end_s, 3),
        "confidence": None if word.confidence is None else round(word.confidence, 4),
        "speaker": word.speaker,
        "language": word.language,
    }
