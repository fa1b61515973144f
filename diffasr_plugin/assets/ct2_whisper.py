"""Whisper as CTranslate2 stores it into the folder that transformers loads, byte for byte the same each time.

Reads model.bin, config.json and tokenizer.json; knows nothing of where they come from. Any size of the
multilingual Whisper is converted; weights keep their type. Numbers are moved, never computed with, and the
files are written without a library whose next version could order bytes differently: so the result can be
pinned by its sums.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ct2_format import read_ct2
from .safetensors_file import write_safetensors
from .whisper_settings import (
    WhisperShape,
    feature_settings,
    generation_settings,
    model_settings,
    tokenizer_settings,
)
from .whisper_tokens import canonical_tokenizer, special_ids

__all__ = ["convert"]

Array = NDArray[Any]
Json = dict[str, Any]


def convert(source: Path, target: Path) -> None:
    """Write the folder that transformers loads.

    Raises:
        ValueError: the files are not those of a multilingual Whisper.
    """
    model = read_ct2(source / "model.bin")
    if model.specification != "WhisperSpec":
        raise ValueError(f"model.bin holds a {model.specification}, not a WhisperSpec")
    tokenizer = canonical_tokenizer(_read_json(source / "tokenizer.json"))
    write_safetensors(target / "model.safetensors", _tensors(model.variables))
    _write_json(target / "tokenizer.json", tokenizer, indent=None)
    try:
        settings = _settings(
            _shape(model.variables), special_ids(tokenizer), _read_json(source / "config.json")
        )
    except KeyError as error:
        raise ValueError(f"a multilingual Whisper has {error}, and this has not") from error
    for name, value in settings.items():
        _write_json(target / name, value)


def _settings(shape: WhisperShape, special: Mapping[str, int], ct2: Json) -> dict[str, Json]:
    return {
        "config.json": model_settings(shape, special),
        "generation_config.json": generation_settings(ct2, shape, special),
        "tokenizer_config.json": tokenizer_settings(special),
        "preprocessor_config.json": feature_settings(shape),
    }


def _shape(variables: Mapping[str, Array]) -> WhisperShape:
    """Read off the arrays; a weight's shape is (out, in)."""
    vocabulary, width = variables["decoder/embeddings/weight"].shape
    return WhisperShape(
        dtype=variables["decoder/embeddings/weight"].dtype.name,
        vocabulary=vocabulary,
        width=width,
        mel_bands=variables["encoder/conv1/weight"].shape[1],
        encoder_layers=_layers(variables, "encoder"),
        encoder_heads=int(variables["encoder/num_heads"]),
        encoder_inner_width=variables["encoder/layer_0/ffn/linear_0/weight"].shape[0],
        decoder_layers=_layers(variables, "decoder"),
        decoder_heads=int(variables["decoder/num_heads"]),
        decoder_inner_width=variables["decoder/layer_0/ffn/linear_0/weight"].shape[0],
        audio_positions=variables["encoder/position_encodings/encodings"].shape[0],
        text_positions=variables["decoder/position_encodings/encodings"].shape[0],
    )


def _tensors(variables: Mapping[str, Array]) -> dict[str, Array]:
    """All weights under transformers' names; each of the file's arrays is used once.

    Raises:
        ValueError: an array is missing or left over. (Single numbers are settings, the same in all sizes.)
    """
    left = dict(variables)
    tensors = dict(_encoder(left))
    tensors.update(_decoder(left))
    unused = [name for name, array in left.items() if array.size > 1]
    if unused:
        raise ValueError(f"model.bin holds arrays that Whisper has not: {', '.join(unused[:3])}")
    return tensors


def _take(left: dict[str, Array], name: str) -> Array:
    try:
        return left.pop(name)
    except KeyError:
        raise ValueError(f"model.bin lacks the array {name}") from None


def _encoder(left: dict[str, Array]) -> Iterator[tuple[str, Array]]:
    for conv in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            yield f"model.encoder.{conv}.{kind}", _take(left, f"encoder/{conv}/{kind}")
    yield "model.encoder.embed_positions.weight", _take(left, "encoder/position_encodings/encodings")
    yield from _norm(left, "encoder/layer_norm", "model.encoder.layer_norm")
    for number in range(_layers(left, "encoder")):
        layer, name = f"encoder/layer_{number}", f"model.encoder.layers.{number}"
        yield from _self_attention(left, layer, name)
        yield from _feed_forward(left, layer, name)


def _decoder(left: dict[str, Array]) -> Iterator[tuple[str, Array]]:
    yield "model.decoder.embed_tokens.weight", _take(left, "decoder/embeddings/weight")
    yield "model.decoder.embed_positions.weight", _take(left, "decoder/position_encodings/encodings")
    yield from _norm(left, "decoder/layer_norm", "model.decoder.layer_norm")
    for number in range(_layers(left, "decoder")):
        layer, name = f"decoder/layer_{number}", f"model.decoder.layers.{number}"
        yield from _self_attention(left, layer, name)
        yield from _cross_attention(left, layer, name)
        yield from _feed_forward(left, layer, name)


def _self_attention(left: dict[str, Array], layer: str, name: str) -> Iterator[tuple[str, Array]]:
    """CTranslate2 fuses queries, keys and values into one product; keys have no bias, stored as zeros."""
    yield from _fused(left, f"{layer}/self_attention/linear_0", f"{name}.self_attn", "qkv")
    yield from _linear(left, f"{layer}/self_attention/linear_1", f"{name}.self_attn.out_proj")
    yield from _norm(left, f"{layer}/self_attention/layer_norm", f"{name}.self_attn_layer_norm")


def _cross_attention(left: dict[str, Array], layer: str, name: str) -> Iterator[tuple[str, Array]]:
    yield from _linear(left, f"{layer}/attention/linear_0", f"{name}.encoder_attn.q_proj")
    yield from _fused(left, f"{layer}/attention/linear_1", f"{name}.encoder_attn", "kv")
    yield from _linear(left, f"{layer}/attention/linear_2", f"{name}.encoder_attn.out_proj")
    yield from _norm(left, f"{layer}/attention/layer_norm", f"{name}.encoder_attn_layer_norm")


def _feed_forward(left: dict[str, Array], layer: str, name: str) -> Iterator[tuple[str, Array]]:
    yield from _linear(left, f"{layer}/ffn/linear_0", f"{name}.fc1")
    yield from _linear(left, f"{layer}/ffn/linear_1", f"{name}.fc2")
    yield from _norm(left, f"{layer}/ffn/layer_norm", f"{name}.final_layer_norm")


def _fused(left: dict[str, Array], linear: str, name: str, roles: str) -> Iterator[tuple[str, Array]]:
    weights = np.split(_take(left, f"{linear}/weight"), len(roles))
    biases = np.split(_take(left, f"{linear}/bias"), len(roles))
    for role, weight, bias in zip(roles, weights, biases, strict=True):
        yield f"{name}.{role}_proj.weight", weight
        if role != "k":
            yield f"{name}.{role}_proj.bias", bias
        elif bias.any():
            raise ValueError(f"{linear} has a bias for keys, which Whisper has not")


def _linear(left: dict[str, Array], linear: str, name: str) -> Iterator[tuple[str, Array]]:
    yield f"{name}.weight", _take(left, f"{linear}/weight")
    yield f"{name}.bias", _take(left, f"{linear}/bias")


def _norm(left: dict[str, Array], norm: str, name: str) -> Iterator[tuple[str, Array]]:
    yield f"{name}.weight", _take(left, f"{norm}/gamma")
    yield f"{name}.bias", _take(left, f"{norm}/beta")


def _layers(variables: Mapping[str, Array], side: str) -> int:
    return len([name for name in variables if re.fullmatch(rf"{side}/layer_\d+/ffn/linear_0/weight", name)])


def _read_json(path: Path) -> Json:
    value: Json = json.loads(path.read_text(encoding="utf-8"))
    return value


def _write_json(path: Path, value: Json, indent: int | None = 2) -> None:
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    path.write_bytes((text + "\n").encode("utf-8"))  # bytes: no platform's line ends
