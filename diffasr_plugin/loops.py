"""Pieces of text -> which of them to keep, where a phrase is repeated over and over.

A recogniser that has lost the audio writes in circles. Knows no audio: what is a loop is seen in the text.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["cut_loops"]

MOST_REPEATS = 4
"""People say "no, no, no, no"; a phrase said more often in a row than this is cut back to it."""

LONGEST_PHRASE = 24
"""In tokens."""


def cut_loops(
    pieces: Sequence[str], *, most_repeats: int = MOST_REPEATS, longest_phrase: int = LONGEST_PHRASE
) -> list[bool]:
    """Which pieces (texts of tokens) to keep: all, but for what a phrase has been repeated too often.

    Case and spaces make no difference. Figures are left alone: "1,000,000,000" is no loop. If the text ends
    within a further repeat, that part goes too.
    """
    said = [piece.strip().casefold() for piece in pieces]
    keep = [True] * len(said)
    start = 0
    while start < len(said):
        length = _loop_length(said, start, most_repeats, longest_phrase)
        if length is None:
            start += 1
            continue
        end = _loop_end(said, start, length)
        first_cut = start + length * most_repeats
        keep[first_cut:end] = [False] * (end - first_cut)
        start = end
    return keep


def _loop_length(said: Sequence[str], start: int, most_repeats: int, longest: int) -> int | None:
    """Length of the shortest phrase that begins at `start` and is repeated more than `most_repeats` times."""
    for length in range(1, min(longest, (len(said) - start) // (most_repeats + 1)) + 1):
        phrase = list(said[start : start + length])
        window = list(said[start : start + length * (most_repeats + 1)])
        if window == phrase * (most_repeats + 1) and not _is_figure(phrase):
            return length
    return None


def _loop_end(said: Sequence[str], start: int, length: int) -> int:
    """Where the repeats of the phrase of `length` pieces at `start` end.

    At the end of the text, a part of one belongs to them.
    """
    same = start + length
    while same < len(said) and said[same] == said[same - length]:
        same += 1
    return same if same == len(said) else start + (same - start) // length * length


def _is_figure(phrase: Sequence[str]) -> bool:
    text = "".join(phrase)
    return any(c.isdigit() for c in text) and not any(c.isalpha() for c in text)
