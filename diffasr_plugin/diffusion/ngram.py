"""Texts that were written before -> a guess at how a new one goes on: as the last time that it went this way.

Films repeat themselves: names, phrases, songs. Knows tokens only.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["NgramMemory"]

CONTEXT = (3, 2)
"""How many last tokens are looked for, the most telling first."""

GUESS = 8
"""Most tokens of a guess."""

CAPACITY = 20_000
"""Tokens remembered, about two hours of talk; the older half is forgotten when there are more."""


class NgramMemory:
    """The texts of a film so far, in tokens."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._ends: dict[tuple[int, ...], int] = {}  # tokens in a row -> where what follows them begins

    def remember(self, text: Sequence[int]) -> None:
        """Add a finished text."""
        if len(self._tokens) + len(text) > CAPACITY:
            kept = self._tokens[-CAPACITY // 2 :]
            self._tokens, self._ends = [], {}
            self._add(kept)
        self._add(text)

    def guess(self, text: Sequence[int]) -> list[int]:
        """What followed the text's last tokens when they were last written; empty if they never were."""
        for length in CONTEXT:
            end = self._ends.get(tuple(text[-length:])) if len(text) >= length else None
            if end is not None:
                return self._tokens[end : end + GUESS]
        return []

    def _add(self, text: Sequence[int]) -> None:
        before = len(self._tokens)
        self._tokens.extend(text)
        for length in CONTEXT:
            # Not the last tokens of a text: nothing follows them.
            for end in range(before + length, len(self._tokens)):
                self._ends[tuple(self._tokens[end - length : end])] = end
