"""What is known of the backend `diffusion-mini` without importing what it needs to run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...asr import ModelSpec, Option, Readiness
from ..whisper.chinese import SCRIPTS
from .modes import DRAFTS, MODES

if TYPE_CHECKING:
    from ...asr import AsrModel

__all__ = ["DATA", "LANGUAGES", "NAME", "SPEC", "WEIGHTS_FILE"]

NAME = "diffusion-mini"

LANGUAGES = ("en", "de", "fr", "es", "hi", "zh")

DATA = Path(__file__).parents[2] / "mini" / "data"
"""The files that ship with the package."""

WEIGHTS_FILE = "weights.safetensors"


def _make(options: Mapping[str, Any]) -> AsrModel:
    from .model import DiffusionMini  # imports torch: seconds

    return DiffusionMini(options)


def _probe() -> Readiness:
    missing = [
        f"{library} is not installed: pip install {library}"
        for library in ("torch", "tokenizers")
        if find_spec(library) is None
    ]
    if not (DATA / WEIGHTS_FILE).is_file():
        missing.append(f"{WEIGHTS_FILE} did not come with the package: install diffsub again")
    # Before Whisper of the same size, which is to be fetched; behind what a big GPU can run.
    return Readiness(not missing, tuple(missing), rank=50)


SPEC = ModelSpec(
    name=NAME,
    description="comes with the package: Whisper base in small integers, with an adapter that denoises",
    languages=LANGUAGES,
    licence="MIT",
    max_seconds=30.0,
    best_seconds=28.0,
    word_times=True,
    confidence=True,
    factory=_make,
    probe=_probe,
    options=(
        Option("device", str, "auto", "auto, cpu, cuda or cuda:N", scope="load"),
        Option("batch_size", int, 8, "utterances at once", scope="load", minimum=1),
        Option("adapter", str, None, "folder of a trained adapter; left out: the package's", scope="load"),
        Option(
            "mode",
            str,
            None,
            "verified (a draft, made sure by the causal model), diffusion (as the denoiser writes), greedy; "
            "left out: the best for the language",
            choices=MODES,
        ),
        Option(
            "steps",
            int,
            None,
            "denoising steps, 0: what CTC hears; left out: as measured for the language, "
            "else 8 for diffusion, 0 for verified",
            minimum=0,
            maximum=48,
        ),
        Option(
            "draft",
            str,
            None,
            "what guesses ahead in the mode verified: adapter, or ngram (from earlier texts); "
            "it changes the speed, never the text",
            choices=DRAFTS,
        ),
        Option("init", str, None, "what a canvas starts as; left out: ctc", choices=("ctc", "random")),
        Option("chinese", str, "simplified", "script in which Mandarin is written", choices=SCRIPTS),
    ),
)
