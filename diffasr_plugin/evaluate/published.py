"""Figures that others published, and ours beside them: what was not measured here says so.

Sources: the model card of interfaze-ai/diffusion-gemma-asr-small on the Hugging Face hub, which also gives
the two columns of Whisper (approximate, as it has them).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .evaluation import Measurement
from .report import rate_text
from .text_table import text_table

__all__ = [
    "HEADER",
    "SPEEDS",
    "PublishedRow",
    "PublishedSpeed",
    "published_rows",
    "published_speed",
    "published_text",
]

NOT_MEASURED = "not measured"
HEADER = ("benchmark", "measured here", "diffusion-gemma-asr-small", "Whisper-small", "Whisper-large-v3")


@dataclass(frozen=True)
class PublishedRow:
    """One benchmark: per cent with Whisper's normaliser, as published; None where nothing was.

    Attributes:
        set_name: as `diffasr evaluate` calls the set.
        title: as the publication calls it.
        in_characters: CER, not WER.
    """

    set_name: str
    title: str
    in_characters: bool
    ours: str
    whisper_small: str | None
    whisper_large: str | None


@dataclass(frozen=True)
class PublishedSpeed:
    """What the card says of a number of denoising steps on FLEURS English; its GPU is not stated."""

    steps: int
    wer: str
    speed: str


ROWS = (
    PublishedRow("librispeech-test-clean", "LibriSpeech test-clean WER", False, "6.6", "~3.4", "~2.0"),
    PublishedRow("fleurs-en", "FLEURS en WER", False, "15.7", "9–10", "4–5"),
    PublishedRow("voxpopuli-en", "VoxPopuli en WER", False, "18.5", "9–11", "7–10"),
    PublishedRow("fleurs-hi", "FLEURS hi CER", True, "15.8", None, None),
    PublishedRow("fleurs-zh", "FLEURS zh CER", True, "29.6", None, None),
)

SPEEDS = (
    PublishedSpeed(8, "15.7", "14.9×"),
    PublishedSpeed(16, "15.6", "10.3×"),
    PublishedSpeed(32, "15.2", "6.5×"),
    PublishedSpeed(48, "15.6", "4.7×"),
)


def published_rows(measurements: Sequence[Measurement]) -> list[tuple[str, ...]]:
    """A row for each published benchmark, what was measured of it first."""
    measured = {measurement.name: measurement for measurement in measurements}
    return [
        (
            row.title,
            _measured(row, measured.get(row.set_name)),
            row.ours,
            row.whisper_small or "—",
            row.whisper_large or "—",
        )
        for row in ROWS
    ]


def published_text(measurements: Sequence[Measurement], always: bool) -> str:
    """The table for the terminal; empty where none of its benchmarks was measured, if not `always`."""
    known = {row.set_name for row in ROWS}
    if not always and not any(measurement.name in known for measurement in measurements):
        return ""
    return text_table(HEADER, published_rows(measurements))


def _measured(row: PublishedRow, measurement: Measurement | None) -> str:
    if measurement is None:
        return NOT_MEASURED
    rates, clips = measurement.rates, len(measurement.run.recognitions)
    # The number of clips tells a part of the benchmark from all of it.
    return f"{rate_text(rates.characters if row.in_characters else rates.words)} of {clips} clips"


def published_speed(steps: str, set_name: str) -> PublishedSpeed | None:
    """What the card says of FLEURS English at a number of steps; None for all else."""
    if set_name != "fleurs-en":
        return None
    return next((speed for speed in SPEEDS if str(speed.steps) == steps), None)
