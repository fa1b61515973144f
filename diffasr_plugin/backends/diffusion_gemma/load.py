"""Load options -> a front that listens and a decoder that writes, with their weights on their devices.

Whatever can be refused is refused before the base model's weights are fetched or read: a checkpoint that
does not fit, a device that is not there, too little memory.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import torch

from diffasr_plugin.asr import InvalidOption, ModelUnavailable, OutOfMemory
from diffasr_plugin.backbone import Backbone
from diffasr_plugin.checkpoint.disk import Checkpoint, open_checkpoint
from diffasr_plugin.checkpoint.errors import UnreadableCheckpoint
from diffasr_plugin.config import CONFIG_FILE, ModelRef, load_config
from diffasr_plugin.ctc import FrameClock
from diffasr_plugin.frozen import FrozenModels, read_models
from diffasr_plugin.hub import fetch
from diffasr_plugin.memory import GIB, QUANTIZE, Sizes, fitting, largest_batch, predict, share
from diffasr_plugin.models.gemma import Gemma, load_gemma
from diffasr_plugin.models.lora import add_adapter, merge_adapter
from diffasr_plugin.models.projector import Projector
from diffasr_plugin.models.whisper_encoder import EncoderShape, WhisperEncoder, load_whisper_encoder
from diffasr_plugin.text import load_codec

from .decode import Decoder
from .front import Front
from .spec import BASE, ENCODER, NAME

__all__ = [
    "Loaded",
    "Plan",
    "attach",
    "checkpoint_path",
    "find_devices",
    "load_parts",
    "model_refs",
    "plan_load",
    "sizes_of",
]

_LOG = logging.getLogger(__name__)

_CHECKPOINT_FILES = ("*.pt", "*.safetensors", "*.json")
_BASE_FILES = ("*.json", "*.safetensors", "*.jinja")
_ENCODER_FILES = ("config.json", "model.safetensors")


@dataclass(frozen=True, eq=False)
class Plan:
    """What is about to be loaded, and where to; only small files have been read.

    Attributes:
        checkpoint: the trained parts.
        models: the frozen ones, with the revision that was looked at.
        sizes: of what will be loaded.
        devices: the layers of the base model are spread over them; everything else is on the first.
        dtype: of what is not quantised.
        quantize: a key of `QUANTIZE`.
        batch_size: as many rows as fit beside the weights.
    """

    checkpoint: Checkpoint
    models: FrozenModels
    sizes: Sizes
    devices: tuple[torch.device, ...]
    dtype: torch.dtype
    quantize: str
    batch_size: int

    @property
    def bits(self) -> Literal[16, 8, 4]:
        return cast(Literal[16, 8, 4], QUANTIZE[self.quantize])


@dataclass(frozen=True, eq=False)
class Loaded:
    """A recogniser's parts, ready to run."""

    plan: Plan
    front: Front
    decoder: Decoder


def plan_load(options: Mapping[str, Any]) -> Plan:
    """Decide what to load where, and whether it will fit.

    Raises:
        ModelUnavailable: no such device, or too little memory, with the choices that fit.
        InvalidOption: a device that cannot be understood.
        CheckpointError: the checkpoint cannot be had, or does not fit.
    """
    devices = find_devices(options["device"])
    path = checkpoint_path(options["checkpoint"])
    models = read_models(*model_refs(path, options["base"], options["encoder"]))
    checkpoint = open_checkpoint(path, models.backbone, models.shape.width)
    dtype = _dtype(options["dtype"], devices)
    sizes = sizes_of(checkpoint, models.backbone, models.shape, dtype.itemsize)
    free = free_memory(devices)
    quantize = _quantize(options["quantize"], sizes, free, devices)
    batch_size = largest_batch(sizes, quantize, free, len(devices))
    assumed = checkpoint.config.unknowns.assumed()
    if assumed:
        _LOG.warning("the checkpoint does not say these, they are assumed: %s", ", ".join(assumed))
    return Plan(checkpoint, models, sizes, devices, dtype, quantize, batch_size)


def load_parts(plan: Plan, *, merge: bool = True) -> Loaded:
    """Fetch and load everything.

    Args:
        plan: what, and where to.
        merge: whether the adapter is merged into weights that are not quantised: quicker, for good.

    Raises:
        CheckpointError: files of the frozen models cannot be had, or are damaged.
        OutOfMemory: the device is fuller than it was.
    """
    need = predict(plan.sizes, plan.quantize, 1).weights / GIB
    _LOG.info("loading %s, about %.0f GiB (quantize=%s)", plan.models.base.repo, need, plan.quantize)
    base = fetch(plan.models.base, _BASE_FILES).path
    encoder = fetch(plan.models.encoder, _ENCODER_FILES).path
    try:
        gemma = load_gemma(base, dtype=plan.dtype, devices=plan.devices, bits=plan.bits)
        whisper = load_whisper_encoder(encoder, device=plan.devices[0], dtype=plan.dtype)
        return attach(plan, gemma, whisper, base, merge=merge)
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(NAME, 1, str(plan.devices[0])) from error


def attach(plan: Plan, gemma: Gemma, whisper: WhisperEncoder, base: Path, *, merge: bool = True) -> Loaded:
    """Put a checkpoint's trained parts to the frozen models; the tokenizer is in the folder `base`."""
    config, unknowns = plan.checkpoint.config, plan.checkpoint.config.unknowns
    add_adapter(gemma.stacks, config.adapter, unknowns.alpha_ratio, plan.checkpoint.adapter)
    if merge and plan.bits == 16:
        merge_adapter(gemma.stacks)
    projector = Projector(config.projector, unknowns)
    projector.load_state_dict(plan.checkpoint.projector)
    projector.requires_grad_(False).eval().to(plan.devices[0], plan.dtype)
    front = Front(whisper, projector, plan.devices[0])
    codec = load_codec(base, config, front.tokens)
    clock = FrameClock(front.token_s, -front.token_s / 2, front.tokens)
    return Loaded(plan, front, Decoder(gemma, codec, config, clock))


def checkpoint_path(repo: str) -> Path:
    """A converted folder or a foreign file, fetched if need be."""
    found = fetch(ModelRef(repo), _CHECKPOINT_FILES).path
    if found.is_file() or (found / CONFIG_FILE).is_file():
        return found
    files = sorted([*found.glob("*.pt"), *found.glob("*.safetensors")])
    if len(files) != 1:
        raise UnreadableCheckpoint(
            found, f"holds {len(files)} files that could be a checkpoint; give the path of one"
        )
    return files[0]


def find_devices(asked: str) -> tuple[torch.device, ...]:
    """The devices of an option such as `cpu`, `cuda:1` or `cuda:0,cuda:1`; `auto` is the roomiest GPU.

    Raises:
        ModelUnavailable: no such GPU here.
        InvalidOption: not understood.
    """
    count = torch.cuda.device_count()
    if asked == "auto":
        gpus = [torch.device("cuda", index) for index in range(count)]
        asked = str(max(gpus, key=_free)) if gpus else "cuda"
    devices = []
    for name in asked.split(","):
        try:
            device = torch.device(name.strip())
        except RuntimeError:
            raise InvalidOption("device", f"{name!r} is not cpu, cuda or cuda:N") from None
        if device.type == "cuda":
            if (device.index or 0) >= count:
                have = f"{count} CUDA GPUs are" if count else "no CUDA GPU is"
                message = f"{name.strip()} was asked for, but {have} here; device=cpu works, slowly"
                raise ModelUnavailable(NAME, message)
            device = torch.device("cuda", device.index or 0)
        devices.append(device)
    return tuple(devices)


def free_memory(devices: Sequence[torch.device]) -> float:
    """Bytes that are free on the fullest device."""
    return float(min(_free(device) for device in devices))


def _free(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    import psutil  # type: ignore[import-untyped]

    return int(psutil.virtual_memory().available)


def sizes_of(checkpoint: Checkpoint, backbone: Backbone, shape: EncoderShape, value_bytes: int) -> Sizes:
    """What the memory of these parts together depends on."""
    config = checkpoint.config
    tokens = config.projector.tokens(shape.frames)
    return Sizes(
        backbone=backbone,
        adapter=sum(tensor.numel() for tensor in checkpoint.adapter.values()),
        encoder=shape.parameters(),
        projector=sum(tensor.numel() for tensor in checkpoint.projector.values()),
        encoder_activations=shape.frames * (2 * shape.mlp_width + 4 * shape.width),
        prompt=tokens + 22,  # the audio, its marks, and the words of the longest prompt
        canvas=config.unknowns.canvas_length,
        value_bytes=value_bytes,
    )


def model_refs(
    checkpoint: Path, base: str | None = None, encoder: str | None = None
) -> tuple[ModelRef, ModelRef]:
    """Base model and encoder: as asked for, else the converted checkpoint's own, else the published ones."""
    own_base, own_encoder = BASE, ENCODER
    if checkpoint.is_dir():
        config = load_config(checkpoint)
        own_base, own_encoder = config.base, config.encoder
    return ModelRef(base) if base else own_base, ModelRef(encoder) if encoder else own_encoder


def _dtype(asked: str, devices: Sequence[torch.device]) -> torch.dtype:
    if asked == "auto":
        # bfloat16 is what the base model was trained in; CPUs of today compute float32 faster.
        asked = "bfloat16" if devices[0].type == "cuda" else "float32"
    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[asked]


def _quantize(asked: str, sizes: Sizes, free: float, devices: Sequence[torch.device]) -> str:
    """The choice asked for, or the most exact that fits.

    Raises:
        ModelUnavailable: it does not fit, or none does.
    """
    count = len(devices)
    fits = fitting(sizes, free, devices=count)
    choice = fits[0] if asked == "auto" and fits else asked
    if choice in fits:
        return choice
    wanted = "int4" if asked == "auto" else asked
    need = share(sizes, wanted, 1, count) / GIB
    half = replace(sizes, value_bytes=2)
    remedy = " or ".join(f"quantize={name}" for name in fits)
    if not remedy and sizes.value_bytes > 2 and fitting(half, free, devices=count):
        remedy = f"dtype=bfloat16 with quantize={fitting(half, free, devices=count)[0]}"
    raise ModelUnavailable(
        NAME,
        f"quantize={wanted} takes {need:.1f} GiB, and {free / GIB:.1f} GiB are free on "
        f"{' and '.join(map(str, devices))}; what fits: {remedy or 'nothing, it takes a larger GPU'}",
    )
