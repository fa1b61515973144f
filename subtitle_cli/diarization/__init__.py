"""Sound to turns: who speaks when, by pyannote; or only where speech is.

Nothing heavy is imported before one of the functions runs.
"""

from __future__ import annotations

import os
import warnings
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
    """Where somebody speaks, quiet speech between loud included; all turns have the speaker None.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); may be a memory map.
        on_progress: told the share done, 0 to 1.

    Raises:
        AssetError: the network cannot be fetched.
    """
    _prepare()
    from .quiet import find_quiet_speech
    from .segmentation import FIRST_LOOK, find_stretches

    found = find_stretches(samples, FIRST_LOOK, on_progress)
    stretches = sorted([*found, *find_quiet_speech(samples, found)])
    return Speech(tuple(Turn(start_s, end_s) for start_s, end_s in stretches))


def diarize(samples: Samples, options: DiarizationOptions, on_progress: ShareDone | None = None) -> Speech:
    """Who speaks when. Speech too quiet for the diarization goes to the speaker nearest in time.

    Args:
        samples: float32 mono at 16 kHz, shape (n,); may be a memory map.
        on_progress: told the share done, 0 to 1.

    Raises:
        DiarizationError: the model asked for cannot be had.
        AssetError: the networks of the built-in one cannot be fetched.
    """
    _prepare()
    from .pipelines import load_pipeline
    from .turns import find_turns, to_speech

    return to_speech(find_turns(samples, load_pipeline(options.model), options, on_progress))


def _prepare() -> None:
    """Import pyannote, which takes some seconds, in the way that works everywhere."""
    from diffasr_plugin.compat import repair_torchaudio

    # Its telemetry is on unless this says otherwise; a user's own setting stays.
    os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
    repair_torchaudio()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it cannot decode files: it is never asked to
        import pyannote.audio  # noqa: F401
