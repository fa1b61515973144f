"""A canvas and the token that the model predicts at each of its places -> the next canvas.

A canvas that takes each prediction where it is made can change tokens, but cannot take one out or put one
in: all that follows would have to move along, and does so by one token a step. Here it moves at once. Knows
tokens only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

__all__ = ["Displaced", "Moved", "move", "move_rows"]

REACH = 4
"""How many tokens may be taken out in one place in one step."""

REMEMBERED = 8
"""How many tokens in a row can be put back."""

Displaced = tuple[int, ...]
"""Tokens that stood where others stand now, in their order."""


@dataclass
class Moved:
    """A canvas without the ends that fill it up.

    Attributes:
        ids: its tokens.
        sources: of each token, the place of the canvas before at which it was predicted, or put back.
        displaced: of each token, what it and those before it took the place of.
    """

    ids: list[int] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    displaced: list[Displaced] = field(default_factory=list)

    def put(self, token: int, source: int, displaced: Displaced = ()) -> None:
        """Write the next token."""
        self.ids.append(token)
        self.sources.append(source)
        self.displaced.append(displaced[-REMEMBERED:])


def move(canvas: Sequence[int], predicted: Sequence[int], displaced: Sequence[Displaced], end: int) -> Moved:
    """The next canvas of a row.

    Each prediction is made from the tokens before its place. Where it is another token than the one there:

    1. It is a token that the step before replaced just here: that one was right, only another was missing
       before it. It and those replaced after it are put back.
    2. It stands a little further on, and what the model says next agrees: what is between is one too many.
    3. It is the end, but something before it has just changed, and the model agrees with some of what
       follows: it is not believed yet.
    4. It is what was written just now in the place of the token that it was predicted from: an echo.
    5. Else it takes the place, and what stood there is remembered as displaced.

    Up to the first difference, all is as the model would write it one token after the other; and each step
    makes that stretch longer by one token at least, as with tokens that stay in their places.

    Args:
        canvas: n tokens, filled up with ends.
        predicted: n tokens.
        displaced: of the canvas, by the step before; shorter where there is none.
        end: the token that ends a text.
    """
    text = _text(canvas, end)
    known = [*displaced[: len(text)], *[()] * (len(text) - len(displaced))]
    moved = Moved()
    at = 0
    while at < len(text):
        token, own = predicted[at], text[at]
        before = known[at - 1] if at else ()
        if token == own:
            moved.put(own, at)
        elif token in before:
            for old in (*before[before.index(token) :], own):
                moved.put(old, at)
        elif token == end:
            later = range(at + 1, len(text))
            if moved.ids == text[:at] or not any(predicted[place] == text[place] for place in later):
                return moved
            moved.put(own, at)
        elif extra := _extra(text, predicted, at):
            moved.put(token, at)
            at += extra
        elif moved.displaced and moved.displaced[-1] and moved.ids[-1] == token:
            moved.put(own, at)
        else:
            here = moved.displaced[-1] if moved.displaced else ()
            moved.put(token, at, (*(here or before), own))
        at += 1
    _append(moved, predicted, known[-1] if known else (), at, end)
    return moved


def move_rows(
    canvas: Tensor, predicted: Tensor, displaced: Sequence[Sequence[Displaced]], lengths: Tensor, end: int
) -> tuple[Tensor, Tensor, list[Sequence[Displaced]]]:
    """The next canvases of a batch, filled up with ends; a text that grows beyond its row is cut off.

    Args:
        canvas, predicted: int64 (b, n).
        displaced: of each row, by the step before.
        lengths: int64 (b,), how many places each row uses; others stay as they are predicted.

    Returns:
        Tokens int64 (b, n), their sources int64 (b, n), and what was displaced.
    """
    ids, sources = predicted.tolist(), [list(range(predicted.shape[1])) for _ in predicted]
    remembered: list[Sequence[Displaced]] = []
    rows = zip(canvas.tolist(), displaced, lengths.tolist(), strict=True)
    for row, (tokens, known, length) in enumerate(rows):
        moved = move(tokens[:length], ids[row][:length], known, end)
        written = moved.ids[:length]
        ids[row][:length] = [*written, *[end] * (length - len(written))]
        sources[row][: len(written)] = moved.sources[:length]
        remembered.append(moved.displaced[:length])
    return torch.tensor(ids).to(predicted), torch.tensor(sources).to(predicted), remembered


def _text(canvas: Sequence[int], end: int) -> Sequence[int]:
    size = len(canvas)
    while size and canvas[size - 1] == end:
        size -= 1
    return canvas[:size]


def _extra(text: Sequence[int], predicted: Sequence[int], at: int) -> int:
    """How many tokens from a place on are too many: 0 if its prediction stands nowhere near."""
    for extra in range(1, min(REACH, len(text) - 1 - at) + 1):
        there = at + extra
        agrees = there + 1 >= len(text) or predicted[there + 1] == text[there + 1]
        if text[there] == predicted[at] and agrees:
            return extra
    return 0


def _append(moved: Moved, predicted: Sequence[int], before: Displaced, at: int, end: int) -> None:
    """What follows the text, up to the end or an echo: what is predicted there is predicted from ends."""
    if at < len(predicted) and predicted[at] in before:
        for old in before[before.index(predicted[at]) :]:
            moved.put(old, at)
        return
    last = end
    while at < len(predicted) and predicted[at] not in (end, last):
        last = predicted[at]
        moved.put(last, at)
        at += 1
