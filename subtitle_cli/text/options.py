"""What the user wants of the text of the subtitles."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..errors import UsageError
from .glossary_file import Glossary

__all__ = ["NUMBERS", "TYPOGRAPHY", "TextOptions"]

NUMBERS = ("keep", "style", "digits", "words")
TYPOGRAPHY = ("keep", "style", "straight")


@dataclass(frozen=True)
class TextOptions:
    """How the text is to read; by default as it was recognised.

    Attributes:
        numbers: "style": small ones as words, others in digits, as the language's guides ask; "digits": all
            in digits that are surely numbers; "words": as words up to a hundred; "keep".
        typography: "style": quotes, ellipses, dashes and spaces as the language prints them; "straight": the
            same with a typewriter's quotes and apostrophes; "keep".
        remove_fillers: whether to leave out sounds of hesitation.
        mask_profanity: whether to keep only the first letter of swear words.
        glossary: names and how they are spelled.

    Raises:
        UsageError: no such way to write numbers or marks.
    """

    numbers: str = "keep"
    typography: str = "keep"
    remove_fillers: bool = False
    mask_profanity: bool = False
    glossary: Glossary = field(default_factory=Glossary)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("numbers", self.numbers, NUMBERS),
            ("typography", self.typography, TYPOGRAPHY),
        ):
            if value not in known:
                raise UsageError(f"--{name} {value!r}: it must be one of {', '.join(known)}")
