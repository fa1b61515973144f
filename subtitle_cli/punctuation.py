"""What the end of a word says about the sentence: marks of six scripts, and quotes around them.

Knows no grammar: an abbreviation's full stop looks like any other here.
"""

from __future__ import annotations

__all__ = ["bare", "ends_clause", "ends_sentence", "unquoted"]

_QUOTES = "\"'“”‘’«»‹›„‚()[]{}（）「」『』《》〈〉【】\u00a0\u202f"
"""Quotes and brackets, and the no-break spaces inside them: they may stand outside the mark that ends a
sentence."""

_FINAL = ".!?…。！？｡।॥؟۔"
_CLAUSE = ",;:–—，、；：،؛"


def unquoted(text: str) -> str:
    """The text without the quotes and brackets around it."""
    return text.strip(_QUOTES)


def ends_sentence(text: str) -> bool:
    """Whether a mark that ends sentences is the last one of the text."""
    return unquoted(text)[-1:] in tuple(_FINAL)


def ends_clause(text: str) -> bool:
    """Whether any mark after which speakers pause is the last one of the text."""
    return unquoted(text)[-1:] in tuple(_CLAUSE + _FINAL)


def bare(text: str) -> str:
    """The text without quotes, brackets and marks around it."""
    return text.strip(_QUOTES + _FINAL + _CLAUSE)
