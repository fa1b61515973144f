"""What was said and what was recognised -> their words side by side, over the text that is scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, cast

import jiwer

from ..scoring import normalise

__all__ = ["Pair", "align", "align_words"]

Kind = Literal["equal", "substitute", "delete", "insert"]


@dataclass(frozen=True)
class Pair:
    """One column of an alignment: a word said and a word recognised; empty where there is none."""

    kind: Kind
    said: str
    recognised: str


def align(said: str, recognised: str, language: str | None) -> list[Pair]:
    """The fewest edits from one text to the other, both normalised, a pair for each word."""
    words = normalise(said, language).split(), normalise(recognised, language).split()
    return [
        Pair(
            kind,
            words[0][left] if left is not None else "",
            words[1][right] if right is not None else "",
        )
        for kind, left, right in align_words(*words)
    ]


def align_words(
    said: Sequence[str], recognised: Sequence[str]
) -> Iterator[tuple[Kind, int | None, int | None]]:
    """(kind, number of the word said, number of the word recognised), None where there is none."""
    chunks = jiwer.process_words(" ".join(said), " ".join(recognised)).alignments[0]
    for chunk in chunks:
        left = range(chunk.ref_start_idx, chunk.ref_end_idx)
        right = range(chunk.hyp_start_idx, chunk.hyp_end_idx)
        for pair in zip_longest(left, right):
            yield (cast(Kind, chunk.type), *pair)
