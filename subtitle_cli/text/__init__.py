"""Recognised words -> words as they are to be read: names spelled right, numbers, marks and quotes in style.

    words -> fillers -> glossary -> numbers -> profanity -> typography -> words

Words may be merged, replaced or left out; each keeps the time at which it is spoken, and its speaker. Knows
no cues and no files; what is peculiar to a language stands in `data/`, a file for each.
"""

from __future__ import annotations

from .changes import Change
from .glossary_file import Glossary, read_glossary
from .options import NUMBERS, TYPOGRAPHY, TextOptions
from .steps import polish

__all__ = ["NUMBERS", "TYPOGRAPHY", "Change", "Glossary", "TextOptions", "polish", "read_glossary"]
