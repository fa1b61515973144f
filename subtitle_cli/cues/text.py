"""Text -> its width on the screen, and the pieces that a line may be broken between.

Knows characters and scripts; knows nothing of languages or of times.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from unicodedata import category, east_asian_width

import regex

__all__ = ["can_part", "clusters", "columns", "cut", "cut_long", "is_closing", "is_opening", "is_unspaced"]

_CLUSTER = regex.compile(r"\X")
_UNSPACED = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"  # no spaces between words
)
_OPENING = "¿¡"
_CLOSING = "ー々"
_NEITHER = "\"'#@&*/\\"
_SEAMS = "-/._?&=–—"
"""Where a word that is longer than a line is best cut: after one of these."""


def clusters(text: str) -> list[str]:
    """What readers take for characters: grapheme clusters, such as a Devanagari consonant with its signs."""
    return list(text) if text.isascii() else _CLUSTER.findall(text)


@lru_cache(maxsize=100_000)
def columns(text: str, full_width: bool = False) -> int:
    """The width of a text: two columns for a wide character (Han, kana, Hangul, most emoji), one for others.

    Args:
        full_width: whether the font is a Chinese, Japanese or Korean one, in which quotes, dashes and dots
            that both worlds share are wide too. Greek and Cyrillic letters are not.
    """
    if text.isascii():
        return len(text)
    return sum(2 if _is_wide(cluster[0], full_width) else 1 for cluster in clusters(text))


def _is_wide(character: str, full_width: bool) -> bool:
    width = east_asian_width(character)
    return width in "WF" or (full_width and width == "A" and not character.isalpha())


def is_unspaced(character: str) -> bool:
    """Whether its script puts no spaces between words."""
    return _UNSPACED.match(character) is not None


def is_opening(character: str) -> bool:
    """Whether it belongs to what follows it, like a bracket that opens."""
    return character in _OPENING or category(character) in ("Ps", "Pi")


def is_closing(character: str) -> bool:
    """Whether it belongs to what precedes it, like a full stop: no line may begin with it."""
    if character in _OPENING or character in _NEITHER:
        return False
    return character in _CLOSING or category(character) in ("Pe", "Pf", "Po")


def can_part(left: str, right: str) -> bool:
    """Whether a line may end with the cluster `left` and the next begin with `right`, with no space there."""
    before, after = left[-1], right[0]
    if is_opening(before) or is_closing(after):
        return False
    wide_stop = is_closing(before) and east_asian_width(before) in "WF"
    return wide_stop or is_unspaced(left) or is_unspaced(right)


def cut(text: str, max_columns: int, full_width: bool = False) -> list[str]:
    """The pieces of a word that a line may be broken between; joined, they are the word again.

    A word of a script without spaces is cut at every character; one of any other script stays whole unless
    it is wider than a line.
    """
    if text.isascii() and len(text) <= max_columns:
        return [text]
    runs: list[list[str]] = []
    for cluster in clusters(text):
        if runs and not can_part(runs[-1][-1], cluster):
            runs[-1].append(cluster)
        else:
            runs.append([cluster])
    return [piece for run in runs for piece in cut_long(run, max_columns, full_width)]


def cut_long(run: list[str], max_columns: int, full_width: bool) -> list[str]:
    """Pieces of at most a line: as long as possible, but cut after a seam in their second half."""
    pieces: list[str] = []
    while True:
        widths = list(accumulate(columns(cluster, full_width) for cluster in run))
        fitting = bisect_right(widths, max_columns)
        if fitting == len(run):
            return [*pieces, "".join(run)]
        seams = [i + 1 for i in range(fitting // 2, fitting) if run[i] in _SEAMS]
        size = seams[-1] if seams else fitting
        pieces.append("".join(run[:size]))
        run = run[size:]
