"""Many films in one run, one after the other, with the same recognisers.

A film that fails is named with its reason and does not stop the others.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from diffasr_plugin.asr import DiffasrError

from .pipeline import Captioned, caption_film
from .progress import Reporter
from .recogniser import Recognisers
from .settings import Settings

__all__ = ["Outcome", "caption_films"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of one film: `captioned`, or the reason why not in `error`."""

    film: Path
    captioned: Captioned | None = None
    error: str | None = None


def caption_films(
    films: Sequence[Path],
    settings: Settings,
    recognisers: Recognisers,
    reporter: Reporter,
) -> list[Outcome]:
    """Caption one film after the other, each told as it ends."""
    return [_caption_one(film, settings, recognisers, reporter) for film in films]


def _caption_one(film: Path, settings: Settings, recognisers: Recognisers, reporter: Reporter) -> Outcome:
    begun_s = time.monotonic()
    try:
        captioned = caption_film(film, settings, recognisers, reporter)
    except DiffasrError as error:
        outcome = Outcome(film, error=str(error))
    except Exception as error:
        # A fault of ours or of a library in one film must not cost the others theirs.
        logger.debug("%s", traceback.format_exc())
        outcome = Outcome(film, error=f"{type(error).__name__}: {error} (-vv shows where)")
    else:
        outcome = Outcome(film, captioned)
        _tell(film, captioned, time.monotonic() - begun_s, reporter)
        return outcome
    reporter.note(f"{film}: failed: {outcome.error}")
    return outcome


def _tell(film: Path, captioned: Captioned, elapsed_s: float, reporter: Reporter) -> None:
    for path in captioned.skipped:
        reporter.note(f"{film}: {path} exists, left alone (--overwrite replaces it)")
    if not captioned.written:
        return
    files = ", ".join(str(path or "standard output") for path in captioned.written)
    speed = captioned.duration_s / max(elapsed_s, 1e-3)
    reporter.note(
        f"{film}: {captioned.cues} cues in {captioned.language}{_hurried(captioned)}, "
        f"{elapsed_s:.1f} s for {captioned.duration_s:.0f} s of film ({speed:.1f}× real time): {files}"
    )
    if captioned.changes:
        kinds = Counter(change.kind for change in captioned.changes)
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
        reporter.note(f"{film}: the text was changed ({counts}); -v lists each change")
    if not captioned.cues:
        reporter.note(f"{film}: nobody speaks in it, so the subtitles are empty")


GAVE_WAY = {"reading_speed": "cannot be read in time", "sync": "come early or late"}
"""What gave way -> what that is to viewers."""


def _hurried(captioned: Captioned) -> str:
    """How many cues are not as the house asks, for their words came too fast."""
    told = [f"{count} {GAVE_WAY[name]}" for name, count in captioned.gave_way.items()]
    return f" (the words come too fast: {', '.join(told)})" if told else ""
