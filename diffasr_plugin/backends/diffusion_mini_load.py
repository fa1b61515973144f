"""The files that ship with the package -> encoder, decoder and vocabulary in memory.

Imports no transformers: a first caption is there seconds sooner.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from ..asr import ModelUnavailable
from ..mini.quantize import pack8, unpack4
from ..models.mini import MiniDecoder, MiniEncoder, MiniShape, Parts
from .diffusion_mini_spec import NAME, WEIGHTS_FILE
from .whisper_align import AlignmentHeads
from .whisper_vocabulary import Vocabulary

__all__ = ["LoadedMini", "load"]


@dataclass(frozen=True)
class LoadedMini:
    """The embedded recogniser in memory."""

    encoder: MiniEncoder
    decoder: MiniDecoder
    vocabulary: Vocabulary
    alignment_heads: AlignmentHeads
    device: torch.device

    @property
    def memory_bytes(self) -> int:
        return sum(
            tensor.nbytes
            for part in (self.encoder, self.decoder)
            for tensor in (*part.parameters(), *part.buffers())
        )


def load(folder: Path, device: torch.device) -> LoadedMini:
    """Load the recogniser from a folder that `diffasr_plugin.mini.build` wrote.

    Raises:
        ModelUnavailable: a file is missing or damaged.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    try:
        tensors = load_file(folder / WEIGHTS_FILE)
        generation = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, SafetensorError) as error:
        message = f"its files in {folder} are missing or damaged ({error}); install diffsub again"
        raise ModelUnavailable(NAME, message) from error
    parts = Parts(_unpacked(tensors))
    shape = MiniShape()
    settings = SimpleNamespace(**generation)
    return LoadedMini(
        encoder=MiniEncoder(parts.at("encoder"), shape).eval().to(device),
        decoder=MiniDecoder(parts.at("decoder"), shape).eval().to(device),
        vocabulary=Vocabulary.of(tokenizer, settings, multilingual=True),
        alignment_heads=AlignmentHeads.of(settings.alignment_heads, shape.layers, shape.heads),
        device=device,
    )


def _unpacked(tensors: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The file's tensors, all weights in 8 bits with one scale for each output, the rest in float32."""
    made: dict[str, Any] = {}
    for name, array in tensors.items():
        layer, _, part = name.rpartition(".")
        if part == "nibbles":
            made |= {f"{layer}.{k}": v for k, v in pack8(unpack4(array, tensors[f"{layer}.scales"])).items()}
        elif f"{layer}.nibbles" not in tensors or part == "bias":
            made[name] = array if array.dtype == np.int8 else array.astype(np.float32)
    return {name: torch.from_numpy(array) for name, array in made.items()}
