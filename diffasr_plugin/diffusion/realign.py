"""A draft that has gone wrong, and the text as it really goes -> where the draft goes on from there.

Knows tokens only.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["continuation"]

REACH = 8
"""How many tokens a draft may have too many or too few in one place."""

LONGEST_MATCH = 4
"""More agreeing tokens than this make no place surer."""


def continuation(draft: Sequence[int], at: int, text: Sequence[int]) -> int:
    """The place in the draft that foretells what follows the text.

    The places around the next one are tried: the more of the tokens before a place agree with the text's
    last ones, the better, and of equals the nearest. So a wrong token counts as a substitution until what
    follows shows that one was left out or put in.

    Args:
        at: the place whose token the text's last one took.
    """
    if at >= len(draft):
        return len(draft)
    expected = at + 1
    first, last = max(0, expected - REACH), min(len(draft), expected + REACH)
    return max(
        range(first, last + 1),
        key=lambda place: (_agreement(draft, place, text), -abs(place - expected), place),
    )


def _agreement(draft: Sequence[int], place: int, text: Sequence[int]) -> int:
    """How many tokens before the place are the text's last ones."""
    most = min(place, len(text), LONGEST_MATCH)
    for length in range(most):
        if draft[place - 1 - length] != text[-1 - length]:
            return length
    return most
