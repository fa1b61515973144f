"""Words -> words with the marks of their language: quotes, ellipses, dashes, spaces, inverted marks.

Changes marks only, never a letter. Where a mark may be two things, such as a single quote at a word's
edge, it stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import regex

from ..punctuation import ends_sentence
from ..types import SpokenWord
from .language import Typography
from .marks import key, split_marks

__all__ = ["set_marks"]

_DOUBLE = regex.compile(r'["“”„«»「」]')
_OPENING = "«„“¿¡([（《「"
_CLOSING = ".,;:!?…»”)]。，！？；：、।）》」"
_DOTS = regex.compile(r"\.{3,}|…+|。{3,}")
_APOSTROPHE = regex.compile(r"(?<=\p{L})['’](?=\p{L})")


def set_marks(words: Sequence[SpokenWord], style: Typography, straight: bool = False) -> list[SpokenWord]:
    """The words with their marks as the language prints them.

    1. Marks that came as words of their own go to the word that they belong to.
    2. Ellipses, dashes and apostrophes.
    3. Double quotes: one before a word opens, one after it closes.
    4. Marks that begin questions and exclamations, where the language has them.
    5. Marks of the language's own, and the spaces before marks.

    Args:
        straight: whether quotes and apostrophes are a typewriter's.
    """
    if straight:
        style = replace(style, quotes=('"', '"'), apostrophe="'", space_inside_quotes="")
    attached = _attached(words)  # 1.
    texts = [_plain_marks(word.text, style) for word in attached]  # 2.
    texts = _quoted(texts, style)  # 3.
    if style.inverted:
        texts = _inverted(texts, attached, style)  # 4.
    texts = [_own_marks(text, style) for text in texts]  # 5.
    return [replace(word, text=text) for word, text in zip(attached, texts, strict=True)]


def _attached(words: Sequence[SpokenWord]) -> list[SpokenWord]:
    """Words that are marks only go to the word that they belong to; dashes and plain quotes stay alone."""
    attached: list[SpokenWord] = []
    opening: SpokenWord | None = None
    for word in words:
        mark = word.text.strip()
        is_alone = bool(mark) and not split_marks(mark).core
        last = attached[-1] if attached else None
        if opening is not None and opening.speaker == word.speaker:
            word = replace(opening, text=opening.text + word.text, end_s=max(opening.end_s, word.end_s))
        elif opening is not None:
            attached.append(opening)
        opening = None
        if is_alone and mark[0] in _CLOSING and last is not None and last.speaker == word.speaker:
            attached[-1] = replace(
                last, text=last.text + word.text.strip(), end_s=max(last.end_s, word.end_s)
            )
        elif is_alone and mark[0] in _OPENING:
            opening = word
        else:
            attached.append(word)
    return attached if opening is None else [*attached, opening]


def _plain_marks(text: str, style: Typography) -> str:
    text = _DOTS.sub(style.ellipsis, text)
    if "--" in text and style.dash:
        text = text.replace("--", style.dash)
    return _APOSTROPHE.sub(style.apostrophe, text) if style.apostrophe else text


def _quoted(texts: Sequence[str], style: Typography) -> list[str]:
    """Double quotes of any kind in the style's own: before a word they open, after it they close."""
    if not style.quotes:
        return list(texts)
    opening, closing = style.quotes
    is_open = False
    quoted: list[str] = []
    for text in texts:
        before, core, after = split_marks(text)
        if not core and is_open:  # a mark that came alone
            before, after = after, before
        before, after = _DOUBLE.sub(opening, before), _DOUBLE.sub(closing, after)
        if not is_open and closing in after and ":" in after:  # said:"Well
            after = after.replace(closing, opening)
        is_open = (is_open or opening in before + after) and not after.endswith(closing)
        quoted.append(f"{before}{core}{after}")
    return quoted


def _own_marks(text: str, style: Typography) -> str:
    before, core, after = split_marks(text)
    if style.marks and not (after == "." and key(text) in style.abbreviations):
        after = "".join(style.marks.get(mark, mark) for mark in after)
    if style.space_before or style.space_inside_quotes:
        before, after = _spaced(before, core, after, style)
    return f"{before}{core}{after}"


def _spaced(before: str, core: str, after: str, style: Typography) -> tuple[str, str]:
    """Marks with the spaces that the language puts before and inside them, and no others."""
    inside, spaces = style.space_inside_quotes, style.space_before or {}
    opened = "".join(mark for mark in before if not mark.isspace())
    if inside and opened.endswith(style.quotes[0]):
        opened += inside
    closed = ""
    for mark in after:
        if mark.isspace():
            continue
        is_first = not closed or closed[-1] not in "!?"  # "?!" stay together
        if mark in spaces and is_first and core:
            closed += spaces[mark]
        elif inside and mark == style.quotes[1]:
            closed += inside
        closed += mark
    return opened, closed


def _inverted(texts: Sequence[str], words: Sequence[SpokenWord], style: Typography) -> list[str]:
    """Each question and exclamation with its mark at the beginning too, if it has none."""
    opened = list(texts)
    first = 0
    for place, text in enumerate(texts):
        speaker_ends = place + 1 == len(words) or words[place + 1].speaker != words[place].speaker
        if not (ends_sentence(text) or speaker_ends):
            continue
        marks = [mark for mark in split_marks(text).after if mark in "?!"]
        inside = "".join(texts[first : place + 1])
        if marks and "¿" not in inside and "¡" not in inside:
            start = _question_start(opened, first, place, style) if "?" in marks else first
            opening = "".join({"?": "¿", "!": "¡"}[mark] for mark in dict.fromkeys(marks))
            before, core, after = split_marks(opened[start])
            opened[start] = f"{before}{opening}{core}{after}"
        first = place + 1
    return opened


def _question_start(texts: Sequence[str], first: int, last: int, style: Typography) -> int:
    """Where the question begins: after the last comma before a question word, else with the sentence."""
    for place in range(last, first, -1):
        asks = key(texts[place]) in style.question_words
        asks = asks or (place < last and key(texts[place + 1]) in style.question_words)
        if asks and texts[place - 1].endswith((",", ";", ":")):
            return place
    return first
