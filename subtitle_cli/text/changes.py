"""Words and edits -> changed words, and a list of what was changed.

Knows times and speakers, no language: which edits are good is the business of the modules that make them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

from ..types import SpokenWord

__all__ = ["Change", "Edit", "Kind", "apply", "joined"]

Kind = Literal["filler", "glossary", "number", "profanity"]


@dataclass(frozen=True)
class Change:
    """One place where the text is no longer what was recognised.

    Attributes:
        at_s: when it is spoken, in seconds from the start of the picture.
        kind: what asked for the change.
        old, new: the text before and after; `new` is empty where words were left out.
    """

    at_s: float
    kind: Kind
    old: str
    new: str


@dataclass(frozen=True)
class Edit:
    """The words from number `first` up to, not including, `last` are to read `texts`."""

    first: int
    last: int
    texts: tuple[str, ...]


def apply(
    words: Sequence[SpokenWord], edits: Sequence[Edit], kind: Kind
) -> tuple[list[SpokenWord], list[Change]]:
    """The words with the edits made, and the list of them.

    Args:
        edits: in order, none overlapping another.
    """
    changed: list[SpokenWord] = []
    changes: list[Change] = []
    done = 0
    for edit in edits:
        assert done <= edit.first < edit.last <= len(words), f"edits overlap at word {edit.first}"
        old = words[edit.first : edit.last]
        new = _written(old, edit.texts)
        changed += [*words[done : edit.first], *new]
        changes.append(Change(old[0].start_s, kind, joined(old), joined(new)))
        done = edit.last
    return [*changed, *words[done:]], changes


def joined(words: Sequence[SpokenWord]) -> str:
    """The words as running text."""
    return "".join(f" {word.text}" if word.space_before else word.text for word in words).strip()


def _written(old: Sequence[SpokenWord], texts: Sequence[str]) -> list[SpokenWord]:
    """The texts as words: one for one with their own times, else in shares of the whole by their length."""
    if len(old) == len(texts):
        return [replace(word, text=text) for word, text in zip(old, texts, strict=True)]
    known = [word.confidence for word in old if word.confidence is not None]
    whole = replace(old[0], end_s=max(word.end_s for word in old), confidence=min(known, default=None))
    edges = [0, *accumulate(len(text) for text in texts)]
    length_s = whole.end_s - whole.start_s
    inner = [whole.start_s + length_s * edge / edges[-1] for edge in edges[1:-1]]
    times = [whole.start_s, *inner, whole.end_s]
    return [
        replace(whole, text=text, start_s=a, end_s=b, space_before=bool(number) or whole.space_before)
        for number, (text, (a, b)) in enumerate(zip(texts, pairwise(times), strict=True))
    ]
