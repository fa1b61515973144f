"""What each reader gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..types import Cue
from .flaws import Flaw

__all__ = ["Parsed"]


@dataclass(frozen=True)
class Parsed:
    """Cues in the order of the file, what could not be read, and the language that the text says it is in."""

    cues: Sequence[Cue]
    flaws: Sequence[Flaw] = ()
    language: str | None = None
