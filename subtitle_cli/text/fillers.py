"""Words -> words without sounds of hesitation ("um", "äh", "euh").

Takes single words out of a list only; words that mean something elsewhere ("well", "alors") stay.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import regex

from ..punctuation import ends_sentence
from ..types import SpokenWord
from .changes import Change
from .marks import Parts, capitalised, split_marks

__all__ = ["remove_fillers"]

_DRAWN_OUT = regex.compile(r"(.)\1{2,}")
_CLAUSE = ",;:，、；：،؛"
_FINAL = ".!?…。！？।"


@dataclass(frozen=True)
class _Carried:
    """What the next word takes over from the fillers before it: opening marks, a sentence's capital."""

    opening: str = ""
    is_capital: bool = False
    speaker: str | None = None


def remove_fillers(
    words: Sequence[SpokenWord], fillers: Collection[str]
) -> tuple[list[SpokenWord], list[Change]]:
    """The words but for the fillers among them, and what was left out.

    Marks stay right: a filler's comma goes with the one before it ("I, um, think" is "I think"), its full
    stop moves to the word before, its opening quote and its capital to the word after.

    Args:
        fillers: in lower case. A filler that is a question ("Hm?") is an answer, and stays.
    """
    kept: list[SpokenWord] = []
    changes: list[Change] = []
    carried = _Carried()
    for word in words:
        parts = split_marks(word.text)
        if not _is_filler(parts, fillers):
            kept.append(_taking(word, carried))
            carried = _Carried()
            continue
        changes.append(Change(word.start_s, "filler", word.text, ""))
        begins = not kept or kept[-1].speaker != word.speaker or ends_sentence(kept[-1].text)
        carried = _Carried(
            carried.opening + _opening(parts),
            carried.is_capital or (begins and parts.core[:1].isupper()),
            word.speaker,
        )
        if kept and not begins:
            kept[-1] = replace(kept[-1], text=_closed(kept[-1].text, parts))
    return kept, changes


def _is_filler(parts: Parts, fillers: Collection[str]) -> bool:
    core = parts.core.casefold()
    return ("?" not in parts.after and "？" not in parts.after) and (
        core in fillers or _DRAWN_OUT.sub(r"\1", core) in fillers
    )


def _opening(parts: Parts) -> str:
    """The marks that the next word takes over; quotes around the filler alone go with it."""
    has_end = any(mark not in _CLAUSE + _FINAL for mark in parts.after)
    return "" if has_end else parts.before.strip()


def _closed(text: str, filler: Parts) -> str:
    """The word before a filler, with the marks that stand there now."""
    marks = filler.after.strip()
    if not marks or filler.before.strip():
        return text
    if marks[0] in _CLAUSE:
        return text.rstrip(_CLAUSE)
    return text.rstrip(_CLAUSE) + marks


def _taking(word: SpokenWord, carried: _Carried) -> SpokenWord:
    if carried == _Carried():
        return word
    text = word.text
    if carried.is_capital and carried.speaker == word.speaker:
        text = capitalised(text)
    return replace(word, text=carried.opening + text)
