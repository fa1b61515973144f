"""What was said and what was recognised into error counts and rates, over Whisper's normalised text.

Knows nothing of models, films or files. English is normalised with its spelling, contractions and numbers;
other languages lose case, punctuation and what stands in brackets. Scripts written without spaces count
each character as a word. Traditional and simplified Chinese characters are different characters here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import jiwer

__all__ = ["ErrorCounts", "cer", "character_errors", "normalise", "wer", "word_errors"]

_UNSPACED = {"ja", "lo", "my", "th", "yue", "zh"}
"""Languages whose script puts no space between words.

Source: Radford et al., Robust Speech Recognition via Large-Scale Weak Supervision (2022), section 4.4.
"""

_ELLIPSIS = re.compile(r"…|\.{2,}")


@dataclass(frozen=True)
class ErrorCounts:
    """How one text differs from its reference; counts of several texts add up with +."""

    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    insertions: int = 0

    def __add__(self, other: ErrorCounts) -> ErrorCounts:
        return ErrorCounts(
            self.hits + other.hits,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )

    @property
    def errors(self) -> int:
        return self.substitutions + self.deletions + self.insertions

    @property
    def reference_length(self) -> int:
        """Words, or characters, in the reference."""
        return self.hits + self.substitutions + self.deletions

    @property
    def rate(self) -> float:
        """Errors for each word (or character) of the reference: 0 is perfect, more than 1 is possible.

        An empty reference gives 0 where nothing was recognised either, else infinity.
        """
        if not self.reference_length:
            return math.inf if self.errors else 0.0
        return self.errors / self.reference_length


def normalise(text: str, language: str | None) -> str:
    """The text as it is compared: words (or the characters of a script without spaces) between single spaces.

    Args:
        language: BCP-47; None: the rules that hold for most languages.
    """
    # Captions are full of ellipses, and the English rules would leave a lone dot of each: a word of its own.
    text = _ELLIPSIS.sub(" ", text)
    return " ".join(_normaliser(_primary(language))(text).split())


def word_errors(reference: str, hypothesis: str, language: str | None) -> ErrorCounts:
    """The fewest word errors that turn one text into the other, both normalised."""
    return _counts(jiwer.process_words(normalise(reference, language), normalise(hypothesis, language)))


def character_errors(reference: str, hypothesis: str, language: str | None) -> ErrorCounts:
    """The same in characters; a space counts as one, but not in scripts that are written without."""
    space = "" if _primary(language) in _UNSPACED else " "
    said, recognised = (normalise(text, language).replace(" ", space) for text in (reference, hypothesis))
    return _counts(jiwer.process_characters(said, recognised))


def wer(pairs: Iterable[tuple[str, str]], language: str | None) -> float:
    """Word error rate over (reference, hypothesis) pairs taken as one long text: a fraction, not per cent."""
    return sum((word_errors(*pair, language) for pair in pairs), ErrorCounts()).rate


def cer(pairs: Iterable[tuple[str, str]], language: str | None) -> float:
    """Character error rate over (reference, hypothesis) pairs taken as one long text: a fraction."""
    return sum((character_errors(*pair, language) for pair in pairs), ErrorCounts()).rate


def _primary(language: str | None) -> str | None:
    return language.replace("_", "-").split("-")[0].lower() if language else None


@cache
def _normaliser(language: str | None) -> Callable[[str], str]:
    # Imported when a score is wanted: the English one reads a table of spellings.
    from whisper_normalizer.basic import BasicTextNormalizer
    from whisper_normalizer.english import EnglishTextNormalizer

    if language == "en":
        normaliser: Callable[[str], str] = EnglishTextNormalizer()
    else:
        # Marks are kept: without its vowel signs, Hindi is no language.
        normaliser = BasicTextNormalizer(split_letters=language in _UNSPACED, preserve_marks=True)
    return normaliser


def _counts(output: jiwer.WordOutput | jiwer.CharacterOutput) -> ErrorCounts:
    return ErrorCounts(output.hits, output.substitutions, output.deletions, output.insertions)
