"""Real speech -> words with times: those of a transcript, and those that a recogniser hears.

Knows nothing of cues.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from benchmarks.captioning import make_film
from benchmarks.speech import asterisk_prompts, glue, pyannote_sample, write_wav
from diffasr_plugin.assets import cache_home
from subtitle_cli.types import SpokenWord

__all__ = ["FRAME_RATE", "Turn", "heard_words", "reference_turns", "turn_words"]

FRAME_RATE = Fraction(25)
"""Of the films that are made here."""

CACHE = cache_home() / "benchmarks" / "cutting"


@dataclass(frozen=True)
class Turn:
    """One line of a transcript; seconds."""

    speaker: str
    start_s: float
    end_s: float
    text: str


def reference_turns(name: str) -> list[Turn]:
    """The turns of a transcript in order: of pyannote's "sample", or of the "scene" written for this."""
    stm = pyannote_sample().with_suffix(".stm") if name == "sample" else Path(__file__).with_name("scene.stm")
    rows = (line.split(maxsplit=5) for line in stm.read_text(encoding="utf-8").splitlines())
    turns = [Turn(speaker, float(start), float(end), text) for _, _, speaker, start, end, text in rows]
    return sorted(turns, key=lambda turn: turn.start_s)


def turn_words(turn: Turn) -> list[SpokenWord]:
    """A turn's words; its time is shared out by characters, spaces between words included."""
    words = turn.text.split()
    begins = [0, *accumulate(len(word) + 1 for word in words)]
    a_character_s = (turn.end_s - turn.start_s) / len(" ".join(words))
    return [
        SpokenWord(
            text=word,
            start_s=turn.start_s + begin * a_character_s,
            end_s=turn.start_s + (begin + len(word)) * a_character_s,
            speaker=turn.speaker,
            language="en",
        )
        for word, begin in zip(words, begins, strict=False)
    ]


def heard_words(name: str) -> list[SpokenWord]:
    """The words that whisper hears in the film "sample" or "prompts", with their speakers.

    `diffsub` recognises them once; its JSON is kept in the cache folder.
    """
    document = CACHE / f"{name}.json"
    if not document.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        film = make_film(_sound(name), CACHE / f"{name}.mp4")
        words = [str(film), "--lang", "en", "--backend", "whisper", "--format", "json", "-o", str(document)]
        subprocess.run([sys.executable, "-m", "subtitle_cli", *words], check=True)
    return list(_words(json.loads(document.read_text(encoding="utf-8"))))


def _sound(name: str) -> Path:
    if name == "sample":
        return pyannote_sample()
    samples, _ = glue(asterisk_prompts(60))
    return write_wav(CACHE / f"{name}.wav", samples)


def _words(document: dict) -> Iterator[SpokenWord]:  # type: ignore[type-arg]
    for cue in document["cues"]:
        for word in cue["words"]:
            yield SpokenWord(**word)
