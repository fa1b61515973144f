"""What is known of the backend `diffusion-gemma` before it is loaded: languages, options, whether it can run.

Imports neither torch nor transformers; the factory does.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diffasr_plugin.asr import AsrModel, ModelSpec, Option, Readiness
from diffasr_plugin.config import LANGUAGES, ModelRef
from diffasr_plugin.hub import LOG_IN, can_fetch, is_cached
from diffasr_plugin.memory import GIB, QUANTIZE, Sizes, fitting, predict

__all__ = ["BASE", "CHECKPOINT", "ENCODER", "NAME", "SPEC", "gpu_memory", "probe"]

NAME = "diffusion-gemma"

CHECKPOINT = ModelRef("interfaze-ai/diffusion-gemma-asr-small")
BASE = ModelRef("google/diffusiongemma-26B-A4B-it")
ENCODER = ModelRef("openai/whisper-small")

_KEY_FILES = (
    (CHECKPOINT, "diffusion_asr_small.pt"),
    (BASE, "config.json"),
    (ENCODER, "model.safetensors"),
)
"""A file of each repository that shows whether it was fetched."""

_OPTIONS = (
    Option("checkpoint", str, CHECKPOINT.repo, "adapter and projector: repository, folder or file", "load"),
    Option("base", str, None, "base model: repository or folder; left out: the checkpoint's", "load"),
    Option("encoder", str, None, "Whisper encoder: repository or folder; left out: the checkpoint's", "load"),
    Option("device", str, "auto", "cuda:1, cpu, or several: cuda:0,cuda:1; auto: the roomiest GPU", "load"),
    Option(
        "dtype",
        str,
        "auto",
        "numbers to compute with; auto: bfloat16 on a GPU, float32 on the CPU",
        "load",
        ("auto", "bfloat16", "float32"),
    ),
    Option(
        "quantize",
        str,
        "auto",
        "size of the weights; auto: the most exact that fits",
        "load",
        ("auto", *QUANTIZE),
    ),
    Option("steps", int, 16, "denoising steps; 8 are nearly as good", minimum=1, maximum=48),
    Option(
        "extra_steps", int, 0, "further steps for utterances that are still unsure", minimum=0, maximum=47
    ),
    Option(
        "init",
        str,
        "random",
        "what the canvas starts as: noise, or what CTC hears",
        choices=("random", "ctc"),
    ),
    Option("canvas", str, "full", "its length: as in training, or as CTC suggests", choices=("full", "auto")),
    Option("guard", bool, True, "drop or doubt text that the audio does not support"),
    Option("batch_size", int, None, "utterances at once; left out: as many as fit", minimum=1, maximum=256),
)


def probe() -> Readiness:
    """Whether the published model would run: looks at the GPU, the installed torch and the hub's cache."""
    missing = [*_gpu_missing(), *_weights_missing()]
    return Readiness(ready=not missing, missing=tuple(missing), rank=0 if missing else 100)


def gpu_memory() -> list[int]:
    """Memory of each NVIDIA GPU in bytes, as its driver tells; empty where there is none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    question = [program, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []  # a driver that does not answer runs no model
    return [int(line) * 2**20 for line in answer.split() if line.isdigit()]


def _gpu_missing() -> list[str]:
    memory = gpu_memory()
    if not memory:
        return ["a CUDA GPU (on the CPU it runs very slowly: --backend diffusion-gemma --set device=cpu)"]
    if not _torch_has_cuda():
        return ["a torch that can use the GPU: this one is a CPU build; install torch's CUDA build"]
    if not fitting(Sizes(), max(memory)):
        need = predict(Sizes(), "int4", 1).total / GIB
        return [f"a GPU with room for {need:.0f} GiB: the largest here has {max(memory) / GIB:.0f} GiB"]
    return []


def _weights_missing() -> list[str]:
    absent = [ref.repo for ref, file in _KEY_FILES if not is_cached(ref, file)]
    if not absent or can_fetch():
        return []
    return [f"the weights of {' and '.join(absent)}: accept their terms on the hub, then {LOG_IN}"]


def _torch_has_cuda() -> bool:
    """What torch was built for, read from its source: importing it would take seconds."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return False
    version = (Path(found.origin).parent / "version.py").read_text(encoding="utf-8")
    return re.search(r"^cuda\b[^=]*=\s*['\"]\d", version, re.MULTILINE) is not None


def _load(options: Mapping[str, Any]) -> AsrModel:
    from .model import load

    return load(SPEC, options)


SPEC = ModelSpec(
    name=NAME,
    description="the diffusion recogniser: Whisper-small's encoder and DiffusionGemma 26B write in parallel",
    languages=LANGUAGES,
    licence="Apache-2.0 (adapter); MIT (encoder); the base model's own terms",
    max_seconds=30.0,
    best_seconds=15.0,
    word_times=True,
    confidence=True,
    factory=_load,
    probe=probe,
    options=_OPTIONS,
)
