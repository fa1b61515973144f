"""Words and turns -> words with speakers.

Knows nothing of sound: a turn's edges are taken as about right, and the text tells where exactly.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from .punctuation import ends_clause, ends_sentence
from .types import SpokenWord, Turn

__all__ = ["assign_speakers", "speaker_label"]

UNSURE_S = 0.5
"""How far a turn's edge and a word's start may be off, in seconds: the steps of diarization are coarse, and
recognisers place words to about a tenth of a second."""

_NUMBERED = re.compile(r"SPEAKER_(\d+)")


def speaker_label(speaker: str) -> str:
    """How a speaker is called on the screen: "SPEAKER 1" for the first one found, or the name."""
    numbered = _NUMBERED.fullmatch(speaker)
    return f"SPEAKER {int(numbered[1]) + 1}" if numbered else speaker


def assign_speakers(
    words: Sequence[SpokenWord], turns: Sequence[Turn], overlaps: Sequence[tuple[float, float]] = ()
) -> list[SpokenWord]:
    """The words, each with the speaker of the turn that it is in, and whether another speaks meanwhile.

    1. A word belongs to the turn that it overlaps most, else to the nearest one.
    2. A single word of another speaker inside a sentence is given back, if it begins near a turn's edge.
    3. A change of speaker moves to the nearest end of a sentence, else of a clause, whose next word begins
       near the turn's edge.

    Args:
        words: in order.
        turns: in order, never overlapping. Without any, words stay as they are.
        overlaps: stretches (start_s, end_s) in which two or more speak at once, in order.
    """
    if not turns:
        return list(words)
    ends = [turn.end_s for turn in turns]
    found = [_turn_of(word, turns, ends) for word in words]  # 1.
    speakers = [turn.speaker for turn in found]
    _mend_single_words(words, found, speakers)  # 2.
    _move_changes(words, found, speakers)  # 3.
    return [
        replace(word, speaker=speaker, overlapped=_is_overlapped(word, overlaps))
        for word, speaker in zip(words, speakers, strict=True)
    ]


def _is_overlapped(word: SpokenWord, overlaps: Sequence[tuple[float, float]]) -> bool:
    after = bisect_right(overlaps, word.start_s, key=lambda overlap: overlap[1])
    return after < len(overlaps) and overlaps[after][0] < word.end_s


def _turn_of(word: SpokenWord, turns: Sequence[Turn], ends: Sequence[float]) -> Turn:
    """The turn that a word overlaps most; if none, the nearest; of equals, the earlier."""
    first = bisect_right(ends, word.start_s)  # the first turn that ends after the word begins
    near = [turns[max(0, first - 1)]]
    for turn in turns[first:]:
        near.append(turn)
        if turn.start_s >= word.end_s:
            break
    return max(near, key=lambda turn: min(word.end_s, turn.end_s) - max(word.start_s, turn.start_s))


def _is_near(word: SpokenWord, edge_s: float) -> bool:
    return abs(word.start_s - edge_s) <= UNSURE_S


def _mend_single_words(
    words: Sequence[SpokenWord], found: Sequence[Turn], speakers: list[str | None]
) -> None:
    for i in range(1, len(words) - 1):
        is_alone = speakers[i - 1] == speakers[i + 1] != speakers[i]
        is_inside = not ends_sentence(words[i - 1].text) and not ends_sentence(words[i].text)
        edges_s = (found[i].start_s, found[i].end_s)
        if is_alone and is_inside and any(_is_near(words[i], edge_s) for edge_s in edges_s):
            speakers[i] = speakers[i - 1]


def _move_changes(words: Sequence[SpokenWord], found: Sequence[Turn], speakers: list[str | None]) -> None:
    changes = [i for i in range(1, len(words)) if speakers[i] != speakers[i - 1]]
    for number, change in enumerate(changes):
        # Each side keeps a word at least, so that no turn is lost.
        after = changes[number - 1] + 1 if number else 1
        before = changes[number + 1] if number + 1 < len(changes) else len(words)
        edge_s = found[change].start_s
        near = [i for i in range(after, before) if _is_near(words[i], edge_s)]
        place = _best_place(words, near, change)
        speakers[change:place] = [speakers[change - 1]] * (place - change)
        speakers[place:change] = [speakers[change]] * (change - place)
        changes[number] = place


def _best_place(words: Sequence[SpokenWord], near: Sequence[int], change: int) -> int:
    """Where a change of speaker found before word `change` really is: before one of the words `near`."""
    for ends in (ends_sentence, ends_clause):
        if ends(words[change - 1].text):
            return change
        places = [i for i in near if ends(words[i - 1].text)]
        if places:
            return min(places, key=lambda i: (abs(i - change), i))
    return change
