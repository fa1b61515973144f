"""OpenAI's whisper-base and the list of tokens to keep -> the files of the embedded recogniser.

    python -m diffasr_plugin.mini.build [FOLDER]

writes the same bytes on every machine. Needs numpy only; knows nothing of how the model is run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assets import WHISPER_BASE, fetch
from ..assets.safetensors_file import write_safetensors
from .quantize import pack
from .tokens import DATA, SPECIAL_TOKENS, TOKENS_FILE, kept_ids, read_ids, reduced_tokenizer

__all__ = ["bits_of", "build", "main", "tensors"]

Array = NDArray[Any]

WIDTH = 512

COMMON, RARE = "decoder.tokens.common", "decoder.tokens.rare"
COMMON_TOKENS = 8192
"""Tokens that were merged first are used most; they and the special ones have the sharper vectors."""


def bits_of(layer: str) -> int:
    """Bits of a layer's weights: as many as fit the package, where they were measured to matter (LOG.md)."""
    if ".convolutions." in layer:
        return 8
    if layer == COMMON:
        return 8
    if layer == RARE:
        return 5
    return 6 if ".mlp." in layer else 7


def build(whisper: Path, folder: Path) -> None:
    """Write the files.

    Args:
        whisper: folder of the asset whisper-base.
        folder: where the files go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = json.loads((whisper / "tokenizer.json").read_text(encoding="utf-8"))
    text_ids = read_ids(TOKENS_FILE)
    ids = kept_ids(tokenizer, text_ids)
    _write_json(folder / "tokenizer.json", reduced_tokenizer(tokenizer, text_ids))
    generation = json.loads((whisper / "generation_config.json").read_text(encoding="utf-8"))
    _write_json(folder / "generation_config.json", _generation(generation, ids))
    write_safetensors(folder / "weights.safetensors", tensors(_read(whisper / "model.safetensors"), ids))


def tensors(whisper: Mapping[str, Array], ids: list[int]) -> dict[str, Array]:
    """The tensors of the file, from Whisper's by transformers' names and the ids of the tokens kept."""
    made: dict[str, Array] = {}
    for name, weight, bias in _linears(whisper, ids):
        flat = weight.reshape(len(weight), -1).astype(np.float32)
        made |= {f"{name}.{part}": array for part, array in pack(flat, bits_of(name)).items()}
        if bias is not None:
            made[f"{name}.bias"] = bias.astype(np.float16)
    for name, theirs in _norms():
        made |= {f"{name}.{part}": whisper[f"{theirs}.{part}"] for part in ("weight", "bias")}
    made["decoder.places"] = whisper["model.decoder.embed_positions.weight"]
    return made


def _linears(whisper: Mapping[str, Array], ids: list[int]) -> Iterator[tuple[str, Array, Array | None]]:
    """Our name, weights and bias of each product; what reads the same input is put together."""

    def joined(attention: str, letters: str) -> tuple[Array, Array]:
        weights = [whisper[f"{attention}.{letter}_proj.weight"] for letter in letters]
        none = np.zeros(WIDTH, np.float16)  # Whisper's keys have no bias
        biases = [whisper.get(f"{attention}.{letter}_proj.bias", none) for letter in letters]
        return np.concatenate(weights), np.concatenate(biases)

    def single(theirs: str) -> tuple[Array, Array]:
        return whisper[f"{theirs}.weight"], whisper[f"{theirs}.bias"]

    for number in (0, 1):
        yield f"encoder.convolutions.{number}", *single(f"model.encoder.conv{number + 1}")
    for ours, theirs in _layers():
        yield f"{ours}.attention.inputs", *joined(f"{theirs}.self_attn", "qkv")
        yield f"{ours}.attention.output", *single(f"{theirs}.self_attn.out_proj")
        yield f"{ours}.mlp.wide", *single(f"{theirs}.fc1")
        yield f"{ours}.mlp.narrow", *single(f"{theirs}.fc2")
        if ours.startswith("decoder"):
            yield f"{ours}.cross.queries", *single(f"{theirs}.encoder_attn.q_proj")
            yield f"{ours}.cross.heard", *joined(f"{theirs}.encoder_attn", "kv")
            yield f"{ours}.cross.output", *single(f"{theirs}.encoder_attn.out_proj")
    tokens = whisper["model.decoder.embed_tokens.weight"][ids]
    yield COMMON, np.concatenate([tokens[:COMMON_TOKENS], tokens[-SPECIAL_TOKENS:]]), None
    yield RARE, tokens[COMMON_TOKENS:-SPECIAL_TOKENS], None


def _norms() -> Iterator[tuple[str, str]]:
    """Our name and theirs."""
    for ours, theirs in _layers():
        yield f"{ours}.attention.norm", f"{theirs}.self_attn_layer_norm"
        yield f"{ours}.mlp.norm", f"{theirs}.final_layer_norm"
        if ours.startswith("decoder"):
            yield f"{ours}.cross.norm", f"{theirs}.encoder_attn_layer_norm"
    for part in ("encoder", "decoder"):
        yield f"{part}.norm", f"model.{part}.layer_norm"


def _layers() -> Iterator[tuple[str, str]]:
    for part in ("encoder", "decoder"):
        for number in range(6):
            yield f"{part}.layers.{number}", f"model.{part}.layers.{number}"


def _generation(generation: Mapping[str, Any], ids: list[int]) -> dict[str, Any]:
    """What is suppressed, in new ids, and which heads follow the sound."""
    new = {old: number for number, old in enumerate(ids)}
    return {
        "alignment_heads": generation["alignment_heads"],
        "suppress_tokens": [new[old] for old in generation["suppress_tokens"] if old in new],
        "begin_suppress_tokens": [new[old] for old in generation["begin_suppress_tokens"] if old in new],
    }


def _read(file: Path) -> dict[str, Array]:
    from safetensors.numpy import load_file

    return load_file(file)


def _write_json(file: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA
    build(fetch(WHISPER_BASE), folder)
    for file in sorted(folder.iterdir()):
        print(f"{file.stat().st_size:>12,} {file.name}")


if __name__ == "__main__":
    main()
