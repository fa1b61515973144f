"""Whisper as CTranslate2 stores it into the folder that transformers loads, byte for byte the same each time.

Reads model.bin, config.json and tokenizer.json; knows nothing of where they come from. Any size of the
multilingual Whisper is converted; weights keep their type. Numbers are moved, never computed with, and the
files are written without a library whose next version could order bytes differently: so the result can be
pinned by its sums.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ct2_format import read_ct2
from .safetensors_file import write_safetensors
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
    special = special_ids(tokenizer)
    tensors = _tensors(model.variables)
    write_safetensors(target / "model.safetensors", tensors)
    _write_json(target / "tokenizer.json", tokenizer, indent=None)
    _write_json(target / "tokenizer_config.json", _tokenizer_config(special))
    _write_json(target / "config.json", _model_config(model.variables, tensors, special))
    _write_json(
        target / "generation_config.json",
        _generation_config(_read_json(source / "config.json"), tensors, special),
    )
    _write_json(target / "preprocessor_config.json", _preprocessor_config(tensors))


def _tensors(variables: Mapping[str, Array]) -> dict[str, Array]:
    """All weights under transformers' names; each of the file's arrays is used once.

    Raises:
        ValueError: an array is missing, left over, or of another shape.
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
    return len(
        {name.split("/")[1] for name in variables if name.startswith(f"{side}/layer_") and "/ffn/" in name}
    )


def _model_config(
    variables: Mapping[str, Array], tensors: Mapping[str, Array], special: dict[str, int]
) -> Json:
    embeddings = tensors["model.decoder.embed_tokens.weight"]
    end = special["<|endoftext|>"]
    return {
        "architectures": ["WhisperForConditionalGeneration"],
        "model_type": "whisper",
        "dtype": str(embeddings.dtype),
        "vocab_size": embeddings.shape[0],
        "d_model": embeddings.shape[1],
        "num_mel_bins": tensors["model.encoder.conv1.weight"].shape[1],
        "encoder_layers": _layers(variables, "encoder"),
        "encoder_attention_heads": int(variables["encoder/num_heads"]),
        "encoder_ffn_dim": tensors["model.encoder.layers.0.fc1.weight"].shape[0],
        "decoder_layers": _layers(variables, "decoder"),
        "decoder_attention_heads": int(variables["decoder/num_heads"]),
        "decoder_ffn_dim": tensors["model.decoder.layers.0.fc1.weight"].shape[0],
        "max_source_positions": tensors["model.encoder.embed_positions.weight"].shape[0],
        "max_target_positions": tensors["model.decoder.embed_positions.weight"].shape[0],
        "activation_function": "gelu",
        "scale_embedding": False,
        "is_encoder_decoder": True,
        "tie_word_embeddings": True,
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": end,
        "decoder_start_token_id": special["<|startoftranscript|>"],
    }


def _generation_config(ct2: Json, tensors: Mapping[str, Array], special: dict[str, int]) -> Json:
    end = special["<|endoftext|>"]
    languages = set(ct2["lang_ids"])
    return {
        "alignment_heads": ct2["alignment_heads"],
        "suppress_tokens": ct2["suppress_ids"],
        "begin_suppress_tokens": ct2["suppress_ids_begin"],
        "is_multilingual": True,
        "lang_to_id": {name: id_ for name, id_ in special.items() if id_ in languages},
        "task_to_id": {task: special[f"<|{task}|>"] for task in ("transcribe", "translate")},
        "no_timestamps_token_id": special["<|notimestamps|>"],
        "prev_sot_token_id": special["<|startofprev|>"],
        "max_initial_timestamp_index": 50,
        "max_length": tensors["model.decoder.embed_positions.weight"].shape[0],
        "task": "transcribe",  # else transformers, asked to detect the language, would name no task at all
        "return_timestamps": False,
        "bos_token_id": end,
        "eos_token_id": end,
        "pad_token_id": end,
        "decoder_start_token_id": special["<|startoftranscript|>"],
    }


def _tokenizer_config(special: Mapping[str, int]) -> Json:
    end = "<|endoftext|>"
    others = sorted(special.keys() - {end}, key=lambda name: special[name])
    return {
        "tokenizer_class": "WhisperTokenizer",
        "processor_class": "WhisperProcessor",
        "add_prefix_space": False,
        "model_max_length": 1024,
        # In the order of their ids: transformers takes what follows the last one for the tokens of times.
        "extra_special_tokens": others,
        **dict.fromkeys(("bos_token", "eos_token", "pad_token", "unk_token"), end),
    }


def _preprocessor_config(tensors: Mapping[str, Array]) -> Json:
    """30 s of 16 kHz audio into 3000 frames of 10 ms: the same for all sizes but for the mel bands."""
    return {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "processor_class": "WhisperProcessor",
        "feature_size": tensors["model.encoder.conv1.weight"].shape[1],
        "sampling_rate": 16_000,
        "hop_length": 160,
        "n_fft": 400,
        "chunk_length": 30,
        "n_samples": 480_000,
        "nb_max_frames": 3000,
        "padding_side": "right",
        "padding_value": 0.0,
        "return_attention_mask": False,
    }


def _read_json(path: Path) -> Json:
    value: Json = json.loads(path.read_text(encoding="utf-8"))
    return value


def _write_json(path: Path, value: Json, indent: int | None = 2) -> None:
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=separators)
    path.write_bytes((text + "\n").encode("utf-8"))  # bytes: no platform's line ends
