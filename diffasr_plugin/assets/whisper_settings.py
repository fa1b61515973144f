"""Whisper's shapes and special tokens into the JSON files that transformers wants beside the weights.

Knows nothing of CTranslate2's names for the weights, nor of files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "WhisperShape",
    "feature_settings",
    "generation_settings",
    "model_settings",
    "tokenizer_settings",
]

Json = dict[str, Any]

_END = "<|endoftext|>"


@dataclass(frozen=True)
class WhisperShape:
    """The numbers in which sizes of Whisper differ.

    Attributes:
        dtype: of the weights, e.g. "float16".
        audio_positions: of the encoder, 20 ms each.
        text_positions: of the decoder: prompt and text together.
    """

    dtype: str
    vocabulary: int
    width: int
    mel_bands: int
    encoder_layers: int
    encoder_heads: int
    encoder_inner_width: int
    decoder_layers: int
    decoder_heads: int
    decoder_inner_width: int
    audio_positions: int
    text_positions: int


def model_settings(shape: WhisperShape, special: Mapping[str, int]) -> Json:
    """config.json; `special` holds the ids of the special tokens by their text."""
    return {
        "architectures": ["WhisperForConditionalGeneration"],
        "model_type": "whisper",
        "dtype": shape.dtype,
        "vocab_size": shape.vocabulary,
        "d_model": shape.width,
        "num_mel_bins": shape.mel_bands,
        "encoder_layers": shape.encoder_layers,
        "encoder_attention_heads": shape.encoder_heads,
        "encoder_ffn_dim": shape.encoder_inner_width,
        "decoder_layers": shape.decoder_layers,
        "decoder_attention_heads": shape.decoder_heads,
        "decoder_ffn_dim": shape.decoder_inner_width,
        "max_source_positions": shape.audio_positions,
        "max_target_positions": shape.text_positions,
        "activation_function": "gelu",
        "scale_embedding": False,
        "is_encoder_decoder": True,
        "tie_word_embeddings": True,
        **_ends(special),
    }


def generation_settings(ct2: Mapping[str, Any], shape: WhisperShape, special: Mapping[str, int]) -> Json:
    """generation_config.json; `ct2` is CTranslate2's config.json: what is suppressed, which heads align."""
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
        "max_length": shape.text_positions,
        "task": "transcribe",  # else transformers, asked to detect the language, would name no task at all
        "return_timestamps": False,
        **_ends(special),
    }


def tokenizer_settings(special: Mapping[str, int]) -> Json:
    """tokenizer_config.json."""
    return {
        "tokenizer_class": "WhisperTokenizer",
        "processor_class": "WhisperProcessor",
        "add_prefix_space": False,
        "model_max_length": 1024,
        # In the order of their ids: transformers takes what follows the last one for the tokens of times.
        "extra_special_tokens": sorted(special.keys() - {_END}, key=lambda name: special[name]),
        **dict.fromkeys(("bos_token", "eos_token", "pad_token", "unk_token"), _END),
    }


def feature_settings(shape: WhisperShape) -> Json:
    """preprocessor_config.json: 30 s of 16 kHz audio into 3000 frames of 10 ms."""
    return {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "processor_class": "WhisperProcessor",
        "feature_size": shape.mel_bands,
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


def _ends(special: Mapping[str, int]) -> Json:
    return {
        **dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), special[_END]),
        "decoder_start_token_id": special["<|startoftranscript|>"],
    }
