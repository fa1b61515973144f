"""Words as often as they are used -> strings of words, for a language that has few sentences at hand.

They mean nothing, but they are read aloud and spelt like any others. Needs wordfreq (pip install wordfreq).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from importlib.util import find_spec

from .errors import EngineMissing

__all__ = ["salads", "word_frequencies"]

_SHORTEST, _LONGEST = 4, 11
_EVENNESS = 0.6
"""Frequencies are raised to this power: below 1, rare words come more often than in real text."""

_STOPS = {"hi": "।", "zh": "。"}


def salads(frequencies: Mapping[str, float], language: str, count: int, seed: int = 0) -> list[str]:
    """`count` strings of 4 to 11 words drawn at random, each with a full stop."""
    draw = random.Random(seed)
    words = [word for word in frequencies if word.isalpha() or language == "hi"]
    weights = [frequencies[word] ** _EVENNESS for word in words]
    made = []
    for _ in range(count):
        chosen = draw.choices(words, weights, k=draw.randint(_SHORTEST, _LONGEST))
        text = ("" if language == "zh" else " ").join(chosen)
        made.append(f"{text[:1].upper()}{text[1:]}{_STOPS.get(language, '.')}")
    return made


def word_frequencies(language: str, most: int = 25_000) -> dict[str, float]:
    """The commonest words of a language in its own script.

    Raises:
        EngineMissing: wordfreq is not installed.
    """
    if find_spec("wordfreq") is None:
        raise EngineMissing("salads", "wordfreq is not installed", "pip install wordfreq jieba")
    import wordfreq  # type: ignore[import-not-found]  # wanted here only

    found = wordfreq.get_frequency_dict(language, "best")
    script = {"hi": ("\u0900", "\u0963"), "zh": ("\u3400", "\u9fff")}.get(language, ("a", "\u024f"))
    own = {word: share for word, share in found.items() if all(script[0] <= c <= script[1] for c in word)}
    return dict(sorted(own.items(), key=lambda item: -item[1])[:most])
