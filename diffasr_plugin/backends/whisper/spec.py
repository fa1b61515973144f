"""What is known of the Whisper backend without importing what it needs to run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ...asr import ModelSpec, Option, Readiness
from ...assets import WHISPER_BASE, is_present
from .chinese import SCRIPTS
from .languages import LANGUAGES

if TYPE_CHECKING:
    from ...asr import AsrModel

__all__ = ["SPEC"]


def _make(options: Mapping[str, Any]) -> AsrModel:
    from .model import WhisperModel  # imports torch and transformers: seconds

    return WhisperModel(options)


def _probe() -> Readiness:
    missing = tuple(
        f"{library} is not installed: pip install {library}"
        for library in ("torch", "transformers")
        if find_spec(library) is None
    )
    downloads = () if is_present(WHISPER_BASE) else (WHISPER_BASE.name,)
    return Readiness(not missing, missing, downloads, rank=10)


SPEC = ModelSpec(
    name="whisper",
    description="OpenAI's Whisper, any size: the autoregressive reference",
    languages=LANGUAGES,
    licence="MIT",
    max_seconds=30.0,
    best_seconds=28.0,
    word_times=True,
    confidence=True,
    factory=_make,
    probe=_probe,
    tasks=("transcribe", "translate"),
    assets=(WHISPER_BASE.name,),
    options=(
        Option(
            "model",
            str,
            "whisper-base",
            "whisper-base, a folder, or an id of the model hub such as openai/whisper-large-v3",
            scope="load",
        ),
        Option("device", str, "auto", "auto, cpu, cuda or cuda:N", scope="load"),
        Option(
            "dtype",
            str,
            "auto",
            "type of the numbers; auto: float16 on a GPU, float32 on a CPU (encoder bfloat16 if faster)",
            scope="load",
            choices=("auto", "float32", "bfloat16", "float16"),
        ),
        Option(
            "batch_size",
            int,
            None,
            "utterances at once; default: 8 on a CPU, as many as fit well on a GPU",
            scope="load",
            minimum=1,
        ),
        Option("chinese", str, "simplified", "script in which Mandarin is written", choices=SCRIPTS),
    ),
)
