"""TTML (IMSC 1.1 and its relatives) -> cues, by ttconv.

A paragraph is a cue; so is a span with times of its own. Styles, regions and animation are not looked at.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ..errors import SubtitlesUnreadable
from ..types import Cue
from .flaws import Flaw
from .parsed import Parsed

if TYPE_CHECKING:
    from ttconv.model import ContentElement

__all__ = ["parse_ttml"]

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_OF_TIMES = re.compile(r"\b(?:begin|end|dur) attribute|^Seconds|^Frame count")
_PARAGRAPH = "{http://www.w3.org/ns/ttml}p"


def parse_ttml(path: Path, text: str) -> Parsed:
    """All cues in the order of the document.

    Raises:
        SubtitlesUnreadable: it is no XML, or no TTML.
    """
    from ttconv.imsc import reader

    try:
        # As bytes: a declared encoding no longer counts, for the text is decoded already.
        root = ElementTree.fromstring(text.encode(), ElementTree.XMLParser(encoding="utf-8"))
    except ElementTree.ParseError as error:
        raise SubtitlesUnreadable(path, f"{str(path)!r} is damaged TTML: {error}") from error
    complaints = _Complaints()
    logger = logging.getLogger("ttconv")
    logger.addHandler(complaints)
    # Another library's logging call may have given the root a handler: what we tell must not come twice.
    propagates, logger.propagate = logger.propagate, False
    try:
        document = reader.to_model(ElementTree.ElementTree(root))
    except (ArithmeticError, LookupError, ValueError) as error:
        raise SubtitlesUnreadable(path, f"{str(path)!r} is damaged TTML: {error}") from error
    finally:
        logger.removeHandler(complaints)
        logger.propagate = propagates
    if document is None:
        raise SubtitlesUnreadable(path, f"{str(path)!r} is XML, but no TTML")
    body = document.get_body()
    cues = [] if body is None else list(_cues(body, Fraction(0), None))
    flaws = [Flaw(None, message) for message in complaints.messages]
    # ttconv leaves out what has no time left on the screen, as where a division begins but never ends.
    lost = sum("".join(each.itertext()).strip() != "" for each in root.iter(_PARAGRAPH)) - len(cues)
    if lost > 0:
        flaws.append(Flaw(None, f"paragraphs that are never shown, by the times around them: {lost}"))
    return Parsed(cues, flaws, root.get(_LANGUAGE) or None)


class _Complaints(logging.Handler):
    """What ttconv says of a document's times instead of raising; styles are nothing to us."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if _OF_TIMES.search(record.getMessage()):
            self.messages.append(record.getMessage())


def _cues(element: ContentElement, parent_s: Fraction, until_s: Fraction | None) -> Iterator[Cue]:
    """Cues under an element whose times count from `parent_s`, and which nothing outlasts `until_s`."""
    from ttconv.model import P, Span

    begin_s = parent_s + (element.get_begin() or 0)
    end = element.get_end()
    ends = [each for each in (until_s, None if end is None else parent_s + end) if each is not None]
    end_s = min(ends, default=None)
    timed = any(child.get_begin() is not None or child.get_end() is not None for child in element)
    if isinstance(element, P | Span) and not timed:
        lines = tuple(line.strip() for line in _text(element).split("\n") if line.strip())
        if lines or isinstance(element, P):
            # Without an end it would stay for ever; a cue of no length is what checks will find.
            yield Cue(_ms(begin_s), _ms(begin_s if end_s is None else end_s), lines)
        return
    for child in element:
        yield from _cues(child, begin_s, end_s)


def _text(element: ContentElement) -> str:
    from ttconv.model import Br, Text

    if isinstance(element, Text):
        # White space of any length is one space in XML; line breaks are elements. No-break spaces stay.
        return re.sub(r"[ \t\r\n]+", " ", element.get_text())
    return "\n" if isinstance(element, Br) else "".join(_text(child) for child in element)


def _ms(seconds: Fraction) -> int:
    return round(1000 * seconds)
