"""Words as a recogniser would give them, made from text at a steady pace."""

from __future__ import annotations

import re

from subtitle_cli.types import SpokenWord

UNSPACED_WORD = re.compile(r"[A-Za-z0-9.]+[，。！？、]*|.[，。！？、]*")


def say(text: str, *, at_s: float = 0.0, speaker: str | None = None, rate: float = 15.0) -> list[SpokenWord]:
    """The words of a text, `rate` characters a second, 0.3 s of pause after a sentence; `~` is 0.5 s more."""
    words: list[SpokenWord] = []
    for chunk in text.split():
        if chunk == "~":
            at_s += 0.5
            continue
        end_s = at_s + len(chunk) / rate
        words.append(SpokenWord(chunk, at_s, end_s, speaker))
        at_s = end_s + (0.3 if chunk[-1] in ".!?।" else 0.03)
    return words


def say_unspaced(text: str, *, at_s: float = 0.0, rate: float = 5.0) -> list[SpokenWord]:
    """Chinese as recognisers give it: a word for each character, no spaces."""
    words: list[SpokenWord] = []
    for chunk in UNSPACED_WORD.findall(text):
        end_s = at_s + len(chunk) / rate
        words.append(SpokenWord(chunk, at_s, end_s, space_before=False))
        at_s = end_s
    return words


def converse(*turns: tuple[str, str], pause_s: float = 0.1) -> list[SpokenWord]:
    """Turns of (speaker, text), one after the other."""
    words: list[SpokenWord] = []
    for speaker, text in turns:
        words += say(text, at_s=words[-1].end_s + pause_s if words else 0.0, speaker=speaker)
    return words
