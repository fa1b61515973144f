"""Sound to turns: who speaks when, by pyannote; or only where speech is.

Nothing heavy is imported before one of the functions runs.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.assets import Asset

from ..types import Speech, Turn
from .assets import EMBEDDING, SEGMENTATION
from .options import DiarizationOptions

__all__ = ["DiarizationOptions", "diarize", "find_speech", "needed_assets"]

Samples = NDArray[np.float32]
ShareDone = Callable[[float], None]


def needed_assets(options: DiarizationOptions | None) -> tuple[Asset, ...]:
    """Model files that are fetched before a run; None: only speech is looked for."""
    if options is None or options.model is not None:
        return (SEGMENTATION,)
    return (SEGMENTATION, EMBEDDING)


def find_speech(samples: Samples, on_progress: ShareDone | None = None) -> Speech:
    """Where somebody speaks; all turns have the speaker None.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); may be a memory map.
        on_progress: told the share done, 0 to 1.
    """
    _prepare()
    from .segmentation import find_stretches

    return Speech(tuple(Turn(start, end) for start, end in find_stretches(samples, on_progress)))


def diarize(samples: Samples, options: DiarizationOptions, on_progress: ShareDone | None = None) -> Speech:
    """Who speaks when. Speech too quiet for the diarization is given to the speaker nearest in time.

    Raises:
        DiarizationError: the model asked for cannot be had.
    """
    _prepare()
    from .segmentation import find_stretches
    from .turns import add_missed, run_pipeline

    stretches = find_stretches(samples)
    if not stretches:
        return Speech(())
    speech = run_pipeline(samples, options, on_progress)
    return Speech(tuple(add_missed(speech.turns, stretches)), speech.overlaps)


def _prepare() -> None:
    """What must be so before pyannote is imported."""
    from diffasr_plugin.compat import repair_torchaudio

    # Its telemetry is on unless this says otherwise; a user's own setting stays.
    os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
    repair_torchaudio()
