"""Text <-> the units that the CTC reader tells apart: letters, common pieces of words, and Han characters.

Whisper's own tokens do not serve here. There are 41,000 of them, most too rare to be learnt frame by frame;
and a letter of Hindi is two or three of them, more than there are frames. Knows no sound.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .tokens import DATA

__all__ = ["UNITS_FILE", "Unit", "Units"]

UNITS_FILE = DATA / "units.txt"

_SPACE = "_"
"""How the file writes a space."""


@dataclass(frozen=True)
class Unit:
    """A unit and the stretch of text that it stands for, [start, end) in characters."""

    id: int
    start: int
    end: int


@dataclass(frozen=True)
class Units:
    """An inventory.

    Attributes:
        texts: of the units; the first is the blank, and empty.
    """

    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        assert self.texts[0] == "", f"the first unit is {self.texts[0]!r}, not the blank"
        assert len(set(self.texts)) == len(self.texts), "a unit stands there twice"

    def __len__(self) -> int:
        return len(self.texts)

    @classmethod
    def read(cls, file: Path = UNITS_FILE) -> Units:
        """What `write` wrote."""
        lines = file.read_text(encoding="utf-8").splitlines()
        return cls(("", *(line.replace(_SPACE, " ") for line in lines)))

    def write(self, file: Path = UNITS_FILE) -> None:
        """One unit a line, the blank left out."""
        lines = [text.replace(" ", _SPACE) + "\n" for text in self.texts[1:]]
        file.write_text("".join(lines), encoding="utf-8", newline="\n")

    def encode(self, text: str) -> list[int]:
        """The units of a text: at each place the longest that fits; characters that none has are left out."""
        text = unicodedata.normalize("NFC", " ".join(text.split()))
        if text and not _is_han(text[0]):
            text = f" {text}"  # a word is written alike at the start and elsewhere
        return [unit.id for unit in self.spans(text)]

    def spans(self, text: str) -> list[Unit]:
        """The same, of the text as it is, with the places where the units stand."""
        found, start = [], 0
        while start < len(text):
            for end in range(min(start + self._longest, len(text)), start, -1):
                if (id_ := self._ids.get(text[start:end])) is not None:
                    found.append(Unit(id_, start, end))
                    break
            else:
                end = start + 1
            start = end
        return found

    def decode(self, ids: Sequence[int]) -> str:
        """The text of some units."""
        return "".join(self.texts[id_] for id_ in ids).strip()

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {text: id_ for id_, text in enumerate(self.texts) if text}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.texts))


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"
