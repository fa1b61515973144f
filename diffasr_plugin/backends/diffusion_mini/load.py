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

from ...asr import ModelUnavailable
from ...mini.adapter_file import WEIGHTS_FILE as ADAPTER_FILE
from ...mini.build import COMMON, COMMON_TOKENS, RARE
from ...mini.quantize import is_packed, pack8, unpack
from ...models.mini import MiniDecoder, MiniEncoder, MiniShape, Parts
from ..whisper.align import AlignmentHeads
from ..whisper.vocabulary import Vocabulary
from .codec import MiniCodec
from .spec import DATA, NAME, WEIGHTS_FILE

__all__ = ["LoadedMini", "find_adapter", "load"]


@dataclass(frozen=True)
class LoadedMini:
    """The embedded recogniser in memory."""

    encoder: MiniEncoder
    decoder: MiniDecoder
    vocabulary: Vocabulary
    codec: MiniCodec
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
    vocabulary = Vocabulary.of(tokenizer, settings, multilingual=True)
    return LoadedMini(
        encoder=MiniEncoder(parts.at("encoder"), shape).eval().to(device),
        decoder=MiniDecoder(parts.at("decoder"), shape).eval().to(device),
        vocabulary=vocabulary,
        codec=MiniCodec(tokenizer, vocabulary),
        alignment_heads=AlignmentHeads.of(settings.alignment_heads, shape.layers, shape.heads),
        device=device,
    )


def find_adapter(folder: str | None) -> Path | None:
    """The folder of the adapter: the one given, else the one that ships with the package, if any.

    Raises:
        ModelUnavailable: the one given holds none.
    """
    if folder is None:
        return DATA if (DATA / ADAPTER_FILE).is_file() else None
    if not (Path(folder) / ADAPTER_FILE).is_file():
        message = f"there is no {ADAPTER_FILE} in {folder}; give a folder that training wrote, or none"
        raise ModelUnavailable(NAME, message)
    return Path(folder)


def _unpacked(tensors: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The file's tensors, all weights in 8 bits with one scale for each output, the rest in float32."""
    layers: dict[str, dict[str, Any]] = {}
    for name, array in tensors.items():
        layer, _, part = name.rpartition(".")
        layers.setdefault(layer, {})[part] = array
    made = {}
    for layer, parts in layers.items():
        if is_packed(parts):
            others = {part: array for part, array in parts.items() if part == "bias"}
            parts = pack8(unpack(parts)) | others
        for part, array in parts.items():
            exact = array if array.dtype == np.int8 else array.astype(np.float32)
            made[f"{layer}.{part}"] = torch.from_numpy(exact)
    return made | _all_tokens(made)


def _all_tokens(made: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Common, rare and special tokens in the order of their ids."""
    joined = {}
    for part in ("codes", "scales"):
        common, rare = made[f"{COMMON}.{part}"], made[f"{RARE}.{part}"]
        joined[f"decoder.tokens.{part}"] = torch.cat([common[:COMMON_TOKENS], rare, common[COMMON_TOKENS:]])
    return joined
