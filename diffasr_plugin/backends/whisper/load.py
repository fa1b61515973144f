"""A model's name and the wanted device and type -> weights, tokenizer and feature extractor in memory.

Does not know how they are run. Three kinds of names: this project's own asset, a local folder, and any
Whisper on the model hub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from ...asr import InvalidOption, ModelUnavailable
from ...assets import WHISPER_BASE, fetch, offline
from ...compat import repair_torchaudio
from .align import AlignmentHeads
from .vocabulary import Vocabulary

__all__ = ["Loaded", "Precision", "choose_device", "choose_precision", "fitting_batch", "load"]

_NAME = "whisper"
_HUB_TIMEOUT_S = 5.0
_MULTILINGUAL_TOKENS = 51_865
"""Vocabularies of this size or more are multilingual: OpenAI's own rule."""


@dataclass(frozen=True)
class Precision:
    """The types that a model computes in.

    Attributes:
        encoder, decoder: of their weights.
        attention: of what the decoder's attention remembers and compares.
        words: the same for people, with the reason.
    """

    encoder: torch.dtype
    decoder: torch.dtype
    attention: torch.dtype
    words: str


@dataclass(frozen=True)
class Loaded:
    """What a Whisper model consists of.

    Attributes:
        network: transformers' WhisperForConditionalGeneration, in evaluation mode on `device`.
        extractor: transformers' WhisperFeatureExtractor.
        alignment_heads: see `align`.
        precision: the types of its parts.
    """

    network: Any
    extractor: Any
    vocabulary: Vocabulary
    alignment_heads: AlignmentHeads
    device: torch.device
    precision: Precision

    @property
    def memory_bytes(self) -> int:
        return sum(parameter.nbytes for parameter in self.network.parameters())


def load(name: str, device: torch.device, precision: Precision) -> Loaded:
    """Load a Whisper model.

    Args:
        name: "whisper-base" (the asset), a local folder, or a hub id such as "openai/whisper-large-v3".

    Raises:
        ModelUnavailable: no such model, no way to it, or it is no Whisper.
        AssetError: the asset's files cannot be had.
    """
    repair_torchaudio()
    source, only_local = _find(name)
    try:
        with _no_progress_bar():
            network, tokenizer, extractor = _read(source, precision.decoder, only_local)
        config, generation = network.config, network.generation_config
        multilingual = config.vocab_size >= _MULTILINGUAL_TOKENS
        vocabulary = Vocabulary.of(tokenizer, generation, multilingual=multilingual)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ModelUnavailable(_NAME, f"cannot load {name!r}: {reason}") from error
    _set_encoder_type(network, precision.encoder)
    return Loaded(
        network=network.eval().to(device),
        extractor=extractor,
        vocabulary=vocabulary,
        alignment_heads=AlignmentHeads.of(
            getattr(generation, "alignment_heads", None),
            config.decoder_layers,
            config.decoder_attention_heads,
        ),
        device=device,
        precision=precision,
    )


def _read(source: str, dtype: torch.dtype, only_local: bool) -> tuple[Any, Any, Any]:
    """Network, tokenizer and feature extractor.

    Raises:
        OSError, KeyError, SafetensorError: a file is missing or spoilt.
        ValueError: the model is no Whisper.
    """
    # Seconds to import, and only after the repair.
    from transformers import (
        AutoConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperTokenizer,
    )

    kind = AutoConfig.from_pretrained(source, local_files_only=only_local).model_type
    if kind != "whisper":  # transformers would only warn, and go on with random weights
        raise ValueError(f"it is a model of type {kind!r}, not a Whisper")
    return (
        WhisperForConditionalGeneration.from_pretrained(
            source, dtype=dtype, local_files_only=only_local, attn_implementation="sdpa"
        ),
        WhisperTokenizer.from_pretrained(source, local_files_only=only_local),
        WhisperFeatureExtractor.from_pretrained(source, local_files_only=only_local),
    )


def _set_encoder_type(network: Any, dtype: torch.dtype) -> None:  # noqa: ANN401
    """What is computed once a window takes the encoder's type, the projections to the decoder included."""
    network.model.encoder.to(dtype)
    for layer in network.model.decoder.layers:
        layer.encoder_attn.k_proj.to(dtype)
        layer.encoder_attn.v_proj.to(dtype)


def _find(name: str) -> tuple[str, bool]:
    """Where transformers finds the model, and whether it must look on this machine only."""
    if name in {"whisper-base", "openai/whisper-base"}:
        return str(fetch(WHISPER_BASE)), True
    if Path(name).is_dir():
        return name, True
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ModelUnavailable(
            _NAME,
            f"{name!r} is neither a folder nor a model of the hub; "
            "give a path, or an id such as openai/whisper-large-v3",
        )
    return name, offline() or not _is_on_hub(name)


def _is_on_hub(repo: str) -> bool:
    """Ask the hub once, with a short patience: transformers itself would try for half a minute.

    Returns:
        False if the hub cannot be reached: the model may still be in its cache.

    Raises:
        ModelUnavailable: the hub has no such model for this user.
    """
    from huggingface_hub import get_hf_file_metadata, get_token, hf_hub_url
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        get_hf_file_metadata(hf_hub_url(repo, "config.json"), timeout=_HUB_TIMEOUT_S, token=get_token())
    except (GatedRepoError, RepositoryNotFoundError) as error:
        raise ModelUnavailable(
            _NAME,
            f"the model hub gives no access to {repo!r}; check the name, or log in with: hf auth login",
        ) from error
    except Exception:  # no connection: what is raised depends on the HTTP library under the hub's client
        return False
    return True


@contextmanager
def _no_progress_bar() -> Iterator[None]:
    """transformers draws a bar for each file it reads; the caller has a display of its own."""
    from transformers.utils import logging

    was_on = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_on:
            logging.enable_progress_bar()


def fitting_batch(loaded: Loaded) -> int:
    """How many full windows to run at once.

    On a CPU, batches of more than 8 gain little and take half a gigabyte each. On a GPU, as many as fill a
    third of the free memory with what the decoder keeps of the sound, and no more than 64.
    """
    if loaded.device.type == "cpu":
        return 8
    config = loaded.network.config
    kept = 2 * config.decoder_layers * config.max_source_positions * config.d_model
    free_bytes, _ = torch.cuda.mem_get_info(loaded.device)
    return int(max(1, min(64, free_bytes / 3 / (kept * loaded.precision.attention.itemsize))))


def choose_device(name: str) -> torch.device:
    """The device of an option's value: "auto", "cpu", "cuda" or "cuda:N".

    Raises:
        InvalidOption: no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if not re.fullmatch(r"cpu|cuda(:\d+)?", name):
        raise InvalidOption("device", f"{name!r} is not one of auto, cpu, cuda, cuda:N")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InvalidOption("device", f"{name!r} is not here: {torch.cuda.device_count()} GPUs were found")
    return device


def choose_precision(name: str, device: torch.device) -> Precision:
    """The types of an option's value: "auto", "float32", "bfloat16" or "float16".

    "auto" is float16 on a GPU: the type that the weights were published in. On a CPU it is float32, but for
    the encoder where the CPU multiplies bfloat16 itself: twice as fast there (a 30 s window of whisper-base
    takes 0.24 s instead of 0.47 s on two Zen 5 cores), and no more word errors on 120 prompts in three
    languages. The decoder stays in float32: in bfloat16 its sums change with the size of the batch, and one
    text in 40 then depends on its neighbours.
    """
    if name != "auto":
        dtype: torch.dtype = getattr(torch, name)
        return Precision(dtype, dtype, torch.float32 if device.type == "cpu" else dtype, name)
    if device.type == "cuda":
        return Precision(torch.float16, torch.float16, torch.float16, "float16 (GPU)")
    if _multiplies_bfloat16():
        words = "float32, the encoder bfloat16 (this CPU multiplies it faster)"
        return Precision(torch.bfloat16, torch.float32, torch.float32, words)
    return Precision(torch.float32, torch.float32, torch.float32, "float32 (CPU)")


def _multiplies_bfloat16() -> bool:
    can = torch.cpu.get_capabilities()
    return bool(can.get("avx512_bf16") or can.get("amx_bf16"))
