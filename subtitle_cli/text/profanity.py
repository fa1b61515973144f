"""Words -> words with swear words masked: the first letter stays, each other one becomes a star.

Knows a list, no meaning: it does not catch misspellings, innuendo, or an insult made of harmless words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..cues.text import clusters
from ..types import SpokenWord
from .changes import Change, Edit, apply, joined
from .marks import key, split_marks

__all__ = ["mask_profanity"]


def mask_profanity(
    words: Sequence[SpokenWord], profanity: Collection[str]
) -> tuple[list[SpokenWord], list[Change]]:
    """The words with those of the list masked, and what was masked.

    Args:
        profanity: in lower case; "x*" stands for every word that begins with x. Where a script has no spaces,
            an entry may be spread over several words.
    """
    stems = tuple(entry[:-1] for entry in profanity if entry.endswith("*"))
    longest = max((len(entry) for entry in profanity), default=0)
    edits: list[Edit] = []
    place = 0
    while place < len(words):
        last = _end_of_entry(words, place, frozenset(profanity), stems, longest)
        if last > place:
            edits.append(Edit(place, last, tuple(_masked([word.text for word in words[place:last]]))))
        place = max(last, place + 1)
    return apply(words, edits, "profanity")


def _end_of_entry(
    words: Sequence[SpokenWord], first: int, profanity: Collection[str], stems: tuple[str, ...], longest: int
) -> int:
    """The number after the last word of the longest entry that begins at word `first`; `first`: none does."""
    if stems and key(words[first].text).startswith(stems):
        return first + 1
    found = first
    for last in range(first + 1, len(words) + 1):
        if last > first + 1 and words[last - 1].space_before:
            break
        text = key(joined(words[first:last]))
        if len(text) > longest:
            break
        if text in profanity:
            found = last
    return found


def _masked(texts: Sequence[str]) -> list[str]:
    """The texts with all but the very first letter as stars; the marks around stay."""
    masked: list[str] = []
    for text in texts:
        before, core, after = split_marks(text)
        letters = clusters(core)
        shown = "" if masked else "".join(letters[:1])
        masked.append(f"{before}{shown}{'*' * (len(letters) - bool(shown))}{after}")
    return masked
