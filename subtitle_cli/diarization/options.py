"""What the user knows or wishes about speakers, checked."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UsageError

__all__ = ["DiarizationOptions"]


@dataclass(frozen=True)
class DiarizationOptions:
    """How to tell speakers apart.

    Attributes:
        model: a pyannote pipeline by folder or hub id; None: the best that is here.
        speakers: how many there are, if that is known.
        min_speakers, max_speakers: bounds, if only those are known.

    Raises:
        UsageError: numbers of speakers that contradict each other.
    """

    model: str | None = None
    speakers: int | None = None
    min_speakers: int | None = None
    max_speakers: int | None = None

    def __post_init__(self) -> None:
        numbers = [self.speakers, self.min_speakers, self.max_speakers]
        for number in numbers:
            if number is not None and number < 1:
                raise UsageError(f"{number} speakers: there must be one at least")
        least, most = self.min_speakers or 1, self.max_speakers
        if most is not None and least > most:
            raise UsageError(f"at least {least} speakers and at most {most}: that cannot be")
        if self.speakers is not None and not least <= self.speakers <= (most or self.speakers):
            raise UsageError(f"{self.speakers} speakers, but between {least} and {most}: that cannot be")
